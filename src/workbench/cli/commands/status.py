"""`workbench status`: what runs, what ran and how long, what serves, at a glance."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import datetime

from workbench.app import App
from workbench.archive.store import Attempt
from workbench.cli.commands.rollback import releases
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import with_forgotten_studies
from workbench.core.canonical import SHORT
from workbench.core.clock import format_instant, show_instant
from workbench.core.errors import UsageError
from workbench.core.registration import EXPLORATORY, Status, run_name
from workbench.core.runs import RunRecord
from workbench.core.states import BROKE_OFF, IN_FLIGHT, RunState
from workbench.publishing.rollback import rolled_back
from workbench.studies.catalogue import Study
from workbench.studies.failing import reopening
from workbench.takeaways.record import Record

_IN_VAIN = BROKE_OFF | {RunState.FAILED}


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Show what is known, from records alone; reads no customer data."""
    app = App(find_root(arguments.root))
    rows: list[dict[str, object]] = []
    running: list[dict[str, object]] = []
    pending = app.ticks.read().pending
    for study in with_forgotten_studies(app, arguments, outcome):
        attempts = app.store.of_study(study.name)
        running += [_running(app, each) for each in attempts if each.state in IN_FLIGHT]
        variants = ("base", *study.registration.variants)
        remembered = _remembered(app, study, outcome)
        try:
            rows += [
                _row(app, study, each, remembered, attempts, pending)
                for each in variants
            ]
        except Exception as error:  # noqa: BLE001 - one study's failure hides no other
            outcome.failed(error, study.name)
    outcome.data |= {"studies": rows, "running": running, "releases": releases(app)}
    for row in rows:
        outcome.lines += _lines(row)
    for each in running:
        outcome.lines.append(
            "{name}, attempt {attempt}: {state} since {since}{lost}".format(**each)
        )
    if active := app.rollbacks.active():
        outcome.notes.append(rolled_back(active))


def _running(app: App, attempt: Attempt) -> dict[str, object]:
    lost = app.store.is_lost(attempt)
    return {
        "name": run_name(attempt.study, attempt.variant or EXPLORATORY),
        "run": attempt.run_id[:SHORT],
        "attempt": attempt.number,
        "state": attempt.state.value,
        "since": format_instant(attempt.since),
        "lost": "; its process is gone, the next tick takes it up" if lost else "",
    }


def _row(
    app: App,
    study: Study,
    variant: str,
    remembered: Record | None,
    attempts: Sequence[Attempt],
    pending: Mapping[str, Sequence[datetime]],
) -> dict[str, object]:
    record = app.runs.current(study.name, variant)
    mine = [each for each in attempts if each.variant == variant]
    waiting = pending.get(run_name(study.name, variant), ())
    edition = app.editions.current(study.name, variant)
    shown = "none"
    if tombstone := app.editions.tombstone(study.name, variant):
        shown = f"withdrawn on {show_instant(tombstone.withdrawal.at)[:10]}"
    if edition is not None:
        verdicts = ", ".join(each.verdict.value for each in edition.takeaways)
        shown = f"as of {show_instant(edition.as_of)}: {verdicts}"
    return {
        "study": study.name,
        "variant": variant,
        "status": "unreadable" if remembered is None else _status(app, study),
        "edition": shown,
        "reopen": reopening(record),
        "lost": _lost(app, mine, record, remembered, waiting),
        **(_never() if record is None else _of_run(record, mine)),
    }


def _remembered(app: App, study: Study, outcome: Outcome) -> Record | None:
    """What the study's ledger remembers; where it is unreadable, that is told."""
    try:
        return app.ledgers.record(study.name)
    except (UsageError, OSError) as error:
        outcome.failed(error, study.name)
        return None


def _status(app: App, study: Study) -> str:
    if not app.layout.registration(study.name).is_file():
        return "forgotten"
    if app.press_source(study).sealed:
        return "registered"
    registered = study.registration.status is Status.REGISTERED
    return "unsealed" if registered else "draft"


