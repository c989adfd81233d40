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
from workbench.stats.sums import Floats, unit_totals

FEWEST_UNITS = 30
FEWEST_CLUSTERS = 20  # below, a covariance by cluster is itself a guess
FEWEST_EVENTS = 25
COCHRAN = 25  # occurrences for each squared unit of skewness


def enough_units(units: int) -> Check:
    """At least 30 distinct units."""
    return _at_least("small-n", units, FEWEST_UNITS)


def enough_clusters(units: int) -> Check:
    """At least 20 units where they recur (Cameron and Miller 2015)."""
    return _at_least("unit-of-analysis", units, FEWEST_CLUSTERS)


def enough_events(outcomes: Floats) -> Check:
    """At least 25 occurrences with the outcome and 25 without it.

    Args:
        outcomes: 1 and 0, one per occurrence, of all arms.
    """
    events = int(outcomes.sum())
    return _at_least("rare-events", min(events, len(outcomes) - events), FEWEST_EVENTS)


def skewed_little(influences: Floats) -> Check:
    """At least 25 units for each squared unit of skewness (Cochran 1977).

    The skewness is that of the influences on the estimate, so that of a difference what
    is skewed alike in both arms cancels.

    Args:
        influences: One per unit; they add up to about nought.
    """
    spread = math.fsum((influences**2).tolist())
    cubes = math.fsum((influences**3).tolist())
    # skewness / sqrt(n) of the influences is the skewness of their sum
    of_sum = cubes / spread**1.5 if spread > 0 else 0.0
    wanted = COCHRAN * len(influences) * of_sum**2
    return _at_least("skew", len(influences), wanted)


def mature(ripe: NDArray[np.bool_]) -> Check:
    """No occurrence whose outcome is not known yet: the fast ones would be too many."""
    return _none_of("immature", ~ripe)


def looked_back(known: NDArray[np.bool_]) -> Check:
    """No occurrence that began at or after the run's date."""
    return _none_of("look-ahead", ~known)


def influences_of_mean(units: NDArray[np.int64], values: Floats) -> Floats:
    """Each unit's influence on the mean of an occurrence, in the order of units."""
    _, occurrences, sums = unit_totals(units, values)
    if not len(occurrences):
        return occurrences
    mean = sums.sum() / occurrences.sum()
    return np.asarray((sums - mean * occurrences) / occurrences.sum())


def influences_of_difference(
    units: NDArray[np.int64], values: Floats, treated: NDArray[np.bool_]
) -> Floats:
    """Each unit's influence on the difference of two means."""
    total = np.zeros(int(units.max()) + 1 if len(units) else 0)
    for arm, sign in ((treated, 1.0), (~treated, -1.0)):
        there = np.unique(units[arm])
        total[there] += sign * influences_of_mean(units[arm], values[arm])
    return total[np.unique(units)] if len(units) else total


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
