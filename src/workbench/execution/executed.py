"""The executed notebook: kept cell by cell while it runs, and whole at its end.

Each finished cell is appended to a journal, so that the cost grows with what the cells
say and not with its square; a runner that is killed leaves the cells that had finished.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workbench.core import disk
from workbench.core.errors import TryLater

EXECUTED = "executed.ipynb"  # in the run folder
JOURNAL = "cells.jsonl"
WORK = "work"  # the kernel's working directory, gone afterwards

Keep = Callable[[object], None]
"""Takes the notebook as it begins; then an index and the cell there, once it ended."""


@contextmanager
def journal(folder: Path) -> Iterator[Keep]:
    """Where a run keeps its cells as they end; once the disk is full it keeps no more.

    The run goes on: whether a full disk ends it, its cells will say.
    """
    with disk.journal(folder / JOURNAL) as write:
        room = True

        def keep(part: object) -> None:
            nonlocal room
            if not room:
                return
            try:
                write(json.dumps(part, ensure_ascii=False))
            except TryLater:
                room = False

        yield keep


def save(folder: Path, notebook: Mapping[str, object]) -> None:
    """Write the whole notebook, in place of the journal."""
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    disk.write_text(folder / EXECUTED, text + "\n")
    (folder / JOURNAL).unlink(missing_ok=True)


def recover(folder: Path) -> None:
    """Do what a runner that was killed could not: clear up, and make the notebook.

    The notebook comes from the cells that it had kept.
    """
    shutil.rmtree(folder / WORK, ignore_errors=True)
    file = folder / JOURNAL
    if not file.is_file():
        return
    with suppress(Exception):  # whatever stands there, how the run ended is told
        save(folder, without_papermill(_kept(file.read_bytes())))


def _kept(lines: bytes) -> dict[str, Any]:
    """The notebook as it began, with the cells that a journal's whole lines tell."""
    first, *rest = lines.split(b"\n")[:-1]
    notebook: dict[str, Any] = json.loads(first)
    for line in rest:
        try:
            index, cell = json.loads(line)
        except (ValueError, TypeError, RecursionError):
            break  # the disk was full, or a cell wrote here
        if not (_is_index(index, notebook["cells"]) and _is_cell(cell)):
            break
        notebook["cells"][index] = cell
    return notebook


def _is_index(value: object, cells: list[object]) -> bool:
    return isinstance(value, int) and 0 <= value < len(cells)


def _is_cell(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("metadata"), dict)


def without_papermill(notebook: dict[str, Any]) -> dict[str, Any]:
    """Strip papermill's metadata: paths and times, and verdicts that are none."""
    for part in (notebook, *notebook["cells"]):
        part["metadata"].pop("papermill", None)
    for cell in notebook["cells"]:
        if not cell["metadata"].get("tags"):
            cell["metadata"].pop("tags", None)
    return notebook
