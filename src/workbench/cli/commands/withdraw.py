"""`workbench withdraw`: authors take open claims back, or a post down, in public."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from workbench.app import App
from workbench.cli.commands.publish import release
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.core.clock import format_instant
from workbench.core.errors import Reason, UsageError
from workbench.publishing.withdrawing import (
    withdrawal,
    withdrawal_of,
    withdrawn_files,
)
from workbench.studies.sealed import forgotten_study, sealed_study
from workbench.takeaways.ledger import seal_of, seen_until
from workbench.takeaways.record import ClaimRecord
from workbench.takeaways.settling import ripens
from workbench.website.kept import addresses_changed


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Take back what was asked for; what was claimed stays to be read."""
    app = App(find_root(arguments.root))
    if arguments.post or arguments.edition:
        _take_down(app, arguments, outcome)
    else:
        _claims(app, arguments, outcome)


def _take_down(app: App, arguments: Namespace, outcome: Outcome) -> None:
    """Note what is taken down, then release a site without it; claims stay.

    The note is durable before anything else: should we be killed, any later publication
    applies it, and so does the same command.
    """
    study, why = arguments.study, arguments.why.strip()
    _refuse_wrong(study, _mistakes(arguments, why))
    with app.publishing() as lease:
        taken = withdrawal_of(app.editions, study, arguments.edition)
        if not arguments.end_rollback:
            app.rolling_back.refuse_to_end(study, taken.values())
        verb = "would be withdrawn" if arguments.dry_run else "withdrawn"
        for address in taken:
            outcome.lines.append(f"{study}: edition {address or 'unseen'} {verb}")
        if arguments.dry_run:
            return
        if taken:
            seal = seal_of(app.ledgers.read(study)) or ""
            fact = withdrawal(
                taken, at=app.clock(), why=why, seal=seal, whole=arguments.post
            )
            with app.store.leases.fenced(lease):
                app.editions.withdraw(study, fact)
            outcome.acted = True
        else:
            outcome.lines.append(f"{study}: withdrawn already")
        before = (app.layout.build / "current").resolve()
        sources = [app.press_source(each) for each in app.catalogue.studies([])[0]]
        release(app, app.press.nothing_new(sources), outcome, lease)
    _tell_caches(app, study, before, outcome)


def _tell_caches(app: App, study: str, before: Path, outcome: Outcome) -> None:
    """Name every address that caches may still hold as it was."""
    after = (app.layout.build / "current").resolve()
    files = withdrawn_files(app.editions, study)
    changed = addresses_changed(before, after, files)
    outcome.data["purge"] = changed
    outcome.lines.append("caches must fetch these addresses of the site anew:")
    outcome.lines += [f"    {address}" for address in changed]


def _mistakes(arguments: Namespace, why: str) -> Iterator[str]:
    if not why:
        yield "--why must say why, in words; readers see it."
    if arguments.post and arguments.edition:
        yield "--post takes all editions down; leave --edition out."
    if arguments.version_number is not None:
        yield "--version-number is about claims; leave it out."


def _refuse_wrong(study: str, wrong: Iterable[str]) -> None:
    reasons = [Reason(code="usage", message=text, subject=study) for text in wrong]
    if reasons:
        raise UsageError(reasons)


def _claims(app: App, arguments: Namespace, outcome: Outcome) -> None:
    """Append a line for each open claim."""
    study, why = arguments.study, arguments.why.strip()
    record = app.ledgers.record(study)
    wanted = arguments.version_number
    numbers = [version.number for version in record.versions]
    wrong = []
    if not why:
        wrong.append("--why must say why, in words.")
    if arguments.end_rollback:
        wrong.append("--end-rollback is about posts; leave it out.")
    if not numbers:
        wrong.append("it has no ledger, so it claims nothing.")
    elif wanted is not None and wanted not in numbers:
        wrong.append(f"there is no version {wanted}; the last is {numbers[-1]}.")
    _refuse_wrong(study, wrong)
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
