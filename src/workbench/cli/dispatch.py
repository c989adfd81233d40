"""From parsed arguments to a command, and from its outcome to the terminal."""

import json
import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path

from workbench.cli.outcome import Outcome
from workbench.core.errors import Reason, UsageError


def dispatch(arguments: Namespace) -> int:
    """Call the command, print what it came to, return its exit code."""
    outcome = Outcome(arguments.command)
    try:
        module = import_module(f"workbench.cli.commands.{arguments.command}")
        module.command(arguments, outcome)
    except KeyboardInterrupt:
        outcome.interrupted = True
    except Exception as error:  # noqa: BLE001 - the last line of defence: exit 70
        outcome.failed(error)
    show(outcome, as_json=bool(getattr(arguments, "json", False)))
    return outcome.exit_code


def refuse(command: str, message: str, *, as_json: bool) -> int:
    """Say why there is nothing to call; returns the exit code."""
    outcome = Outcome(command)
    outcome.failed(UsageError(Reason(code="usage", message=message)))
    show(outcome, as_json=as_json)
    return outcome.exit_code


def show(outcome: Outcome, *, as_json: bool) -> None:
    """Print what a command came to."""
    if as_json:
        print(json.dumps(outcome.envelope(), ensure_ascii=False))
        return
    for line in (*outcome.lines, *(note.as_line() for note in outcome.notes)):
        print(line)
    for code, reason in outcome.reasons:
        print(f"{reason.as_line()} (exit {int(code)})", file=sys.stderr)


def find_root(given: Path | None) -> Path:
    """The root to work in: as given, or the nearest one upwards.

    Raises:
        UsageError: There is none; nothing is made outside a root.
    """
    here = given or Path.cwd()
    for folder in (here,) if given else (here, *here.parents):
        if (folder / "research").is_dir() and (folder / "mkdocs.yml").is_file():
            return folder
    message = f"{here} is no root; cd into one, or `workbench init DIR`."
    raise UsageError(Reason(code="no-root", message=message))
