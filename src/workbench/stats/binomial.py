"""Shares, exactly: confidence sequences for a proportion and for a difference of two.

The bet against a share p0 spreads its stake over all shares by a Beta distribution
centred on p0; what it has won is a ratio of Beta functions. Nothing is approximated, so
it holds from the first occurrence on, with no success or with nothing but successes.

The log of the e-value is convex in p0: up to a constant it is the sum over successes
j = 0, 1, ... of log(kappa + j / p0), and likewise over failures. So the shares that are
not refuted form an interval, with one crossing on each side of the share seen; and the
least over a nuisance share is convex again.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.special import betaln, expit, xlog1py, xlogy

from workbench.stats.sums import Floats

LEAST_CONCENTRATION = 1e-3
LEAST_SHARE = 1e-290  # below it Beta functions overflow; it counts as nought
MOST_LOG_ODDS = 30.0
NEAREST = 1e-9  # to an end at which the e-value is infinite, as part of the way there

Arm = tuple[int, int]
"""Successes and occurrences."""


def concentration(*, planned: float, alpha: float) -> float:
    """Weight of the mixing Beta distribution, in occurrences.

    Makes the interval narrow near the plan: n / (2 L + log(1 + 2 L)) - 1 with
    L = log(1 / alpha) (Howard, Ramdas, McAuliffe and Sekhon 2021, as in confseq).

    Raises:
        ValueError: `planned` is not positive or `alpha` is not between 0 and 1.
    """
    if not (planned > 0 and 0 < alpha < 1):
        raise ValueError(
            "planned must be positive and alpha between 0 and 1,"
            f" got planned={planned}, alpha={alpha}"
        )
    doubled = -2 * math.log(alpha)
    return max(planned / (doubled + math.log1p(doubled)) - 1, LEAST_CONCENTRATION)


def log_e_values(
    successes: Floats, n: Floats | float, p0: Floats | float, kappa: float
) -> Floats:
    """Logarithms of the evidence against shares inside (0, 1), whole arrays at once.

    Beta-binomial mixture (Robbins 1970; Howard et al. 2021, proposition 7).

    Args:
        successes: Occurrences with the outcome; any shape.
        n: Occurrences; one number, or a shape that goes with it.
        p0: Shares under test; likewise.
        kappa: As `concentration` says.
    """
    failures, a, b = n - successes, kappa * p0, kappa * (1 - p0)
    won = betaln(a + successes, b + failures) - betaln(a, b)
    lost = xlogy(successes, p0) + xlog1py(failures, -p0)
    return np.asarray(won - lost)


def log_e_value(
    successes: int, n: int, p0: float, *, planned: float, alpha: float
) -> float:
    """Logarithm of the evidence against the share p0.

    Args:
        successes: Occurrences with the outcome.
        n: Occurrences.
        p0: Share under test.
        planned: Occurrences planned, frozen before the first look.
        alpha: Level whose interval is to be narrow at the plan.

    Returns:
        Infinity where p0 is 0 or 1 and the other outcome was seen.

    Raises:
        ValueError: Not 0 <= successes <= n, p0 is no share, or as `concentration`.
    """
    _check((successes, n))
    if not 0 <= p0 <= 1:
        raise ValueError(f"p0 must be between 0 and 1, got {p0}")
    return _log_e((successes, n), p0, concentration(planned=planned, alpha=alpha))


def proportion_interval(
    successes: int, n: int, *, planned: float, alpha: float
) -> tuple[float, float]:
    """Shares that are not refuted: an interval that holds at every look.

    Args:
        successes: Occurrences with the outcome.
        n: Occurrences; with none the interval is 0 to 1.
        planned: Occurrences planned, frozen before the first look.
        alpha: One minus the coverage over all looks.

    Raises:
        ValueError: Not 0 <= successes <= n, or as `concentration`.
    """
    _check((successes, n))
    kappa = concentration(planned=planned, alpha=alpha)

    def lowest(arm: Arm) -> float:
        return _crossing(
            lambda p0: _log_e(arm, p0, kappa) + math.log(alpha), 0.0, _share(arm)
        )

    return lowest((successes, n)), 1 - lowest((n - successes, n))


def log_e_difference(
    treated: Arm, reference: Arm, *, planned: float, alpha: float, delta: float
) -> float:
    """Logarithm of the evidence against a difference, treated minus reference share.

    The product of both arms' e-values, at the reference share that it refutes least: a
    valid e-value whatever that share and however occurrences fall to the arms. It
    needs no event.

    Args:
        treated: Successes and occurrences of the arm that is compared.
        reference: The same of the arm it is compared with.
        planned: Occurrences planned in both arms together, frozen beforehand; half of
            them is each arm's plan.
        alpha: Level whose interval is to be narrow at the plan.
        delta: Difference under test.

    Raises:
        ValueError: Not 0 <= successes <= occurrences, `delta` is not between -1 and 1,
            or as `concentration`.
    """
    _check(treated, reference)
    if not -1 <= delta <= 1:
        raise ValueError(f"delta must be between -1 and 1, got {delta}")
    kappa = concentration(planned=planned / 2, alpha=alpha)
    return _least(treated, reference, delta, kappa)


def difference_interval(
    treated: Arm, reference: Arm, *, planned: float, alpha: float
) -> tuple[float, float]:
    """Differences of shares that are not refuted, by `log_e_difference`.

    Args:
        treated: Successes and occurrences of the arm that is compared.
        reference: The same of the arm it is compared with.
        planned: Occurrences planned in both arms together, frozen beforehand.
        alpha: One minus the coverage over all looks.

    Raises:
        ValueError: Not 0 <= successes <= occurrences, or as `concentration`.
    """
    _check(treated, reference)
    kappa = concentration(planned=planned / 2, alpha=alpha)

    def lowest(one: Arm, other: Arm) -> float:
        return _crossing(
            lambda delta: _least(one, other, delta, kappa) + math.log(alpha),
            -1.0,
            _share(one) - _share(other),
        )

    return lowest(treated, reference), -lowest(reference, treated)


def _check(*arms: Arm) -> None:
    for successes, n in arms:
        if not 0 <= successes <= n:
            raise ValueError(
                f"successes must be between 0 and n, got {successes} of {n}"
            )


def _share(arm: Arm) -> float:
    """Share seen; of nothing 0, as good as any other, for none is refuted."""
    successes, n = arm
    return successes / max(n, 1)


def _log_e(arm: Arm, p0: float, kappa: float) -> float:
    successes, n = arm
    if LEAST_SHARE < p0 < 1:
        return float(log_e_values(np.array([float(successes)]), n, p0, kappa)[0])
    # with its centre at an end the stake lies in one point, and nothing can be won
    return 0.0 if successes == n * round(p0) else math.inf


def _least(treated: Arm, reference: Arm, delta: float, kappa: float) -> float:
    """Least of the product over the reference share, at its ends or in between."""
    from scipy.optimize import minimize_scalar

    def product(p0: float) -> float:
        p1 = min(max(p0 + delta, 0.0), 1.0)
        return _log_e(treated, p1, kappa) + _log_e(reference, p0, kappa)

    low, high = max(0.0, -delta), min(1.0, 1 - delta)
    ends = min(product(low), product(high))
    if not low < high:
        return ends
    # in log odds, for the least may lie close to an end where the product is steep
    inside = minimize_scalar(
        lambda odds: product(low + (high - low) * float(expit(odds))),
        bounds=(-MOST_LOG_ODDS, MOST_LOG_ODDS),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return min(ends, float(inside.fun))


def _crossing(excess: Callable[[float], float], end: float, seen: float) -> float:
    """Where `excess`, negative at `seen`, comes to nought on the way to the end below.

    The end itself where it does not. There the e-value may be infinite though it stays
    small all the way, as with one success: hence the last point before it.
    """
    from scipy.optimize import brentq

    last = end + NEAREST * (seen - end)
    if seen == end or excess(last) < 0:
        return end
    return float(brentq(excess, last, seen, xtol=1e-14))
