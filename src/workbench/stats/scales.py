"""Net promoter score, ratio of two shares, quantile, mean of bounded scores."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from workbench.stats.betting import betting_interval
from workbench.stats.intervals import (
    FEWEST_UNITS,
    balanced,
    covariance,
    mean,
    mean_of,
    ratio,
    two_arms,
)
from workbench.stats.looks import (
    Estimate,
    FixedSample,
    Look,
    Measured,
    Sequence,
    exponentiated,
    seen,
    stated,
)
from workbench.stats.quantiles import quantile_interval
from workbench.stats.sums import Contrast, Floats, Sample

PROMOTER, DETRACTOR = 9, 6  # at least, at most, on a scale from 0 to 10
ADDED = 0.75  # promoters and detractors each, and ADDED_ALL answers in all
ADDED_ALL = 3
HUNDRED = 100.0
SCORES = (-HUNDRED, HUNDRED)
SCORE_DIFFERENCES = (-2 * HUNDRED, 2 * HUNDRED)


def promoter_scores(answers: Floats) -> Floats:
    """1 for a promoter (9, 10), -1 for a detractor (0 to 6), 0 for the others."""
    promoters, detractors = answers >= PROMOTER, answers <= DETRACTOR
    return np.asarray(promoters.astype(np.float64) - detractors.astype(np.float64))


def nps(sample: Sample, look: Look) -> Estimate:
    """Net promoter score, promoters minus detractors in a hundred answers.

    Adjusted Wald (Rocks 2016, The American Statistician 70; adding three quarters of a
    promoter, of a detractor, and three answers in all); where units recur, the
    linearised ratio.

    Args:
        sample: Of `promoter_scores`.
        look: For one look, or for all.
    """
    if sample.units < FEWEST_UNITS:
        return stated(look, "net promoter score")
    return seen(_score(sample), look)


def nps_difference(contrast: Contrast, look: Look) -> Estimate:
    """Net promoter score of the treated minus that of the reference."""
    method = "difference of net promoter scores"
    treated, reference = contrast.treated, contrast.reference
    if min(treated.units, reference.units) < FEWEST_UNITS:
        return stated(look, method)
    one, other = _score(treated), _score(reference)
    together = 0.0
    if contrast.shared_units:
        together = 2 * covariance(contrast) * HUNDRED**2
    se = math.sqrt(max(one.se**2 + other.se**2 - together, 0.0))
    return seen(
        Measured(
            estimate=one.estimate - other.estimate,
            centre=_centre(one) - _centre(other),
            se=se,
            df=min(one.df, other.df),
            information=two_arms(contrast, se / HUNDRED),
            method=method,
            limits=SCORE_DIFFERENCES,
        ),
        look,
    )


def risk_ratio(contrast: Contrast, look: Look) -> Estimate:
    """Share of the treated over share of the reference, on the logarithm.

    Half an occurrence with the outcome is added to each arm (Walter 1975), so that none
    is needed. Where units recur, the linearised errors of both shares; but where an
    arm's share is 0 or 1 and its variance says nothing, Walter with each arm's units as
    its size.
    """
    treated, reference = contrast.treated, contrast.reference
    once = contrast.n == contrast.units
    method = "ratio of shares, log scale" + ("" if once else ", clustered by unit")
    if min(treated.units, reference.units) < FEWEST_UNITS:
        return stated(look, method)
    said = all(0 < arm.total < arm.n for arm in (treated, reference))
    log = _linearised_log(contrast) if said and not once else _walter(contrast)
    return exponentiated(seen(replace(log, method=method), look))


def quantile(values: Floats, q: float, look: Look) -> Estimate:
    """The value below which a share q of the units lie.

    Of one look: order statistics around n q (Wilks 1948); of all looks: the exact
    binomial sequence at q inverted (Howard and Ramdas 2022, Bernoulli 28). The standard
    error is the width of the one-look interval over twice its normal quantile.
    """
    method = f"{q:g} quantile, order statistics"
    if len(values) < FEWEST_UNITS:
        return stated(look, method)
    ordered = np.sort(values)
    z = float(ndtri(1 - look.alpha / 2))
    wilks = _ranks(ordered, q, z)
    se = (wilks[1] - wilks[0]) / (2 * z)
    ends: tuple[float, float] | None = wilks
    if isinstance(look, Sequence):
        found = quantile_interval(values, q, planned=look.planned, alpha=look.alpha)
        low, high = found
        ends = None if low is None or high is None else (low, high)
        method = f"{q:g} quantile, exact"
    estimate = float(np.quantile(ordered, q, method="inverted_cdf"))
    return stated(look, method, estimate, ends, se, information=len(values))


def bounded_mean(
    sample: Sample,
    values: Floats,
    batches: NDArray[np.int64],
    bounds: tuple[float, float],
    look: Look,
) -> Estimate:
    """Mean of values that lie between two bounds; exact from the first value on.

    Waudby-Smith and Ramdas (2024, JRSS-B 86): bets on the next batch, made before it is
    seen. One look takes the mean's own interval.

    Args:
        sample: Of the values, each unit once.
        values: One per unit.
        batches: Number of the instant at which each began, ascending with time.
        bounds: Smallest and largest value.
        look: For one look, or for all.
    """
    low, high = bounds
    method = "mean of bounded values, betting"
    if sample.units < FEWEST_UNITS or isinstance(look, FixedSample):
        return mean(sample, look)
    order = np.argsort(batches, kind="stable")
    scaled = (values[order] - low) / (high - low)
    ends = betting_interval(scaled, batches[order], alpha=look.alpha)
    estimate, se = ratio(sample.moments)
    turned = (low + ends[0] * (high - low), low + ends[1] * (high - low))
    within = (min(turned[0], estimate), max(turned[1], estimate))
    return stated(look, method, estimate, within, se, information=sample.n)


def _score(sample: Sample) -> Measured:
    """A net promoter score in a hundred answers."""
    n = sample.n
    if n != sample.units:
        plain = mean_of(sample, "net promoter score, clustered by unit")
        return replace(
            plain,
            estimate=plain.estimate * HUNDRED,
            se=plain.se * HUNDRED,
            limits=SCORES,
        )
    net = sample.total
    voiced = sample.squares + net * net / n  # promoters and detractors together
    promoters, detractors = (voiced + net) / 2, (voiced - net) / 2
    p = (promoters + ADDED) / (n + ADDED_ALL)
    d = (detractors + ADDED) / (n + ADDED_ALL)
    variance = (p + d - (p - d) ** 2) / (n + ADDED_ALL)
    return Measured(
        estimate=net / n * HUNDRED,
        centre=(p - d) * HUNDRED,
        se=math.sqrt(variance) * HUNDRED,
        df=math.inf,
        information=float(n),
        method="net promoter score, adjusted Wald",
        limits=SCORES,
        fixed="normal",
    )


def _walter(contrast: Contrast) -> Measured:
    """Logarithm of a ratio of shares, with each arm's units as its size."""
    log, variance, sizes = 0.0, 0.0, []
    for arm, sign in ((contrast.treated, 1), (contrast.reference, -1)):
        size = arm.units
        with_it = arm.total / arm.n * size + 0.5
        log += sign * math.log(with_it / (size + 0.5))
        variance += 1 / with_it - 1 / (size + 0.5)
        sizes.append(size)
    return Measured(
        estimate=log,
        se=math.sqrt(max(variance, 0.0)),
        df=min(sizes) - 1,
        information=balanced(*sizes),
        method="",
    )


