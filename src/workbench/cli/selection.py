"""From a command's arguments to the runs that are meant."""

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime

from workbench.app import App
from workbench.archive.ledgers import remembered
from workbench.cli.outcome import Outcome
from workbench.contracts.registrations import parse_values
from workbench.core.clock import parse_instant
from workbench.core.errors import ExitCode, Reason, UsageError
from workbench.core.registration import BASE_VARIANT, EXPLORATORY, run_name
from workbench.scheduling.agenda import Agenda, Item
from workbench.studies.catalogue import Study
from workbench.studies.planning import Planned
from workbench.studies.sealed import forgotten_study


def chosen_studies(app: App, arguments: Namespace, outcome: Outcome) -> list[Study]:
    """The studies named, or all; the mistakes of others are noted and stop none."""
    studies, wrong = app.catalogue.studies([*dict.fromkeys(arguments.studies)])
    outcome.reasons += [(ExitCode.USAGE, reason) for reason in wrong]
    return studies


def with_forgotten_studies(
    app: App, arguments: Namespace, outcome: Outcome
) -> list[Study]:
    """The studies named, or all; those that are no more have claims that are open."""
    named = dict.fromkeys(arguments.studies)
    gone = [name for name in named if _is_forgotten(app, name)]
    left = [name for name in named if name not in gone]
    known, lost = [], []
    if left or not named:
        known = chosen_studies(app, Namespace(studies=left), outcome)
    if gone or not named:
        lost = forgotten_studies(app, outcome, gone)
    return [*known, *lost]


def forgotten_studies(
    app: App, outcome: Outcome, named: Sequence[str] = ()
) -> list[Study]:
    """Studies that are no more, and whose claims are settled all the same.

    Args:
        app: The root.
        outcome: Hears of ledgers that cannot be read.
        named: Only these; all when none is named.
    """
    found = []
    for name in named or app.ledgers.studies():
        if not _is_forgotten(app, name):
            continue
        try:
            lines = app.ledgers.read(name)
            if remembered(name, lines).open:
                found.append(forgotten_study(name, lines, app.sealed))
        except Exception as error:  # noqa: BLE001 - one study's failure stops no other
            outcome.failed(error, name)
    return found


def _is_forgotten(app: App, name: str) -> bool:
    there = app.layout.registration(name).is_file()
    return not there and app.layout.ledger(name).is_file()


def planned_items(
    app: App,
    agenda: Agenda,
    arguments: Namespace,
    outcome: Outcome,
    studies: Sequence[Study],
) -> list[Item]:
    """What a tick would do: the studies' own looks, and the claims that are due.

    Each is told with its state, on the terminal and to programs.
    """
    items: list[Item] = []
    for study in studies:
        try:
            items += list(agenda.looks(study, force=arguments.force))  # all, or none
        except Exception as error:  # noqa: BLE001 - one study's failure stops no other
            outcome.failed(error, study.name)
    if not arguments.studies:
        studies = [*studies, *forgotten_studies(app, outcome)]
    for study in studies:
        try:
            items += list(agenda.settlements(study))
        except Exception as error:  # noqa: BLE001 - one study's failure stops no other
            outcome.failed(error, study.name)
    outcome.data["plan"] = [item.plain() for item in items]
    outcome.lines += [item.line() for item in items]
    return items


def planned_runs(app: App, arguments: Namespace, outcome: Outcome) -> list[Planned]:
    """Every run that the arguments ask for, with its state."""
    as_of = instant(arguments.as_of)
    force = bool(getattr(arguments, "force", False))
    assignments = getattr(arguments, "parameter", [])
    studies = chosen_studies(app, arguments, outcome)
    if assignments and len(arguments.studies or app.catalogue.names()) != 1:
        message = "-p belongs to one study; name it."
        raise UsageError(Reason(code="usage", message=message))
    planned: list[Planned] = []
    for study in studies:
        try:
            registration = study.registration
            if assignments:
                given = parse_values(registration, assignments)
                sets = [registration.values_of(BASE_VARIANT) | given]
            else:
                wanted = getattr(arguments, "variant", [])
                names = app.planner.variants(study, wanted)
                sets = [registration.values_of(name) for name in names]
            planned += [
                app.planner.plan(study, values, as_of, force=force) for values in sets
            ]
        except Exception as error:  # noqa: BLE001 - one study's failure stops no other
            outcome.failed(error, study.name)
    return planned


def instant(text: str | None) -> datetime | None:
    """The instant of `--as-of`.

    Raises:
        UsageError: It is none.
    """
    if text is None:
        return None
    try:
        return parse_instant(text)
    except (ValueError, OverflowError) as error:
        message = f"--as-of {text!r} is no ISO date or date-time such as 1998-07-01."
        raise UsageError(Reason(code="usage", message=message)) from error


def variant_name(planned: Planned) -> str:
    """How a run is called: its study, and its variant unless it is the base."""
    return run_name(planned.spec.study, planned.spec.variant or EXPLORATORY)
