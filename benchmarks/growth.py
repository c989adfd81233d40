"""What planning and ticking cost by the number of studies, and P4.

    python -m benchmarks.growth [--studies N ...] [--json FILE]

Each size is a root of its own with that many trivial studies of one small shop. A full
tick runs, renders, checks and publishes all of them; a tick without change follows it,
and the plan. Beside it stands a program that only reads and hashes every file that
decides them: registrations, contracts, notebooks, ledgers, pages and data. The exponent
fits log seconds by log studies: 1 is a cost that grows with what is there.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.peers import seconds
from benchmarks.site import exponent
from tests.end_to_end.shop import lay_out_shop, write_study

WORKBENCH = [str(Path(sys.executable).with_name("workbench"))]
HASHING = """\
import hashlib, pathlib
root = pathlib.Path(".")
places = ("research", "notebooks", "takeaways", "site", ".workbench/data")
for place in places:
    for path in sorted((root / place).rglob("*")):
        if path.is_file():
            hashlib.sha256(path.read_bytes()).hexdigest()
"""
SIZES = (1, 10, 100, 500, 1_000)
_ROUNDS = 3


@dataclass(frozen=True)
class Size:
    """What one number of studies costs, in seconds.

    Attributes:
        studies: How many there are.
        plan: `workbench plan`.
        unchanged: `workbench tick` with nothing to do.
        full: `workbench tick` with everything to do.
        hashing: Reading and hashing every input, in a Python that does nothing else.
    """

    studies: int
    plan: float
    unchanged: float
    full: float
    hashing: float

    @property
    def ratio(self) -> float:
        """A tick with nothing to do, over hashing."""
        return self.unchanged / self.hashing


def measured(folder: Path, count: int) -> Size:
    """Lay out a root of so many studies and time it."""
    root = folder / f"of-{count}"
    seconds([*WORKBENCH, "init", str(root)], folder)
    lay_out_shop(root)
    names = [f"study-{number:04}" for number in range(count)]
    for name in names:
        write_study(root, name)
    environment = {"WB_KEY_FILE": str(folder / "key")}
    seconds([*WORKBENCH, "data", "add"], root, environment)
    seconds([*WORKBENCH, "register", *names], root, environment)
    tick, plan = [*WORKBENCH, "tick"], [*WORKBENCH, "plan"]
    full = seconds(tick, root, environment)
    seconds(tick, root, environment)  # finds nothing, and notes on what that rests
    hashing = [sys.executable, "-c", HASHING]
    rounds = [
        (
            seconds(plan, root, environment),
            seconds(tick, root, environment),
            seconds(hashing, root),
        )
        for _ in range(_ROUNDS)
    ]
    plans, ticks, hashes = (
        statistics.median(each) for each in zip(*rounds, strict=True)
    )
    return Size(count, plans, ticks, full, hashes)


def show(sizes: Sequence[Size]) -> None:
    """Print the table, and how each column grows."""
    print(f"{'studies':>8} {'plan':>8} {'no change':>10} {'full':>8} {'P4':>6}")
    for size in sizes:
        print(
            f"{size.studies:>8,} {size.plan:>8.2f} {size.unchanged:>10.2f} "
            f"{size.full:>8.1f} {size.ratio:>6.2f}"
        )
    if len(sizes) < 2:
        return
    for name in ("plan", "unchanged", "full", "hashing"):
        fitted = exponent({size.studies: getattr(size, name) for size in sizes})
        print(f"{name} grows with the number of studies to the power of {fitted:.2f}")
    few, many = sizes[0], sizes[-1]
    more = many.studies - few.studies
    per_study = (many.unchanged - few.unchanged) / more * 1_000
    hashed = (many.hashing - few.hashing) / more * 1_000
    print(f"one more study: {per_study:.2f} ms of a tick, {hashed:.2f} ms of hashing")


def main(words: Sequence[str]) -> None:
    """Measure the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args(words)
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        for count in arguments.studies:
            sizes.append(measured(Path(folder), count))
            print(f"{count:,} studies: {sizes[-1]}", file=sys.stderr)
    show(sizes)
    if arguments.json:
        rows = [asdict(size) for size in sizes]
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
