"""Fault 2: the power fails after any call that writes, and nothing promised is lost."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import CodeType

import pytest

from tests.faults.double import Disk, Fate, all_is_lost, any_subset, survivors
from tests.faults.scenarios import (
    APPENDING,
    CREATING,
    INGESTING,
    QUICK,
    Story,
    explore,
    explore_again,
)
from workbench.core import disk

pytestmark = pytest.mark.fault

SOURCE = Path(disk.__file__).read_text(encoding="utf-8")
each_story = pytest.mark.parametrize("story", QUICK, ids=lambda story: story.name)


@each_story
def test_fault_02_a_power_cut_after_any_call_breaks_no_promise(
    story: Story, tmp_path: Path
) -> None:
    points, states = explore(story, tmp_path / "disk")
    assert points > 2
    assert states > 5


@each_story
def test_fault_02_nor_does_one_that_takes_any_part_of_what_was_not_synced(
    story: Story, tmp_path: Path, soak: bool
) -> None:
    fates: dict[str, Callable[[], Fate]] = {
        f"subset {seed}": partial(any_subset, seed)
        for seed in range(300 if soak else 6)
    }
    explore(story, tmp_path / "disk", fates)


@pytest.mark.parametrize(
    "story",
    [story for story in QUICK if story not in (APPENDING, CREATING)],
    ids=lambda story: story.name,
)
def test_fault_02_what_the_process_after_a_kill_takes_for_done_is_so(
    story: Story, tmp_path: Path
) -> None:
    assert explore_again(story, tmp_path / "disk") > 2


@pytest.mark.slow
def test_fault_02_and_11_so_it_is_with_a_delivery(tmp_path: Path, soak: bool) -> None:
    explore_again(INGESTING, tmp_path / "disk", every=1 if soak else 3)


@pytest.mark.slow
def test_fault_02_and_11_a_delivery_is_taken_in_whole_or_not_at_all(
    tmp_path: Path, soak: bool
) -> None:
    points, _ = explore(INGESTING, tmp_path / "disk")
    assert points > 30
    if soak:
        chance = {f"subset {seed}": partial(any_subset, seed) for seed in range(20)}
        explore(INGESTING, tmp_path / "by chance", {**chance})


def _is_sync(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) in ("os.fsync", "sync_folder")
    )


SYNCS = [
    f"{node.name}:{inner.lineno}"
    for node in ast.parse(SOURCE).body
    if isinstance(node, ast.FunctionDef)
    for inner in ast.walk(node)
    if isinstance(inner, ast.Expr) and _is_sync(inner)
]


def explore_all(place: Path) -> None:
    place.mkdir()
    for number, story in enumerate(QUICK):
        explore(story, place / str(number))


def _codes(functions: dict[str, object]) -> dict[str, CodeType]:
    plain = {name: inspect.unwrap(f) for name, f in functions.items() if callable(f)}
    return {
        name: function.__code__
        for name, function in plain.items()
        if inspect.isfunction(function)
        and function.__code__.co_filename == disk.__file__
    }


@contextmanager
def _without_sync(line: int) -> Iterator[None]:
    """The module as if one of its syncs were not there."""
    names: dict[str, object] = {"__name__": disk.__name__}
    lines = SOURCE.splitlines()
    lines[line - 1] = re.sub(r"\S.*", "pass", lines[line - 1])
    exec(compile("\n".join(lines), disk.__file__, "exec"), names)
    real = _codes(vars(disk))
    _put(_codes(names))
    try:
        yield
    finally:
        _put(real)


def _put(codes: dict[str, CodeType]) -> None:
    for name, code in codes.items():
        function = inspect.unwrap(getattr(disk, name))
        function.__code__ = code


@pytest.mark.parametrize("sync", SYNCS)
def test_fault_02_every_sync_is_needed_and_its_absence_is_seen(
    sync: str, tmp_path: Path
) -> None:
    line = int(sync.partition(":")[2])
    with _without_sync(line), pytest.raises(AssertionError, match="came back"):
        explore_all(tmp_path / "without")
    explore(QUICK[0], tmp_path / "whole again")


def test_the_double_loses_what_was_not_synced_and_keeps_what_was(
    tmp_path: Path,
) -> None:
    double = Disk(tmp_path / "disk")
    with double.watched():
        (tmp_path / "disk" / "a").mkdir()
        (tmp_path / "disk" / "b").mkdir()
        disk.sync_folder(tmp_path / "disk")
        (tmp_path / "disk" / "a" / "file").write_text("content")
        (tmp_path / "disk" / "a" / "file").rename(tmp_path / "disk" / "b" / "file")
        disk.sync_folder(tmp_path / "disk" / "b")
    told = [picture.before.split()[0] for picture in double.pictures[:-1]]
    assert told == ["mkdir", "mkdir", "fsync", "rename", "fsync"]
    back = survivors(double.pictures[-2], all_is_lost())
    assert sorted(back.now) == ["a", "b"]
    assert _names(back, "b") == []
    back = survivors(double.pictures[-1], all_is_lost())
    assert _names(back, "a") == []
    assert _names(back, "b") == [("file", b"")]


def _names(root: object, folder: str) -> list[tuple[str, object]]:
    entries = vars(vars(root)["now"][folder])["now"]
    return [(name, vars(node)["now"]) for name, node in entries.items()]
