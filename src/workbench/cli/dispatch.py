"""From parsed arguments to a command, and from its outcome to the terminal."""

import json
import os
import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path

from workbench.cli.outcome import Outcome
from workbench.core.errors import ExitCode, Reason, UsageError


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
    return _end(outcome, as_json=bool(getattr(arguments, "json", False)))


def _end(outcome: Outcome, *, as_json: bool) -> int:
    """Print and return the exit code; it is never one of a study that did not fail."""
    try:
        show(outcome, as_json=as_json)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has read enough
        _close_output()
    except OSError as error:
        _close_output()
        print(f"nothing could be printed: {error.strerror}", file=sys.stderr)
        return outcome.exit_code or ExitCode.TRY_LATER
    return outcome.exit_code


def _close_output() -> None:
    """Else the interpreter tries once more as it ends, in an exit code of its own."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(command: str, message: str, *, as_json: bool) -> int:
    """Say why there is nothing to call; returns the exit code."""
    outcome = Outcome(command)
    outcome.failed(UsageError(Reason(code="usage", message=message)))
    return _end(outcome, as_json=as_json)


def show(outcome: Outcome, *, as_json: bool) -> None:
    """Print what a command came to."""
    if as_json:
        print(json.dumps(outcome.envelope(), ensure_ascii=False))
        return
    for line in (*outcome.lines, *(note.as_line() for note in outcome.notes)):
        print(line)
    for code, reason in outcome.told:
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
