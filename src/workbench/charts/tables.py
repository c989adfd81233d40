"""An exhibit as rows of text and as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.charts.numbers import show_level, show_number, show_position
from workbench.core.exhibits import Figure, Point, Row, Table

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table ready to print; the first cell of each row is its heading.

    Attributes:
        caption: What it shows.
        header: One heading per column.
        rows: As many cells each as there are columns.
        headings: Leading columns that name the row; the others hold numbers.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    headings: int = 1


def figure_table(figure: Figure) -> TextTable:
    """The numbers of a figure, at the figure's format, as a table.

    Series, interval and distinct units have columns only where there are any to tell
    apart.
    """
    points = [(series, point) for series in figure.series for point in series.points]
    grouped = any(series.label for series in figure.series)
    bounded = any(p.low is not None or p.high is not None for _, p in points)
    units = _unit_heading(figure.unit, [point for _, point in points])
    level = f"{show_level(figure.level)} " if figure.level is not None else ""

    header = [figure.x_label]
    header += ["group"] if grouped else []
    header += [figure.y_label]
    header += [f"{level}low", f"{level}high"] if bounded else []
    header += ["n", *units]

    rows = []
    for series, point in points:
        row = [show_position(point.x)]
        row += [series.label] if grouped else []
        row += [show_number(point.y, figure.y_format)]
        row += _interval(point, figure.y_format) if bounded else []
        row += _counts(point, units)
        rows.append(tuple(row))
    headings = 2 if grouped else 1
    return TextTable(figure.title, tuple(header), tuple(rows), headings)


def exhibit_table(table: Table) -> TextTable:
    """A table with its numbers at their columns' formats, and what was counted."""
    units = _unit_heading(table.unit, table.rows)
    labels = [column.label for column in table.columns]
    header = (table.row_label, *labels, "n", *units)
    rows = tuple(
        (
            row.label,
            *(
                show_number(cell, column.format)
                for cell, column in zip(row.cells, table.columns, strict=True)
            ),
            *_counts(row, units),
        )
        for row in table.rows
    )
    return TextTable(table.title, header, rows)


def figure_csv(figure: Figure) -> str:
    """The numbers of a figure, unrounded: series, x, y, low, high, n, units."""
    rows = [
        (series.label, point.x, point.y, point.low, point.high, point.n, point.units)
        for series in figure.series
        for point in series.points
    ]
    return _csv([("series", "x", "y", "low", "high", "n", "units"), *rows])


def table_csv(table: Table) -> str:
    """The numbers of a table, unrounded, with n and units."""
    header = (table.row_label, *(c.label for c in table.columns), "n", "units")
    rows = [(row.label, *row.cells, row.n, row.units) for row in table.rows]
    return _csv([header, *rows])


def _unit_heading(unit: str, counted: Iterable[Point | Row]) -> list[str]:
    differ = any(each.n != each.units for each in counted)
    return [f"{unit} count"] if differ else []


def _counts(counted: Point | Row, units: Sequence[str]) -> list[str]:
    return [f"{counted.n:,}", *([f"{counted.units:,}"] if units else [])]


def _interval(point: Point, y_format: str) -> list[str]:
    return [show_number(point.low, y_format), show_number(point.high, y_format)]


def _csv(rows: Sequence[Sequence[str | float | None]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_no_formula(cell) for cell in row] for row in rows)
    return text.getvalue()


def _no_formula(cell: str | float | None) -> str | float | None:
    """A label that a spreadsheet would run as a formula, kept as text by an apostrophe.

    A label that is a number, such as `-5`, is left as it is.
    """
    if not isinstance(cell, str) or not cell.startswith(_FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
