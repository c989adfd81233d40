"""What the workbench costs beside a peer or a limit doing the same work.

    python benchmarks/run.py [--rounds N] [--json FILE]

Every row times two commands in turn, A B A B, in fresh processes, and prints medians
and the median of the paired ratios, which hold when the machine's speed drifts.
Nothing here passes or fails.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKBENCH = [str(Path(sys.executable).with_name("workbench"))]
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        what: The work.
        ours: Median seconds of ours.
        peer: Name of the peer or limit.
        theirs: Median seconds of it.
        ratio: Median of ours over theirs, pair by pair.
        target: What we aim at, in words.
    """

    what: str
    ours: float
    peer: str
    theirs: float
    ratio: float
    target: str


def seconds(words: Sequence[str], folder: Path) -> float:
    """Wall time of one command in a fresh process."""
    environment = {**os.environ, **ONE_THREAD}
    began = time.perf_counter()
    subprocess.run(
        words,
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def compare(
    what: str,
    ours: Callable[[], float],
    peer: str,
    theirs: Callable[[], float],
    target: str,
    rounds: int,
) -> Row:
    """Time both in turn, after one round that does not count."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return Row(
        what=what,
        ours=statistics.median(a for a, _ in pairs),
        peer=peer,
        theirs=statistics.median(b for _, b in pairs),
        ratio=statistics.median(a / b for a, b in pairs),
        target=target,
    )


def copied_root(folder: Path) -> Path:
    """A root of its own, so that a benchmark changes nothing here."""
    for name in ("notebooks", "research", "site", "requirements", "takeaways"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    seconds([*WORKBENCH, "data", "add", "--all"], folder)
    seconds([*WORKBENCH, "run"], folder)
    return folder


def plain_script(root: Path, folder: Path) -> list[str]:
    """The cells of one study as a script in its finished run folder: the floor."""
    runs = root / ".workbench" / "runs" / "second-purchase"
    run = runs / json.loads((runs / "base.current.json").read_text())["run"]
    cells = json.loads((root / "notebooks" / "second-purchase.ipynb").read_text())
    code = ["import os, shutil, sys"]
    code += [f"shutil.rmtree({str(folder / 'run')!r}, ignore_errors=True)"]
    code += [f"shutil.copytree({str(run)!r}, {str(folder / 'run')!r})"]
    code += [f"os.remove({str(folder / 'run' / 'out' / 'outputs.jsonl')!r})"]
    code += [f"os.environ['WB_RUN'] = {str(folder / 'run')!r}"]
    code += [
        "".join(cell["source"])
        for cell in cells["cells"]
        if cell["cell_type"] == "code"
    ]
    script = folder / "script.py"
    script.write_text("\n".join(code))
    return [sys.executable, str(script)]


def papermill(root: Path, folder: Path) -> list[str]:
    """The same notebook by papermill's own command and engine, in this environment."""
    script = plain_script(root, folder)[1]
    notebook = json.loads((root / "notebooks" / "second-purchase.ipynb").read_text())
    setup = Path(script).read_text().split("\n")[:5]
    notebook["cells"].insert(
        0,
        {
            "cell_type": "code",
            "id": "setup",
            "metadata": {},
            "source": "\n".join(setup),
            "execution_count": None,
            "outputs": [],
        },
    )
    notebook["metadata"]["kernelspec"]["name"] = "python3"
    source = folder / "papermill.ipynb"
    source.write_text(json.dumps(notebook))
    command = str(Path(sys.executable).with_name("papermill"))
    return [command, "--no-progress-bar", str(source), str(folder / "out.ipynb")]


def rows(rounds: int, folder: Path) -> list[Row]:
    """Every comparison."""
    root = copied_root(folder / "root")
    scratch = folder / "scratch"
    scratch.mkdir()
    run = [*WORKBENCH, "run", "second-purchase", "--variant", "base"]
    script, mill = plain_script(root, scratch), papermill(root, scratch)
    bare = [sys.executable, "-c", "import json"]
    noop = ["run", "second-purchase", "first-basket", "lifetime-value"]
    return [
        compare(
            "workbench --help",
            lambda: seconds([*WORKBENCH, "--help"], root),
            "python -c 'import json'",
            lambda: seconds(bare, root),
            "at most 5",
            rounds * 3,
        ),
        compare(
            "run of a study, cold",
            lambda: seconds([*run, "--force"], root),
            "its cells as a plain script",
            lambda: seconds(script, scratch),
            "none yet: kernels are cold",
            rounds,
        ),
        compare(
            "run of a study, cold",
            lambda: seconds([*run, "--force"], root),
            "papermill's command",
            lambda: seconds(mill, scratch),
            "none yet: kernels are cold",
            rounds,
        ),
        compare(
            "run of three studies, nothing changed",
            lambda: seconds([*WORKBENCH, *noop], root),
            "python -c 'import json'",
            lambda: seconds(bare, root),
            "none yet",
            rounds * 3,
        ),
    ]


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "benchmarks.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = rows(arguments.rounds, Path(folder))
    print("| what | ours, s | beside | s | ratio | aim |")
    print("| --- | --: | --- | --: | --: | --- |")
    for row in found:
        print(
            f"| {row.what} | {row.ours:.3f} | {row.peer} | {row.theirs:.3f} "
            f"| {row.ratio:.2f} | {row.target} |"
        )
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps([asdict(row) for row in found], indent=2))


if __name__ == "__main__":
    main()
