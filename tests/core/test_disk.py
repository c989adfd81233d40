"""A file appears whole or not at all."""

import os
import stat
import threading
from pathlib import Path

import pytest

from workbench.core import disk
from workbench.core.errors import TryLater


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a" / "b.json"
    disk.write_text(file, "old")
    disk.write_text(file, "new")
    assert file.read_text() == "new"
    assert left_over(file.parent) == []


def test_a_full_disk_keeps_the_old_file_and_may_be_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.json"
    disk.write_text(file, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TryLater, match="disk-full"):
        disk.write_text(file, "new")
    assert file.read_text() == "old"
    assert left_over(tmp_path) == []


def test_of_two_creators_one_wins_and_its_content_stays(tmp_path: Path) -> None:
    file = tmp_path / "0001.json"
    won: list[int] = []

    def create(number: int) -> None:
        if disk.create_once(file, str(number).encode()):
            won.append(number)

    threads = [threading.Thread(target=create, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert file.read_text() == str(won[0])
    assert left_over(tmp_path) == []


def test_a_torn_last_line_is_cut_off_before_the_next_is_added(tmp_path: Path) -> None:
    file = tmp_path / "study.jsonl"
    disk.append_line(file, "one")
    with file.open("a") as torn:
        torn.write("tw")
    disk.append_line(file, "two")
    assert file.read_text() == "one\ntwo\n"


def test_a_link_is_switched_in_one_step_and_is_relative(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "releases" / name).mkdir(parents=True)
    disk.point(tmp_path / "current", tmp_path / "releases" / "a")
    disk.point(tmp_path / "current", tmp_path / "releases" / "b")
    assert os.readlink(tmp_path / "current") == os.path.join("releases", "b")  # noqa: PTH115, PTH118
    assert left_over(tmp_path) == []


def test_a_finished_folder_is_adopted_once(tmp_path: Path) -> None:
    for content in ("first", "second"):
        disk.write_text(tmp_path / "scratch" / "file", content)
        disk.adopt_tree(tmp_path / "scratch", tmp_path / "place")
    assert (tmp_path / "place" / "file").read_text() == "first"
    assert not (tmp_path / "scratch").exists()


def test_only_a_scratch_folder_that_nobody_holds_is_abandoned(tmp_path: Path) -> None:
    with disk.scratch_folder(tmp_path, "query") as held:
        (held / "rows").write_text("a")
        (tmp_path / ".query-killed").mkdir()
        (tmp_path / ".query-killed" / "rows").write_text("b")
        disk.remove_abandoned(tmp_path)
        assert list(tmp_path.iterdir()) == [held]
        assert (held / "rows").read_text() == "a"
        assert stat.S_IMODE(held.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_for_its_owner_alone_where_that_is_asked(tmp_path: Path) -> None:
    disk.write_bytes(tmp_path / "rows", b"", mode=0o600)
    assert stat.S_IMODE((tmp_path / "rows").stat().st_mode) == 0o600
