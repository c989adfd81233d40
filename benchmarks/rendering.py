"""What an executed notebook costs on its way to a page, warm, beside nbconvert's HTML.

    python -m benchmarks.rendering [--rounds N] [--json FILE]

Both have their libraries loaded and have rendered the notebook once before. Of each it
is counted how many of the study's two figures a reader of the page would see: as Plotly
leaves them to papermill, nbconvert shows none, so the peer is a notebook that was run
with the renderer of Plotly's that writes them into the page.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import reference
from benchmarks.run import ROOT, laid_out

TERMS = """
import json, sys, time
from pathlib import Path
from workbench.app import App
from workbench.rendering import render_post, rendering_id

app, rounds = App(Path(sys.argv[1])), int(sys.argv[3])
record = app.runs.current(sys.argv[2], "base")
terms = {
    "folder": app.runs.folder(record.spec),
    "record": record,
    "registration": app.catalogue.study(sys.argv[2], app.all_contracts).registration,
}
"""
OURS = (
    TERMS
    + """
took = []
for _ in range(rounds + 1):
    began = time.perf_counter()
    post = render_post(**terms)
    took.append(time.perf_counter() - began)
shown = sum(f'src="{f.name}.' in post.markdown for f in post.figures)
print(json.dumps([took[1:], shown]))
"""
)
KEPT = (
    TERMS
    + """
from workbench.archive.renderings import RenderingArchive
archive = RenderingArchive(app.layout.rendered)
archive.put(render_post(**terms), "base", rendering_id(**terms))
took = []
for _ in range(rounds):
    began = time.perf_counter()
    post = archive.get(record.spec.study, "base", rendering_id(**terms))
    took.append(time.perf_counter() - began)
shown = sum(f'src="{f.name}.' in post.markdown for f in post.figures)
print(json.dumps([took, shown]))
"""
)
THEIRS = """
import json, sys, time
import nbformat
from nbconvert import HTMLExporter

exporter, rounds = HTMLExporter(), int(sys.argv[2])
took = []
for _ in range(rounds + 1):
    began = time.perf_counter()
    notebook = nbformat.read(sys.argv[1], 4)
    page, _ = exporter.from_notebook_node(notebook)
    took.append(time.perf_counter() - began)
print(json.dumps([took[1:], page.count("Plotly.newPlot(")]))
"""


@dataclass(frozen=True)
class Row:
    """Median seconds of one rendering, over the peer's, and the figures it shows."""

    what: str
    seconds: float
    ratio: float
    figures: int


def timed(script: str, *words: str) -> tuple[float, int]:
    """Median seconds and figures, as a script in a process of its own tells them."""
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, figures = json.loads(done.stdout.splitlines()[-1])
    return statistics.median(seconds), figures


def executed(source: Path, renderer: str) -> Path:
    """The peer's notebook as papermill leaves it, with one of Plotly's renderers."""
    made = source.with_name(f"{renderer or 'plain'}.ipynb")
    papermill = str(Path(sys.executable).with_name("papermill"))
    command = [papermill, "--no-progress-bar", str(source), str(made)]
    chosen = {"PLOTLY_RENDERER": renderer} if renderer else {}
    environment = {**os.environ, **chosen}
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, env=environment)
    return made


def rows(folder: Path, rounds: int) -> list[Row]:
    """Ours, ours unchanged, and nbconvert's, with figures and as it is."""
    root = laid_out(folder, variants=1)
    source = reference.for_papermill(folder / "theirs.ipynb", root / reference.DATA)
    plain, shown = executed(source, ""), executed(source, "notebook")
    ours = timed(OURS, str(root), reference.STUDY, str(rounds))
    theirs = timed(THEIRS, str(shown), str(rounds))
    bare = timed(THEIRS, str(plain), str(rounds))
    kept = timed(KEPT, str(root), reference.STUDY, str(rounds))
    named = {
        "P12 an executed notebook to its post": ours,
        "the same, unchanged since": kept,
        "nbconvert's HTML, with figures": theirs,
        "nbconvert's HTML, as papermill leaves it": bare,
    }
    return [Row(what, s, s / theirs[0], n) for what, (s, n) in named.items()]


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    place = ROOT / "build" / "benchmarks-rendering.json"
    parser.add_argument("--json", type=Path, default=place)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = rows(Path(folder), arguments.rounds)
    print("| what | s | of nbconvert's | figures of 2 |\n| --- | --: | --: | --: |")
    for row in found:
        print(f"| {row.what} | {row.seconds:.3f} | {row.ratio:.2f} | {row.figures} |")
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps([*map(asdict, found)], indent=2))


if __name__ == "__main__":
    main()
