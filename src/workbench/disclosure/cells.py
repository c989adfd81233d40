"""The threshold rule: no published cell rests on fewer distinct units than allowed.

Units are counted, not rows: fifty orders of one customer are one customer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.core.evidence import Evidence
from workbench.core.exhibits import Figure, Table


@dataclass(frozen=True, slots=True)
class SmallCell:
    """One cell under the threshold; says where, never what.

    Attributes:
        exhibit: `evidence gap`, `figure curve` or `table cohorts`.
        cell: Which cell of it, by position, since a label may identify.
        unit: Unit of analysis that it holds too few of, such as `customer`.
    """

    exhibit: str
    cell: str
    unit: str


def small_cells(
    *,
    evidence: Sequence[Evidence],
    figures: Sequence[Figure],
    tables: Sequence[Table],
    minimum: int,
) -> tuple[SmallCell, ...]:
    """Every cell with at least one and fewer than `minimum` distinct units."""
    cells = (*_of_evidence(evidence), *_of_figures(figures), *_of_tables(tables))
    return tuple(cell for cell, units in cells if 0 < units < minimum)


def _of_evidence(evidence: Sequence[Evidence]) -> Iterator[tuple[SmallCell, int]]:
    for each in evidence:
        exhibit = f"evidence {each.name}"
        yield SmallCell(exhibit, "the whole", each.unit), each.units
        for number, group in enumerate(each.groups, start=1):
            yield SmallCell(exhibit, f"group {number}", each.unit), group.units


def _of_figures(figures: Sequence[Figure]) -> Iterator[tuple[SmallCell, int]]:
    for figure in figures:
        for row, series in enumerate(figure.series, start=1):
            for number, point in enumerate(series.points, start=1):
                cell = f"series {row}, point {number}"
                exhibit = f"figure {figure.name}"
                yield SmallCell(exhibit, cell, figure.unit), point.units


def _of_tables(tables: Sequence[Table]) -> Iterator[tuple[SmallCell, int]]:
    for table in tables:
        for number, row in enumerate(table.rows, start=1):
            exhibit = f"table {table.name}"
            yield SmallCell(exhibit, f"row {number}", table.unit), row.units
