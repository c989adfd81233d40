"""An interval and its evidence once more, from the few numbers that a ledger holds.

Whoever has a claim's estimate, standard error, degrees of freedom and information, and
the sealed plan, can say which interval they give. Where one was written down that they
do not give, somebody changed a number.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.core.canonical import rounded
from workbench.core.evidence import ON_LOG, Estimand
from workbench.core.registration import Claim
from workbench.stats.intervals import (
    DIFFERENCES,
    SHARES,
    exact_difference,
    exact_share,
)
from workbench.stats.looks import Estimate, Measured, Sequence, exponentiated, seen
from workbench.stats.scales import SCORE_DIFFERENCES, SCORES
from workbench.stats.sequences import NORMAL

UNBOUNDED = (-math.inf, math.inf)
LIMITS: Mapping[Estimand, tuple[float, float]] = {
    "proportion": SHARES,
    "difference_in_proportions": DIFFERENCES,
    "nps": SCORES,
    "nps_difference": SCORE_DIFFERENCES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was written down of a piece of evidence.

    Attributes:
        estimand: What is estimated.
        estimate: Point estimate.
        se: Its standard error.
        centre: Middle of the interval; None where it came from no standard error.
        df: Degrees of freedom of the error; None where it counts as known.
        n: Occurrences.
        units: Distinct units.
        information: Independent occurrences it rests on.
        groups: Own share and occurrences of each group compared.
    """

    estimand: Estimand
    estimate: float
    se: float
    centre: float | None
    df: float | None
    n: int
    units: int
    information: float
    groups: tuple[tuple[float, int], ...]


def restated(told: Summary, look: Sequence) -> Estimate | None:
    """The estimate with its interval and e-value as the estimators would state it.

    None where a summary does not hold what the interval rests on: bets on the values in
    their order, or ranks of them.
    """
    if told.centre is None:
        return _exact(told, look)
    log = told.estimand in ON_LOG
    measured = Measured(
        estimate=math.log(told.estimate) if log else told.estimate,
        centre=math.log(told.centre) if log else told.centre,
        se=told.se / told.estimate if log else told.se,
        df=NORMAL if told.df is None else told.df,
        information=told.information,
        method="",
        limits=LIMITS.get(told.estimand, UNBOUNDED),
    )
    found = seen(measured, look)
    return exponentiated(found) if log else found


def _exact(told: Summary, look: Sequence) -> Estimate | None:
    if told.estimand == "proportion":
        once = told.n == told.units
        return exact_share(told.estimate, told.n if once else told.units, look)
    if told.estimand == "difference_in_proportions" and len(told.groups) == 2:  # noqa: PLR2004 - two arms
        one, other = ((share * n, n) for share, n in told.groups)
        return exact_difference(one, other, look)
    return None


def against_margin(claim: Claim, estimate: Estimate) -> float | None:
    """Evidence that the truth lies beyond the margin: the least over all that does not.

    The e-value falls towards the estimate, so the least against a range of hypotheses
    is at its nearest end, or at the estimate where that lies inside. None where there
    is no estimate, or the interval has no e-value as its dual.
    """
    value, log_e = estimate.estimate, estimate.log_e
    if value is None or log_e is None:
        return None
    margin = claim.margin
    if claim.direction == "within":
        inside = -margin < value < margin
        return rounded(min(log_e(margin), log_e(-margin)) if inside else log_e(value))
    beyond = value > margin if claim.direction == "greater" else value < margin
    return rounded(log_e(margin if beyond else value))
