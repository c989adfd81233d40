"""How good sealed predictions were, once their outcomes are known; lower is better.

Every score here is proper: nobody gains by sealing anything but what they believe
(Gneiting and Raftery 2007, JASA 102:359).
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from workbench.stats import intervals
from workbench.stats.looks import Estimate, FixedSample
from workbench.stats.sums import Sample

CLIP = 0.01


def brier(probability: float, *, won: bool) -> float:
    """(probability - outcome)^2 (Brier 1950): 0 is best, 1 worst, 1/4 for a half."""
    return (probability - won) ** 2


def expected_brier(probability: float) -> float:
    """The Brier score a forecast expects if its own probability p is true: p (1 - p).

    The mean score less the mean of these is luck, or miscalibration.
    """
    return probability * (1 - probability)


def clipped(probability: float) -> float:
    """The probability moved into [.01, .99], where one surprise is not ruin."""
    return min(max(probability, CLIP), 1 - CLIP)


def log_score(probability: float, *, won: bool) -> float:
    """Minus the logarithm of the chance given to what happened, clipped to [.01, .99].

    Good (1952). At most 4.61.
    """
    chance = clipped(probability)
    return -math.log(chance if won else 1 - chance)


def interval_score(low: float, high: float, value: float, *, alpha: float) -> float:
    """Width of an interval, and 2 / alpha times how far the value lies outside it.

    Gneiting and Raftery (2007), equation 43; in the value's measure.

    Args:
        low: Lower end.
        high: Upper end.
        value: What came.
        alpha: One minus the coverage promised.
    """
    missed = max(low - value, 0.0) + max(value - high, 0.0)
    return high - low + 2 / alpha * missed


def crps_normal(mean: float, sd: float, value: float) -> float:
    """Continuous ranked probability score of N(mean, sd^2), in the value's measure.

    sd (x (2 Phi(x) - 1) + 2 phi(x) - 1 / sqrt(pi)), x = (value - mean) / sd: Gneiting
    and Raftery (2007), page 367. An sd of zero gives the absolute error, its limit.
    """
    if sd == 0:
        return abs(value - mean)
    x = (value - mean) / sd
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    chance = float(ndtr(abs(x)))
    return sd * (abs(x) * (2 * chance - 1) + 2 * density - 1 / math.sqrt(math.pi))


def skill(score: float, reference: float) -> float | None:
    """Share of the reference's score that was saved; None where it had none to save.

    Args:
        score: Mean score.
        reference: Mean score of a forecast anybody could make, such as one half always.
    """
    return 1 - score / reference if reference > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corp:
    """Where a mean Brier score comes from.

    Attributes:
        score: miscalibration - discrimination + uncertainty.
        miscalibration: What honest re-labelling of the probabilities would save.
        discrimination: What the re-labelled ones save over the constant base rate.
        uncertainty: Score of the constant base rate.
    """

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def corp(probabilities: Sequence[float], outcomes: Sequence[bool]) -> Corp:
    """Decompose a mean Brier score by isotonic recalibration.

    Each probability is replaced by the outcomes' isotonic regression on it, found by
    pooling adjacent violators (Dimitriadis, Gneiting and Jordan 2021, PNAS 118
    e2016191118). No bins to choose; neither part is ever negative.

    Args:
        probabilities: One per forecast.
        outcomes: What happened, in the same order.

    Raises:
        ValueError: There are none, or the lengths differ.
    """
    if not probabilities or len(probabilities) != len(outcomes):
        raise ValueError(
            "needs one outcome for each of at least one probability; "
            f"got {len(outcomes)} for {len(probabilities)}"
        )
    from scipy.optimize import isotonic_regression

    forecast = np.asarray(probabilities, dtype=float)
    happened = np.asarray(outcomes, dtype=float)
    # equal probabilities are one level: they get one value, whatever their order
    _, place = np.unique(forecast, return_inverse=True)
    counts = np.bincount(place)
    shares = np.bincount(place, weights=happened) / counts
    calibrated = isotonic_regression(shares, weights=counts).x[place]
    score, recalibrated, constant = (
        float(np.mean((guess - happened) ** 2))
        for guess in (forecast, calibrated, happened.mean())
    )
    return Corp(
        score=score,
        miscalibration=score - recalibrated,
        discrimination=constant - recalibrated,
        uncertainty=constant,
    )


def hit_rate(
    outcomes: Sequence[bool], windows: Sequence[Hashable], *, alpha: float
) -> Estimate:
    """Share of claims that came true, with Wilson's interval.

    Args:
        outcomes: What happened, one per claim.
        windows: The settlement window of each claim; claims of one window may come true
            or fail together, and count as one unit.
        alpha: One minus the coverage.
    """
    return intervals.proportion(_by_window(outcomes, windows), FixedSample(alpha))


def mean_score(
    scores: Sequence[float], windows: Sequence[Hashable], *, alpha: float
) -> Estimate:
    """Mean of a score, with Student's interval over settlement windows.

    Args:
        scores: One per claim, or its difference from a reference's.
        windows: The settlement window of each claim, as in `hit_rate`.
        alpha: One minus the coverage.
    """
    return intervals.mean(_by_window(scores, windows), FixedSample(alpha))


def _by_window(values: Sequence[float], windows: Sequence[Hashable]) -> Sample:
    return Sample.of(np.asarray(windows), np.asarray(values, dtype=float))
