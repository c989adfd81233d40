"""Tables of groups and of evidence."""

import pytest

from tests.notebook.conftest import outputs
from workbench import notebook as wb
from workbench.core.errors import UsageError
from workbench.core.exhibits import Column, Row, Table

pytestmark = pytest.mark.usefixtures("run")


def shown(folder) -> Table:
    found = outputs(folder)[-1].table
    assert found is not None
    return found


def test_a_table_of_groups_is_worked_out_by_hand(run, customers) -> None:
    wb.exhibit(
        "sizes",
        customers,
        by="size",
        values={"buys": "bought", "spent": ("spent", "sum"), "who": (None, "units")},
        formats={"spent": ",.1f"},
        title="Customers by size",
    )
    table = shown(run)
    assert table.columns == (
        Column(label="buys", format=".1%"),
        Column(label="spent", format=",.1f"),
        Column(label="who", format=",.0f"),
    )
    # odd numbers are large: 15 of the first 30 and 3 of the last 5 buy
    assert table.rows[0] == Row(
        label="large", cells=(0.6, 1350.0, 30.0), n=30, units=30
    )


def test_a_table_of_evidence_has_a_row_each(run, customers) -> None:
    share = wb.evidence("all_buyers").proportion(customers, "bought")
    wb.evidence("early_buyers").proportion(customers[customers["was_early"]], "bought")
    wb.exhibit("both", evidence=[share, "early_buyers"], title="Shares who buy")
    table = shown(run)
    assert [row.label for row in table.rows] == ["all buyers", "early buyers"]
    assert table.rows[0].cells == (share.estimate, share.low, share.high)
    assert [row.n for row in table.rows] == [60, 40]
    assert {column.format for column in table.columns} == {".0%"}


def test_evidence_of_two_measures_does_not_share_a_column(customers) -> None:
    wb.evidence("share").proportion(customers, "bought")
    wb.count("everyone", customers)
    for evidence in (["share", "everyone"], ["unknown"], []):
        with pytest.raises(UsageError, match="one unit and one measure"):
            wb.exhibit("both", evidence=evidence, title="Mixed")


@pytest.mark.parametrize(
    "given",
    [{}, {"by": "size"}, {"by": "size", "values": {}}, {"evidence": [], "by": "size"}],
)
def test_half_a_table_is_refused(customers, given) -> None:
    with pytest.raises(UsageError, match="give frame, by and values, or evidence"):
        wb.exhibit("t", customers, title="Half", **given)


def test_a_format_of_no_heading_is_refused(customers) -> None:
    with pytest.raises(
        UsageError, match="no heading 'spnt' to format; there are spent"
    ):
        wb.exhibit(
            "t",
            customers,
            by="size",
            values={"spent": "spent"},
            formats={"spnt": ".1f"},
            title="Spent",
        )


def test_a_format_that_python_does_not_know_is_refused(run, customers) -> None:
    for number, spec in enumerate(("$,.0f", "d", "s")):
        with pytest.raises(UsageError, match="is no format of a number"):
            wb.exhibit(
                f"t{number}",
                customers,
                by="size",
                values={"spent": "spent"},
                formats={"spent": spec},
                title="Spent",
            )
    assert outputs(run) == []


def test_a_frame_without_rows_is_a_table_without_rows(run, customers) -> None:
    wb.exhibit(
        "sizes",
        customers[:0],
        by="size",
        values={"buys": "bought", "spent": ("spent", "sum")},
        title="By size",
    )
    assert (shown(run).rows, len(shown(run).columns)) == ((), 2)


def test_evidence_without_an_estimate_has_a_row_of_dashes(run, customers) -> None:
    nothing = wb.evidence("nothing").coefficient(None, "x", customers[:0])
    wb.exhibit("terms", evidence=[nothing], title="What was fitted")
    assert [row.cells for row in shown(run).rows] == [(None, None, None)]
