"""Runs side by side, and how each ended."""

import shutil
from argparse import Namespace
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from workbench.app import App
from workbench.archive.runs import why_of
from workbench.cli.failing import End, tell_given_up, tell_owners
from workbench.cli.outcome import Outcome
from workbench.cli.progress import bar, event
from workbench.cli.selection import planned_runs, variant_name
from workbench.core.canonical import SHORT
from workbench.core.clock import show_instant
from workbench.core.errors import ExitCode, Reason, TryLater, UsageError
from workbench.core.runs import RunRecord
from workbench.studies.failing import Refusal, reopening
from workbench.studies.planning import Planned, describe
from workbench.studies.running import reasons_of

_Ended = tuple[RunRecord, bool]  # whether it was made now


def run_chosen(app: App, arguments: Namespace, outcome: Outcome) -> None:
    """Run what is due, two at a time or as set; look up what is not."""
    planned = planned_runs(app, arguments, outcome)
    if arguments.dry_run:
        outcome.data["plan"] = [describe(each) for each in planned]
        outcome.lines += [f"{variant_name(p)}: {p.state}, {p.why}" for p in planned]
        return
    if arguments.prepare:
        _prepare(app, planned, outcome)
        return
    tell_owners(app, make(app, planned, outcome), outcome)


def make(app: App, planned: list[Planned], outcome: Outcome) -> list[End]:
    """Make runs side by side and tell how each ended."""
    outcome.data["runs"] = []
    ends = [_end(*each, outcome) for each in _submitted(app, planned, outcome)]
    tell_given_up(app, ends, outcome)
    return ends


def _end(planned: Planned, future: Future[_Ended], outcome: Outcome) -> End:
    if future.cancelled():
        reason = Reason(
            code="interrupted",
            message="it was interrupted before it began; run it again.",
            subject=variant_name(planned),
        )
        outcome.reasons.append((ExitCode.TRY_LATER, reason))
        return End(planned)
    if error := future.exception():
        assert isinstance(error, Exception)  # noqa: S101 - no thread is interrupted
        before = len(outcome.reasons)
        outcome.failed(error, variant_name(planned))
        if isinstance(error, TryLater):
            return End(planned)
        told = tuple(outcome.reasons[before:])
        return End(planned, refusal=Refusal(why=why_of(error), told=told))
    record, made = future.result()
    _tell(planned, record, made, outcome)
    return End(planned, record)


def _submitted(
    app: App, planned: list[Planned], outcome: Outcome
) -> list[tuple[Planned, Future[_Ended]]]:
    """Every run with how it ended; an interrupt ends what runs and drops the rest."""
    app.starting.expect(planned)
    with ThreadPoolExecutor(app.settings.parallel_runs) as pool:
        futures = [pool.submit(_one, app, each) for each in planned]
        try:
            for _ in bar(as_completed(futures), total=len(planned), what="runs"):
                pass
        except KeyboardInterrupt:
            outcome.interrupted = True
            app.stop.set()
            pool.shutdown(cancel_futures=True)
    return list(zip(planned, futures, strict=True))


def _one(app: App, planned: Planned) -> _Ended:
    spec = planned.spec
    event("run.started", study=spec.study, run=spec.run_id[:SHORT], state=planned.state)
    record, made = app.running.ensure(planned)
    event("run.ended", study=spec.study, run=spec.run_id[:SHORT], exit=record.exit_code)
    return record, made


def _tell(
    planned: Planned,
    result: RunRecord,
    made: bool,  # noqa: FBT001 - the second of a tuple that is unpacked
    outcome: Outcome,
) -> None:
    name = variant_name(planned)
    runs = outcome.data["runs"]
    assert isinstance(runs, list)  # noqa: S101 - made above
    outcome.acted |= made
    runs.append(
        {
            **describe(planned),
            "exit_code": result.exit_code,
            "executed": made,
            "seconds": dict(result.timings),
            "reopen": reopening(result),
        }
    )
    until = show_instant(result.spec.as_of)
    if result.succeeded:
        what = f"ran as of {until}" if made else f"unchanged as of {until}"
        outcome.lines.append(f"{name}: {what}")
    else:
        code = ExitCode(result.exit_code)
        outcome.reasons += [(code, reason) for reason in reasons_of(result)]
        outcome.lines.append(f"{name}: failed; to see it: {reopening(result)}")


def _prepare(app: App, planned: list[Planned], outcome: Outcome) -> None:
    if not planned:
        return
    if len({each.spec.study for each in planned}) != 1:
        message = "--prepare makes one study's run folder; name the study."
        raise UsageError(Reason(code="usage", message=message))
    base = planned[0]
    folder: Path = app.layout.state / "lab" / base.spec.study
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    app.runs.note_look(base.spec.study, base.spec.as_of)
    app.running.prepare(base, folder)
    outcome.acted = True
    outcome.data["folder"] = str(folder)
    outcome.lines.append(str(folder))
