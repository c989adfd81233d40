"""`workbench ledger`: what was claimed, its fate, and whether that can be believed."""

from argparse import Namespace
from collections.abc import Mapping, Sequence

from workbench.app import App
from workbench.archive.ledgers import lost_heads, read_lines
from workbench.archive.witnesses import committed, cut_short, not_committed, published
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.core.clock import format_instant, show_instant
from workbench.core.errors import ExitCode, Reason, UsageError
from workbench.settlement.archived import code_faults
from workbench.settlement.verifying import faults, older_claims
from workbench.takeaways.heads import Held
from workbench.takeaways.ledger import Line, first_break, parting
from workbench.takeaways.record import ClaimRecord, fold


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Verify or show the ledgers named, or all."""
    app = App(find_root(arguments.root))
    studies = _chosen(app, arguments.studies)
    if arguments.action == "show":
        outcome.data["claims"] = []
        for study in studies:
            _show(app, study, outcome)
    elif arguments.against is not None:
        _against(app, studies, arguments, outcome)
    else:
        ledgers = {
            study: read_lines(app.layout.ledger(study))
            for study in app.ledgers.studies()
        }
        _ask_witnesses(app, ledgers, arguments.studies, outcome)
        held = app.ledgers.held()
        for study in studies:
            _verify(app, study, ledgers, held, outcome)


def _chosen(app: App, named: Sequence[str]) -> list[str]:
    known = app.ledgers.studies()
    wrong = [name for name in named if name not in known]
    if wrong:
        listed = ", ".join(known) or "none yet"
        message = f"has no ledger; there are: {listed}."
        raise UsageError(
            [Reason(code="usage", message=message, subject=name) for name in wrong]
        )
    return list(named) or known


def _ask_witnesses(
    app: App,
    ledgers: Mapping[str, Sequence[Line]],
    named: Sequence[str],
    outcome: Outcome,
) -> None:
    """Whether each ledger still begins with what others hold of it."""
    commit, shown = committed(app.layout), published(app.layout, app.rollbacks.last())
    witnesses = (commit, *shown)
    found = (*cut_short(ledgers, witnesses), *not_committed(app.layout, commit))
    outcome.reasons += [
        (ExitCode.USAGE, reason)
        for reason in found
        if not named or reason.subject in named
    ]
    asked = [witness.name for witness in witnesses if witness.ledgers]
    outcome.data["witnesses"] = list(asked)
    outcome.lines.append(f"held beside {' and '.join(asked) or 'no other copy'}")


def _verify(
    app: App,
    study: str,
    ledgers: Mapping[str, Sequence[Line]],
    held: Held,
    outcome: Outcome,
) -> None:
    lines = ledgers[study]
    others = {name: each for name, each in ledgers.items() if name != study}
    found = list(lost_heads({study: lines}, held)) or [
        Reason(
            code="ledger-broken",
            message=f"{message} Restore takeaways/{study}.jsonl from version control.",
            subject=study,
            place=f"line {number}",
        )
        for number, message in faults(study, lines, others, held)
    ]
    if not found:
        found = list(code_faults(study, lines, app.sealed))
    outcome.reasons += [(ExitCode.USAGE, reason) for reason in found]
    if study not in {reason.subject for _, reason in outcome.reasons}:
        older = older_claims(fold(study, lines))
        less = f"; {older} claims of an older form, checked less" if older else ""
        outcome.lines.append(f"{study}: {len(lines)} lines, whole and true{less}")


def _against(
    app: App, studies: Sequence[str], arguments: Namespace, outcome: Outcome
) -> None:
    """Where another copy of a ledger parts from ours."""
    if len(arguments.studies) != 1 or not arguments.against.is_file():
        message = "--against compares one study's ledger with a file; name both."
        raise UsageError(Reason(code="usage", message=message))
    study = studies[0]
    ours, theirs = read_lines(app.layout.ledger(study)), read_lines(arguments.against)
    for name, lines in ((study, ours), ("the other copy", theirs)):
        if broken := first_break(lines):
            message = f"the chain breaks here: {broken.kind}."
            place = f"line {broken.number}"
            reason = Reason(
                code="ledger-broken", message=message, subject=name, place=place
            )
            outcome.reasons.append((ExitCode.USAGE, reason))
    number = parting(ours, theirs)
    if number is not None:
        message = "the two copies part here, and both chains are their own: a fork."
        reason = Reason(
            code="ledger-forked", message=message, subject=study, place=f"line {number}"
        )
        outcome.reasons.append((ExitCode.USAGE, reason))
    elif not outcome.reasons:
        shorter = "equal" if len(ours) == len(theirs) else "one continues the other"
        outcome.lines.append(f"{study}: no fork, {shorter}")


def _show(app: App, study: str, outcome: Outcome) -> None:
    listed = outcome.data["claims"]
    assert isinstance(listed, list)  # noqa: S101 - made above
    for claim in app.ledgers.record(study).claims:
        listed.append(_plain(claim))
        replay = ", replay" if claim.replay else ""
        outcome.lines.append(
            f"{study} v{claim.version} {claim.claim} ({claim.variant}) as of "
            f"{show_instant(claim.as_of)}: {claim.verdict}; {claim.state}{replay}"
        )


def _plain(claim: ClaimRecord) -> dict[str, object]:
    outcome = claim.outcome
    return {
        "study": claim.study,
        "version": claim.version,
        "variant": claim.variant,
        "claim": claim.claim,
        "as_of": format_instant(claim.as_of),
        "verdict": claim.verdict,
        "state": claim.state,
        "replay": claim.replay,
        "probability": claim.forecast.probability if claim.forecast else None,
        "settled_as_of": format_instant(outcome.as_of) if outcome else None,
        "reason": outcome.reason if outcome else None,
    }
