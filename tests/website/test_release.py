"""A release is whole or absent, whatever happens at whatever instruction."""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from workbench.core import disk
from workbench.core.errors import GateRefused
from workbench.core.posts import Post
from workbench.website import release
from workbench.website.release import Release, release_site, tree_hash
from workbench.website.stage import Stage
from workbench.website.tree import Tree

FILE_OPERATIONS = {
    "open",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
}


class Press:
    """Makes small sites without MkDocs and counts how often it was asked to."""

    def __init__(self) -> None:
        self.runs = 0
        self.page = "<p>x</p>"

    def __call__(self, stage: Stage, into: Path) -> None:
        self.runs += 1
        (into / "posts").mkdir(parents=True)
        (into / "index.html").write_text(self.page + stage.stage_id, encoding="utf-8")
        (into / "posts" / "index.html").write_text(self.page, encoding="utf-8")


@pytest.fixture
def press() -> Press:
    return Press()


def staged(tmp_path: Path, name: str) -> Stage:
    return Stage(folder=tmp_path / "stage", stage_id=name, epoch=0)


def serving(build: Path) -> str:
    """The stage that a reader of `current` sees."""
    page = (build / "current" / "index.html").read_text(encoding="utf-8")
    return page.removeprefix("<p>x</p>")


def test_a_release_is_named_by_its_content_and_current_leads_to_it(
    tmp_path: Path, press: Press
) -> None:
    done = release_site(staged(tmp_path, "one"), tmp_path / "build", 2, press)
    assert done.built
    assert done.folder == tmp_path / "build" / "releases" / done.tree
    assert tree_hash(done.folder) == done.tree
    assert (tmp_path / "build" / "current").resolve() == done.folder


def test_a_known_stage_is_not_built_again(tmp_path: Path, press: Press) -> None:
    build = tmp_path / "build"
    first = release_site(staged(tmp_path, "one"), build, 2, press)
    before = sorted((p, p.stat().st_mtime_ns) for p in build.rglob("*"))
    again = release_site(staged(tmp_path, "one"), build, 2, press)
    assert press.runs == 1
    assert again == Release(tree=first.tree, folder=first.folder, built=False)
    assert sorted((p, p.stat().st_mtime_ns) for p in build.rglob("*")) == before


def test_going_back_to_an_older_stage_builds_nothing(
    tmp_path: Path, press: Press
) -> None:
    build = tmp_path / "build"
    for name in ("one", "two", "one"):
        release_site(staged(tmp_path, name), build, 2, press)
    assert press.runs == 2
    assert serving(build) == "one"


def test_the_current_release_and_the_newest_others_are_kept(
    tmp_path: Path, press: Press
) -> None:
    build = tmp_path / "build"
    trees = [
        release_site(staged(tmp_path, name), build, 2, press).tree
        for name in ("one", "two", "three", "one", "four")
    ]
    left = {p.name for p in (build / "releases").iterdir() if not p.is_symlink()}
    assert left == {trees[2], trees[3], trees[4], ".known.json"}


def test_a_release_that_somebody_touched_is_made_whole_again(
    tmp_path: Path, press: Press
) -> None:
    build = tmp_path / "build"
    done = release_site(staged(tmp_path, "one"), build, 2, press)
    (done.folder / "index.html").unlink()
    (done.folder / "posts" / "index.html").write_text("torn", encoding="utf-8")
    (done.folder / "stranger.txt").write_text("x", encoding="utf-8")
    again = release_site(staged(tmp_path, "one"), build, 2, press)
    assert again.built
    assert tree_hash(again.folder) == again.tree == done.tree


def test_a_page_that_breaks_a_rule_leaves_the_last_good_site(
    tmp_path: Path, press: Press
) -> None:
    build = tmp_path / "build"
    release_site(staged(tmp_path, "one"), build, 2, press)
    press.page = '<p>x</p><a href="gone/">x</a>'
    with pytest.raises(GateRefused, match="leads to no page"):
        release_site(staged(tmp_path, "two"), build, 2, press)
    assert serving(build) == "one"
    assert len(list((build / "releases").iterdir())) == 2


