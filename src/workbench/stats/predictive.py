"""What a claim predicts for the sample that will settle it.

Not its own estimate: what is published was noticed, and noticed estimates are too
large on average. The estimate is shrunk toward zero by what is known of all registered
claims, and the settlement's own noise is added (Pawel and Held 2020, PLOS ONE
15:e0231416). Shrinking by the claims' true distribution makes the prediction right
whatever rule on the data chose which of them to publish.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import factorial, hyp1f1, ndtr, ndtri, stdtrit

from workbench.stats.sums import Floats

FEWEST_STUDIES = 20  # of ten, a true scale of one error comes out nought in 1 of 9
FEWEST_WINDOWS = 3
TAIL = 0.9  # the quantile at which the interval that claims seal ends
GRID = 200
FAR = 50.0  # z^2 / 2 from which the series in its inverse is exact to the last digits
TERMS = 25


@dataclass(frozen=True, slots=True)
class Predictive:
    """A normal distribution for an estimate that is still to come.

    Attributes:
        mean: Mean, in the estimate's measure.
        sd: Standard deviation, in the same, above zero.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and 0 < self.sd < math.inf):
            raise ValueError(
                f"needs a finite mean and an sd above zero; got {self.mean}, {self.sd}"
            )

    def probability_above(self, x: float) -> float:
        """Chance that the estimate exceeds x."""
        return float(ndtr((self.mean - x) / self.sd))

    def probability_between(self, low: float, high: float) -> float:
        """Chance that the estimate lies between low and high; 0 where low >= high."""
        below, above = (low - self.mean) / self.sd, (high - self.mean) / self.sd
        if below > 0:  # in the upper tail both are near 1, and their difference is lost
            below, above = -above, -below
        return max(0.0, float(ndtr(above) - ndtr(below)))

    def interval(self, level: float) -> tuple[float, float]:
        """Ends that hold the estimate with probability `level`, each missing half."""
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1; got {level}")
        reach = float(ndtri((1 + level) / 2)) * self.sd
        return self.mean - reach, self.mean + reach


def predict(
    estimate: float,
    se: float,
    *,
    sd: float,
    settlement_size: int,
    tau: float | None = None,
    drift: float = 0.0,
) -> Predictive:
    """What a claim predicts for the estimate from a fresh settlement sample.

    Args:
        estimate: The claim's estimate.
        se: Its standard error.
        sd: Standard deviation of one occurrence: se times the root of the occurrences.
        settlement_size: Occurrences that will settle the claim.
        tau: `shrinkage_scale` of all registered claims, in standard deviations of one
            occurrence; None where there are too few of them.
        drift: `drift` of the estimate from window to window, in its own measure.

    Raises:
        ValueError: An argument is out of range.
    """
    if not (sd > 0 and settlement_size >= 1 and drift >= 0):
        raise ValueError(
            "sd must be above zero, settlement_size at least 1 and drift not negative; "
            f"got {sd}, {settlement_size}, {drift}"
        )
    scale = None if tau is None else tau * sd
    mean, variance = shrink(estimate, se, scale=scale)
    return Predictive(mean, math.sqrt(variance + sd**2 / settlement_size + drift**2))


def shrink(estimate: float, se: float, *, scale: float | None) -> tuple[float, float]:
    """Mean and variance of the truth behind an estimate, given what claims are like.

    With a scale, truths are N(0, scale^2): mean B * estimate and variance B * se^2,
    B = scale^2 / (scale^2 + se^2). Without one, half of an estimate is believed before
    it is seen, by our convention; but a fixed half would also halve an estimate sixty
    standard errors from zero, a sure loss. So the share believed has a Beta(1/2, 1/2)
    prior, whose mean is one half, and the estimate moves it: the horseshoe with global
    scale se (Carvalho, Polson and Scott 2010, Biometrika 97:465). It believes 1/3 of an
    estimate at zero, 1 - 2 / z^2 of one z standard errors away.

    Args:
        estimate: The estimate.
        se: Its standard error, above zero.
        scale: Standard deviation of true effects, in the estimate's measure; or None.

    Raises:
        ValueError: An argument is out of range.
    """
    if not (math.isfinite(estimate) and 0 < se < math.inf):
        raise ValueError(
            f"needs a finite estimate and an se above zero; got {estimate}, {se}"
        )
    if scale is None:
        share, spread = _share_believed(estimate / se)
        return share * estimate, share * se**2 + spread * estimate**2
    if scale < 0:
        raise ValueError(f"scale must not be negative; got {scale}")
    share = scale**2 / (scale**2 + se**2)
    return share * estimate, share * se**2


