"""What tells a unit's occurrences apart comes from the data, or is a time of theirs."""

import numpy as np
import pandas as pd
import pytest

from tests.notebook.conftest import CUSTOMERS
from workbench import notebook as wb
from workbench.core.errors import UsageError

pytestmark = pytest.mark.usefixtures("run")


def refusal(frame: pd.DataFrame, occurrence: str) -> str:
    with pytest.raises(UsageError) as caught:
        wb.count("all", frame, occurrence=occurrence)
    text = str(caught.value)
    assert not any(customer in text for customer in CUSTOMERS)
    return text


def replicated(frame: pd.DataFrame, tellers, name: str = "k") -> pd.DataFrame:
    return pd.concat([frame.assign(**{name: k}) for k in tellers], ignore_index=True)


@pytest.mark.parametrize(
    "tellers", [range(20), list("abcdefgh")], ids=["numbers", "letters"]
)
def test_a_counter_tells_no_occurrences_apart_whatever_else_differs(
    customers, tellers
) -> None:
    big = replicated(customers, tellers)
    big.loc[0, "spent"] = -1.0
    text = refusal(big, "k")
    assert f"{len(big):,} of {len(big):,} rows have a k that is neither a time nor" in (
        text
    )
    assert "keep the date" in text
    refusal(big[["customer_id", "k"]], "k")  # and nothing else need be there


def test_a_column_of_the_data_with_other_values_is_a_counter_too(customers) -> None:
    orders = wb.table("orders")
    honest = orders.assign(big=orders["dollars"] > 60)
    assert wb.count("orders", honest, occurrence="dollars").n == 120
    assert wb.count("dates", honest[["customer_id", "date"]], "date").n == 120
    honest.loc[3, "dollars"] = -1.0
    assert "1 of 120 rows" in refusal(honest, "dollars")
    text = refusal(replicated(customers, range(2), "dollars"), "dollars")
    assert "120 of 120 rows" in text


def test_copies_with_dates_are_refused_though_a_few_differ(customers) -> None:
    days = pd.date_range("1997-02-01", periods=20)
    big = replicated(customers, days)
    assert "60 of 60 recurring customers have only rows" in refusal(big, "k")
    big["basket"] = [["a"]] * len(big)  # which pandas cannot compare
    big.loc[[0, 1], "spent"] = -1.0
    assert "58 of 60 recurring customers have only rows" in refusal(big, "k")
    big.loc[[2, 3], "spent"] = -1.0  # more than one in twenty: a rare event
    assert wb.count("rare", big, "k").n == 1200


def test_most_rows_of_an_honest_panel_are_equal(customers) -> None:
    panel = replicated(customers[["customer_id"]], pd.date_range("1997-02-01", "1998"))
    again = np.arange(len(panel)) % 60 < 12
    panel["buys"] = again & (panel["k"] > "1997-12-01")
    assert wb.evidence("s").proportion(panel, "buys", occurrence="k").units == 60
    assert wb.count("panel", panel[["customer_id", "k"]], "k").n == len(panel)


def test_of_a_handful_that_recur_nothing_can_be_said(customers) -> None:
    few = replicated(customers[:19], pd.to_datetime(["1997-02-01", "1997-03-01"]))
    assert wb.count("few", few, "k").n == 38


def test_times_lie_within_those_of_the_data(months) -> None:
    early = months.assign(month=months["month"] - pd.DateOffset(days=40))
    text = refusal(early, "month")  # of 22 November, 23 December and 20 January
    assert "60 of 180 rows have a month before the data begin" in text
    year = months.assign(month=months["month"].dt.to_period("Y").dt.start_time)
    assert wb.count("year", year.drop_duplicates("customer_id"), "month").n == 60
    weeks = months.assign(month=months["month"].dt.to_period("W"))  # from 30 December
    assert wb.count("weeks", weeks, "month").n == 180
