"""Means, shares and their differences: estimate, standard error, interval of a look.

One idea serves them all. An estimate is a ratio of sums over units; a unit's influence
on it is its residual over the denominator (linearisation); the variance is the sum of
the squared influences, times G / (G - 1) for G units. Where every unit occurs once this
is the textbook formula to the last digit (Student, Welch), and where units recur it is
robust to any dependence within a unit.

The information is counted in independent occurrences: what was counted, over the design
effect where units recur; of two arms four times n1 n0 / (n1 + n0), which is their sum
when they are equal and less when they are not. So an allocation that drifts from look
to look is counted as what it is worth.
"""

import math
from dataclasses import replace

from scipy.special import ndtri, stdtrit

from workbench.stats import binomial
from workbench.stats.looks import (
    Estimate,
    FixedSample,
    Look,
    Measured,
    Sequence,
    seen,
    stated,
)
from workbench.stats.sums import Contrast, Moments, Sample

FEWEST_UNITS = 2
NO_VARIATION = 1e-12  # what rounding leaves of nought, beside what was subtracted
SHARES = (0.0, 1.0)
DIFFERENCES = (-1.0, 1.0)


def mean(sample: Sample, look: Look) -> Estimate:
    """Mean outcome of an occurrence, in the outcome's measure.

    Linearised ratio of sums over units (Cochran 1977, section 6.3); units - 1 degrees
    of freedom.
    """
    method = "mean" if _once(sample) else "mean, clustered by unit"
    if sample.units < FEWEST_UNITS:
        return stated(look, method)
    return seen(mean_of(sample, method), look)


def proportion(sample: Sample, look: Look) -> Estimate:
    """Share of occurrences with the outcome.

    Of one look: Wilson (1927); where units recur, Wilson at the effective sample size
    p (1 - p) / variance, with Student's quantile at units - 1 degrees of freedom (after
    Korn and Graubard 1998). The effective size is at most the occurrences, and the
    units where the share is 0 or 1 and the variance says nothing.

    Of all looks: the exact beta-binomial mixture; where units recur, the Student
    mixture, and the exact one on units where the share is 0 or 1.
    """
    method = "share" if _once(sample) else "share, clustered by unit"
    if sample.units < FEWEST_UNITS:
        return stated(look, method)
    share, se = ratio(sample.moments)
    if isinstance(look, FixedSample):
        return _wilson_of(sample, share, se, look)
    approximate = look.boundary == "robbins-siegmund" or not _once(sample)
    if approximate and 0 < share < 1:
        return seen(replace(mean_of(sample, method), limits=SHARES), look)
    n = sample.n if _once(sample) else sample.units  # then the share is 0 or 1
    return exact_share(share, n, look)


def difference_in_means(contrast: Contrast, look: Look) -> Estimate:
    """Mean of the treated minus mean of the reference; Welch (1947).

    Where units recur, within an arm or across both: influences are added up per unit,
    each arm's corrected by G / (G - 1) for its own G units. Degrees of freedom by
    Satterthwaite over the arms' units, at most distinct units - 1.
    """
    once = contrast.n == contrast.units
    method = "difference in means" if once else "difference in means, clustered by unit"
    if min(contrast.treated.units, contrast.reference.units) < FEWEST_UNITS:
        return stated(look, method)
    fixed = "Welch t" if once else "Student t"
    return seen(replace(difference_of(contrast, method), fixed=fixed), look)


