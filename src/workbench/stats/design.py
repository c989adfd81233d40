"""How many occurrences a study needs before it can tell what it is meant to tell.

Power is reckoned for a smallest effect of interest that is named beforehand. With the
effect that was observed it would only spell the p-value anew (Hoenig and Heisey 2001).
Every count is of independent occurrences; where they come in clusters, multiply it by
`design_effect`.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from workbench.stats.sequences import critical_value

LEAST_POWER = 0.5


def minimum_detectable_effect(
    *, sd: float, n: int, alpha: float, power: float = 0.8, planned: float | None = None
) -> float:
    """Smallest true effect that n occurrences reveal with the power wanted.

    (c + z_power) * sd / sqrt(n), where c is the normal quantile for a single look, or
    the critical value at n of the sequence that may be looked at any time. That looks
    before n may reveal it too is left out, so the second is an upper bound.

    Args:
        sd: Standard deviation of one occurrence, in the estimate's measure: its
            standard error times the root of the occurrences behind it.
        n: Occurrences.
        alpha: Level of the two-sided test.
        power: Chance of finding the effect, at least 1/2.
        planned: Planned occurrences of an anytime-valid sequence; None for one look.

    Returns:
        The effect, in the estimate's measure.

    Raises:
        ValueError: An argument is out of range.
    """
    _check(sd=sd, n=n)
    critical = (
        float(ndtri(1 - alpha / 2))
        if planned is None
        else critical_value(information=n, planned=planned, alpha=alpha)
    )
    return (critical + _power_quantile(power)) * sd / math.sqrt(n)


def fixed_occurrences(
    *, sd: float, effect: float, alpha: float, power: float = 0.8
) -> int:
    """Occurrences that reveal an effect with the power wanted, in a single look.

    ((z_{1 - alpha/2} + z_power) * sd / effect)^2, rounded up.

    Args:
        sd: Standard deviation of one occurrence, in the effect's measure.
        effect: Smallest effect of interest, above zero.
        alpha: Level of the two-sided test.
        power: Chance of finding the effect, at least 1/2.

    Raises:
        ValueError: An argument is out of range.
    """
    _check(sd=sd, effect=effect)
    reach = float(ndtri(1 - alpha / 2)) + _power_quantile(power)
    return max(1, math.ceil((reach * sd / effect) ** 2))


def required_occurrences(
    *, sd: float, effect: float, planned: float, alpha: float, power: float = 0.8
) -> int:
    """Occurrences that reveal an effect with the power wanted, looking at any time.

    The smallest n with effect * sqrt(n) / sd >= c_n + z_power, c_n the critical value
    of the sequence at n. An upper bound: it leaves out the looks before n, which find
    the effect too (simulated at planned = `fixed_occurrences`, power .8 and level .05:
    1.68 times the single look's n, where this says 1.91).

    Args:
        sd: Standard deviation of one occurrence, in the effect's measure.
        effect: Smallest effect of interest, above zero.
        planned: Planned occurrences of the sequence.
        alpha: Level of the sequence.
        power: Chance of finding the effect, at least 1/2.

    Raises:
        ValueError: An argument is out of range.
    """
    _check(sd=sd, effect=effect)
    quantile = _power_quantile(power)

    def enough(n: int) -> bool:
        critical = critical_value(information=n, planned=planned, alpha=alpha)
        return effect * math.sqrt(n) / sd >= critical + quantile

    # Once enough, enough for ever: the root grows faster than c_n wherever
    # c_n * (c_n + z_power) > 1, and c_n is above 1 at every level.
    many = fixed_occurrences(sd=sd, effect=effect, alpha=alpha, power=power)
    while not enough(many):
        many *= 2
    few = 0
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many


def additional_occurrences(
    *,
    n: int,
    sd: float,
    effect: float,
    planned: float,
    alpha: float,
    power: float = 0.8,
) -> int:
    """Occurrences still missing from n to `required_occurrences`; 0 when none are."""
    required = required_occurrences(
        sd=sd, effect=effect, planned=planned, alpha=alpha, power=power
    )
    return max(0, required - n)


def design_effect(*, mean_size: float, icc: float) -> float:
    """How many times more occurrences are needed when they come in clusters.

    1 + (mean_size - 1) * icc (Kish 1965).

    Args:
        mean_size: Mean occurrences of a cluster, at least 1.
        icc: Intraclass correlation, between 0 and 1.

    Raises:
        ValueError: An argument is out of range.
    """
    if mean_size < 1 or not 0 <= icc <= 1:
        raise ValueError(
            "mean_size must be at least 1 and icc within [0, 1]; "
            f"got {mean_size}, {icc}"
        )
    return 1 + (mean_size - 1) * icc


def mean_size_seen(units: NDArray[np.int64], arms: NDArray[np.int64]) -> float:
    """Mean number of rows that the unit of a row has in its arm; 1 where none recurs.

    Kish's mean size for clusters of unequal size; of several arms each counts by its
    part in the variance of their difference, one over its rows.

    Args:
        units: Unit of each row, at least one row.
        arms: Arm of each row.
    """
    sizes, weights = [], []
    for arm in np.unique(arms):
        counts = np.unique(units[arms == arm], return_counts=True)[1].astype(float)
        sizes.append(float((counts**2).sum() / counts.sum()))
        weights.append(1 / float(counts.sum()))
    total = math.fsum(weights)
    return math.fsum(s * w for s, w in zip(sizes, weights, strict=True)) / total


def implied_icc(*, effect: float, mean_size: float) -> float:
    """Intraclass correlation behind a design effect, cut to [0, 1]; 0 if none recurs.

    Args:
        effect: Design effect that was found.
        mean_size: `mean_size_seen` of the same rows.
    """
    if mean_size <= 1:
        return 0.0
    return min(1.0, max(0.0, (effect - 1) / (mean_size - 1)))


def _power_quantile(power: float) -> float:
    if not LEAST_POWER <= power < 1:
        raise ValueError(f"power must be at least 1/2 and below 1; got {power}")
    return float(ndtri(power))


def _check(**above_zero: float) -> None:
    for name, value in above_zero.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} must be above zero and finite; got {value}")
