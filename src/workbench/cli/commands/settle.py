"""`workbench settle`: open claims meet the data that arrived since."""

from argparse import Namespace

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import instant, with_forgotten_studies
from workbench.core.errors import WorkbenchError
from workbench.settlement.settling import Settled
from workbench.studies.catalogue import Study


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Look once at each due claim; at its deadline too few fresh ones make it void."""
    app = App(find_root(arguments.root))
    outcome.data["settled"] = []
    for study in with_forgotten_studies(app, arguments, outcome):
        try:
            _settle(app, study, arguments, outcome)
        except Exception as error:  # noqa: BLE001 - one study's failure stops no other
            outcome.failed(error, study.name)


def _settle(app: App, study: Study, arguments: Namespace, outcome: Outcome) -> None:
    as_of = instant(arguments.as_of)
    batches, without = app.settling.due(study, as_of)
    due = sum(len(batch.claims) for batch in batches)
    if arguments.dry_run:
        outcome.lines.append(f"{study.name}: {due} claims are due")
        return
    found = list(without)
    planned = []
    for batch in batches:
        try:
            planned.append((batch, app.settling.plan(batch)))
        except WorkbenchError as error:
            outcome.failed(error, study.name)
    ends = app.run_all([each for _, each in planned])
    for (batch, _), end in zip(planned, ends, strict=True):
        if isinstance(end, WorkbenchError):
            outcome.failed(end, study.name)
        else:
            found.append(app.settling.settle(batch, end))
    for each in found:
        enter(app, study.name, each, outcome)
    if not any(each.lines for each in found):
        left = sum(each.stuck for each in found)
        outcome.lines.append(f"{study.name}: nothing settled, {left} stuck")


def enter(app: App, study: str, settled: Settled, outcome: Outcome) -> None:
    """Append what came to the study's ledger, and tell it."""
    app.settling.enter(study, settled.lines)
    outcome.acted |= bool(settled.lines)
    outcome.reasons += settled.reasons
    listed = outcome.data["settled"]
    assert isinstance(listed, list)  # noqa: S101 - made above
    for line in settled.lines:
        key = line["key"]
        assert isinstance(key, dict)  # noqa: S101 - as the ledger writes it
        listed.append({"study": study, "key": key, "outcome": line["outcome"]})
        outcome.lines.append(
            f"{study}: {key['claim']} ({key['variant']}) as of "
            f"{str(key['as_of'])[:10]}: {line['outcome']}"
        )
