"""A run that is looked at again: a copy of it, at the cell that failed.

The copy has the run's data, so that its cells run again and find what they found; what
they say now stays in the copy. The run itself is left as it ended.
"""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.app import App
from workbench.core.canonical import SHORT
from workbench.core.disk import write_text
from workbench.core.errors import Reason, StudyFailed, UsageError
from workbench.core.runs import RunRecord
from workbench.execution.executed import EXECUTED
from workbench.execution.judge import numbered

_WORKSPACE = Path(".workspaces", "default-37a8.jupyterlab-workspace")  # as it asks
_START = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Reopened:
    """A copy of a run.

    Attributes:
        folder: Holds its data and its notebook.
        words: What JupyterLab is told so that it opens the copy and nothing else.
    """

    folder: Path
    words: list[str]


def reopen(app: App, study: str | None, start: str, *, kernel: str) -> Reopened:
    """Make the copy, anew each time.

    Args:
        app: The root.
        study: Name of the study.
        start: How the run's id begins.
        kernel: Name of the kernel that the copy asks for.

    Raises:
        UsageError: There is no such run, or several.
        StudyFailed: It left no notebook that can be read.
    """
    record = _record(app, study, start)
    source = app.runs.folder(record.spec)
    notebook = _executed(source, record)
    notebook["metadata"]["kernelspec"] = {
        "name": kernel,
        "display_name": "Workbench",
        "language": "python",
    }
    folder = app.layout.reopened / record.run_id[:SHORT]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    shutil.copytree(source / "in", folder / "in")
    name = f"{record.spec.study}.ipynb"
    write_text(folder / name, json.dumps(notebook, indent=1, ensure_ascii=False))
    write_text(folder / _WORKSPACE, json.dumps(_workspace(name)))
    cell = failing_cell(notebook["cells"], record)
    place = f"/lab/tree/{name}" + (f"#cell-id={quote(cell)}" if cell else "")
    words = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url={place}",
        f"--LabApp.workspaces_dir={(folder / _WORKSPACE).parent}",
    ]
    return Reopened(folder, words)


def _workspace(name: str) -> dict[str, object]:
    """A desk of JupyterLab's on which the notebook lies open already.

    It goes to the cell of an address only in a notebook that is open by then.
    """
    widget = f"notebook:{name}"
    dock = {"type": "tab-area", "currentIndex": 0, "widgets": [widget]}
    return {
        "data": {
            "layout-restorer:data": {"main": {"dock": dock, "current": widget}},
            widget: {"data": {"path": name, "factory": "Notebook"}},
        },
        "metadata": {"id": "default"},
    }


def failing_cell(cells: Sequence[dict[str, Any]], record: RunRecord) -> str:
    """Id of the cell that a run failed at; empty where none is known.

    Where no reason names one, it is the first that did not run.
    """
    named = next((reason.cell for reason in record.reasons if reason.cell), None)
    for number, cell in numbered(cells):
        here = number == named
        if named is None:
            here = cell["execution_count"] is None and bool("".join(cell["source"]))
        if here and not record.succeeded:
            return str(cell.get("id", ""))
    return ""


def _record(app: App, study: str | None, start: str) -> RunRecord:
    if not study:
        message = "--run is a run of one study; name the study before it."
        raise UsageError(Reason(code="usage", message=message))
    if not _START.fullmatch(start):
        message = (
            f"--run {start!r} is no beginning of a run's id: at least four of its "
            "letters a-f and digits; `workbench status` prints ids."
        )
        raise UsageError(Reason(code="usage", message=message, subject=study))
    found = app.runs.beginning_with(study, start)
    if len(found) != 1:
        ids = ", ".join(record.run_id[:SHORT] for record in found)
        several = f"several runs begin with {start!r}: {ids}; write more of the id."
        none = f"no run of {study!r} begins with {start!r}; run the study again."
        message = several if found else none
        raise UsageError(Reason(code="run-unknown", message=message, subject=study))
    return found[0]


def _executed(folder: Path, record: RunRecord) -> dict[str, Any]:
    try:
        text = (folder / EXECUTED).read_text(encoding="utf-8")
        notebook = json.loads(text)
    except (OSError, ValueError) as error:
        message = (
            f"the run {record.run_id[:SHORT]} left no notebook that can be read; open "
            f"`workbench lab {record.spec.study}` instead."
        )
        reason = Reason(
            code="notebook-unreadable", message=message, subject=record.spec.study
        )
        raise StudyFailed(reason) from error
    assert isinstance(notebook, dict)  # noqa: S101 - as the runner writes it
    return notebook
