"""How many occurrences a question needs, decided before and never on the effect seen.

For choosing `planned_occurrences` of a claim; how many are still to come is the
takeaway's own sum (`takeaways.needed`). The effect is the registered smallest effect of
interest: power computed on an observed effect is a p-value in disguise.
"""

import math

from scipy.special import ndtri

POWER = 0.8


def required_occurrences(
    se: float, n: int, smallest_effect: float, alpha: float, power: float = POWER
) -> int:
    """Occurrences at which the smallest effect is found with the given power.

    `((z_{1-alpha/2} + z_power) * se * sqrt(n) / effect)^2`, for one look at a fixed
    sample (Cochran 1977, section 4.6). A standard error that is
    robust by unit brings its design effect along.

    Args:
        se: Standard error seen at `n` occurrences.
        n: Occurrences behind it.
        smallest_effect: Distance from the margin that must not be missed; above 0.
        alpha: One minus the coverage of the interval.
        power: Chance of finding it.
    """
    reach = float(ndtri(1 - alpha / 2) + ndtri(power))
    return math.ceil((reach * se / smallest_effect) ** 2 * n)


def design_effect(occurrences_per_unit: float, intraclass_correlation: float) -> float:
    """How many occurrences are worth one independent occurrence (Kish 1965).

    Args:
        occurrences_per_unit: Mean occurrences of a unit.
        intraclass_correlation: Correlation of two occurrences of one unit.
    """
    return 1 + (occurrences_per_unit - 1) * intraclass_correlation