def difference_in_proportions(contrast: Contrast, look: Look) -> Estimate:
    """Share of the treated minus share of the reference; Agresti and Caffo (2000).

    The interval adds one success and one failure to each arm; the estimate is the
    plain difference. Where units recur, as `difference_in_means`; but where an arm's
    share is 0 or 1 and its variance says nothing, Agresti and Caffo with each arm's
    units as its size. A look of boundary `exact` takes the exact difference instead.
    """
    treated, reference = contrast.treated, contrast.reference
    once = contrast.n == contrast.units
    plain = "difference in shares"
    method = plain if once else f"{plain}, clustered by unit"
    if min(treated.units, reference.units) < FEWEST_UNITS:
        return stated(look, method)
    if isinstance(look, Sequence) and look.boundary == "exact" and once:
        return exact_difference(
            (treated.total, treated.n), (reference.total, reference.n), look
        )
    shares = (treated.total / treated.n, reference.total / reference.n)
    if once or not all(0 < share < 1 for share in shares):
        sizes = (treated.units, reference.units)
        return seen(agresti_caffo(sizes, shares, method), look)
    return seen(replace(difference_of(contrast, method), limits=DIFFERENCES), look)


def forecast(
    moments: Moments, look: Look, *, fitted: bool, rows: Moments | None = None
) -> Estimate:
    """What was observed over what was forecast, minus one, over units.

    A forecast by a model that was fitted to the same units varies with them. Let c be a
    unit's influence on the total forecast through the fit. Over all units c adds up to
    nought, so forecast + c has the forecast's total, and the ratio's residual becomes
    observed - ratio * (forecast + c), as it must (Newey and McFadden 1994, section 6).

    Args:
        moments: Of (forecast, observed), or of (forecast + c, observed), one vector per
            unit. A forecast of NaN says nothing.
        look: For one look, or for all.
        fitted: Whether c is in; without it the forecast is taken as given.
        rows: Where units recur the same as `moments`, one vector per occurrence.
    """
    source = "fit included" if fitted else "forecast taken as given"
    method = f"observed total over forecast total minus one, by unit, {source}"
    if moments.units < FEWEST_UNITS or not moments.totals[0] > 0:
        return stated(look, method)
    value, se = ratio(moments)
    worth = float(moments.units)
    if rows is not None and se:
        _, apart = ratio(rows)  # the error if no unit recurred
        worth = rows.units * min(1.0, (apart / se) ** 2)
    return seen(
        Measured(
            estimate=value - 1,
            se=se,
            df=moments.units - 1,
            information=worth,
            method=method,
        ),
        look,
    )


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


def difference_of(contrast: Contrast, method: str) -> Measured:
    """Mean of the treated minus mean of the reference; two units in each arm."""
    treated, reference = contrast.treated, contrast.reference
    (mean1, se1), (mean0, se0) = ratio(treated.moments), ratio(reference.moments)
    apart = se1**2 + se0**2
    together = 2 * covariance(contrast) if se1 and se0 else 0.0
    se = math.sqrt(_left_of(apart, -together))
    if se <= NO_VARIATION * max(abs(mean1), abs(mean0)):
        se = 0.0
    spread = se1**4 / (treated.units - 1) + se0**4 / (reference.units - 1)
    df = min(apart**2 / spread, contrast.units - 1) if spread else 0.0
    return Measured(
        estimate=mean1 - mean0,
        se=se,
        df=df,
        information=two_arms(contrast, se),
        method=method,
    )


def balanced(n1: int, n0: int) -> float:
    """Independent occurrences that two arms are worth at most: their sum if equal."""
    return 4 * n1 * n0 / (n1 + n0)


def two_arms(contrast: Contrast, se: float) -> float:
    """Independent occurrences that a difference with this error rests on."""
    n1, n0 = contrast.treated.n, contrast.reference.n
    most = balanced(n1, n0)
    if contrast.n == contrast.units or not se:
        return most
    apart = contrast.treated.squares / n1**2 + contrast.reference.squares / n0**2
    return most * min(1.0, apart / (se * se))


def covariance(contrast: Contrast) -> float:
    """Covariance of the two arms' means through the units they share."""
    treated, reference = contrast.treated, contrast.reference
    mean1, mean0 = treated.total / treated.n, reference.total / reference.n
    mm, ms, sm, ss = contrast.shared
    products = ss - mean0 * sm - mean1 * ms + mean1 * mean0 * mm
    correction = math.sqrt(
        treated.units / (treated.units - 1) * reference.units / (reference.units - 1)
    )
    return correction * products / (treated.n * reference.n)


