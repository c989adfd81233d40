"""From parsed arguments to a command, and from its outcome to the terminal."""

import json
import sys
import traceback
from argparse import Namespace
from importlib import import_module
from pathlib import Path

from workbench.cli.outcome import Outcome
from workbench.core.errors import ExitCode, Reason, UsageError, WorkbenchError

ROOT_MARK = "research"


def dispatch(arguments: Namespace) -> int:
    """Call the command, print what it came to, return its exit code."""
    outcome = Outcome(arguments.command)
    try:
        module = import_module(f"workbench.cli.commands.{arguments.command}")
        module.command(arguments, outcome)
    except WorkbenchError as error:
        outcome.failed(error)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last line of defence: exit 70
        # The frames alone: an exception's own text may hold a customer's value.
        print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
        message = (
            f"a bug of ours ({type(error).__name__}); nothing was published. Please "
            "report the lines above."
        )
        outcome.reasons.append((ExitCode.BUG, Reason(code="bug", message=message)))
    _show(outcome, as_json=bool(getattr(arguments, "json", False)))
    return int(outcome.exit_code)


def refuse(command: str, message: str, *, as_json: bool) -> int:
    """Say why there is nothing to call; returns the exit code."""
    outcome = Outcome(command)
    outcome.failed(UsageError(Reason(code="usage", message=message)))
    _show(outcome, as_json=as_json)
    return int(outcome.exit_code)


def _show(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(outcome.envelope(), ensure_ascii=False))
        return
    for line in outcome.lines:
        print(line)
    for code, reason in outcome.reasons:
        print(f"{reason.as_line()} (exit {int(code)})", file=sys.stderr)


def find_root(given: Path | None) -> Path:
    """The root to work in: as given, or the nearest folder upwards with research/."""
    if given is not None:
        return given
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ROOT_MARK).is_dir():
            return folder
    return here
