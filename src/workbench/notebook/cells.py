"""Cells of figures and tables: which rows are in each, and the statistic of each."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.core.canonical import rounded
from workbench.core.exhibits import Statistic
from workbench.notebook.occurrences import as_instants
from workbench.notebook.reading import Reading, in_words, two_labels
from workbench.stats import intervals
from workbench.stats.looks import Look
from workbench.stats.sums import Floats, Sample

FORMATS: dict[Statistic, str] = {
    "share": ".1%",
    "mean": ",.2f",
    "sum": ",.0f",
    "units": ",.0f",
}
MIDNIGHT = "T00:00:00"
Kind = Literal["category", "number", "date"]


@dataclass(frozen=True, slots=True)
class Axis:
    """The distinct values of a column, in order.

    Attributes:
        kind: How they are read.
        places: As a figure holds them: numbers, ISO dates, or text.
        codes: Place of each row.
    """

    kind: Kind
    places: tuple[str | float, ...]
    codes: NDArray[np.int64]

    @property
    def labels(self) -> tuple[str, ...]:
        """As headings of rows or names of series."""
        return tuple(p if isinstance(p, str) else f"{p:.10g}" for p in self.places)


def axis_of(reading: Reading, name: str) -> Axis:
    """The distinct values of a column, in an order that rows have no say in.

    Numbers and dates ascend, ordered categories keep their order, all else goes by the
    alphabet.
    """
    found = reading.column(name)
    if found is None or not len(found):
        return Axis("category", (), np.zeros(0, dtype=np.int64))
    found = _plain(found)
    sorted_out = pd.Categorical(found).remove_unused_categories()
    values = sorted_out.categories
    codes = sorted_out.codes.astype(np.int64)
    if pd.api.types.is_bool_dtype(values.dtype):
        words = dict(zip((True, False), two_labels(name), strict=True))
        return Axis("category", tuple(words[bool(value)] for value in values), codes)
    if isinstance(found.dtype, pd.CategoricalDtype):
        return Axis("category", tuple(map(str, values)), codes)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return Axis("number", tuple(float(value) for value in values), codes)
    if isinstance(values, pd.DatetimeIndex):
        places = tuple(v.isoformat().removesuffix(MIDNIGHT) for v in values)
        return Axis("date", places, codes)
    return Axis("category", tuple(map(str, values)), codes)


def _plain(found: pd.Series) -> pd.Series:
    """Periods and Python dates as instants, unordered categories as what they hold."""
    if isinstance(found.dtype, pd.CategoricalDtype):
        return found if found.cat.ordered else found.astype(found.cat.categories.dtype)
    return as_instants(found)


def is_format(spec: str) -> bool:
    """Whether Python formats a number with it."""
    try:
        return bool(format(0.5, spec))
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column and its statistic.

    Attributes:
        statistic: Of the rows in a cell.
        numbers: One per row; ones where units are counted.
        measure: Unit of the statistic.
        label: In words.
    """

    statistic: Statistic
    numbers: Floats
    measure: str
    label: str


def quantity_of(
    reading: Reading, column: str | None, statistic: str | None
) -> Quantity:
    """What is to be computed in each cell.

    Args:
        reading: The frame.
        column: None for a count of units.
        statistic: By default a share where the column is boolean, else a mean.
    """
    if statistic not in (None, *FORMATS):
        known = ", ".join(FORMATS)
        reading.note("statistic", f"{statistic!r} is no statistic; there are {known}.")
    if statistic == "units":
        ones = np.ones(len(reading.frame))
        return Quantity("units", ones, "units", "distinct units")
    if column is None:
        reading.note("statistic", "name the column in `value`, or count: 'units'.")
        return Quantity("mean", np.zeros(0), "", "")
    words = in_words(column)
    if statistic == "sum":
        return Quantity("sum", reading.numbers(column), column, words)
    if statistic == "share" or (statistic is None and _is_boolean(reading, column)):
        return Quantity("share", reading.truths(column), "share", f"share {words}")
    return Quantity("mean", reading.numbers(column), column, f"mean {words}")


def _is_boolean(reading: Reading, column: str) -> bool:
    found = reading.column(column)
    return found is not None and pd.api.types.is_bool_dtype(found)


@dataclass(frozen=True, slots=True)
class Cell:
    """The rows that share a place in a figure or a table, and never none.

    Attributes:
        place: Number of the place on its axis.
        rows: Numbers of the rows.
        codes: Unit of each row.
    """

    place: int
    rows: NDArray[np.int64]
    codes: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Occurrences."""
        return len(self.rows)

    @property
    def units(self) -> int:
        """Distinct units."""
        return len(np.unique(self.codes))

    def value(self, quantity: Quantity) -> float | None:
        """The statistic of these rows."""
        if quantity.statistic == "units":
            return float(self.units)
        total = math.fsum(quantity.numbers[self.rows].tolist())
        return rounded(total if quantity.statistic == "sum" else total / self.n)

    def whiskers(
        self, quantity: Quantity, look: Look
    ) -> tuple[float | None, float | None]:
        """The interval of the mean or share, as evidence would give it."""
        share = quantity.statistic == "share"
        estimator = intervals.proportion if share else intervals.mean
        found = estimator(Sample.of(self.codes, quantity.numbers[self.rows]), look)
        return found.low, found.high


def cells_of(
    axis: Axis, rows: NDArray[np.int64], codes: NDArray[np.int64]
) -> Iterator[Cell]:
    """The cells along an axis, in its order, those without rows left out.

    Args:
        axis: Along which.
        rows: Numbers of the rows to distribute.
        codes: Unit of every row of the frame.
    """
    places = axis.codes[rows]
    for place in range(len(axis.places)):
        inside = rows[places == place]
        if len(inside):
            yield Cell(place, inside, codes[inside])
