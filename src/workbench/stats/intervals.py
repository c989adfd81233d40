"""Fixed-sample intervals: they hold for one look at a sample that was fixed beforehand.

One idea serves them all. An estimate is a ratio of sums over units; a unit's influence
on it is its residual over the denominator (linearisation); the variance is the sum of
the squared influences, times G / (G - 1) for G units. Where every unit occurs once this
is the textbook formula to the last digit (Student, Welch), and where units recur it is
robust to any dependence within a unit.
"""

import math
from dataclasses import dataclass, replace

from scipy.special import ndtri, stdtrit

from workbench.core.canonical import rounded
from workbench.stats.sums import Contrast, Moments, Sample

FEWEST_UNITS = 2
NO_VARIATION = 1e-12  # what rounding leaves of nought, beside what was subtracted


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate with its fixed-sample interval, rounded to ten digits.

    Attributes:
        estimate: Point estimate; None when there is too little to say.
        low: Lower end; None when there is no interval.
        high: Upper end; None when there is no interval.
        se: Standard error; None when there is none.
        level: Coverage promised, one minus alpha.
        method: Estimator and interval in the field's words.
    """

    estimate: float | None
    low: float | None
    high: float | None
    se: float | None
    level: float
    method: str


def stated(
    alpha: float,
    method: str,
    estimate: float | None = None,
    ends: tuple[float, float] | None = None,
    se: float | None = None,
) -> Estimate:
    """An estimate, rounded; without one there is too little to say, which is no error.

    Args:
        alpha: One minus the coverage of the ends.
        method: Estimator and interval in the field's words.
        estimate: Point estimate.
        ends: Lower and upper end of the interval.
        se: Standard error.
    """
    low, high = ends or (None, None)
    return Estimate(
        estimate=rounded(estimate),
        low=rounded(low),
        high=rounded(high),
        se=rounded(se),
        level=round(1 - alpha, 10),
        method=method,
    )


def student(
    estimate: float, se: float, df: float, alpha: float, method: str
) -> Estimate:
    """Estimate plus and minus Student's quantile times its standard error.

    A standard error of zero says that the data do not vary, not that the truth is
    known: then there is no interval.
    """
    if not se > 0:
        return stated(alpha, method, estimate)
    reach = float(stdtrit(df, 1 - alpha / 2)) * se
    return stated(alpha, method, estimate, (estimate - reach, estimate + reach), se)


def mean(sample: Sample, alpha: float) -> Estimate:
    """Mean outcome of an occurrence, in the outcome's measure; Student's t.

    Linearised ratio of sums over units (Cochran 1977, section 6.3); units - 1 degrees
    of freedom.
    """
    once = sample.n == sample.units
    method = "mean, Student t" if once else "mean, clustered by unit, Student t"
    if sample.units < FEWEST_UNITS:
        return stated(alpha, method)
    estimate, se = ratio(sample.moments)
    return student(estimate, se, sample.units - 1, alpha, method)


def proportion(sample: Sample, alpha: float) -> Estimate:
    """Share of occurrences with the outcome; Wilson (1927).

    Where units recur: Wilson at the effective sample size p (1 - p) / variance, with
    Student's quantile at units - 1 degrees of freedom (after Korn and Graubard 1998).
    The effective size is at most the occurrences, and the units where the share is 0
    or 1 and the variance says nothing.
    """
    once = sample.n == sample.units
    method = "share, Wilson" if once else "share, clustered by unit, Wilson"
    if sample.units < FEWEST_UNITS:
        return stated(alpha, method)
    share, se = ratio(sample.moments)
    quantile = float(
        ndtri(1 - alpha / 2) if once else stdtrit(sample.units - 1, 1 - alpha / 2)
    )
    size = float(sample.n) if once else _effective_size(sample, share, se)
    if once:
        se = math.sqrt(share * (1 - share) / size)
    ends = _wilson(share, size, quantile)
    return stated(alpha, method, share, ends, se)


def difference_in_means(contrast: Contrast, alpha: float) -> Estimate:
    """Mean of the treated minus mean of the reference; Welch (1947).

    Where units recur, within an arm or across both: influences are added up per unit,
    each arm's corrected by G / (G - 1) for its own G units. Degrees of freedom by
    Satterthwaite over the arms' units, at most distinct units - 1.
    """
    once = contrast.n == contrast.units
    method = (
        "difference in means, Welch t"
        if once
        else "difference in means, clustered by unit, Student t"
    )
    return _difference(contrast, alpha, method)


def difference_in_proportions(contrast: Contrast, alpha: float) -> Estimate:
    """Share of the treated minus share of the reference; Agresti and Caffo (2000).

    The interval adds one success and one failure to each arm; the estimate is the
    plain difference. Where units recur, as `difference_in_means`; but where an arm's
    share is 0 or 1 and its variance says nothing, Agresti and Caffo with each arm's
    units as its size.
    """
    treated, reference = contrast.treated, contrast.reference
    once = contrast.n == contrast.units
    method = (
        "difference in shares, Agresti-Caffo"
        if once
        else "difference in shares, clustered by unit, Student t"
    )
    if min(treated.units, reference.units) < FEWEST_UNITS:
        return stated(alpha, method)
    shares = (treated.total / treated.n, reference.total / reference.n)
    if once or not all(0 < share < 1 for share in shares):
        sizes = (treated.units, reference.units)
        return _agresti_caffo(shares, sizes, alpha, method)
    plain = _difference(contrast, alpha, method)
    if plain.low is None or plain.high is None:
        return plain
    return replace(plain, low=max(plain.low, -1.0), high=min(plain.high, 1.0))


def forecast(moments: Moments, alpha: float, *, fitted: bool) -> Estimate:
    """What was observed over what was forecast, minus one; Student's t over units.

    A forecast by a model that was fitted to the same units varies with them. Let c be a
    unit's influence on the total forecast through the fit. Over all units c adds up to
    nought, so forecast + c has the forecast's total, and the ratio's residual becomes
    observed - ratio * (forecast + c), as it must (Newey and McFadden 1994, section 6).

    Args:
        moments: Of (forecast, observed), or of (forecast + c, observed), one vector per
            unit. A forecast of NaN says nothing.
        alpha: One minus the coverage.
        fitted: Whether c is in; without it the forecast is taken as given.
    """
    source = "fit included" if fitted else "forecast taken as given"
    method = f"observed total over forecast total minus one, by unit, {source}"
    if moments.units < FEWEST_UNITS or not moments.totals[0] > 0:
        return stated(alpha, method)
    estimate, se = ratio(moments)
    return student(estimate - 1, se, moments.units - 1, alpha, method)


def ratio(moments: Moments) -> tuple[float, float]:
    """Second total over the first, and its standard error by linearisation.

    Needs two units and a first total above zero.
    """
    units, (below, above) = moments.units, moments.totals
    (mm, ms), (_, ss) = moments.spread
    value = above / below
    squares = _left_of(ss, -2 * value * ms, value * value * mm)
    se = math.sqrt(squares * units / (units - 1)) / below
    return value, 0.0 if se <= NO_VARIATION * abs(value) else se


def _left_of(*terms: float) -> float:
    """A sum of squares from terms that may cancel: 0 where only rounding is left."""
    left = math.fsum(terms)
    return left if left > NO_VARIATION * math.fsum(map(abs, terms)) else 0.0


def _difference(contrast: Contrast, alpha: float, method: str) -> Estimate:
    treated, reference = contrast.treated, contrast.reference
    if min(treated.units, reference.units) < FEWEST_UNITS:
        return stated(alpha, method)
    (mean1, se1), (mean0, se0) = ratio(treated.moments), ratio(reference.moments)
    apart = se1**2 + se0**2
    # an arm that does not vary has no covariance either, whatever rounding says
    together = 2 * _covariance(contrast, mean1, mean0) if se1 and se0 else 0.0
    se = math.sqrt(_left_of(apart, -together))
    if se <= NO_VARIATION * max(abs(mean1), abs(mean0)):
        return stated(alpha, method, mean1 - mean0)
    satterthwaite = apart**2 / (
        se1**4 / (treated.units - 1) + se0**4 / (reference.units - 1)
    )
    df = min(satterthwaite, contrast.units - 1)
    return student(mean1 - mean0, se, df, alpha, method)


def _covariance(contrast: Contrast, mean1: float, mean0: float) -> float:
    """Covariance of the two arms' means through the units they share."""
    treated, reference = contrast.treated, contrast.reference
    mm, ms, sm, ss = contrast.shared
    products = ss - mean0 * sm - mean1 * ms + mean1 * mean0 * mm
    correction = math.sqrt(
        treated.units / (treated.units - 1) * reference.units / (reference.units - 1)
    )
    return correction * products / (treated.n * reference.n)


