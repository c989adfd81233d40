"""What the workbench costs beside a peer or a limit doing the same work.

    python -m benchmarks.run [--rounds N] [--json FILE]

Every row times two commands in turn, A B A B, in fresh processes, and prints medians
and the median of the paired ratios, which hold when the machine's speed drifts.
Nothing here passes or fails.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks import reference
from benchmarks.peers import THREADS, Papermill, empty_cells, limit, seconds

ROOT = Path(__file__).resolve().parents[1]
WORKBENCH = [str(Path(sys.executable).with_name("workbench"))]
RUNS = 20  # of the reference study, in one command
SIDE_BY_SIDE = {"WB_PARALLEL_RUNS": "2"}
ONE_BY_ONE = {"WB_PARALLEL_RUNS": "1"}
AS_MANY_THREADS = dict.fromkeys(THREADS, "2")  # as this machine has cores: the default
LARGE = 250_000  # characters
FORKED = """
import json, sys, tempfile, threading
from pathlib import Path
from workbench.execution.environment import library_environment
from workbench.execution.preloads import modules_before_forks, modules_for
from workbench.executors.local import LocalExecutor
from workbench.executors.preloaded import Preloaded

home, runs, words = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
modules = modules_for(json.loads((home / "notebook.ipynb").read_text()))
place = Path(tempfile.mkdtemp(dir=home.parent))
with Preloaded(modules_before_forks(modules), library_environment(1), place) as process:
    executor = LocalExecutor(threading.Event(), process)
    for _ in range(runs):
        executor.run(words, folder=home, deadline_s=900, environment={})
"""


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


def laid_out(folder: Path, variants: int = RUNS) -> Path:
    """A root of its own with the reference study, so that nothing here is changed."""
    root = folder / "root"
    seconds([*WORKBENCH, "init", str(root)], folder)
    reference.lay_out(root, variants)
    seconds([*WORKBENCH, "data", "add", "--all"], root)
    seconds([*WORKBENCH, "run"], root)
    return root


def finished_run(root: Path) -> Path:
    """The folder of the study's base run."""
    from workbench.app import App

    runs = App(root).runs
    record = runs.current(reference.STUDY, "base")
    assert record is not None
    return runs.folder(record.spec)


class Runner:
    """Our runner on any notebook; that it proves no claim is no matter here."""

    def __init__(self, root: Path, folder: Path, notebook: Path) -> None:
        self.home = folder / notebook.stem
        shutil.copytree(finished_run(root) / "in", self.home / "in")
        shutil.copy(notebook, self.home / "notebook.ipynb")
        words = [sys.executable, "-m", "workbench.execution", str(self.home)]
        words += ["--deadline=900", "--cell-deadline=600", "--memory-mb=8192"]
        words += ["--silence-deadline=900", "--output-mb=100", "--threads=1"]
        self.words = words

    def cold(self) -> float:
        """One run by itself, from the first interpreter on."""
        return seconds(self.words, self.home, may_fail=True)

    def forked(self) -> float:
        """A run of several in one process, as a tick starts them."""
        words = [sys.executable, "-c", FORKED, str(self.home), str(RUNS), *self.words]
        return seconds(words, self.home) / RUNS


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Every comparison, as it is done."""
    root, peer = laid_out(folder), Papermill(folder)
    theirs = reference.for_papermill(folder / "theirs.ipynb", root / reference.DATA)
    again = [*WORKBENCH, "run", reference.STUDY, "--force"]
    one = [*again, "--variant", "base"]
    bare = [sys.executable, "-c", "import json"]
    hundred = empty_cells(folder, 100)
    forty = empty_cells(folder, 40, LARGE)
    few, large = Runner(root, folder, hundred), Runner(root, folder, forty)
    thousand = Runner(root, folder, empty_cells(folder, 1000))

    def twenty(how: dict[str, str]) -> float:
        return seconds(again, root, how) / RUNS

    def in_process() -> float:
        with tempfile.TemporaryDirectory() as scratch:
            return limit(finished_run(root), Path(scratch), 5)

    def row(
        what: str,
        ours: Callable[[], float],
        beside: str,
        other: Callable[[], float],
        target: str,
        times: int = 1,
    ) -> Row:
        return compare(what, ours, beside, other, target, rounds * times)

    yield row(
        f"P1 one of {RUNS} runs, one by one",
        lambda: twenty(ONE_BY_ONE),
        "papermill's API, one thread",
        lambda: peer.api(theirs, 5),
        "at most 0.2",
    )
    yield row(
        f"P1 one of {RUNS} runs, two at a time",
        lambda: twenty(SIDE_BY_SIDE),
        "papermill's API, default threads",
        lambda: peer.api(theirs, 5, AS_MANY_THREADS),
        "at most 0.2",
    )
    yield row(
        "P1 one command",
        lambda: seconds(one, root),
        "papermill's command, one thread",
        lambda: peer.command(theirs),
        "at most 0.25",
    )
    yield row(
        "P1 one command",
        lambda: seconds(one, root),
        "papermill's command, default threads",
        lambda: peer.command(theirs, AS_MANY_THREADS),
        "at most 0.25",
    )
    yield row(
        f"P2 one of {RUNS} runs, one by one",
        lambda: twenty(ONE_BY_ONE),
        "its cells in a warm process",
        in_process,
        "at most 2.0",
    )
    yield row(
        f"P3 one of {RUNS} runs, one by one",
        lambda: twenty(ONE_BY_ONE),
        "two at a time",
        lambda: twenty(SIDE_BY_SIDE),
        "at least 1.8",
    )
    yield row(
        "P9 workbench --help",
        lambda: seconds([*WORKBENCH, "--help"], root),
        "python -c 'import json'",
        lambda: seconds(bare, root),
        "at most 5",
        times=3,
    )
    for what, notebook, ours, aim in (
        ("100 empty cells", hundred, few, "at most 0.2"),
        ("40 cells of 250 KB", forty, large, "at most 0.3"),
    ):
        yield row(
            f"P11 {what}, one command",
            ours.cold,
            "papermill's command",
            partial(peer.command, notebook),
            aim,
        )
        yield row(
            f"P11 {what}, one of {RUNS} runs",
            ours.forked,
            "papermill's API",
            partial(peer.api, notebook, 5),
            aim,
        )
    yield row(
        "P11 1,000 empty cells",
        thousand.cold,
        "100 of ours",
        few.cold,
        "at most 10: linear",
    )


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "benchmarks.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("| what | ours, s | beside | s | ratio | aim |")
        print("| --- | --: | --- | --: | --: | --- |", flush=True)
        found = []
        for row in rows(arguments.rounds, Path(folder)):
            found.append(row)
            print(
                f"| {row.what} | {row.ours:.3f} | {row.peer} | {row.theirs:.3f} "
                f"| {row.ratio:.2f} | {row.target} |",
                flush=True,
            )
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps([asdict(row) for row in found], indent=2))


if __name__ == "__main__":
    main()
