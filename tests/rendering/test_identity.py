"""Equal ids, equal posts: everything that decides a post decides its id."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.rendering.folders import REGISTRATION, record
from workbench.rendering import rendering_id

FILES = ("executed.ipynb", "notebook.ipynb", "out/outputs.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    for name in FILES:
        (tmp_path / name).write_text(name)
    return tmp_path


def identity(folder: Path, **changes: object) -> str:
    terms = {"record": record(), "registration": REGISTRATION, "seen": None, **changes}
    return rendering_id(folder=folder, **terms)  # type: ignore[arg-type]


def test_the_same_run_has_the_same_id(folder: Path) -> None:
    assert identity(folder) == identity(folder)


@pytest.mark.parametrize("name", FILES)
def test_another_byte_of_what_is_read_is_another_id(folder: Path, name: str) -> None:
    before = identity(folder)
    (folder / name).write_text("other")
    changed = identity(folder)
    (folder / name).unlink()
    assert len({before, changed, identity(folder)}) == 3


def test_other_terms_are_another_id(folder: Path) -> None:
    ids = {
        identity(folder),
        identity(folder, registration=replace(REGISTRATION, title="Other")),
        identity(folder, record=replace(record(), attempt=2)),
        identity(folder, seen=datetime(2024, 1, 1, tzinfo=UTC)),
    }
    assert len(ids) == 4


def test_other_code_is_another_id(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = identity(folder)
    monkeypatch.setattr("workbench.rendering.identity._code", lambda: "other")
    assert identity(folder) != before