def _once(sample: Sample) -> bool:
    return sample.n == sample.units


def mean_of(sample: Sample, method: str) -> Measured:
    """Mean outcome of an occurrence before it is looked at; two units."""
    value, se = ratio(sample.moments)
    worth = float(sample.n)
    if not _once(sample) and se:
        worth = min(worth, sample.squares / sample.n / (se * se))
    return Measured(
        estimate=value, se=se, df=sample.units - 1, information=worth, method=method
    )


def _left_of(*terms: float) -> float:
    """A sum of squares from terms that may cancel: 0 where only rounding is left."""
    left = math.fsum(terms)
    return left if left > NO_VARIATION * math.fsum(map(abs, terms)) else 0.0


def _wilson_of(sample: Sample, share: float, se: float, look: FixedSample) -> Estimate:
    once, tail = _once(sample), 1 - look.alpha / 2
    quantile = float(ndtri(tail) if once else stdtrit(sample.units - 1, tail))
    size = float(sample.n) if once else _effective_size(sample, share, se)
    if once:
        se = math.sqrt(share * (1 - share) / size)
    method = "share, Wilson" if once else "share, clustered by unit, Wilson"
    ends = _wilson(share, size, quantile)
    return stated(look, method, share, ends, se, information=size)


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


def exact_share(share: float, n: int, look: Sequence) -> Estimate:
    """Share of n independent occurrences, by the beta-binomial mixture."""
    successes = round(share * n)
    plan, alpha = look.planned, look.alpha
    # where all came out alike the plain error is nought; Agresti and Caffo's is not
    better = share if 0 < share < 1 else (successes + 1) / (n + 2)
    return stated(
        look,
        "share, exact beta-binomial mixture",
        share,
        binomial.proportion_interval(successes, n, planned=plan, alpha=alpha),
        math.sqrt(better * (1 - better) / n),
        information=n,
        log_e=lambda p0: binomial.log_e_value(
            successes, n, p0, planned=plan, alpha=alpha
        ),
    )


def exact_difference(
    treated: tuple[float, int], reference: tuple[float, int], look: Sequence
) -> Estimate:
    """Difference of two shares of independent occurrences, by two such mixtures.

    Args:
        treated: Occurrences with the outcome, and all of them.
        reference: The same of the reference.
        look: For all looks.
    """
    one, other = (round(treated[0]), treated[1]), (round(reference[0]), reference[1])
    shares = (one[0] / one[1], other[0] / other[1])
    measured = agresti_caffo((one[1], other[1]), shares, "")
    plan, alpha = look.planned, look.alpha
    return stated(
        look,
        "difference in shares, exact beta-binomial mixtures",
        measured.estimate,
        binomial.difference_interval(one, other, planned=plan, alpha=alpha),
        measured.se,
        information=measured.information,
        log_e=lambda delta: binomial.log_e_difference(
            one, other, planned=plan, alpha=alpha, delta=delta
        ),
    )


def agresti_caffo(
    sizes: tuple[int, int], shares: tuple[float, float], method: str
) -> Measured:
    """Difference of two shares with a success and a failure added to each arm."""
    better = [
        (share * size + 1) / (size + 2)
        for share, size in zip(shares, sizes, strict=True)
    ]
    variance = math.fsum(
        p * (1 - p) / (size + 2) for p, size in zip(better, sizes, strict=True)
    )
    return Measured(
        estimate=shares[0] - shares[1],
        centre=better[0] - better[1],
        se=math.sqrt(variance),
        df=math.inf,
        information=balanced(*sizes),
        method=method,
        limits=DIFFERENCES,
        fixed="Agresti-Caffo",
    )
