"""No published cell rests on fewer distinct units than the contract allows."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from workbench.core.evidence import Evidence, Group
from workbench.core.exhibits import Column, Figure, Point, Row, Series, Table
from workbench.disclosure import SmallCell, small_cells

MINIMUM = 10
UNITS = st.integers(min_value=MINIMUM, max_value=10_000)


def evidence(units: int, *groups: int) -> Evidence:
    return Evidence(
        name="gap",
        estimand="difference_in_proportions",
        estimate=0.1,
        low=0.0,
        high=0.2,
        level=0.95,
        interval_kind="confidence sequence",
        se=0.05,
        n=10 * units,
        units=units,
        unit="customer",
        occurrence="customer-month",
        measure="share",
        groups=tuple(
            Group(label=f"group {i}", n=10 * n, units=n, estimate=0.1)
            for i, n in enumerate(groups)
        ),
        method="by hand",
        information=10.0 * units,
        planned=1000,
        log_e=0.0,
        needed=0,
        began=None,
        checks=(),
    )


def figure(*series: tuple[int, ...]) -> Figure:
    return Figure(
        name="curve",
        kind="line",
        title="A curve",
        x_label="x",
        y_label="y",
        x_kind="number",
        y_format=".1%",
        statistic="share",
        level=None,
        unit="household",
        measure="share",
        series=tuple(
            Series(
                label=f"series {i}",
                points=tuple(
                    Point(x=float(x), y=0.5, low=None, high=None, n=50 * n, units=n)
                    for x, n in enumerate(units)
                ),
            )
            for i, units in enumerate(series)
        ),
        finding="",
    )


def table(*units: int) -> Table:
    return Table(
        name="cohorts",
        title="Cohorts",
        row_label="cohort",
        columns=(Column(label="share", format=".1%"),),
        rows=tuple(
            Row(label=f"row {i}", cells=(0.5,), n=50 * n, units=n)
            for i, n in enumerate(units)
        ),
        unit="customer",
    )


def test_each_cell_under_the_minimum_is_named_by_its_place_and_never_by_its_label() -> (
    None
):
    found = small_cells(
        evidence=[evidence(29, 20, 9)],
        figures=[figure((10, 9), (1, 100))],
        tables=[table(10, 3)],
        minimum=MINIMUM,
    )
    assert found == (
        SmallCell("evidence gap", "group 2", "customer"),
        SmallCell("figure curve", "series 1, point 2", "household"),
        SmallCell("figure curve", "series 2, point 1", "household"),
        SmallCell("table cohorts", "row 2", "customer"),
    )


def test_rows_of_data_do_not_make_up_for_units() -> None:
    fifty_orders_of_nine_customers = table(9)
    assert fifty_orders_of_nine_customers.rows[0].n == 450
    assert small_cells(
        evidence=[], figures=[], tables=[fifty_orders_of_nine_customers], minimum=10
    )


def test_the_minimum_itself_is_enough_and_an_empty_cell_tells_of_nobody() -> None:
    assert not small_cells(
        evidence=[evidence(10, 10, 0)],
        figures=[figure((0, 10))],
        tables=[table(0, 10)],
        minimum=MINIMUM,
    )


def test_evidence_as_a_whole_is_a_cell_too() -> None:
    (cell,) = small_cells(
        evidence=[evidence(9)], figures=[], tables=[], minimum=MINIMUM
    )
    assert cell == SmallCell("evidence gap", "the whole", "customer")


@given(cells=st.lists(UNITS, min_size=2, max_size=8), data=st.data())
def test_merging_cells_that_are_large_enough_makes_no_finding(
    cells: list[int], data: st.DataObject
) -> None:
    """The units of two cells together are at least those of the larger one."""
    at = data.draw(st.integers(min_value=0, max_value=len(cells) - 2))
    low, high = max(cells[at : at + 2]), sum(cells[at : at + 2])
    together = data.draw(st.integers(min_value=low, max_value=high))
    merged = [*cells[:at], together, *cells[at + 2 :]]
    for units in (cells, merged):
        assert not small_cells(
            evidence=[evidence(max(units), *units)],
            figures=[figure(tuple(units))],
            tables=[table(*units)],
            minimum=MINIMUM,
        )


@given(units=st.integers(min_value=1, max_value=MINIMUM - 1), others=st.lists(UNITS))
def test_a_small_cell_is_found_wherever_it_stands(
    units: int, others: list[int]
) -> None:
    whole = table(*others)
    small = Row(label="x", cells=(0.1,), n=units, units=units)
    for at in range(len(others) + 1):
        rows = (*whole.rows[:at], small, *whole.rows[at:])
        (cell,) = small_cells(
            evidence=[],
            figures=[],
            tables=[replace(whole, rows=rows)],
            minimum=MINIMUM,
        )
        assert cell.cell == f"row {at + 1}"
