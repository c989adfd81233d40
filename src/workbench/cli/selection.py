"""From a command's arguments to the runs that are meant."""

from argparse import Namespace
from datetime import datetime

from workbench.app import App
from workbench.cli.outcome import Outcome
from workbench.contracts.registrations import parse_values
from workbench.core.clock import parse_instant
from workbench.core.errors import ExitCode, Reason, UsageError, WorkbenchError
from workbench.core.registration import BASE_VARIANT, run_name
from workbench.studies.catalogue import Study
from workbench.studies.planning import Planned


def chosen_studies(app: App, arguments: Namespace, outcome: Outcome) -> list[Study]:
    """The studies named, or all; the mistakes of others are noted and stop none."""
    studies, wrong = app.catalogue.studies(arguments.studies)
    outcome.reasons += [(ExitCode.USAGE, reason) for reason in wrong]
    return studies


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
        except WorkbenchError as error:
            outcome.failed(error)
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
    return run_name(planned.spec.study, planned.spec.variant or "exploratory")
