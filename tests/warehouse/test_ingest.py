"""Deliveries are taken in whole or not at all, once, and remembered for ever."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from tests.warehouse.shops import NAMES, Shop, order, shop_at
from workbench.contracts.datasets import parse_contract
from workbench.core.clock import parse_instant
from workbench.core.errors import ContractBroken, TryLater, UsageError
from workbench.warehouse import Warehouse
from workbench.warehouse import manifest as manifests
from workbench.warehouse.ingest import take_in
from workbench.warehouse.sources import find_sources

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary4711"


def test_the_same_content_twice_is_a_no_op(shop):
    shop.write(map(order, range(20)))
    first = shop.warehouse.add(shop.contract)
    before = shop.files()
    second = shop.warehouse.add(shop.contract)
    assert (first.sequence, second.sequence) == (1, None)
    assert first.files[0].outcome == "new"
    assert second.files[0].outcome == "same"
    assert shop.files() == before


def test_other_bytes_of_the_same_content_are_a_no_op_too(shop):
    shop.write(map(order, range(20)))
    shop.warehouse.add(shop.contract)
    shop.write(map(order, reversed(range(20))))
    assert shop.warehouse.add(shop.contract).sequence is None


def test_csv_and_parquet_of_the_same_rows_are_the_same_data(tmp_path):
    one, other = shop_at(tmp_path / "1"), shop_at(tmp_path / "2")
    path = one.write([order(n, amount=n / 7) for n in range(20)])
    one.warehouse.add(one.contract)
    (other.root / "drop").mkdir()
    pq.write_table(pc.read_csv(path), other.root / "drop" / "a.parquet")
    other.contract = replace(other.contract, path="drop/*.parquet", format="parquet")
    other.warehouse.add(other.contract)
    assert one.view(*NAMES).view_id == other.view(*NAMES).view_id


def test_every_breach_comes_in_one_report_and_no_value_with_it(shop):
    rows = [
        order(1, amount=CANARY),
        order(2, amount=1000.5),
        order(3, channel=CANARY),
        order(4, channel="Web"),
        order(5, customer=""),
        order(6, customer=CANARY * 3),
        order(7, placed="15.06.2020"),
        order(8, arrived=CANARY),
        order(9, arrived="2023-01-01"),
        order(10, amount="nan"),
        order(11, order_id=11.5),
    ]
    names = [name for name in NAMES if name != "channel"]
    shop.write(rows)
    shop.write([order(1) | {"channel": ""}], "b.csv", names=[*names, "channel"])
    (shop.root / "drop" / "c.csv").write_text("order_id\n1\n")
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    told = {
        (Path(r.subject).name, r.place.removeprefix("column "), r.code): r.message
        for r in caught.value.reasons
    }
    assert set(told) == {
        ("a.csv", "order_id", "type-wrong"),
        ("a.csv", "amount", "type-wrong"),
        ("a.csv", "amount", "out-of-range"),
        ("a.csv", "channel", "not-a-choice"),
        ("a.csv", "channel", "pattern-broken"),
        ("a.csv", "customer", "value-missing"),
        ("a.csv", "customer", "length-wrong"),
        ("a.csv", "placed", "type-wrong"),
        ("a.csv", "arrived", "type-wrong"),
        ("a.csv", "arrived", "too-late"),
        *(("c.csv", name, "column-missing") for name in NAMES[1:]),
    }
    assert told["a.csv", "amount", "type-wrong"].startswith("2 rows (rows 1, 10): ")
    assert (
        "research/contracts/orders.yaml" in told["c.csv", "customer", "column-missing"]
    )
    assert CANARY not in str(caught.value)
    for report in shop.warehouse.layout.store.rglob("report.json"):
        assert CANARY not in report.read_text()


def test_a_broken_delivery_is_quarantined_and_the_dataset_stays_as_it_was(shop):
    shop.write(map(order, range(20)))
    shop.warehouse.add(shop.contract)
    before, view = shop.warehouse.list(), shop.view(*NAMES)
    shop.write([order(1)], "b.csv")
    broken = shop.write([*map(order, range(20)), order(21, amount=-1)])
    for _ in range(2):  # a second try finds its quarantine there already
        with pytest.raises(ContractBroken):
            shop.warehouse.add(shop.contract)
    assert shop.warehouse.list() == before
    assert shop.view(*NAMES) == view
    (folder,) = (shop.warehouse.layout.store / "quarantine" / "orders").iterdir()
    assert (folder / "a.csv").read_bytes() == broken.read_bytes()
    breaches = json.loads((folder / "report.json").read_text())["breaches"]
    found = [(b["kind"], b["count"], b["rows"]) for b in breaches]
    assert found == [("out-of-range", 1, [21])]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "a.csv").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        f'order_id,customer\n1,"{CANARY}\n2,{CANARY}" x, {CANARY}\n',
        f"order_id,customer\n1,{CANARY},{CANARY},{CANARY}\n",
        f"{CANARY}\0\0",
    ],
)
def test_a_file_that_is_no_csv_is_a_breach_that_quotes_nothing(shop, text):
    shop.write([]).write_text(text)
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    assert CANARY not in str(caught.value)


def test_a_damaged_parquet_file_is_a_breach(tmp_path):
    shop = shop_at(tmp_path, path="drop/a.parquet", format="parquet")
    shop.write([], "a.parquet").write_bytes(b"PAR1" + b"\0" * 50 + b"PAR1")
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    assert [reason.code for reason in caught.value.reasons] == ["file-unreadable"]


def test_a_parquet_column_of_another_type_is_a_breach(tmp_path):
    shop = shop_at(tmp_path, path="drop/a.parquet", format="parquet")
    table = pc.read_csv(shop.write(map(order, range(3))))
    at = NAMES.index("order_id")
    texts = table["order_id"].cast("string")
    changed = table.set_column(at, "order_id", texts)
    pq.write_table(changed, shop.root / "drop" / "a.parquet")
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    found = [(reason.code, reason.place) for reason in caught.value.reasons]
    assert found == [("type-wrong", "column order_id")]


def test_columns_that_the_contract_does_not_list_are_dropped_and_counted(shop):
    rows = [order(n) | {"email": CANARY, "note": CANARY} for n in range(5)]
    shop.write(rows, names=[*NAMES, "email", "note"])
    assert shop.warehouse.add(shop.contract).files[0].dropped_columns == 2
    for path in shop.warehouse.layout.store.rglob("*.parquet"):
        assert pq.read_schema(path).names == list(NAMES)


def test_equal_rows_of_one_key_count_once_and_different_ones_are_a_breach(shop):
    shop.write([order(1), order(2), order(1)])
    report = shop.warehouse.add(shop.contract).files[0]
    assert (report.rows, report.duplicates) == (2, 1)
    shop.write([order(1), order(2), order(1, amount=3)])
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    (reason,) = caught.value.reasons
    assert reason.code == "key-conflict"
    assert reason.message.startswith("2 rows (rows 1, 3): ")


def test_one_key_with_other_content_in_another_file_is_a_breach(shop):
    shop.write([order(1), order(2)])
    shop.write([order(3)], "b.csv")
    shop.warehouse.add(shop.contract)
    shop.write([order(2), order(4)], "c.csv")  # equal content conflicts with nothing
    shop.warehouse.add(shop.contract)
    shop.write([order(5), order(1, amount=3)], "d.csv")
    with pytest.raises(ContractBroken) as caught:  # with what is known
        shop.warehouse.add(shop.contract)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.subject) == ("key-conflict", "drop/d.csv")
    assert reason.message.startswith("1 row (row 2): ")
    shop.write([order(5)], "d.csv")
    shop.write([order(5, amount="")], "e.csv")
    with pytest.raises(ContractBroken) as caught:  # and within one delivery
        shop.warehouse.add(shop.contract)
    found = [(reason.code, reason.subject) for reason in caught.value.reasons]
    assert found == [("key-conflict", "drop/e.csv")]
    (shop.root / "drop" / "e.csv").unlink()
    shop.write([order(3, amount=9)], "b.csv")  # its own file may correct a row
    reports = {file.source: file for file in shop.warehouse.add(shop.contract).files}
    assert reports["drop/b.csv"].outcome == "revised"


def test_a_row_that_arrives_after_now_is_a_breach_and_moves_no_watermark(shop):
    now = parse_instant("2020-03-16T08:00:00Z")
    shop.warehouse = replace_clock(shop, now)
    shop.write([order(2), order(1)])  # the first arrives at this very instant
    watermark = shop.warehouse.add(shop.contract).watermark
    shop.write([order(1), order(8, arrived="2020-03-16T08:00:01Z")], "b.csv")
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.place) == ("time-unusable", "column arrived")
    assert reason.message.startswith("1 row (row 2): ")
    assert "2020" not in str(caught.value)
    assert shop.warehouse.watermark(shop.contract) == watermark


def replace_clock(shop: Shop, now: datetime) -> Warehouse:
    layout = shop.warehouse.layout
    key_file = shop.root.parent / "key"
    return Warehouse(layout.root, layout.store, key_file, 256, clock=lambda: now)


GOOD_CSV = "order_id,customer,placed,arrived,amount,channel\n"
GOOD_ROW = "1,c,2020-01-01,2020-01-02,1,web\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD_CSV + GOOD_ROW + GOOD_ROW + f"2,{CANARY}\n", "1 row (row 3): "),
        (GOOD_CSV + f"1,{CANARY},x,x,x,web,x\n" + GOOD_ROW, "1 row (row 1): "),
        (GOOD_CSV + "\n" + GOOD_ROW + f'2,"{CANARY}" x,x,x,x,x\n', "1 row (row 2): "),
        (f"exported for {CANARY}\n" + GOOD_CSV + GOOD_ROW, "2 rows (rows 1, 2): "),
    ],
)
def test_a_ragged_row_is_told_by_its_number_and_no_line_is_passed_over(
    shop, text, told
):
    shop.write([]).write_text(text)
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.place) == ("row-malformed", "")
    assert reason.message.startswith(told)
    assert CANARY not in str(caught.value)


def test_a_ragged_row_hides_no_other_breach(shop):
    rows = [order(1), order(2), order(3, amount=CANARY), order(4, customer="")]
    rows += [order(6, channel='"a"'), order(7, amount=-1), order(2, amount=9)]
    path = shop.write(rows)
    lines = path.read_text().splitlines()
    lines[2:2] = ["", "9,ragged,1"]  # an empty line is no row
    path.write_text("\n".join(lines) + '\n8,"stray" x,1,1,1,web\n9\n')
    for _ in range(2):
        with pytest.raises(ContractBroken) as caught:
            shop.warehouse.add(shop.contract)
        found = {r.code: r.message.split(":")[0] for r in caught.value.reasons}
        assert found == {
            "row-malformed": "2 rows (rows 2, 9)",
            "type-wrong": "1 row (row 4)",
            "value-missing": "1 row (row 5)",
            "not-a-choice": "1 row (row 6)",
            "pattern-broken": "1 row (row 6)",
            "out-of-range": "1 row (row 7)",
            "key-conflict": "2 rows (rows 3, 8)",
        }
        assert CANARY not in str(caught.value)
    assert list(shop.warehouse.layout.scratch.iterdir()) == []


def test_a_bad_cell_or_an_empty_key_is_no_conflict_of_keys(shop):
    rows = [order(1), order(1, amount=CANARY), order(2, order_id=""), order(3)]
    shop.write([*rows, order(3, order_id="")])
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    codes = [reason.code for reason in caught.value.reasons]
    assert sorted(codes) == ["type-wrong", "value-missing"]


@pytest.mark.parametrize(
    "text",
    ["\n" + GOOD_CSV + GOOD_ROW, "", (GOOD_CSV + "1,\xe9,,,,\n").encode("latin-1")],
)
def test_a_csv_file_without_names_first_or_of_another_encoding_is_unreadable(
    shop, text
):
    data = text.encode() if isinstance(text, str) else text
    shop.write([]).write_bytes(data)
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    assert [reason.code for reason in caught.value.reasons] == ["file-unreadable"]


def test_a_column_that_is_there_twice_is_no_column(shop):
    shop.write([]).write_text(GOOD_CSV.replace("channel", "amount") + GOOD_ROW)
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    found = [(reason.code, reason.place) for reason in caught.value.reasons]
    assert found == [
        ("column-missing", "column amount"),  # it is there twice
        ("column-missing", "column channel"),
    ]


def test_a_csv_file_of_any_office_is_the_same_data(shop):
    shop.write([order(1, customer='a "b", c')])
    shop.warehouse.add(shop.contract)
    view = shop.view(*NAMES)
    path = shop.root / "drop" / "a.csv"
    plain = path.read_bytes().replace(b"\r\n", b"\n")
    for text in (plain, b"\xef\xbb\xbf" + plain, plain.replace(b"\n", b"\r\n")):
        path.write_bytes(text)
        shop.warehouse.add(shop.contract)
        assert shop.view(*NAMES) == view


def test_one_is_said_of_one(shop):
    shop.write([order(1) | {"note": ""}], names=[*NAMES, "note"])
    said = shop.warehouse.add(shop.contract).files[0].as_line()
    assert said == "drop/a.csv: new, 1 row, 1 column not in the contract left out"


def test_later_rows_extend_a_file_and_a_changed_past_is_told(shop):
    shop.write([order(1), order(2)])
    shop.warehouse.add(shop.contract)
    later = order(3, arrived="2020-03-20")  # in the month of order 2, four days later
    shop.write([order(1), order(2), later])
    extended = shop.warehouse.add(shop.contract)
    assert (extended.sequence, extended.files[0].outcome) == (2, "extended")
    shop.write([order(1, amount=9), order(2), later])
    revised = shop.warehouse.add(shop.contract).files[0]
    assert (revised.outcome, revised.revised) == ("revised", ("2020-02",))


def test_a_file_that_lost_all_its_rows_is_a_breach_unless_it_had_none(shop):
    shop.write([])
    assert shop.warehouse.add(shop.contract).files[0].rows == 0
    shop.write([order(1)])
    shop.warehouse.add(shop.contract)
    view = shop.view(*NAMES)
    shop.write([])
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.subject) == ("rows-gone", "drop/a.csv")
    assert "1 row: known from it before" in reason.message
    assert ".workbench/data/manifests" in reason.message
    assert shop.view(*NAMES) == view
    for entry in shop.warehouse.layout.manifest("orders").iterdir():
        entry.unlink()  # it was meant, as the message says
    assert shop.warehouse.add(shop.contract).files[0].rows == 0
    shop.write([order(1)])
    shop.write([], "b.csv")  # a quiet day is none
    assert shop.warehouse.add(shop.contract).sequence == 2


def test_a_later_row_of_a_known_key_is_kept_and_never_read(shop):
    shop.write([order(1), order(2)])
    shop.warehouse.add(shop.contract)
    view, part = shop.view(*NAMES), shop.view("amount")
    late = order(1, amount=3, arrived="2020-02-17")
    shop.write([order(3), late, late, order(2, arrived="2020-03-20")], "b.csv")
    report = shop.warehouse.add(shop.contract).files[1]
    assert (report.outcome, report.rows, report.later) == ("new", 3, 2)
    assert "2 rows of a known key left unread" in report.as_line()
    assert shop.view(*NAMES, as_of="2020-03-17") == view
    amounts = pq.read_table(shop.materialise("customer", "amount"))["amount"]
    assert sorted(amounts.to_pylist()) == [0.25, 0.5, 0.75]
    assert shop.warehouse.add(shop.contract).sequence is None
    shop.write([order(4), order(4, amount=9, arrived="2020-06-01")], "c.csv")
    assert shop.warehouse.add(shop.contract).files[2].later == 1
    assert shop.verify() > 0
    assert part.rows == 2


def test_which_row_of_a_key_counts_does_not_hang_on_the_order_of_deliveries(shop):
    shop.write([order(1, amount=3, arrived="2020-03-01")], "b.csv")
    shop.warehouse.add(shop.contract)
    shop.write([order(1)])
    assert shop.warehouse.add(shop.contract).files[0].later == 0
    shop.write([order(1), order(2)])  # read anew beside the later row, which is held
    shop.warehouse.add(shop.contract)
    amounts = pq.read_table(shop.materialise("customer", "amount"))["amount"]
    assert sorted(amounts.to_pylist()) == [0.25, 0.5]


def test_a_row_of_a_known_key_that_arrived_together_with_it_is_a_breach(shop):
    shop.write([order(1)])
    shop.warehouse.add(shop.contract)
    shop.write([order(1, amount=3), order(2)], "b.csv")
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.subject) == ("key-conflict", "drop/b.csv")
    assert "1 row (row 1)" in reason.message
    assert "its own file may correct a row" in reason.message


def test_without_an_arrival_column_no_row_of_a_known_key_is_later(shop):
    shop.contract = replace(shop.contract, arrival_time=None, arrival_lag="P1D")
    shop.write([order(1)])
    shop.warehouse.add(shop.contract)
    shop.write([order(1, placed="2020-03-15")], "b.csv")
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    assert [reason.code for reason in caught.value.reasons] == ["key-conflict"]


def test_a_file_that_is_gone_stays_known(shop):
    shop.write(map(order, range(5))).rename(shop.root / "drop" / "b.csv")
    shop.write(map(order, range(5, 9)))
    shop.warehouse.add(shop.contract)
    view = shop.view(*NAMES)
    (shop.root / "drop" / "b.csv").unlink()
    report = shop.warehouse.add(shop.contract)
    assert [file.outcome for file in report.files] == ["same", "absent"]
    assert shop.view(*NAMES) == view
    assert view.rows == 9


def test_a_changed_contract_is_checked_against_all_that_is_known(shop):
    shop.write(map(order, range(5)), "gone.csv")
    shop.write(map(order, range(5, 9)))
    shop.warehouse.add(shop.contract)
    view = shop.view(*NAMES)
    (shop.root / "drop" / "gone.csv").unlink()
    shop.contract = replace(shop.contract, lateness="P500D")
    with pytest.raises(UsageError) as caught:
        shop.view(*NAMES)
    assert "workbench data add orders" in str(caught.value)
    assert shop.warehouse.add(shop.contract).sequence == 2
    assert shop.view(*NAMES) == view


def test_a_row_may_be_late_only_where_it_says_when_it_arrived(shop):
    shop.write([order(1, placed="2020-01-01", arrived="2020-01-03")])
    shop.contract = replace(shop.contract, lateness="P1D")
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.add(shop.contract)
    assert [reason.code for reason in caught.value.reasons] == ["too-late"]
    shop.contract = replace(shop.contract, arrival_time=None, arrival_lag="P2D")
    report = shop.warehouse.add(shop.contract)
    assert report.watermark == parse_instant("2020-01-02")  # 1st + two days - one day


def test_a_delivery_that_ended_before_its_entry_leaves_orphans_only(shop):
    shop.write(map(order, range(5)))
    layout = shop.warehouse.layout
    manifest = manifests.read(layout.manifest("orders"))
    layout.prepare()
    delivery = find_sources(layout, shop.contract, manifest)
    now = parse_instant("2024-01-01")
    take_in(layout, 256, shop.contract, delivery, now)  # and the power fails here
    assert shop.warehouse.list() == ()
    assert shop.warehouse.watermark(shop.contract) is None
    assert shop.warehouse.add(shop.contract).sequence == 1
    assert shop.verify() > 0


@pytest.mark.parametrize(
    ("amount", "kind", "codes"),
    [
        (1, TryLater, {"disk-full"}),
        (-1, ContractBroken, {"out-of-range", "disk-full"}),
    ],
)
def test_a_full_disk_takes_nothing_in_and_hides_no_breach(
    shop, monkeypatch, amount, kind, codes
):
    shop.write([order(1, amount=amount)])
    shop.warehouse.layout.scratch.mkdir(parents=True)  # not the first that is done here

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(kind) as caught:
            shop.warehouse.add(shop.contract)
    assert {reason.code for reason in caught.value.reasons} == codes
    assert shop.warehouse.list() == ()
    shop.write([order(1)])
    assert shop.warehouse.add(shop.contract).sequence == 1


def test_of_two_deliveries_at_once_the_second_is_told_to_come_again(shop):
    shop.write(map(order, range(5)))
    shop.warehouse.add(shop.contract)
    folder = shop.warehouse.layout.manifest("orders")
    with pytest.raises(TryLater):
        manifests.append(folder, manifests.read(folder).entries[0])


def test_verify_names_every_changed_object_and_the_broken_link(shop):
    for number in range(3):
        shop.write([order(number), order(number + 10)])
        shop.warehouse.add(shop.contract)
    assert shop.verify() == 6
    layout = shop.warehouse.layout
    changed, gone = sorted(layout.objects.iterdir())[:2]
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    gone.unlink()
    entry = layout.manifest("orders") / "00000002.json"
    with pytest.raises(ContractBroken) as caught:
        shop.verify()
    assert {reason.code for reason in caught.value.reasons} == {"object-broken"}
    assert f"{changed.name}, taken from drop/a.csv, was changed" in str(caught.value)
    assert f"{gone.name}, taken from drop/a.csv, is gone" in str(caught.value)
    entry.write_text(entry.read_text().replace('"rows": 1', '"rows": 2'))
    with pytest.raises(ContractBroken) as caught:
        shop.warehouse.watermark(shop.contract)
    assert "00000003.json does not follow" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rows", 9),
        ("month", "2020-07"),
        ("content", "0" * 64),
        ("first_event", "2019-01-01T00:00:00.000000Z"),
        ("last_event", "2020-03-01T00:00:00.000000Z"),
        ("first_arrival", "2019-01-01T00:00:00.000000Z"),
        ("last_arrival", "2020-03-31T00:00:00.000000Z"),
    ],
)
def test_verify_finds_an_edit_in_the_newest_entry_which_no_other_seals(
    shop, field, value
):
    shop.write([order(1), order(2), order(8)])
    shop.warehouse.add(shop.contract)
    entry = shop.warehouse.layout.manifest("orders") / "00000001.json"
    plain = json.loads(entry.read_text())
    before = plain["files"][0]["batches"][0][field]
    assert isinstance(value, type(before))
    plain["files"][0]["batches"][0][field] = value
    assert shop.verify() == 2
    entry.write_text(json.dumps(plain))
    with pytest.raises(ContractBroken) as caught:
        shop.verify()
    (reason,) = caught.value.reasons
    assert (reason.code, reason.subject) == ("manifest-broken", "orders")
    assert "00000001.json" in reason.message
    assert field.replace("_", " ") in reason.message


def test_verify_recounts_what_was_read_by_an_older_contract_without_its_times(shop):
    shop.write([order(1)])
    shop.warehouse.add(shop.contract)
    shop.contract = replace(shop.contract, arrival_lag="P3D")
    assert shop.verify() == 1
    assert shop.warehouse.verify({}) == 1


def test_a_path_that_leads_nowhere_is_a_mistake_of_the_contract(shop):
    with pytest.raises(UsageError) as caught:
        shop.warehouse.add(shop.contract)
    assert "research/contracts/orders.yaml" in str(caught.value)


def test_a_pattern_that_duckdb_does_not_know_is_a_mistake_of_the_contract(shop):
    shop.write([order(1)])
    columns = tuple(replace(c, pattern="a(?=b)") for c in shop.contract.columns)
    with pytest.raises(UsageError) as caught:
        shop.warehouse.add(replace(shop.contract, columns=columns))
    assert len(caught.value.reasons) == len(NAMES)


def test_nobody_else_may_look_into_the_store(shop):
    path = shop.write([order(1)])
    store = shop.warehouse.layout.store
    shop.warehouse.draft_contract(path)  # which makes the store, if it comes first
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    store.chmod(0o755)
    shop.warehouse.add(shop.contract)
    shop.view("customer")
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    files = [
        path for path in (*shop.files(), shop.materialise("customer")) if path.is_file()
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_what_a_killed_query_left_is_gone_with_the_next(shop):
    shop.write([order(1)])
    script = f"""
