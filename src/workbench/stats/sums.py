"""Sums over units: all that an estimator needs of the data, and no customer row.

Every sum is exactly rounded (`math.fsum`), so the order of rows changes no bit of it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """How one vector per unit adds up and spreads.

    Attributes:
        units: Units summed.
        totals: Sum of each component over the units.
        spread: Sums over the units of products of two components' distances from
            their means; row by row, symmetric.
    """

    units: int
    totals: tuple[float, ...]
    spread: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, *components: Floats) -> "Moments":
        """Moments of one array per component, each with one number per unit."""
        units = len(components[0])
        totals = tuple(math.fsum(column.tolist()) for column in components)
        size = max(units, 1)
        centred = [
            column - total / size
            for column, total in zip(components, totals, strict=True)
        ]
        spread = tuple(tuple(exact_dot(a, b) for b in centred) for a in centred)
        return cls(units, totals, spread)

    def __add__(self, other: "Moments") -> "Moments":
        """Moments of both sets of units together; no unit may be in both."""
        if not self.units or not other.units:
            return self if self.units else other
        units = self.units + other.units
        weight = self.units * other.units / units
        gap = [
            a / self.units - b / other.units
            for a, b in zip(self.totals, other.totals, strict=True)
        ]
        places = range(len(gap))
        return Moments(
            units,
            tuple(a + b for a, b in zip(self.totals, other.totals, strict=True)),
            tuple(
                tuple(
                    self.spread[i][j] + other.spread[i][j] + weight * gap[i] * gap[j]
                    for j in places
                )
                for i in places
            ),
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """One arm: per unit its number of occurrences and the sum of its outcomes.

    Attributes:
        moments: Moments of (occurrences, outcome) over the units.
        squares: Sum over the occurrences of the outcome's distance from its mean,
            squared: what would vary if no unit recurred.
    """

    moments: Moments
    squares: float

    @classmethod
    def of(cls, units: NDArray[np.generic], values: Floats) -> "Sample":
        """Sums of one row per occurrence.

        Args:
            units: Identifier of the unit of each row; anything that sorts.
            values: Outcome of each row.
        """
        _, occurrences, sums = unit_totals(units, values)
        return _sample(occurrences, sums, values)

    def __add__(self, other: "Sample") -> "Sample":
        """Both samples together; no unit may be in both."""
        gap = (self.mean or 0.0) - (other.mean or 0.0)
        both = self.n + other.n
        apart = gap * gap * self.n * other.n / both if both else 0.0
        return Sample(
            self.moments + other.moments, self.squares + other.squares + apart
        )

    @property
    def units(self) -> int:
        """Distinct units."""
        return self.moments.units

    @property
    def n(self) -> int:
        """Occurrences."""
        return round(self.moments.totals[0])

    @property
    def total(self) -> float:
        """Sum of the outcome."""
        return self.moments.totals[1]

    @property
    def mean(self) -> float | None:
        """Mean outcome of an occurrence; None when there is none."""
        return self.total / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two arms, and what they share: a unit may have occurrences in both.

    Attributes:
        treated: The arm that is compared.
        reference: The arm it is compared with.
        shared_units: Units with occurrences in both arms.
        shared: Sums over those units of the products of their (occurrences, outcome)
            in the treated arm (rows) and in the reference (columns), row by row.
    """

    treated: Sample
    reference: Sample
    shared_units: int
    shared: tuple[float, float, float, float]

    @classmethod
    def of(
        cls, units: NDArray[np.generic], values: Floats, treated: NDArray[np.bool_]
    ) -> "Contrast":
        """Sums of one row per occurrence; `treated` says which arm a row is in."""
        ids1, occurrences1, sums1 = unit_totals(units[treated], values[treated])
        ids0, occurrences0, sums0 = unit_totals(units[~treated], values[~treated])
        both, at1, at0 = np.intersect1d(
            ids1, ids0, assume_unique=True, return_indices=True
        )
        first = (occurrences1[at1], sums1[at1])
        second = (occurrences0[at0], sums0[at0])
        return cls(
            _sample(occurrences1, sums1, values[treated]),
            _sample(occurrences0, sums0, values[~treated]),
            len(both),
            (
                exact_dot(first[0], second[0]),
                exact_dot(first[0], second[1]),
                exact_dot(first[1], second[0]),
                exact_dot(first[1], second[1]),
            ),
        )

    def __add__(self, other: "Contrast") -> "Contrast":
        """Both contrasts together; no unit may be in both."""
        a, b = self.shared, other.shared
        return Contrast(
            self.treated + other.treated,
            self.reference + other.reference,
            self.shared_units + other.shared_units,
            (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]),
        )

    @property
    def units(self) -> int:
        """Distinct units in either arm."""
        return self.treated.units + self.reference.units - self.shared_units

    @property
    def n(self) -> int:
        """Occurrences in both arms."""
        return self.treated.n + self.reference.n


def _sample(occurrences: Floats, sums: Floats, values: Floats) -> Sample:
    return Sample(Moments.of(occurrences, sums), Moments.of(values).spread[0][0])


def exact_dot(left: Floats, right: Floats) -> float:
    """Sum of products, the sum exactly rounded."""
    return math.fsum((left * right).tolist())


def unit_totals(
    units: NDArray[np.generic], values: Floats
) -> tuple[NDArray[np.generic], Floats, Floats]:
    """Sorted distinct units, the rows of each, and the sum of its values.

    Within a unit the values are added from the smallest up, so that the order of rows
    does not matter.
    """
    ids, codes = np.unique(units, return_inverse=True)
    if not len(ids):
        return ids, np.zeros(0), np.zeros(0)
    order = np.lexsort((values, codes))
    starts = np.searchsorted(codes[order], np.arange(len(ids)))
    occurrences = np.bincount(codes, minlength=len(ids)).astype(np.float64)
    return ids, occurrences, np.add.reduceat(values[order], starts)
