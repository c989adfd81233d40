"""Calls the command that a study names for its failures: `on_failure`."""

import os
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workbench.app import App
from workbench.cli.outcome import Outcome
from workbench.cli.progress import event
from workbench.core.canonical import SHORT, sha256_of_value
from workbench.core.clock import format_instant
from workbench.core.errors import ExitCode, Reason, TryLater, WorkbenchError
from workbench.core.runs import RunRecord, RunSpec
from workbench.studies.failing import (
    Refusal,
    account_of,
    failure_of,
    given_up,
    never_ended,
)
from workbench.studies.planning import Planned

DEADLINE_S = 30.0
TOGETHER_S = 60.0  # after that many no further call is begun by one command
AT_ONCE = 4
_PASSED_ON = ("PATH", "HOME")


@dataclass(frozen=True, slots=True)
class End:
    """How a command leaves a run.

    Attributes:
        planned: The run.
        record: Its record, made now or looked up; None where it came to no end.
        refusal: Why it was refused now, if it was.
    """

    planned: Planned
    record: RunRecord | None = None
    refusal: Refusal | None = None

    @property
    def known(self) -> RunRecord | None:
        """How the run ended last, as far as is known."""
        return self.record or self.planned.record


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that is to be made.

    Attributes:
        command: The command of the study.
        spec: The run that failed.
        attempt: Number of the attempt that it tells of.
        account: What it reads.
    """

    command: tuple[str, ...]
    spec: RunSpec
    attempt: int
    account: str


def tell_given_up(app: App, ends: Iterable[End], outcome: Outcome) -> None:
    """Tell of each run that it was tried for the last time, beside how it ended.

    Whoever believes the exit code would call again for ever otherwise.
    """
    for end in ends:
        spec, record = end.planned.spec, end.known
        if record is not None and record.succeeded:
            continue
        attempts = app.settings.retry_attempts
        if why := given_up(record, app.runs.past(spec), attempts):
            reason = never_ended(end.planned, why)
            outcome.reasons.append((ExitCode.STUDY_FAILED, reason))


def tell_owners(app: App, ends: Iterable[End], outcome: Outcome) -> None:
    """Tell of each run that failed for good, unless that attempt was told of before.

    So is one that was refused, once for each reason: it is tried again at every tick,
    and its data, say, are for their owner to mend.

    It is noted once the command has ended well: a call that a crash cuts short, that
    fails, or for which no time is left, is made by whoever meets the failure next. It
    changes no exit code: the run's own says that it failed. Commands that hang delay
    others, and not the same ones each time: the order is another at every moment.

    Args:
        app: The root.
        ends: How runs ended, now or before.
        outcome: Where a call that fails is told.
    """
    now = format_instant(app.clock())
    calls = sorted(
        filter(None, (_call_of(app, end) for end in ends)),
        key=lambda call: sha256_of_value([now, call.spec.run_id]),
    )
    until, stop = time.monotonic() + TOGETHER_S, threading.Event()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            problems = list(pool.map(lambda c: _make(app, c, until, stop), calls))
        except KeyboardInterrupt:
            stop.set()
            raise
    for call, problem in zip(calls, problems, strict=True):
        if problem:
            message = f"the command of on_failure, {call.command[0]!r}, {problem}."
            subject = call.spec.study
            reason = Reason(code="hook-failed", message=message, subject=subject)
            outcome.reasons.append((ExitCode.OK, reason))


def _call_of(app: App, end: End) -> _Call | None:
    """The call that a run asks for; None where it asks for none."""
    command, spec = end.planned.study.registration.on_failure, end.planned.spec
    if not command:
        return None
    past, attempts = app.runs.past(spec), app.settings.retry_attempts
    failure = failure_of(end.planned, end.known, past, attempts, end.refusal)
    if failure is None or app.store.is_told(spec.run_id, failure.attempt):
        return None
    return _Call(command, spec, failure.attempt, account_of(spec, failure))


def _make(app: App, call: _Call, until: float, stop: threading.Event) -> str:
    """Make a call and note it; what went wrong, empty where nothing did."""
    if time.monotonic() >= until:
        return (
            f"was not called: after {TOGETHER_S:g} seconds of others no time was left"
        )
    event("hook.called", study=call.spec.study, run=call.spec.run_id[:SHORT])
    problem = _call(call.command, call.account, app.layout.root, stop)
    if problem:
        return problem
    try:
        app.store.note_told(call.spec.run_id, call.attempt)
    except WorkbenchError as error:
        code = error.reasons[0].code
        return f"ended well, which cannot be noted ({code}); it is called once more"
    return ""


def _call(
    command: tuple[str, ...], account: str, root: Path, stop: threading.Event
) -> str:
    """What went wrong; empty where nothing did."""
    from workbench.executors.local import LocalExecutor

    try:
        ending = LocalExecutor(stop).run(
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
