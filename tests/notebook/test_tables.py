"""Tables as the notebook sees them."""

import pandas as pd
import pytest

from workbench import notebook as wb
from workbench.core.errors import UsageError
from workbench.notebook.tables import DeclaredFrame

pytestmark = pytest.mark.usefixtures("run")


def test_a_table_has_the_declared_columns_and_instants_without_a_zone() -> None:
    orders = wb.table("orders")
    assert list(orders.columns) == ["customer_id", "date", "seen_at", "dollars"]
    assert orders["customer_id"].dtype == "str"
    for name in ("date", "seen_at"):
        assert orders[name].dtype.kind == "M"
        assert orders[name].iloc[31] == pd.Timestamp("1997-02-01")


def test_an_undeclared_table_names_the_file_to_edit() -> None:
    with pytest.raises(UsageError, match=r"research/back-again\.yaml") as caught:
        wb.table("oders")
    assert "Did you mean 'orders'?" in str(caught.value)


@pytest.mark.parametrize("key", ["secret", ["customer_id", "secret"]])
def test_an_undeclared_column_names_the_file_to_edit(key) -> None:
    with pytest.raises(UsageError, match=r"research/back-again\.yaml"):
        wb.table("orders")[key]
    with pytest.raises(KeyError, match="no column 'secret' in 'orders'; there are"):
        wb.table("orders")[key]


def test_a_misspelt_column_has_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean 'dollars'"):
        wb.table("orders")["dolars"]


def test_ordinary_pandas_goes_on_with_plain_frames() -> None:
    orders = wb.table("orders")
    orders["twice"] = orders["dollars"] * 2
    made: list[pd.DataFrame] = [
        orders.copy(),
        orders[orders["dollars"] > 5],
        orders[["customer_id", "twice"]],
        orders.merge(orders, on="customer_id"),
        orders.groupby("customer_id")[["dollars"]].sum(),
        orders.drop_duplicates("customer_id").sort_values("date"),
        pd.concat([orders, orders]),
        orders.rename(columns={"dollars": "paid"}),
    ]
    assert isinstance(orders, DeclaredFrame)
    assert not any(isinstance(frame, DeclaredFrame) for frame in made)
    assert len(made[1]) == 115
    with pytest.raises(KeyError):
        made[0]["secret"]


def test_each_call_reads_afresh() -> None:
    orders = wb.table("orders")
    orders["dollars"] = 0
    assert wb.table("orders")["dollars"].sum() > 0


def test_as_of_is_the_runs_date() -> None:
    assert wb.as_of() == pd.Timestamp("1998-07-01")