def _lost(
    app: App,
    attempts: Sequence[Attempt],
    record: RunRecord | None,
    remembered: Record | None,
    waiting: Sequence[datetime],
) -> list[dict[str, object]]:
    """Attempts in vain, at every run that matters still and has no ending."""
    newest = {each.run_id: each for each in sorted(attempts, key=lambda a: a.number)}
    return [
        {
            "run": run_id[:SHORT],
            "attempt": event.number,
            "as_of": show_instant(last.as_of),
            "settles": last.settles,
            "at": format_instant(event.at),
            "why": event.why,
        }
        for run_id, last in sorted(newest.items(), key=lambda each: each[1].as_of)
        if last.state in _IN_VAIN and _matters(last, record, remembered, waiting)
        for event in app.store.events(run_id)
        if event.state in _IN_VAIN
    ]


def _matters(
    attempt: Attempt,
    record: RunRecord | None,
    remembered: Record | None,
    waiting: Sequence[datetime],
) -> bool:
    """Whether somebody waits for the run of an attempt still.

    Of several slots an older one may be what nothing tries again, and a tick tells of.
    """
    if attempt.settles:
        return remembered is None or _is_owed(remembered, attempt)
    if attempt.as_of in waiting:
        return True
    return attempt.state in BROKE_OFF and _is_news(attempt, record)


def _is_owed(remembered: Record, attempt: Attempt) -> bool:
    """Whether a claim that an attempt was to settle is open still."""
    return any(
        claim.variant == attempt.variant and claim.forecast.deadline == attempt.as_of
        for claim in remembered.open
        if claim.forecast is not None
    )


def _is_news(attempt: Attempt, record: RunRecord | None) -> bool:
    """Whether what study and variant stand at is older than an attempt."""
    if record is None or attempt.as_of > record.spec.as_of:
        return True
    return attempt.as_of == record.spec.as_of and attempt.since > record.finished


def _never() -> dict[str, object]:
    return {"run": "never", "state": "", "attempt": 0, "seconds": {}, "reasons": []}


def _of_run(record: RunRecord, attempts: Sequence[Attempt]) -> dict[str, object]:
    states = {(each.run_id, each.number): each.state.value for each in attempts}
    return {
        "run": record.run_id[:SHORT],
        "as_of": show_instant(record.spec.as_of),
        "state": states.get((record.run_id, record.attempt), ""),
        "attempt": record.attempt,
        "exit_code": record.exit_code,
        "started": format_instant(record.started),
        "finished": format_instant(record.finished),
        "seconds": dict(record.timings),
        "reasons": [
            {"code": each.code, "cell": each.cell, "message": each.message}
            for each in record.reasons
        ],
    }


def _lines(row: dict[str, object]) -> list[str]:
    """A line for the run, and one for each reason why it failed."""
    name = run_name(str(row["study"]), str(row["variant"]))
    head = f"{name}, {row['status']}"
    lost = row["lost"]
    assert isinstance(lost, list)  # noqa: S101 - made above
    broken = [
        f"    attempt {each['attempt']} as of {each['as_of']}{_settling(each)} came to "
        f"nothing, found {_second(each['at'])}: {each['why']}"
        for each in lost
    ]
    if row["run"] == "never":
        return [f"{head}: never run; edition {row['edition']}", *broken]
    seconds = row["seconds"]
    assert isinstance(seconds, dict)  # noqa: S101 - made above
    took = f"{sum(seconds.values()):.1f} s, its cells {seconds.get('cells', 0.0):.1f}"
    tries = f", attempt {row['attempt']}" if row["attempt"] != 1 else ""
    first = (
        f"{head}: {row['state']}, as of {row['as_of']}, ended "
        f"{_second(row['finished'])} after {took}{tries}; edition {row['edition']}"
    )
    reasons = row["reasons"]
    assert isinstance(reasons, list)  # noqa: S101 - made above
    opens = [f"    to see it: {row['reopen']}"] if row["reopen"] else []
    return [first, *(_reason(each) for each in reasons), *opens, *broken]


def _settling(attempt: dict[str, object]) -> str:
    return f", settling {attempt['settles']}," if attempt["settles"] else ""


def _second(instant: object) -> str:
    """An instant as people read it at a glance."""
    return f"{str(instant)[:19]}Z"


def _reason(reason: dict[str, object]) -> str:
    place = f"cell {reason['cell']}: " if reason["cell"] else ""
    return f"    {place}{reason['message']} [{reason['code']}]"
