"""Where this kernel stands: the run folder it was given, the shell around it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from workbench.core.errors import Reason, UsageError

RUN_FOLDER = "WB_RUN"
REOPENED_FOLDER = "WB_REOPENED"  # a copy of a run folder, for a person
SESSION = "JPY_SESSION_NAME"
PREPARE = "import sys; from workbench.cli import main; sys.exit(main())"


def told(name: str) -> str:
    """What the process that started this kernel told it; empty when nothing."""
    # a kernel is not given settings: its starter has no other way to name the folder
    return os.environ.get(name, "")  # noqa: TID251


def shell() -> Any:  # noqa: ANN401 - IPython has no types
    """The shell that runs the notebook; None outside one."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()


def variables() -> Mapping[str, object]:
    """The notebook's variables; none outside a shell."""
    around = shell()
    return around.user_ns if around is not None else {}


def cell_number() -> int:
    """Number of the cell that is running, counted by the shell; 0 outside one.

    Not the shell's own `execution_count`: since IPython 9 that is the next cell's while
    a cell runs.
    """
    around = shell()
    running = around.displayhook.exec_result if around is not None else None
    return int(running.execution_count or 0) if running is not None else 0


def study_of_session() -> str:
    """The study whose notebook is open: the file's stem, or the variable `study`.

    Raises:
        UsageError: Neither is known.
    """
    stem = Path(told(SESSION)).stem
    named = variables().get("study", "")
    study = stem or (named if isinstance(named, str) else "")
    if not study:
        message = (
            "this kernel belongs to no run and to no notebook file; open the notebook "
            "with `workbench lab`, run it with `workbench run`, or name the study in a "
            'cell: study = "my-study".'
        )
        raise UsageError(Reason(code="no-run", message=message))
    return study


@cache
def prepared_folder(study: str) -> Path:
    """A run folder made for this kernel, once, by a child `workbench run --prepare`.

    So an interactive run sees the same bytes as a scheduled one, and this process
    never opens the data.

    Raises:
        UsageError: With the child's own reasons.
    """
    command = [sys.executable, "-c", PREPARE, "run", study, "--prepare", "--json"]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own command line
    envelope = _read(child.stdout)
    if child.returncode == 0 and "folder" in envelope:
        return Path(envelope["folder"])
    message = (
        f"`workbench run {study} --prepare` made no run folder (exit code "
        f"{child.returncode}); run it in a terminal to see why."
    )
    nothing = {"code": "no-run", "message": message, "subject": study, "place": ""}
    raise UsageError(
        [
            Reason(**{name: reason[name] for name in nothing})
            for reason in envelope.get("reasons") or [nothing]
        ]
    )


def _read(answer: str) -> dict[str, Any]:
    try:
        envelope = json.loads(answer)
    except ValueError:
        return {}
    return envelope if isinstance(envelope, dict) else {}
