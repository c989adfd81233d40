"""One pass: run what is due, settle what is due, publish."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from workbench.app import App
from workbench.archive.leases import Lease
from workbench.archive.rollbacks import Rollback
from workbench.cli.commands.publish import release, select
from workbench.cli.commands.running import make
from workbench.cli.commands.settle import enter
from workbench.cli.failing import End, tell_owners
from workbench.cli.outcome import Outcome
from workbench.cli.selection import chosen_studies, planned_items
from workbench.core.canonical import sha256_of_value
from workbench.core.errors import ExitCode, UsageError
from workbench.core.folders import content_ids
from workbench.core.records import Plain, to_plain
from workbench.core.registration import run_name
from workbench.publishing.rollback import rolled_back
from workbench.scheduling.agenda import Agenda, Item
from workbench.scheduling.quiet import Quiet
from workbench.scheduling.ticks import Left, kept
from workbench.studies.catalogue import Study
from workbench.studies.failing import given_up, reopening
from workbench.studies.identity import package_id
from workbench.studies.planning import SETTLED, state_of
from workbench.studies.running import reasons_of
from workbench.takeaways.ledger import is_sealed

_OF_RUNS = frozenset({"run-failed", "never-run"})  # whose own reasons are told


def tick_whole(
    app: App, arguments: Namespace, outcome: Outcome, now: datetime
) -> list[Study]:
    """Do exactly what `workbench plan` says, then publish; the studies it looked at.

    Raises:
        TryLater: Another tick is under way.
    """
    with app.ticking() as lease:
        app.runs.sweep()
        studies = chosen_studies(app, arguments, outcome)
        agenda = app.agenda(now)
        items = planned_items(app, agenda, arguments, outcome, studies)
        _failed_before(items, outcome)
        acting = [item for item in items if item.acts]
        before = app.ticks.read()
        left = replace(before, pending=_pending(before, items, acting))
        _leave(app, left, lease)  # should we be killed, the next tick knows
        ends = _act(acting, app, outcome)
        undone = [each for each, end in zip(acting, ends, strict=True) if _open(end)]
        left = replace(left, pending=_pending(before, items, undone))
        _leave(app, left, lease)
        if outcome.interrupted:
            return studies
        try:
            until = {**left.until, **_until(agenda, items)}
            left = _published(app, studies, outcome, replace(left, until=until))
            _leave(app, left, lease)
        finally:  # readers come first, and a site that cannot be built hides no failure
            failed = (*_failed(items), *ends)
            tell_owners(app, failed, outcome)
            left = replace(left, told=_told(app, before, items, failed))
            _leave(app, left, lease)
    return studies


def leave_quiet(
    app: App, studies: Sequence[Study], outcome: Outcome, now: datetime, inputs: str
) -> None:
    """Where this tick did nothing, note on what that rests: the next may be quick.

    Something that waits, or is told at every tick until somebody mends it, is not
    nothing; and what came in while the tick ran was not seen by it.

    Args:
        app: The root.
        studies: The studies it looked at.
        outcome: What the tick came to.
        now: When it was.
        inputs: What decided it, before it began.
    """
    plan = outcome.data["plan"]
    assert isinstance(plan, list)  # noqa: S101 - of the tick
    waiting = any(each["run"] and each["state"] != "fresh" for each in plan)
    if outcome.word != "noop" or waiting or outcome.notes:
        return
    if app.inputs_id() != inputs:
        return
    agenda = app.agenda(now)
    sealed = {each["study"] for each in plan if each["run"]}
    coming = [agenda.comes(study) for study in studies if study.name in sealed]
    quiet = Quiet(
        inputs=inputs,
        since=now,
        until=min(filter(None, coming), default=None),
        plan=tuple(plan),
        lines=tuple(outcome.lines),
    )
    app.quieting.write(quiet)


def _leave(app: App, left: Left, lease: Lease) -> None:
    """Write the note for the next tick, unless that has begun: we were silent then."""
    if left == app.ticks.read():
        return
    with app.store.leases.fenced(lease):
        app.ticks.write(left)


def _pending(
    before: Left, items: Sequence[Item], undone: Sequence[Item]
) -> dict[str, tuple[datetime, ...]]:
    """Slots without an ending: of these, and of those that wait, or were given up.

    Of what this tick did not look at, or could not, all that was pending is so still.
    """
    looks = [item for item in items if item.planned and item.batch is None]
    slots: dict[str, set[datetime]] = {_name(item): set() for item in looks}
    for item in (*filter(_unended, looks), *undone):
        if item.batch is None and item.as_of is not None:
            slots[_name(item)].add(item.as_of)
    pending = {
        **before.pending,
        **{name: tuple(sorted(s)) for name, s in slots.items()},
    }
    return {name: found for name, found in pending.items() if found}


def _told(
    app: App, before: Left, items: Sequence[Item], ends: Iterable[End]
) -> dict[str, Mapping[str, int]]:
    """What this tick told to have been given up; what others did stands beside it."""
    told: dict[str, dict[str, int]] = {
        _name(item): {} for item in items if item.planned and item.batch is None
    }
    for end in ends:
        spec, past = end.planned.spec, app.runs.past(end.planned.spec)
        if not spec.settles and given_up(end.known, past, app.settings.retry_attempts):
            name = run_name(spec.study, spec.variant)
            told.setdefault(name, {})[spec.run_id] = past.tries[-1].number
    return {name: found for name, found in {**before.told, **told}.items() if found}


def _unended(item: Item) -> bool:
    """Whether a run waits, or was given up."""
    return item.state == "held" or bool(item.reasons)


def _name(item: Item) -> str:
    return run_name(item.study, item.variant)


def _until(agenda: Agenda, items: Sequence[Item]) -> dict[str, datetime]:
    """How far the slots of these studies have come."""
    studies = {
        item.planned.study.name: item.planned.study
        for item in items
        if item.planned and item.batch is None
    }
    return {name: agenda.until(study) for name, study in studies.items()}


def _failed_before(items: Sequence[Item], outcome: Outcome) -> None:
    """What failed and would fail again is told every time, until it is mended."""
    for item in items:
        outcome.reasons += item.reasons
        if item.state == "failed" and item.planned and item.planned.record:
            record = item.planned.record
            code = ExitCode(record.exit_code)
            outcome.reasons += [(code, reason) for reason in reasons_of(record)]
            name = run_name(item.study, item.variant)
            outcome.lines.append(f"{name}: failed; to see it: {reopening(record)}")


def _failed(items: Sequence[Item]) -> Iterator[End]:
    """What had failed for good before this tick."""
    for item in items:
        if item.state == "failed" and item.planned:
            yield End(item.planned)


def _open(end: End) -> bool:
    """Whether a run has not come to an end yet."""
    return state_of(end.record, force=False) not in SETTLED


def _act(items: Sequence[Item], app: App, outcome: Outcome) -> list[End]:
    """Run, and settle with what came; how each ended."""
    ends = make(app, [item.planned for item in items if item.planned], outcome)
    outcome.data["settled"] = []
    for item, end in zip(items, ends, strict=True):
        if item.batch is not None and end.record is not None:
            try:
                settled = app.settling.settle(item.batch, end.record)
                enter(app, item.study, settled, outcome)
            except Exception as error:  # noqa: BLE001 - one study's failure stops no other
                outcome.failed(error, item.study)
    return ends


def _published(
    app: App, studies: Sequence[Study], outcome: Outcome, left: Left
) -> Left:
    """Publish, unless just this was published before, or a person rolled back."""
    if active := app.rollbacks.active():
        _stay_back(app, active, outcome)
        return left
    sealed = [
        study
        for study in studies
        if is_sealed(study.registration, app.ledgers.read(study.name))
    ]
    inputs = _inputs(app, sealed)
    if left.published == inputs and (app.layout.build / "current").exists():
        outcome.reasons += left.reasons
        return left
    told = Outcome("publish")
    with app.publishing() as lease:
        if app.rollbacks.active():  # since a moment ago; the next tick tells of it
            return left
        release(app, select(app, sealed, told), told, lease)
    refused = [each for each in told.reasons if each[1].code not in _OF_RUNS]
    outcome.acted |= told.acted
    outcome.reasons += refused
    outcome.lines += told.lines
    outcome.data |= told.data
    published = _inputs(app, sealed)  # it wrote its own claims
    return replace(left, published=published, kept_out=kept(refused))


def _stay_back(app: App, active: Rollback, outcome: Outcome) -> None:
    """An earlier release serves by choice; make its switch if that is still owed."""
    if not app.rolling_back.is_complete(active):
        with app.publishing() as lease:
            app.rolling_back.complete(active, lease)
        outcome.acted = True
    outcome.notes.append(rolled_back(active))


def _stands_at(app: App, study: Study, variant: str) -> Plain:
    """The run that would be published; of one that may not be read the press tells."""
    try:
        return to_plain(app.runs.current(study.name, variant))
    except UsageError:
        return "unreadable"


def _inputs(app: App, studies: Sequence[Study]) -> str:
    """Hash of all that decides a publication: terms, runs, ledgers, pages and us."""
    layout = app.layout
    files = [
        layout.mkdocs_file,
        *sorted(path for path in layout.site.rglob("*") if path.is_file()),
        *app.ledgers.files(),
    ]
    return sha256_of_value(
        [
            [to_plain(study.registration) for study in studies],
            [
                [study.name, variant, _stands_at(app, study, variant)]
                for study in studies
                for variant in app.planner.variants(study)
            ],
            [to_plain(app.editions.withdrawals(s)) for s in app.editions.studies()],
            to_plain(app.rollbacks.last()),
            content_ids(files),
            package_id(),
        ]
    )
