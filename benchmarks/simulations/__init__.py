"""Simulations in which the truth is known: what was promised beside what came out.

Each module has a list `SIMULATIONS` of functions of (paths, seed). Called without
arguments they run at full size; the same seed gives the same rows.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One quantity that a simulation measured, beside what was expected.

    Attributes:
        id: Simulation, such as "S1".
        design: What was simulated, in words.
        quantity: What was measured, in words.
        expected: Number known beforehand, or the ends of a range that holds it.
        measured: What came out.
        se: Monte Carlo standard error of `measured`; 0 where nothing was drawn.
    """

    id: str
    design: str
    quantity: str
    expected: float | tuple[float, float]
    measured: float
    se: float

    def holds(self, errors: float = 4.0) -> bool:
        """Whether `measured` is within so many standard errors of what was expected."""
        ends = self.expected if isinstance(self.expected, tuple) else [self.expected]
        reach = errors * self.se
        return min(ends) - reach <= self.measured <= max(ends) + reach


Simulation = Callable[..., list[Row]]
