"""Calls the command that a study names for its failures: `on_failure`."""

import os
from collections.abc import Mapping
from pathlib import Path

from workbench.app import App
from workbench.cli.outcome import Outcome
from workbench.cli.progress import event
from workbench.core.canonical import SHORT
from workbench.core.errors import ExitCode, Reason, TryLater
from workbench.core.runs import RunRecord
from workbench.studies.failing import account_of, for_good
from workbench.studies.planning import Planned

DEADLINE_S = 30.0
_PASSED_ON = ("PATH", "HOME")


def call_on_failure(
    app: App, planned: Planned, record: RunRecord, outcome: Outcome
) -> None:
    """Tell of a run that was made now and failed for good; what fails then is told.

    It changes no exit code: the run's own says that it failed.
    """
    command = planned.study.registration.on_failure
    tries = len(app.runs.tries(record.spec))
    if not command or not for_good(record, tries, app.settings.retry_attempts):
        return
    event("hook.called", study=record.spec.study, run=record.run_id[:SHORT])
    problem = _call(command, account_of(record), app.layout.root)
    if problem:
        message = f"the command of on_failure, {command[0]!r}, {problem}."
        reason = Reason(code="hook-failed", message=message, subject=record.spec.study)
        outcome.reasons.append((ExitCode.OK, reason))


def _call(command: tuple[str, ...], account: str, root: Path) -> str:
    """What went wrong; empty where nothing did."""
    from workbench.executors.local import LocalExecutor

    try:
        ending = LocalExecutor().run(
            command,
            folder=root,
            deadline_s=DEADLINE_S,
            environment=_variables(os.environ),  # noqa: TID251 - the user's own program
            stdin=account,
        )
    except (OSError, TryLater) as error:
        return f"could not be called ({type(error).__name__}); call it by hand"
    if ending.timed_out:
        return f"was still running after {DEADLINE_S:g} seconds and was killed"
    if ending.exit_status == 0:
        return ""
    how = f"exit status {ending.exit_status}" if ending.exit_status else "a signal"
    return f"ended in {how}; call it by hand with an object as the handbook shows it"


def _variables(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: ours[name] for name in _PASSED_ON if name in ours}
