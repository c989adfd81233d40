"""Figures and tables as data: the only things but prose that a post may show."""

from dataclasses import dataclass
from typing import Literal

FigureKind = Literal["line", "interval", "bars"]
Statistic = Literal["mean", "sum", "share", "units"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One mark of a figure: a statistic of the units in one cell.

    Attributes:
        x: Position: a category, a number, or an ISO date as text.
        y: The statistic, in the figure's `measure`; None when the cell is empty.
        low: Lower whisker; None where the kind has none.
        high: Upper whisker; None where the kind has none.
        n: Occurrences (rows) behind the mark.
        units: Distinct units behind the mark.
    """

    x: str | float
    y: float | None
    low: float | None
    high: float | None
    n: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The marks that share one colour; `label` is empty when there is only one."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure, drawn alike in Jupyter, on the site, as words and as a table.

    Attributes:
        name: Unique within the study.
        kind: Lines through points, points with whiskers, or bars.
        title: What it shows, as a sentence without numbers.
        x_label: Name of the horizontal axis, with its unit.
        y_label: Name of the vertical axis, with its unit.
        x_kind: How x is read.
        y_format: Python format specification of y, such as `.1%` or `,.0f`.
        statistic: What y is of the units in a cell.
        level: Coverage of the whiskers; None where there are none.
        unit: Unit of analysis, such as `customer`.
        measure: Unit of y, such as `share`.
        series: One or more, in order of drawing.
        finding: The finding in the author's words, numbers bound; may be empty.
    """

    name: str
    kind: FigureKind
    title: str
    x_label: str
    y_label: str
    x_kind: Literal["category", "number", "date"]
    y_format: str
    statistic: Statistic
    level: float | None
    unit: str
    measure: str
    series: tuple[Series, ...]
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: heading, and Python format specification of its cells."""

    label: str
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table.

    Attributes:
        label: Its heading.
        cells: One value per column of the table; None where there is none.
        n: Occurrences behind the row.
        units: Distinct units behind the row.
    """

    label: str
    cells: tuple[float | int | None, ...]
    n: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table.

    Attributes:
        name: Unique within the study.
        title: What it shows, as a sentence without numbers; becomes the caption.
        row_label: Heading of the first column.
        columns: Headings and formats of the cells.
        rows: In order of printing.
        unit: Unit of analysis, such as `customer`.
    """

    name: str
    title: str
    row_label: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    unit: str