def _effective_size(sample: Sample, share: float, se: float) -> float:
    if not 0 < share < 1:
        return float(sample.units)
    variance = se * se * (sample.units - 1) / sample.units
    independent = share * (1 - share) / sample.n
    return sample.n * min(1.0, independent / variance) if variance else float(sample.n)


def _wilson(share: float, size: float, quantile: float) -> tuple[float, float]:
    square = quantile * quantile
    middle = (share + square / (2 * size)) / (1 + square / size)
    reach = (
        quantile
        / (1 + square / size)
        * math.sqrt(share * (1 - share) / size + square / (4 * size * size))
    )
    # at 0 and 1 an end is exact, whatever the last bits of the formula say
    low = 0.0 if share == 0 else middle - reach
    high = 1.0 if share == 1 else middle + reach
    return low, high


def _agresti_caffo(
    shares: tuple[float, float], sizes: tuple[int, int], alpha: float, method: str
) -> Estimate:
    better = [
        (share * size + 1) / (size + 2)
        for share, size in zip(shares, sizes, strict=True)
    ]
    se = math.sqrt(
        math.fsum(
            p * (1 - p) / (size + 2) for p, size in zip(better, sizes, strict=True)
        )
    )
    middle, reach = better[0] - better[1], float(ndtri(1 - alpha / 2)) * se
    estimate = shares[0] - shares[1]
    # at a large alpha the moved middle can leave the plain difference outside
    ends = (
        max(min(middle - reach, estimate), -1.0),
        min(max(middle + reach, estimate), 1.0),
    )
    return stated(alpha, method, estimate, ends, se)
