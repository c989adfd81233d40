"""Medians and other quantiles: order statistics that enclose them at every look.

How many values lie at or below the true quantile is a count of successes with a known
share. So the counts that the exact bet of `binomial` does not refute say which of the
sorted values the quantile can lie between. Nothing is assumed about the values.
"""

import numpy as np

from workbench.stats.binomial import concentration, log_e_values
from workbench.stats.sums import Floats


def quantile_interval(
    values: Floats, q: float, *, planned: float, alpha: float
) -> tuple[float | None, float | None]:
    """Interval for the q-quantile that holds at every look, ties and all.

    From the lowest count that is not refuted to one past the highest, as places among
    the sorted values (after Howard and Ramdas 2022, Bernoulli 28). The quantile lies
    below its place's value only if too few values lie at or below it, and above only if
    too many lie strictly below; ties make both rarer.

    Args:
        values: One number per unit.
        q: Part of the population at or below the quantile; 1/2 for the median.
        planned: Units planned, frozen before the first look.
        alpha: One minus the coverage over all looks.

    Returns:
        None at an end where there are too few values to bound the quantile.

    Raises:
        ValueError: q is not between 0 and 1, a value is not a number, or as
            `concentration`.
    """
    if not 0 < q < 1:
        raise ValueError(f"q must be between 0 and 1, got {q}")
    if np.isnan(values).any():
        raise ValueError("a value is not a number")
    kappa = concentration(planned=planned, alpha=alpha)
    n = values.size
    counts = np.arange(n + 1, dtype=np.float64)
    evidence = log_e_values(counts, n, q, kappa)
    # convex in the count, so those kept are neighbours
    kept = np.flatnonzero(evidence < -np.log(alpha))
    ranked = np.sort(values)
    low, high = int(kept[0]), int(kept[-1]) + 1
    return (
        float(ranked[low - 1]) if low >= 1 else None,
        float(ranked[high - 1]) if high <= n else None,
    )
