"""The owner sees enough to write a contract, and nothing about anybody."""

import re

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.shops import NAMES, order
from workbench.contracts.datasets import parse_contract
from workbench.core.errors import UsageError
from workbench.warehouse.profiling import in_words


def test_a_profile_hides_small_counts_and_whoever_could_be_found(shop):
    shop.write([*map(order, range(40)), order(40, amount="", channel="shop")])
    shop.warehouse.add(shop.contract)
    profile = shop.warehouse.profile(shop.contract)
    columns = {column.name: column for column in profile.columns}
    assert (profile.rows, profile.units) == ("about 41", "about 7")
    assert columns["amount"].empty == "fewer than 5"
    assert columns["placed"].highest == "2020-06"
    assert columns["arrived"].lowest == "2020-01"
    assert columns["channel"].distinct == "fewer than 5"
    for name in ("order_id", "customer", "amount", "channel"):
        assert columns[name].lowest is None
    assert "customer-" not in str(profile)


def test_of_few_customers_a_profile_tells_no_extreme(shop):
    shop.write([order(n, customer=f"c{n % 4}") for n in range(40)])
    shop.warehouse.add(shop.contract)
    profile = shop.warehouse.profile(shop.contract)
    assert profile.units == "fewer than 5"
    assert all(column.lowest is column.highest is None for column in profile.columns)


def test_a_month_of_few_customers_is_not_told(shop):
    lone = order(40, placed="2019-02-03", arrived="2019-02-04")
    shop.write([*map(order, range(40)), lone])
    shop.warehouse.add(shop.contract)
    profile = shop.warehouse.profile(shop.contract)
    placed = next(column for column in profile.columns if column.name == "placed")
    assert (placed.lowest, placed.highest) == (None, "2020-06")


@given(st.integers(0, 10**7), st.integers(5, 50))
def test_a_count_in_words_is_none_or_hidden_or_within_five_per_cent(count, least):
    words = in_words(count, least)
    if count == 0:
        assert words == "none"
    elif count < least:
        assert words == f"fewer than {least}"
    else:
        shown = int(words.removeprefix("about ").replace(",", ""))
        assert abs(shown - count) <= count * 0.05


def parsed_event_time(text: str) -> str:
    (name,) = re.findall(r"wb\.eventTime\n    value: (\w+)", text)
    return str(name)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_draft_is_refused_until_a_person_has_decided(shop, form):
    path = shop.write([order(n) for n in range(9)])
    if form == "parquet":
        table = pc.read_csv(path)
        path = path.with_suffix(".parquet")
        pq.write_table(table, path)
    text = shop.warehouse.draft_contract(path)
    file = "research/contracts/a.yaml"
    with pytest.raises(UsageError) as caught:
        parse_contract(text, file=file)
    assert len(caught.value.reasons) == 4  # three blanks, and a time is no identifier
    time = parsed_event_time(text)
    head, name, tail = text.partition(f"- name: {time}\n")
    text = head + name + tail.replace("value: direct", "value: quasi", 1)
    for blank, decided in [
        ("wb.unit\n    value:", " customer"),
        ("wb.unitColumn\n    value:", " customer"),
        ("wb.purposes\n    value: []", ""),
    ]:
        text = text.replace(blank, blank.replace(" []", " [retention]") + decided)
    contract = parse_contract(text, file=file)
    types = [column.type for column in contract.columns]
    assert contract.names == NAMES
    assert types == ["integer", "string", "date", "timestamp", "number", "string"]
    direct = [column.name for column in contract.columns if column.identity == "direct"]
    assert direct == [name for name in NAMES if name != time]
    assert all(column.required for column in contract.columns)
    assert shop.warehouse.add(contract).files[0].rows == 9


def test_a_draft_quotes_no_value_and_any_name_of_a_column(shop):
    path = shop.root / "orders: 2020.csv"
    path.write_text('"a: #b","yes"\n4711,2020-01-01\n')
    text = shop.warehouse.draft_contract(path)
    assert "4711" not in text
    assert 'name: "a: #b"' in text
    with pytest.raises(UsageError) as caught:
        parse_contract(text, file="orders_2020.yaml")
    assert len(caught.value.reasons) == 4


@pytest.mark.parametrize(
    "header",
    ["id,ada@example.org", "id,4711", "id,2020-01-31T08:00:00Z", "id,31.1.2020 x"],
)
def test_a_first_line_of_data_is_not_taken_for_names(shop, header):
    path = shop.root / "orders.csv"
    path.write_text(f"{header}\n1,2\n")
    with pytest.raises(UsageError, match="add a header line") as caught:
        shop.warehouse.draft_contract(path)
    assert header.removeprefix("id,") not in str(caught.value)
    assert "names 2 look" in str(caught.value)


def test_a_file_that_is_neither_csv_nor_parquet_cannot_be_drafted(shop):
    path = shop.root / "a.xlsx"
    path.write_bytes(b"PK")
    with pytest.raises(UsageError, match="Parquet"):
        shop.warehouse.draft_contract(path)
