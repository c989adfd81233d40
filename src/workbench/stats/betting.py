"""The mean of values between 0 and 1 from a series of bets, valid from the first value.

Against each candidate mean two gamblers bet, one that values will lie above it and one
that they will lie below. Neither can gain on average if the candidate is the truth, so
a candidate against which one of them has multiplied half the stake by 2 / alpha is
refuted. Stakes follow the variance of earlier values: nothing is assumed about the
values beyond their bounds.

Order matters to a gambler, and values that began at the same instant have none. So they
form a batch, all of whose values meet the same stake, set before any of them is known.
"""

import math

import numpy as np
from numpy.typing import NDArray

from workbench.stats.sums import Floats

CAUTION = 0.5  # share of the capital that one bet may lose at most


def betting_interval(
    values: Floats, batches: NDArray[np.integer], *, alpha: float
) -> tuple[float, float]:
    """Means that are not refuted by all values so far; holds at every look.

    Hedged capital with predictable plug-in bets (Waudby-Smith and Ramdas 2024, Journal
    of the Royal Statistical Society B 86, theorem 3 with theta = 1/2 and c = 1/2), a
    batch at a time. A look is the end of a batch.

    Args:
        values: One number in [0, 1] per occurrence.
        batches: Number of each value's batch; a later instant has a larger number.
            Their sizes must be known before their values are, as is the number of
            occurrences that began together.
        alpha: One minus the coverage over all looks.

    Returns:
        0 to 1 without values. The lower end is above the upper one where every mean is
        refuted, which says that the mean has changed.

    Raises:
        ValueError: A value is outside [0, 1], not every value has a batch, or `alpha`
            is not between 0 and 1.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be between 0 and 1, got {alpha}")
    if values.shape != batches.shape:
        raise ValueError(f"{values.size} values in {batches.size} batch numbers")
    if not np.all((values >= 0) & (values <= 1)):
        raise ValueError("values must lie between 0 and 1")
    # by value within a batch, so that the order of rows changes no bit
    order = np.lexsort((values, batches))
    inside = values[order]
    stakes = _stakes(inside, batches[order], alpha)
    return _lowest(inside, stakes, alpha), 1 - _lowest(1 - inside, stakes, alpha)


def _stakes(values: Floats, batches: NDArray[np.integer], alpha: float) -> Floats:
    """What is bet on each value: sqrt(2 log(2 / alpha) / (variance t log(1 + t))).

    t is the last place of the value's batch. The variance is that of earlier batches,
    shrunk to 1/4 by one value at 1/2; a batch enters it around the mean at its end.
    """
    _, sizes = np.unique(batches, return_counts=True)
    ends = np.cumsum(sizes)
    before = np.concatenate(([0.0], np.cumsum(values)))
    means = (0.5 + before[ends]) / (ends + 1)
    squares = np.cumsum((values - np.repeat(means, sizes)) ** 2)
    variances = (0.25 + squares[ends - 1]) / (ends + 1)
    earlier = np.concatenate(([0.25], variances[:-1]))
    stakes = np.sqrt(2 * math.log(2 / alpha) / (earlier * ends * np.log1p(ends)))
    return np.asarray(np.repeat(stakes, sizes))


def _lowest(values: Floats, stakes: Floats, alpha: float) -> float:
    """Lowest mean that the gambler on higher values has not refuted.

    Whatever the value, a bet's outcome falls as the candidate rises: so does the
    capital, and there is one crossing at most.
    """
    from scipy.optimize import brentq

    def excess(mean: float) -> float:
        bets = np.minimum(stakes, CAUTION / mean) if mean > 0 else stakes
        capital = np.log1p(bets * (values - mean)).sum()
        return float(capital) + math.log(alpha / 2)

    if excess(0.0) < 0:
        return 0.0
    return float(brentq(excess, 0.0, 1.0, xtol=1e-14))