def _share_believed(z: float) -> tuple[float, float]:
    """Posterior mean and variance of the horseshoe's share u = 1 - kappa, given z.

    Its density is u^(-1/2) exp(s u) on (0, 1), s = z^2 / 2. The moments are known in
    closed form, mean (q - 1) / (2 s) with q = sqrt(s) / dawsn(sqrt(s)), but near zero
    and far from it that form cancels. Here both come from integrals of positive series:
    in s for the powers of u, in 1 / s for the powers of 1 - u.
    """
    s = z * z / 2
    order = np.arange(3)
    if s < FAR:
        integrals = hyp1f1(order + 0.5, order + 1.5, s) / (order + 0.5)
    else:
        j = np.arange(TERMS)
        root = np.cumprod(np.append(1.0, 1 - 0.5 / j[1:]))  # (1 - kappa)^(-1/2)
        powers = order[:, None] + j
        integrals = (root * factorial(powers) * s ** -powers.astype(float)).sum(axis=1)
    first, second = integrals[1:] / integrals[0]
    mean, variance = float(first), float(second - first**2)
    return (mean if s < FAR else 1 - mean), variance


def shrinkage_scale(estimates: Sequence[float], ses: Sequence[float]) -> float | None:
    """Standard deviation of true effects over all registered claims, nulls included.

    Maximum likelihood in estimate ~ N(0, tau^2 + se^2): the best of zero and the roots
    of the likelihood's slope, between which it may have several peaks.

    Args:
        estimates: Every registered claim's estimate over the standard deviation of one
            occurrence, so that all are on one scale and a claim's effect does not grow
            with its sample. Claims that were not published belong here too.
        ses: Their standard errors on that scale: 1 / sqrt(occurrences).

    Returns:
        tau, in standard deviations of one occurrence; None below `FEWEST_STUDIES`.

    Raises:
        ValueError: The lengths differ, or a standard error is not above zero.
    """
    values, errors = _paired(estimates, ses)
    if len(values) < FEWEST_STUDIES:
        return None
    from scipy.optimize import brentq

    squares, variances = values**2, errors**2

    def slope(tau: float) -> float:
        total = variances + tau * tau
        return float(((squares - total) / total**2).sum())

    def log_likelihood(tau: float) -> float:
        total = variances + tau * tau
        return -float((np.log(total) + squares / total).sum())

    grid = np.linspace(0, math.sqrt(squares.max()), GRID).tolist()
    peaks = [
        float(brentq(slope, left, right, xtol=1e-300, rtol=1e-14))
        for left, right in pairwise(grid)
        if slope(left) > 0 >= slope(right)
    ]
    return max([0.0, *peaks], key=log_likelihood)


def drift(estimates: Sequence[float], ses: Sequence[float]) -> float:
    """How far a new window's truth lies from what the past ones share: a deviation.

    DerSimonian and Laird (1986): the excess of k windows' scatter over their standard
    errors; and as much again over k for their mean (Higgins, Thompson and Spiegelhalter
    2009, JRSS-A 172:137), who take Student's quantile with k - 2 degrees of freedom: a
    normal of this deviation has its 80 % interval.

    Args:
        estimates: One per window. Windows that share outcomes are alike, and what is
            found is then too small.
        ses: Their standard errors.

    Returns:
        In the estimates' measure; 0 when there are fewer than `FEWEST_WINDOWS`.

    Raises:
        ValueError: The lengths differ, or a standard error is not above zero.
    """
    values, errors = _paired(estimates, ses)
    if len(values) < FEWEST_WINDOWS:
        return 0.0
    weights = errors**-2
    total = weights.sum()
    scatter = (weights * (values - weights @ values / total) ** 2).sum()
    excess = (scatter - (len(values) - 1)) / (total - (weights**2).sum() / total)
    k = len(values)
    wider = float(stdtrit(k - 2, TAIL) / ndtri(TAIL))
    return math.sqrt(max(0.0, float(excess)) * (1 + 1 / k)) * wider


def _paired(estimates: Sequence[float], ses: Sequence[float]) -> tuple[Floats, Floats]:
    if len(estimates) != len(ses) or not all(se > 0 for se in ses):
        raise ValueError("every estimate needs a standard error above zero")
    return np.asarray(estimates, dtype=float), np.asarray(ses, dtype=float)
