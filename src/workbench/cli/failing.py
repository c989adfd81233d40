"""Calls the command that a study names for its failures: `on_failure`."""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from workbench.app import App
from workbench.cli.outcome import Outcome
from workbench.cli.progress import event
from workbench.core.canonical import SHORT
from workbench.core.errors import ExitCode, Reason, TryLater
from workbench.core.runs import RunRecord
from workbench.studies.failing import account_of, for_good, given_up
from workbench.studies.planning import Planned

DEADLINE_S = 30.0
TOGETHER_S = 60.0  # after that many no further call is begun by one command
_PASSED_ON = ("PATH", "HOME")


def tell_owners(
    app: App,
    runs: Iterable[tuple[Planned, RunRecord | None]],
    outcome: Outcome,
) -> None:
    """Tell of each run that failed for good, unless that attempt was told of before.

    It is noted once the command has ended well: a call that a crash cuts short, that
    fails, or for which no time is left, is made by whoever meets the failure next. It
    changes no exit code: the run's own says that it failed.

    Args:
        app: The root.
        runs: Each with how it ended; None where it never came to an end.
        outcome: Where a call that fails is told.
    """
    until = time.monotonic() + TOGETHER_S
    for planned, record in runs:
        if time.monotonic() < until:
            _tell_owner(app, planned, record, outcome)


def _tell_owner(
    app: App, planned: Planned, record: RunRecord | None, outcome: Outcome
) -> None:
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
    why = given_up(len(tries), tries[-1].why) if tries else ""
    account = account_of(spec, record, last, why)
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