import os, signal
from pathlib import Path
from workbench.warehouse.engine import connection
from workbench.warehouse.layout import Layout
layout = Layout(Path({str(shop.root)!r}), Path({str(shop.warehouse.layout.store)!r}))
with connection(layout, 256, []):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    scratch = shop.warehouse.layout.scratch
    assert len(list(scratch.iterdir())) == 1
    shop.warehouse.add(shop.contract)
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "rows", "customers"),
    [("purchases", 69_659, 23_570), ("purchases_sample", 6_919, 2_357)],
)
def test_the_shipped_data_are_the_published_ones(tmp_path, dataset, rows, customers):
    file = f"research/contracts/{dataset}.yaml"
    contract = parse_contract((ROOT / file).read_text(), file=file)
    shop = Shop(ROOT, shop_at(tmp_path).warehouse, contract)
    shop.warehouse.layout = replace(shop.warehouse.layout, root=ROOT)
    report = shop.warehouse.add(contract)
    assert report.files[0].rows == rows
    assert report.watermark == parse_instant("1998-07-01")
    path = tmp_path / "in" / "purchases.parquet"
    columns = ("customer_id", "date")
    view = shop.warehouse.materialise(
        contract, columns, parse_instant("1998-07-01"), contract.purposes[0], path
    )
    assert view.rows == rows
    assert len(pq.read_table(path)["customer_id"].unique()) == customers