def test_what_a_killed_process_left_behind_is_swept(
    tmp_path: Path, press: Press
) -> None:
    build = tmp_path / "build"
    left = build / "releases" / ".building-x" / "site"
    left.mkdir(parents=True)
    (build / "releases" / ".part-x").write_text("x", encoding="utf-8")
    release_site(staged(tmp_path, "one"), build, 2, press)
    assert not left.exists()
    assert not (build / "releases" / ".part-x").exists()


class CrashError(Exception):
    """Stands for anything that can go wrong between two instructions."""


def raises_at(line: int, act: Callable[[], object]) -> bool:
    """Fail before the n-th line of our modules; True when the run ended before it."""
    seen = 0

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        nonlocal seen
        if frame.f_code.co_filename not in (release.__file__, disk.__file__):
            return None
        seen += event == "line"
        if event == "line" and seen == line:
            sys.settrace(None)
            raise CrashError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    except CrashError:
        return False
    finally:
        sys.settrace(before)
    return True


def is_killed_at(operation: int, act: Callable[[], object]) -> bool:
    """Be killed, in a process of its own, before the n-th touch of the file system."""
    child = os.fork()
    if child == 0:
        seen = 0

        def watch(event: str, _: object) -> None:
            nonlocal seen
            seen += event in FILE_OPERATIONS
            if event in FILE_OPERATIONS and seen == operation:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("crashed", "keep"), [(raises_at, 1), (is_killed_at, 1), (is_killed_at, 999)]
)
def test_a_crash_at_any_instruction_leaves_the_old_release_or_the_new(
    tmp_path: Path,
    press: Press,
    crashed: Callable[[int, Callable[[], object]], bool],
    keep: int,
) -> None:
    build = tmp_path / "build"
    current = build / "current"
    release_site(staged(tmp_path, "old"), build, keep, press)
    seen, moment, ended = set(), 0, False
    while not ended:
        moment += 1
        fresh = staged(tmp_path, f"new {moment}")
        ended = crashed(moment, partial(release_site, fresh, build, keep, press))
        assert tree_hash(current.resolve()) == current.resolve().name
        assert serving(build) in ("old", fresh.stage_id)
        seen.add(serving(build))
        if keep == 999:  # nothing is removed, so whatever has a name is whole
            trees = (build / "releases").glob("[!.]*")
            assert all(tree_hash(tree) == tree.name for tree in trees)
        release_site(staged(tmp_path, "old"), build, keep, press)
        assert serving(build) == "old"
    assert "old" in seen
    assert len(seen) > 1
    assert moment > 30


@pytest.mark.site
def test_publishing_the_same_posts_again_starts_no_mkdocs(
    compose: Callable[..., Stage], posts: list[Post], tmp_path: Path
) -> None:
    build = tmp_path / "build"
    first = release_site(compose(posts), build, 2)
    again = release_site(compose(posts), build, 2)
    assert (first.built, again.built) == (True, False)
    assert (build / "current/posts/early-birds/index.html").is_file()
    assert (build / "current/posts/early-birds/month/result.json").is_file()


def test_a_file_in_the_place_of_a_shared_one_leaves_the_old_release_as_it_was(
    tmp_path: Path,
) -> None:
    """A hard link leads to the file of a release that may serve."""
    released = tmp_path / "released"
    released.write_bytes(b"as it serves")
    (tmp_path / "other").write_bytes(b"new")
    tree = Tree(tmp_path / "site")
    for change in (
        lambda: tree.write("page", b"new"),
        lambda: tree.copy("page", tmp_path / "other"),
    ):
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / "page").unlink(missing_ok=True)
        (tmp_path / "site" / "page").hardlink_to(released)
        tree.durable.add("page")
        change()
        assert released.read_bytes() == b"as it serves"
        assert (tmp_path / "site" / "page").read_bytes() == b"new"
        assert tree.durable == set()
