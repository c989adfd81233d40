"""`workbench withdraw`: authors take open claims back, in public."""

from argparse import Namespace
from collections.abc import Sequence

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.core.errors import Reason, UsageError
from workbench.takeaways.record import ClaimRecord
from workbench.takeaways.settling import due


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Append a line for each open claim; what was claimed stays to be read."""
    app = App(find_root(arguments.root))
    study, why = arguments.study, arguments.why.strip()
    record = app.ledgers.record(study)
    wanted = arguments.version_number
    numbers = [version.number for version in record.versions]
    wrong = []
    if not why:
        wrong.append("--why must say why, in words.")
    if not numbers:
        wrong.append("it has no ledger, so it claims nothing.")
    elif wanted is not None and wanted not in numbers:
        wrong.append(f"there is no version {wanted}; the last is {numbers[-1]}.")
    if wrong:
        raise UsageError(
            [Reason(code="usage", message=text, subject=study) for text in wrong]
        )
    open_claims = [
        claim
        for claim in record.claims
        if claim.state == "open" and wanted in (None, claim.version)
    ]
    _refuse_due(app, study, open_claims)
    for claim in open_claims:
        name = f"{claim.claim} ({claim.variant}) as of {claim.as_of.date()}"
        if arguments.dry_run:
            outcome.lines.append(f"{study}: {name} would be withdrawn")
            continue
        app.ledgers.append(
            study,
            {
                "line": "withdrawn",
                "key": claim.plain_key,
                "study": study,
                "replay": claim.replay,
                "why": why,
            },
        )
        outcome.acted = True
        outcome.lines.append(f"{study}: {name} withdrawn")
    if not open_claims:
        outcome.lines.append(f"{study}: no open claims")


def _refuse_due(app: App, study: str, claims: Sequence[ClaimRecord]) -> None:
    """Nobody withdraws a claim whose outcome can be known already.

    Raises:
        UsageError: For each such claim.
    """
    if not any(claim.forecast for claim in claims):
        return
    found = app.catalogue.study(study, app.all_contracts)
    now = app.planner.as_of(found.registration)
    message = "its outcome can be known by now; settle it with `workbench settle`."
    wrong = [
        Reason(
            code="claim-due",
            message=message,
            subject=study,
            place=f"{claim.claim} ({claim.variant}) as of {claim.as_of.date()}",
        )
        for claim in claims
        if due(claim, now)
    ]
    if wrong:
        raise UsageError(wrong)
