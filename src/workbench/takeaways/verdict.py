"""The verdict rule: where a claim's interval lies against its margin."""

from collections.abc import Mapping, Sequence

from workbench.core.evidence import CheckCode, Evidence
from workbench.core.registration import Claim
from workbench.core.takeaway import ClaimVerdict, Verdict

_WORDS: Mapping[CheckCode, str] = {
    "small-n": "too few units",
    "rare-events": "the outcome, or its absence, is too rare",
    "skew": "the outcome is too skewed for so few",
    "unit-of-analysis": "too few units for so many occurrences of each",
    "look-ahead": "occurrences that had not begun by the run's date, or that use what "
    "came after they began",
    "immature": "occurrences whose outcome is not known yet",
}


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


def judge(claim: Claim, evidence: Evidence) -> ClaimVerdict:
    """What the evidence says of one claim.

    Its interval holds at every look, so the verdict may come at any of them. Where the
    data do not bear an interval there is none, and nothing is decided.

    Args:
        claim: As registered.
        evidence: The evidence of the same name.
    """
    verdict = place(claim, evidence.low, evidence.high)
    undecided = verdict is Verdict.NO_TRADE_YET
    return ClaimVerdict(
        claim=claim.name,
        verdict=verdict,
        why=_why(claim, verdict, evidence),
        occurrences_needed=(evidence.needed or 0) if undecided else 0,
    )


def _why(claim: Claim, verdict: Verdict, evidence: Evidence) -> str:
    if evidence.failed:
        found = "; ".join(_WORDS[check.code] for check in evidence.failed)
        return f"The data do not bear an interval yet: {found}."
    if evidence.low is None or evidence.high is None:
        return "The occurrences do not allow an interval."
    margin = "margins" if claim.direction == "within" else "margin"
    return {
        Verdict.TRADE: f"The whole interval lies {_beyond(claim)} the registered "
        f"{margin}.",
        Verdict.DO_NOT_TRADE: f"The whole interval lies {_short(claim)} the registered "
        f"{margin}.",
        Verdict.NO_TRADE_YET: "The interval reaches over a registered margin, so the "
        "truth may lie on either side of it.",
    }[verdict]


def _beyond(claim: Claim) -> str:
    return "between" if claim.direction == "within" else "beyond"


def _short(claim: Claim) -> str:
    return "outside" if claim.direction == "within" else "short of"


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """A takeaway trades when every claim does, and not when any claim says not."""
    if Verdict.DO_NOT_TRADE in verdicts:
        return Verdict.DO_NOT_TRADE
    if Verdict.NO_TRADE_YET in verdicts or not verdicts:
        return Verdict.NO_TRADE_YET
    return Verdict.TRADE
