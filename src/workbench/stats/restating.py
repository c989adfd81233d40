"""An interval and its evidence once more, from the few numbers that a ledger holds.

Whoever has a claim's estimate, standard error, degrees of freedom and information, and
the sealed plan, can say which interval they give. Where one was written down that they
do not give, somebody changed a number.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.core.canonical import rounded
from workbench.core.evidence import Estimand, Scale
from workbench.core.registration import Claim
from workbench.stats.intervals import (
    DIFFERENCES,
    SHARES,
    agresti_caffo,
    balanced,
    exact_difference,
    exact_share,
)
from workbench.stats.looks import Estimate, Measured, Sequence, exponentiated, seen
from workbench.stats.scales import HUNDRED, SCORE_DIFFERENCES, SCORES
from workbench.stats.sequences import NORMAL

ALPHA = 0.05  # of no consequence: a standard error has no level
DIFFERENT: tuple[Estimand, ...] = ("difference_in_proportions", "difference_in_means")
COMPARED: tuple[Estimand, ...] = (*DIFFERENT, "risk_ratio", "nps_difference")
UNSHRUNK: tuple[Estimand, ...] = (
    *("mean", "difference_in_means", "risk_ratio", "coefficient", "forecast"),
)
BY_UNITS: tuple[Estimand, ...] = ("proportion", "difference_in_proportions", "nps")
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
        scale: On which the estimate is normal.
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
    scale: Scale
    n: int
    units: int
    information: float
    groups: tuple[tuple[float, int], ...]


def restated(told: Summary, look: Sequence) -> Estimate | None:
    """The estimate with its interval and e-value as the estimators would state it.

    None where a summary does not hold what the interval rests on: bets on the values in
    their order, or ranks of them.

    Raises:
        ValueError: The summary lacks what an interval of its kind rests on.
    """
    if told.estimand == "quantile" or look.boundary == "betting":
        return None
    if _is_exact(told, look):
        return _exact(told, look)
    if told.centre is None:
        raise ValueError("an interval by a standard error has a middle")
    log = told.scale == "log"
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


def _is_exact(told: Summary, look: Sequence) -> bool:
    """Whether the estimators would take an exact sequence, as they decide it."""
    once = told.n == told.units
    if told.estimand == "proportion":
        apart = 0 < told.estimate < 1
        return not apart or (once and look.boundary != "robbins-siegmund")
    shares = told.estimand == "difference_in_proportions"
    return shares and look.boundary == "exact" and once


def _exact(told: Summary, look: Sequence) -> Estimate:
    if told.estimand == "proportion":
        n = told.n if told.n == told.units else told.units
        return exact_share(told.estimate, n, look)
    one, other = ((share * n, n) for share, n in told.groups)
    return exact_difference(one, other, look)


def implied(told: Summary) -> dict[str, float]:
    """Numbers of a summary that follow from others in it, by their name.

    The estimate from the groups it compares; where no unit recurs, middle, standard
    error and information of shares.

    Raises:
        ValueError: A comparison has not two groups.
    """
    found: dict[str, float] = {}
    by_units = told.estimand in BY_UNITS and told.df is not None
    if told.centre is not None and (told.estimand in UNSHRUNK or by_units):
        found["centre"] = told.estimate
    if told.estimand in COMPARED:
        return found | _of_groups(told)
    if told.estimand == "proportion" and told.n == told.units and told.centre is None:
        look = Sequence(alpha=ALPHA, planned=told.n)
        exact = exact_share(told.estimate, told.n, look)
        return {"se": exact.se or 0.0, "information": exact.information}
    return found


def _of_groups(told: Summary) -> dict[str, float]:
    (first, n1), (second, n0) = told.groups
    found: dict[str, float] = {"n": n1 + n0}
    if told.estimand in DIFFERENT:
        found["estimate"] = first - second
    elif told.estimand == "nps_difference":
        found["estimate"] = (first - second) * HUNDRED
    if told.n == told.units and told.estimand == "difference_in_proportions":
        plain = agresti_caffo((n1, n0), (first, second), "")
        found |= {"se": plain.se, "information": plain.information}
        if told.centre is not None and plain.centre is not None:
            found["centre"] = plain.centre
    return found


def most_information(told: Summary) -> float:
    """What so many occurrences can be worth at most."""
    if told.estimand in COMPARED:
        (_, n1), (_, n0) = told.groups
        return balanced(n1, n0)
    return float(told.n)


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
