"""Confidence sequences: intervals that hold at every look, however often one looks.

A study looks again as data arrive. Estimate plus and minus `critical_value` standard
errors covers the truth at all looks together with probability 1 - alpha, where 1.96
would promise it for one look only. The same number read the other way is an e-value: a
bet against a hypothesis that on average wins nothing while the hypothesis is true. The
interval leaves a hypothesis out exactly when the bet has multiplied its stake by
1 / alpha.

The critical value is smallest where the planned information is reached. The plan must
be fixed before the first look: a plan that follows the data lets a bet succeed against
the truth in the end.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import chdtri, lambertw

NORMAL = math.inf  # degrees of freedom of a standard error that is known


def best_ratio(alpha: float) -> float:
    """Mixing variance that makes the interval narrowest at the plan, times the plan.

    -W(-alpha^2 / e) - 1 on the lower branch of Lambert's W (Waudby-Smith, Arbour,
    Sinha, Kennedy and Ramdas 2024, Annals of Statistics 52, appendix B).

    Raises:
        ValueError: `alpha` is not between 0 and 1.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be between 0 and 1, got {alpha}")
    return -float(lambertw(-alpha * alpha / math.e, -1).real) - 1


def critical_value(
    *, information: float, planned: float, alpha: float, df: float = NORMAL
) -> float:
    """Standard errors on each side of the estimate, at this look.

    Normal mixture (Robbins 1970; Waudby-Smith et al. 2024, theorem 2.2). With finite
    `df` the standard error counts as estimated: exact for Gaussian linear models at
    every look (Lindon, Ham, Tingley and Bojinov 2022, arXiv 2210.08589).

    Args:
        information: What has been seen: occurrences; events of a hazard; units where
            they recur.
        planned: The same at the end of the plan, frozen before the first look.
        alpha: One minus the coverage over all looks.
        df: Residual degrees of freedom of the standard error.

    Returns:
        Infinity where there is too little for any interval.

    Raises:
        ValueError: `information` or `df` is negative, `planned` is not positive, or
            `alpha` is not between 0 and 1.
    """
    ratio = _ratio(information, planned, alpha, df)
    if ratio == 0:
        return math.inf
    log_threshold = math.log1p(ratio) - 2 * math.log(alpha)
    shrunk = ratio / (1 + ratio)
    if df == NORMAL:
        return math.sqrt(log_threshold / shrunk)
    # w of the paper is 1 - reach; expm1 keeps the digits when df is large
    reach = -math.expm1(-log_threshold / (df + 1))
    return math.sqrt(df * reach / (shrunk - reach)) if reach < shrunk else math.inf


def log_e_value(
    z: float,
    *,
    information: float,
    planned: float,
    alpha: float,
    df: float = NORMAL,
) -> float:
    """Logarithm of the evidence against a hypothesis that is z standard errors away.

    The dual of `critical_value`: at least log(1 / alpha) exactly when |z| is at least
    the critical value.

    Args:
        z: Estimate minus hypothesis, over the standard error.
        information: As in `critical_value`.
        planned: As in `critical_value`.
        alpha: Level whose interval is to be narrowest at the plan. The e-value is one
            at every level; this only says where it is strongest.
        df: As in `critical_value`.

    Raises:
        ValueError: As in `critical_value`.
    """
    ratio = _ratio(information, planned, alpha, df)
    square = z * z
    if df == NORMAL:
        return (ratio / (1 + ratio) * square - math.log1p(ratio)) / 2
    gain = math.log1p(ratio / (1 + (1 + ratio) * df / square)) if square else 0.0
    return ((df + 1) * gain - math.log1p(ratio)) / 2


def robbins_siegmund(*, information: float, first: float, alpha: float) -> float:
    """Standard errors on each side where there is no plan, only a first look.

    sqrt(q + log(n / m)), q the upper alpha quantile of chi-square with 3 degrees of
    freedom (Robbins and Siegmund 1970; Waudby-Smith, Kennedy and Ramdas 2023, arXiv
    2311.03343). Looking all the time from the first look on, exactly alpha.

    Args:
        information: What has been seen.
        first: The same at the first look, fixed beforehand.
        alpha: One minus the coverage over all looks.

    Returns:
        Infinity before the first look.

    Raises:
        ValueError: `first` is not positive, or `alpha` is not between 0 and 1.
    """
    if not (first > 0 and 0 < alpha < 1):
        raise ValueError(
            "first must be positive and alpha between 0 and 1,"
            f" got first={first}, alpha={alpha}"
        )
    if information < first:
        return math.inf
    return math.sqrt(float(chdtri(3, alpha)) + math.log(information / first))


def anytime_p(log_e_values: Sequence[float]) -> float:
    """A p-value that holds at every look: one over the largest e-value so far.

    Ville's inequality; 1 where there is no evidence yet.
    """
    return math.exp(-max(0.0, max(log_e_values, default=0.0)))


@dataclass(frozen=True, slots=True)
class Intersection:
    """What the intervals of all looks have in common.

    Attributes:
        low: Highest lower end; None where no interval has one.
        high: Lowest upper end; None where no interval has one.
    """

    low: float | None
    high: float | None

    @property
    def empty(self) -> bool:
        """Whether two looks contradict each other; `low` is then above `high`.

        Were the truth one and the same at all looks, this would happen with
        probability alpha at most. So it says that something has changed.
        """
        return self.low is not None and self.high is not None and self.low > self.high


def running_intersection(
    intervals: Sequence[tuple[float | None, float | None]],
) -> Intersection:
    """Intersection of the intervals of all looks; a further look never widens it.

    It covers the truth with the same probability as the intervals do together.

    Args:
        intervals: Lower and upper end at each look, None where there is none.
    """
    lows = [low for low, _ in intervals if low is not None]
    highs = [high for _, high in intervals if high is not None]
    return Intersection(max(lows, default=None), min(highs, default=None))


def _ratio(information: float, planned: float, alpha: float, df: float) -> float:
    if not (information >= 0 and planned > 0 and df >= 0):
        raise ValueError(
            "information and df must not be negative and planned must be positive,"
            f" got information={information}, planned={planned}, df={df}"
        )
    return best_ratio(alpha) * information / planned
