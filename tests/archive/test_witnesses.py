"""A ledger that was cut short is told by the copies that others keep."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.end_to_end.conftest import commit, git
from workbench.archive.layout import Layout
from workbench.archive.ledgers import LedgerArchive, read_lines
from workbench.archive.rollbacks import Rollback
from workbench.archive.witnesses import (
    Witness,
    committed,
    cut_short,
    not_committed,
    published,
)
from workbench.takeaways.heads import Head, id_of


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A root with two ledgers, of three lines and of one."""
    layout = Layout(tmp_path / "repository" / "root")
    ledgers = LedgerArchive(layout.takeaways, layout.leases)
    for number in range(3):
        ledgers.append("demo", {"n": number})
    ledgers.append("other", {"n": 0})
    return layout


def in_git(layout: Layout, top: Path) -> Witness:
    """What a repository with this top folder holds, once all is committed."""
    if shutil.which("git") is None:
        pytest.skip("no git on this machine")
    git(top, "init", "--quiet")
    commit(top)
    return committed(layout)


def in_git_root(layout: Layout) -> Witness:
    return in_git(layout, layout.root)


def in_git_below(layout: Layout) -> Witness:
    return in_git(layout, layout.root.parent)


def in_release(layout: Layout) -> Witness:
    folder = layout.build / "releases" / "t" / "takeaways" / "ledger"
    shutil.copytree(layout.takeaways, folder)
    (layout.build / "current").symlink_to(layout.build / "releases" / "t")
    [witness] = published(layout, None)
    return witness


def in_release_left(layout: Layout) -> Witness:
    """A rollback holds, and the release that serves holds no ledger yet."""
    in_release(layout)
    (layout.build / "current").unlink()
    rollback = Rollback(
        tree="s", before="t", why="x", at=datetime.now(UTC), ended=False
    )
    serves, left = published(layout, rollback)
    assert (serves.ledgers, left.place) == ({}, "build/releases/t/takeaways/ledger/")
    return left


def told(layout: Layout, witness: Witness) -> list[tuple[str, str]]:
    held = {file.stem: read_lines(file) for file in layout.takeaways.glob("*.jsonl")}
    found = sorted(cut_short(held, [witness]), key=lambda each: each.subject)
    assert {each.code for each in found} <= {"ledger-cut"}
    assert all(witness.name in each.message for each in found)
    return [(each.subject, each.place) for each in found]


def cut(layout: Layout) -> None:
    lines = layout.ledger("demo").read_text().splitlines(keepends=True)
    layout.ledger("demo").write_text("".join(lines[:1]))


def cut_and_continued(layout: Layout) -> None:
    cut(layout)
    for number in range(3):
        LedgerArchive(layout.takeaways, layout.leases).append("demo", {"n": -number})


def grown(layout: Layout) -> None:
    LedgerArchive(layout.takeaways, layout.leases).append("demo", {"n": 3})


@pytest.mark.parametrize(
    "testify", [in_git_root, in_git_below, in_release, in_release_left]
)
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda _: None, []),
        (grown, []),
        (cut, [("demo", "line 2")]),
        (cut_and_continued, [("demo", "line 2")]),
        (lambda layout: layout.ledger("other").unlink(), [("other", "line 1")]),
        (
            lambda layout: shutil.rmtree(layout.takeaways),
            [("demo", "line 1"), ("other", "line 1")],
        ),
    ],
    ids=["untouched", "grown", "cut", "cut and continued", "deleted", "all deleted"],
)
def test_a_ledger_begins_with_all_that_others_hold(
    layout: Layout,
    testify: Callable[[Layout], Witness],
    change: Callable[[Layout], None],
    found: list[tuple[str, str]],
) -> None:
    witness = testify(layout)
    change(layout)
    assert told(layout, witness) == found


def test_a_commit_that_lacks_what_its_claims_name_is_told(layout: Layout) -> None:
    """Here all is whole; a clone of it could never publish."""
    ledgers = LedgerArchive(layout.takeaways, layout.leases)
    heads = {"demo": Head(line=1, hash="0e")}
    for number in (4, 5):
        ledgers.append("demo", {"n": number, "heads": id_of(heads)})
    ledgers.hold(heads)
    ignored = layout.root / ".gitignore"
    ignored.write_text("takeaways/heads/\n")
    [reason] = not_committed(layout, in_git_root(layout))
    told = (reason.code, reason.subject, reason.place)
    assert told == ("heads-missing", "demo", "line 4")
    assert f"commit takeaways/heads/{id_of(heads)}.json" in reason.message
    ignored.write_text("")
    commit(layout.root)
    assert list(not_committed(layout, committed(layout))) == []


def test_a_repository_of_somebody_else_is_asked_too(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers folders are mounted with the ids of another machine."""
    assert in_git_root(layout).ledgers
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    witness = committed(layout)
    cut(layout)
    assert told(layout, witness) == [("demo", "line 2")]


def test_without_a_witness_nothing_is_told(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(layout)
    assert [each.ledgers for each in published(layout, None)] == [{}]
    assert committed(layout).ledgers == {}  # no repository
    if shutil.which("git") is not None:
        git(layout.root, "init", "--quiet")
        assert committed(layout).ledgers == {}  # no commit
    monkeypatch.setenv("PATH", "")
    assert committed(layout).ledgers == {}  # no git
