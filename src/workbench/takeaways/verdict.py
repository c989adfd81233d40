"""The verdict rule: where a claim's interval lies against its margin."""

from collections.abc import Sequence

from workbench.core.evidence import Evidence
from workbench.core.registration import Claim
from workbench.core.takeaway import ClaimVerdict, Verdict

FEWEST_UNITS = 30


def place(claim: Claim, low: float | None, high: float | None) -> Verdict:
    """Wholly beyond the margin: trade. Wholly short of it: do not trade.

    An interval that touches the margin decides nothing.
    """
    if low is None or high is None:
        return Verdict.NO_TRADE_YET
    margin = claim.margin
    if claim.direction == "greater":
        beyond, short = low > margin, high < margin
    elif claim.direction == "less":
        beyond, short = high < margin, low > margin
    else:
        beyond = -margin < low and high < margin
        short = low > margin or high < -margin
    if beyond:
        return Verdict.TRADE
    return Verdict.DO_NOT_TRADE if short else Verdict.NO_TRADE_YET


def judge(claim: Claim, evidence: Evidence, needed: int) -> ClaimVerdict:
    """What the evidence says of one claim.

    Before the planned number of occurrences is there nothing is decided: a fixed-sample
    interval holds for one look at a sample whose size was chosen beforehand. Nor is
    anything decided on fewer than 30 units, where intervals of this kind fail.

    Args:
        claim: As registered.
        evidence: The evidence of the same name.
        needed: More occurrences to plan for, should the claim be undecided.
    """
    early = evidence.n < claim.planned_occurrences or evidence.units < FEWEST_UNITS
    verdict = (
        Verdict.NO_TRADE_YET if early else place(claim, evidence.low, evidence.high)
    )
    undecided = verdict is Verdict.NO_TRADE_YET
    return ClaimVerdict(
        claim=claim.name,
        verdict=verdict,
        why=_why(verdict, evidence, early=early),
        occurrences_needed=needed if undecided else 0,
    )


def _why(verdict: Verdict, evidence: Evidence, *, early: bool) -> str:
    if early:
        return "The planned number of occurrences is not there yet."
    if evidence.low is None or evidence.high is None:
        return "The occurrences do not allow an interval."
    return {
        Verdict.TRADE: "The whole interval lies beyond the registered margin.",
        Verdict.DO_NOT_TRADE: "The whole interval lies short of the registered margin.",
        Verdict.NO_TRADE_YET: "The interval contains the registered margin.",
    }[verdict]


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """A takeaway trades when every claim does, and not when any claim says not."""
    if Verdict.DO_NOT_TRADE in verdicts:
        return Verdict.DO_NOT_TRADE
    if Verdict.NO_TRADE_YET in verdicts or not verdicts:
        return Verdict.NO_TRADE_YET
    return Verdict.TRADE
