"""Breaks each promise on purpose, in a copy, and sees its named test fail.

Usage: python tests/sins/run.py [NAME ...]

A sin is a patch in this folder with a head of two lines:

    # promise: 3
    # test: tests/warehouse/test_views.py::test_a_row_known_later_is_not_there

It goes unpunished when its test passes all the same, or fails in some other way than by
its own assertion; then, and when a patch does not apply any more, this ends in 1.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))  # this is a script: the folder above `tests` is not there

from tests.places import borrow_scripts, copy_tree, light_environment  # noqa: E402

_HEAD = re.compile(r"# promise: (?P<promise>\d+)\n# test: (?P<test>\S.*)\n")
_ASSERTED = re.compile(r"(?:AssertionError|assert |Failed: )")


@dataclass(frozen=True)
class Sin:
    """One patch, the promise it breaks and the test that must see it."""

    name: str
    promise: int
    test: str
    patch: Path


def read_sins(folder: Path = HERE) -> list[Sin]:
    """Every sin, by promise."""
    sins = []
    for patch in folder.glob("*.patch"):
        head = _HEAD.match(patch.read_text())
        assert head, f"{patch.name} does not begin with its promise and its test"
        sins.append(Sin(patch.stem, int(head["promise"]), head["test"], patch))
    return sorted(sins, key=lambda sin: (sin.promise, sin.name))


def apply(patch: Path, tree: Path, *, undo: bool = False, check: bool = False) -> bool:
    """Apply a patch to a tree, or take it back; whether it applies."""
    words = ["git", "apply", *["--reverse"] * undo, *["--check"] * check, str(patch)]
    done = subprocess.run(words, cwd=tree, capture_output=True, check=False)
    return done.returncode == 0


@dataclass(frozen=True)
class Copy:
    """A copy of the tree with an interpreter that imports the copy and nothing else."""

    tree: Path
    python: Path

    def endings(self, tests: Iterable[str]) -> dict[str, str]:
        """Run tests; `passed`, `failed` by an assertion, or what else, by name."""
        with tempfile.NamedTemporaryFile(suffix=".xml") as report:
            words = [str(self.python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            subprocess.run(
                [*words, f"--junitxml={report.name}", *dict.fromkeys(tests)],
                cwd=self.tree,
                env={k: v for k, v in os.environ.items() if not k.startswith("WB_")},
                capture_output=True,
                check=False,
            )
            text = Path(report.name).read_text()
        if not text:
            return {}
        return {
            f"{case.get('classname')}::{case.get('name')}": _ending(case)
            for case in ET.fromstring(text).iter("testcase")
        }


def _ending(case: ET.Element) -> str:
    failure = case.find("failure")
    if failure is not None:
        message = failure.get("message", "")
        return "failed" if _ASSERTED.match(message) else f"failed by {message[:60]!r}"
    return next((child.tag for child in case if child.tag != "properties"), "passed")


def _name_in_report(test: str) -> str:
    """`tests/a/test_b.py::test_c` as a report calls it: `tests.a.test_b::test_c`."""
    path, _, name = test.partition("::")
    return f"{path.removesuffix('.py').replace('/', '.')}::{name}"


def judge(copy: Copy, sin: Sin, *, unharmed: str) -> str:
    """`punished`, or why not."""
    if unharmed != "passed":
        return f"its test does not pass without it: {unharmed}"
    if not apply(sin.patch, copy.tree):
        return "the patch does not apply any more"
    try:
        ending = copy.endings([sin.test]).get(_name_in_report(sin.test), "was not run")
    finally:
        apply(sin.patch, copy.tree, undo=True)
    return "punished" if ending == "failed" else f"unpunished: its test {ending}"


def main(names: Sequence[str]) -> int:
    """Judge the sins named, or all; 1 when one goes unpunished."""
    sins = [sin for sin in read_sins() if not names or sin.name in names]
    width = max(len(sin.name) for sin in sins)
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="sins-") as folder:
        tree = copy_tree(Path(folder) / "tree")
        python = light_environment(Path(folder) / "environment", tree / "src")
        borrow_scripts(python.parents[1])
        copy = Copy(tree, python)
        endings = copy.endings(sin.test for sin in sins)
        for sin in sins:
            unharmed = endings.get(_name_in_report(sin.test), "was not run")
            verdicts.append(judge(copy, sin, unharmed=unharmed))
            row = f"{sin.promise:>2}  {sin.name:<{width}}  {verdicts[-1]}"
            sys.stdout.write(f"{row}\n{'':{width + 6}}{sin.test}\n")
            sys.stdout.flush()
    return int(any(verdict != "punished" for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