def _linearised_log(contrast: Contrast) -> Measured:
    """The same where units recur; both shares strictly between 0 and 1."""
    treated, reference = contrast.treated, contrast.reference
    (p1, se1), (p0, se0) = ratio(treated.moments), ratio(reference.moments)
    shared = covariance(contrast) if contrast.shared_units else 0.0
    variance = (se1 / p1) ** 2 + (se0 / p0) ** 2 - 2 * shared / (p1 * p0)
    n1, n0 = treated.n, reference.n
    apart = (1 - p1) / (p1 * n1) + (1 - p0) / (p0 * n0)  # were no unit to recur
    worth = min(1.0, apart / variance) if variance > 0 else 1.0
    return Measured(
        estimate=math.log(p1) - math.log(p0),
        se=math.sqrt(max(variance, 0.0)),
        df=min(treated.units, reference.units) - 1,
        information=balanced(n1, n0) * worth,
        method="",
    )


def _centre(measured: Measured) -> float:
    return measured.estimate if measured.centre is None else measured.centre


def _ranks(ordered: Floats, q: float, z: float) -> tuple[float, float]:
    n = len(ordered)
    reach = z * math.sqrt(n * q * (1 - q))
    low, high = math.floor(n * q - reach), math.ceil(n * q + reach)
    return float(ordered[max(low - 1, 0)]), float(ordered[min(high, n - 1)])
