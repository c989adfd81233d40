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
    app: App, planned: Planned, record: RunRecord | None, outcome: Outcome
) -> None:
    """Tell of a run that failed for good, unless that attempt was told of before.

    It is noted once the command has ended well: a call that a crash cuts short, or that
    fails, is made again by whoever meets the failure next. It changes no exit code: the
    run's own says that it failed.

    Args:
        app: The root.
        planned: The run.
        record: How it ended; None where it never came to an end.
        outcome: Where a call that fails is told.
    """
    command, spec = planned.study.registration.on_failure, planned.spec
    if not command or (record is not None and record.succeeded):
        return
    tries = app.runs.tries(spec)
    if not for_good(record, len(tries), app.settings.retry_attempts):
        return
    last = tries[-1].number if tries else record.attempt if record else 0
    if app.store.is_told(spec.run_id, last):
        return
    event("hook.called", study=spec.study, run=spec.run_id[:SHORT])
    account = account_of(spec, record, len(tries), last)
    problem = _call(command, account, app.layout.root)
    if not problem:
        app.store.note_told(spec.run_id, last)
        return
    message = f"the command of on_failure, {command[0]!r}, {problem}."
    reason = Reason(code="hook-failed", message=message, subject=spec.study)
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
        return f"could not be called ({type(error).__name__})"
    if ending.timed_out:
        return f"was still running after {DEADLINE_S:g} seconds and was killed"
    if ending.exit_status == 0:
        return ""
    how = f"exit status {ending.exit_status}" if ending.exit_status else "a signal"
    return f"ended in {how}; try it with an object as the handbook shows it"


def _variables(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: ours[name] for name in _PASSED_ON if name in ours}
