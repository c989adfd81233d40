"""`workbench tick`: run what is due, settle what is due, publish; once."""

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime

from workbench.app import App
from workbench.archive.leases import lease
from workbench.cli.commands.publish import release, select
from workbench.cli.commands.run import make
from workbench.cli.commands.settle import enter
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import agenda_of, chosen_studies
from workbench.core.canonical import sha256_of_file, sha256_of_value
from workbench.core.errors import ExitCode
from workbench.core.records import to_plain
from workbench.scheduling.agenda import Item
from workbench.studies.catalogue import Study
from workbench.studies.identity import package_id
from workbench.studies.running import reasons_of
from workbench.takeaways.ledger import is_sealed


def command(arguments: Namespace, outcome: Outcome) -> None:
    """One pass; a second one with nothing new does nothing and says so."""
    app = App(find_root(arguments.root))
    tick(app, arguments, outcome)


def tick(app: App, arguments: Namespace, outcome: Outcome) -> None:
    """Do exactly what `workbench plan` says, then publish.

    Raises:
        TryLater: Another tick is under way.
    """
    with lease(app.layout.leases / "tick.lock", "a tick"):
        now = app.clock()
        items = agenda_of(app, arguments, outcome, now)
        outcome.data["plan"] = [item.plain() for item in items]
        outcome.lines += [item.line() for item in items]
        if arguments.dry_run:
            return
        _failed_before(items, outcome)
        _act([item for item in items if item.acts], app, outcome)
        if outcome.interrupted:
            return
        _publish(app, arguments, outcome, now)


def _failed_before(items: Sequence[Item], outcome: Outcome) -> None:
    """What failed and would fail again is told every time, until it is mended."""
    for item in items:
        outcome.reasons += item.reasons
        if item.state == "failed" and item.planned and item.planned.record:
            record = item.planned.record
            code = ExitCode(record.exit_code)
            outcome.reasons += [(code, reason) for reason in reasons_of(record)]


def _act(items: Sequence[Item], app: App, outcome: Outcome) -> None:
    ends = make(app, [item.planned for item in items if item.planned], outcome)
    outcome.data["settled"] = []
    for item, end in zip(items, ends, strict=True):
        if item.batch is not None and end is not None:
            settled = app.settling.settle(item.batch, end[0])
            enter(app, item.study, settled, outcome)


def _publish(app: App, arguments: Namespace, outcome: Outcome, now: datetime) -> None:
    """Publish, unless just this was published before."""
    studies = chosen_studies(app, arguments, Outcome("tick"))  # told of already
    sealed = [
        study
        for study in studies
        if is_sealed(study.registration, app.ledgers.read(study.name))
    ]
    inputs = _inputs(app, sealed)
    before = app.ticks.published(inputs)
    if before is not None and (app.layout.build / "current").exists():
        outcome.reasons += before
    else:
        told = Outcome("publish")
        with lease(app.layout.leases / "publish.lock", "publishing"):
            release(app, select(app, sealed, told), told)
        outcome.acted |= told.acted
        outcome.reasons += told.reasons
        outcome.lines += told.lines
        outcome.data |= told.data
        before = told.reasons
        inputs = _inputs(app, sealed)  # it wrote its own claims
    plain = [{**why.as_json(), "exit_code": int(code)} for code, why in before]
    app.ticks.note(now, inputs, plain)


def _inputs(app: App, studies: Sequence[Study]) -> str:
    """Hash of all that decides a publication: terms, runs, ledgers, pages and us."""
    layout = app.layout
    files = [
        layout.mkdocs_file,
        *sorted(path for path in layout.site.rglob("*") if path.is_file()),
        *sorted(layout.takeaways.glob("*.jsonl")),
    ]
    return sha256_of_value(
        [
            [to_plain(study.registration) for study in studies],
            [
                [study.name, variant, record.run_id if record else None]
                for study in studies
                for variant in app.planner.variants(study)
                for record in [app.runs.current(study.name, variant)]
            ],
            [[str(f.relative_to(layout.root)), sha256_of_file(f)] for f in files],
            package_id(),
        ]
    )
