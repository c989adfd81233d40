"""`workbench withdraw`: authors take open claims back, in public."""

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.core.clock import format_instant
from workbench.core.errors import Reason, UsageError
from workbench.studies.sealed import forgotten_study, sealed_study
from workbench.takeaways.ledger import seen_until
from workbench.takeaways.record import ClaimRecord
from workbench.takeaways.settling import ripens


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
    marks = _refuse_known(app, study, open_claims)
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
                "known_until": format_instant(marks[claim.line])
                if claim.line in marks
                else None,
                "why": why,
            },
        )
        outcome.acted = True
        outcome.lines.append(f"{study}: {name} withdrawn")
    if not open_claims:
        outcome.lines.append(f"{study}: no open claims")


def _refuse_known(
    app: App, study: str, claims: Sequence[ClaimRecord]
) -> dict[int, datetime]:
    """Nobody withdraws a claim of which an outcome can be known already.

    Returns:
        By line of the claim, up to when anything that it settles by is known.

    Raises:
        UsageError: For each such claim.
    """
    foreseen = [(claim, claim.forecast) for claim in claims if claim.forecast]
    if not foreseen:
        return {}
    lines = app.ledgers.read(study)
    last = forgotten_study(study, lines, app.sealed)
    seen = seen_until(lines)
    newest = {
        seal: app.newest(sealed_study(last, seal, lines, app.sealed).registration)
        for seal in dict.fromkeys(claim.seal for claim, _ in foreseen)
    }
    marks: dict[int, datetime] = {}
    wrong = []
    message = "an outcome of it can be known by now; wait for its deadline."
    for claim, forecast in foreseen:
        known = (newest[claim.seal], seen, claim.as_of)
        marks[claim.line] = max(mark for mark in known if mark)
        if ripens(forecast) <= marks[claim.line]:
            place = f"{claim.claim} ({claim.variant}) as of {claim.as_of.date()}"
            wrong.append(
                Reason(code="claim-due", message=message, subject=study, place=place)
            )
    if wrong:
        raise UsageError(wrong)
    return marks
