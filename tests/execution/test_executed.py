"""Of a run that was killed, the cells that had finished are a notebook, torn or not."""

import json
from pathlib import Path

import pytest

from workbench.core import disk
from workbench.core.errors import Reason, TryLater
from workbench.execution.executed import EXECUTED, JOURNAL, journal, recover

BEGUN: dict[str, object] = {
    "cells": [{"metadata": {}}, {"metadata": {}}],
    "metadata": {},
}
FINISHED = {"metadata": {}, "outputs": ["é"]}


def torn(folder: Path, tail: bytes) -> Path:
    """A run folder whose first cell had finished; and what its journal ends in."""
    with journal(folder) as keep:
        keep(BEGUN)
        keep([0, FINISHED])
    with (folder / JOURNAL).open("ab") as file:
        file.write(tail)
    return folder


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b'[1, {"metadata": {}',
        '[1, {"metadata": {}, "outputs": ["é'.encode()[:-1],
        b"\xff\n",
        b"5\n",
        b"null\n",
        b"[1]\n",
        b'{"1": 1, "2": 2}\n',
        b'[2, {"metadata": {}}]\n',
        b'[-1, {"metadata": {}}]\n',
        b'[1.0, {"metadata": {}}]\n',
        b"[1, 5]\n",
        b"[1, {}]\n",
        b'[1, {"metadata": []}]\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_no_torn_or_foreign_line_costs_the_cells_before_it(
    tail: bytes, tmp_path: Path
) -> None:
    recover(torn(tmp_path, tail))
    found = json.loads((tmp_path / EXECUTED).read_text(encoding="utf-8"))
    assert found == {**BEGUN, "cells": [FINISHED, {"metadata": {}}]}
    assert not (tmp_path / JOURNAL).exists()


@pytest.mark.parametrize(
    "whole", [b"", b"\n", b"\xff\n", b"5\n", b"{}\n", b'{"cells": 5, "metadata": {}}\n']
)
def test_a_journal_without_a_notebook_is_left_as_it_is(
    whole: bytes, tmp_path: Path
) -> None:
    (tmp_path / JOURNAL).write_bytes(whole)
    recover(tmp_path)
    assert not (tmp_path / EXECUTED).exists()
    assert (tmp_path / JOURNAL).read_bytes() == whole


def test_a_full_disk_does_not_hide_how_the_run_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _text: str) -> None:
        raise TryLater(Reason(code="disk-full", message="full."))

    monkeypatch.setattr(disk, "write_text", full)
    recover(torn(tmp_path, b""))
    assert (tmp_path / JOURNAL).exists()
