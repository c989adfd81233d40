"""What a release takes over from the last one, and what it reads again."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.core.canonical import sha256_of_file
from workbench.website import readings as remembered
from workbench.website.readings import Readings, read_readings, remember_readings
from workbench.website.stage import Stage
from workbench.website.tree import Base, Tree, read_base, remember_base


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """A release of one file, remembered and read back."""
    releases = tmp_path / "releases"
    (releases / "name" / "a").mkdir(parents=True)
    tree = Tree(releases / "name")
    tree.write("a/page.html", b"<p>x</p>")
    stage = Stage(
        folder=tmp_path, stage_id="s", epoch=0, surroundings="r", sources={"a.md": "h"}
    )
    remember_base(releases, "name", tree, stage)
    return read_base(releases)


def held(base: Base) -> Path:
    assert base.folder is not None
    return base.folder / "a" / "page.html"


def test_a_base_comes_back_as_it_was_remembered(base: Base) -> None:
    assert (base.surroundings, base.pages) == ("r", {"a.md": "h"})
    assert base.files == {"a/page.html": sha256_of_file(held(base))}


@pytest.mark.usefixtures("base")
def test_a_base_that_is_torn_or_gone_is_none(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    made = releases / ".made.json"
    whole = made.read_text()
    made.write_text(whole[:20])
    assert read_base(releases).folder is None
    made.write_text(whole.replace('"name"', '"gone"'))
    assert read_base(releases).folder is None


def test_a_file_is_taken_over_under_a_second_name(base: Base, tmp_path: Path) -> None:
    fresh = Tree(tmp_path / "fresh")
    assert fresh.take("a/page.html", base.files["a/page.html"], base)
    taken = tmp_path / "fresh" / "a" / "page.html"
    assert taken.stat().st_ino == held(base).stat().st_ino
    assert fresh.durable == {"a/page.html"}
    assert not fresh.take("a/page.html", "another hash", base)
    assert not fresh.take("b.html", base.files["a/page.html"], base)


def test_where_no_second_name_is_to_be_had_it_is_copied(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refuse)
    fresh = Tree(tmp_path / "fresh")
    assert fresh.take("a/page.html", base.files["a/page.html"], base)
    assert (tmp_path / "fresh/a/page.html").read_bytes() == b"<p>x</p>"
    assert fresh.durable == set()


def test_a_file_is_taken_over_for_its_bytes_and_not_for_its_time(base: Base) -> None:
    os.utime(held(base), ns=(1, 1))
    assert base.whole("a/page.html") == held(base)
    held(base).write_text("<p>y</p>")
    os.utime(held(base), ns=(1, 1))
    assert base.whole("a/page.html") is None
    held(base).unlink()
    assert base.whole("a/page.html") is None
    assert replace(base, folder=None).whole("a/page.html") is None


def test_a_page_is_read_once_and_again_when_the_rules_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, file = tmp_path / "x.html", tmp_path / ".read.json"
    page.write_text('<a href="y/" id="z">x</a><iframe src="//evil.example"></iframe>')
    first = Readings()
    read = first.page(page, "hash")
    remember_readings(file, first)
    page.unlink()
    again = read_readings(file)
    assert again.page(page, "hash").remarks == read.remarks != []
    assert again.page(page, "hash").anchors == {"z"}
    assert [link[1] for link in again.page(page, "hash").links] == ["y/"]
    monkeypatch.setattr(remembered, "_rules", lambda: "others")
    with pytest.raises(FileNotFoundError):
        read_readings(file).page(page, "hash")
