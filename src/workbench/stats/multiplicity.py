"""Which of many claims hold when all of them are looked at together.

For a family of k claims within one study no function is needed: give each the level
alpha / k (Bonferroni).
"""

import math
from collections.abc import Sequence


def e_bh(log_e_values: Sequence[float], *, q: float) -> tuple[bool, ...]:
    """Which claims hold at false discovery rate q, however they depend on each other.

    e-BH (Wang and Ramdas 2022, JRSS-B 84:822): with K claims, find the largest k such
    that k of them have an e-value of at least K / (q k); those k hold. It bounds the
    expected share of false ones among them by q, under any dependence and at any
    stopping time, provided that all registered claims are in, not only those shown.

    Args:
        log_e_values: Natural logarithm of each claim's e-value; -inf for 0.
        q: False discovery rate, above 0 and at most 1.

    Returns:
        One answer per claim, in the order given.

    Raises:
        ValueError: q is out of range, or a logarithm is not a number.
    """
    if not 0 < q <= 1:
        raise ValueError(f"q must be above 0 and at most 1; got {q}")
    if any(map(math.isnan, log_e_values)):
        raise ValueError("an e-value is not a number; a claim without one has e = 1")
    claims = len(log_e_values)
    threshold = math.inf
    for rank, value in enumerate(sorted(log_e_values, reverse=True), start=1):
        needed = math.log(claims / (q * rank))
        if value >= needed:
            threshold = needed
    return tuple(value >= threshold for value in log_e_values)
