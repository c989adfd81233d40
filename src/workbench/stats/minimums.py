"""Whether the data bear an interval: the fewest units, clusters, events, and skewness.

An interval by a standard error trusts the central limit theorem. Each rule here is the
point below which simulations show that trust betrayed (the handbook's simulations, S2):
where one fails the engine states no interval, and the look decides nothing.
"""

import math

import numpy as np
from numpy.typing import NDArray

from workbench.core.canonical import rounded
from workbench.core.evidence import Check
from workbench.stats.intervals import NO_VARIATION
from workbench.stats.sums import Floats, unit_totals

FEWEST_UNITS = 30
FEWEST_CLUSTERS = 20  # below, a covariance by cluster is itself a guess
SURE_CLUSTERS = 40  # below, Student's quantile makes up for it, more or less
FEWEST_EVENTS = 25
EVENTS_A_COEFFICIENT = 10
COCHRAN = 25  # occurrences for each squared unit of skewness


def enough_units(units: int) -> Check:
    """At least 30 distinct units, each there once."""
    return _at_least("small-n", units, FEWEST_UNITS)


def enough_carriers(weights: Floats) -> Check:
    """At least 30 units that carry a coefficient, as though all carried alike.

    (sum w^2)^2 / sum w^4: Kish's effective number, and Satterthwaite's degrees of
    freedom of a variance whose parts weigh w^2. Of 300 units of whom 2 were exposed,
    two carry it.

    Args:
        weights: Of each unit, as `coefficient.influences` gives them.
    """
    return _at_least("small-n", carriers(weights), FEWEST_UNITS)


def carriers(weights: Floats) -> float:
    """Units that carry a coefficient, as though all carried alike; nought if none."""
    squares = (weights / (np.abs(weights).max(initial=0.0) or 1.0)) ** 2
    fourth = float((squares**2).sum())
    return float(squares.sum()) ** 2 / fourth if fourth > 0 else 0.0


def enough_clusters(units: int) -> Check:
    """At least 20 units where they recur (Cameron and Miller 2015)."""
    return _at_least("unit-of-analysis", units, FEWEST_CLUSTERS)


def enough_events(
    outcomes: Floats, coefficients: int = 0, carried: float = 1.0
) -> Check:
    """At least 25 occurrences with the outcome and 25 without it.

    Of a model also ten of each for every coefficient that was fitted to them (Peduzzi
    and others 1996, Journal of Clinical Epidemiology 49).

    Args:
        outcomes: 1 and 0, one per occurrence, of all arms.
        coefficients: Of the model; none where nothing was fitted.
        carried: Share of the units that carry a coefficient; theirs are the outcomes
            that count.
    """
    events = int(outcomes.sum())
    wanted = max(FEWEST_EVENTS, EVENTS_A_COEFFICIENT * coefficients)
    rarer = carried * min(events, len(outcomes) - events)
    return _at_least("rare-events", rarer, wanted)


def skewed_little(influences: Floats, weights: Floats | None = None) -> Check:
    """At least 25 units for each squared unit of skewness (Cochran 1977).

    The skewness is that of the influences on the estimate, so that of a difference what
    is skewed alike in both arms cancels.

    Where few units carry a coefficient, as in a small arm, their influences alone know
    too little of a long tail: a sample that missed it looks even. So what skewness the
    weights let through of the residuals of all units, as though of one distribution,
    is worked out too, and the larger counts.

    Args:
        influences: One per unit; they add up to about nought.
        weights: Of a comparison how much of a unit's residual is its influence.
    """
    n = len(influences)
    of_sum = abs(_skewness_of_sum(influences))
    if weights is not None:
        of_sum = max(of_sum, abs(_skewness_let_through(influences, weights)))
    return _at_least("skew", n, COCHRAN * n * of_sum**2)


def mature(ripe: NDArray[np.bool_]) -> Check:
    """No occurrence whose outcome is not known yet: the fast ones would be too many."""
    return _none_of("immature", ~ripe)


def looked_back(known: NDArray[np.bool_]) -> Check:
    """No occurrence that began at or after the run's date, or uses what came later."""
    return _none_of("look-ahead", ~known)


def influences_of_mean(units: NDArray[np.int64], values: Floats) -> Floats:
    """Each unit's influence on the mean of an occurrence, in the order of units."""
    return influences_of_ratio(units, np.ones(len(values)), values)


def influences_of_ratio(
    units: NDArray[np.int64], below: Floats, above: Floats
) -> Floats:
    """Each unit's influence on a ratio of two totals, in the order of units.

    Noughts where the total below is not above zero, and there is no ratio.
    """
    ids, _, downs = unit_totals(units, below)
    _, _, ups = unit_totals(units, above)
    total = downs.sum()
    if not total > 0:
        return np.zeros(len(ids))
    return np.asarray((ups - ups.sum() / total * downs) / total)


def influences_of_difference(
    units: NDArray[np.int64], values: Floats, treated: NDArray[np.bool_]
) -> Floats:
    """Each unit's influence on the difference of two means."""
    total = np.zeros(int(units.max()) + 1 if len(units) else 0)
    for arm, sign in ((treated, 1.0), (~treated, -1.0)):
        there = np.unique(units[arm])
        total[there] += sign * influences_of_mean(units[arm], values[arm])
    return total[np.unique(units)] if len(units) else total


def weights_of_difference(
    units: NDArray[np.int64], treated: NDArray[np.bool_]
) -> Floats:
    """How much of each unit's residual is its influence, in the order of units.

    An arm of few carries more: a tail that it has not shown yet would move it most.
    """
    arms = np.array([np.count_nonzero(~treated), np.count_nonzero(treated)])
    shares = 1 / np.maximum(arms, 1) * (-1.0, 1.0)
    rows = shares[treated.astype(np.int64)]
    signs = np.sign(unit_totals(units, rows)[2])
    return np.asarray(signs * np.sqrt(unit_totals(units, rows**2)[2]))


def _skewness_of_sum(parts: Floats) -> float:
    """Skewness of a sum of independent parts about nought: theirs over sqrt(n)."""
    squares = math.fsum((parts**2).tolist())
    return math.fsum((parts**3).tolist()) / squares**1.5 if squares > 0 else 0.0


def _skewness_let_through(influences: Floats, weights: Floats) -> float:
    """The same were all units' residuals, influence over weight, of one distribution.

    Units whose weight is nought but for rounding, as those of a third group are, carry
    nothing and have no residual here.
    """
    carry = np.abs(weights) > NO_VARIATION * np.abs(weights).max(initial=0.0)
    residuals = influences[carry] / weights[carry]
    of_one = math.sqrt(len(residuals)) * _skewness_of_sum(residuals)
    return of_one * _skewness_of_sum(weights)


def _at_least(code: str, measured: float, threshold: float) -> Check:
    return Check(
        code=code,  # type: ignore[arg-type]  # one of this module's own
        measured=rounded(measured) or 0.0,
        threshold=rounded(threshold) or 0.0,
        passed=measured >= threshold,
    )


def _none_of(code: str, wrong: NDArray[np.bool_]) -> Check:
    count = int(wrong.sum())
    return Check(
        code=code,  # type: ignore[arg-type]  # one of this module's own
        measured=float(count),
        threshold=0.0,
        passed=count == 0,
    )
