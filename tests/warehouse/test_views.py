"""A view is what was known at as-of in the declared columns, and nothing else."""

import hashlib
import struct
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.shops import Shop, order, shop_at
from workbench.contracts.datasets import parse_contract
from workbench.core.clock import format_instant, parse_instant
from workbench.core.errors import ContractBroken, UsageError
from workbench.core.registration import Status
from workbench.core.runs import RunSpec, View
from workbench.warehouse.objects import content_id

ROOT = Path(__file__).resolve().parents[2]


def test_a_row_is_known_when_it_happened_before_and_arrived_by_as_of(shop):
    shop.write([
        order(1, placed="2020-01-01", arrived="2020-01-02"),
        order(2, placed="2020-01-02", arrived="2020-01-02"),  # not before the 2nd
        order(3, placed="2020-01-01", arrived="2020-01-02T00:00:01Z"),  # a second late
        order(4, placed="2020-01-01", arrived="2020-01-02T01:00:00+01:00"),
    ])  # fmt: skip
    shop.warehouse.add(shop.contract)
    path = shop.materialise("order_id", as_of="2020-01-02")
    assert pq.read_table(path)["order_id"].to_pylist() == [1, 4]
    assert shop.view("order_id", as_of="2020-01-01").rows == 0


def test_the_identity_of_content_is_the_hash_of_bytes_laid_out_by_hand():
    table = pa.table({
        "n": pa.array([258, None], pa.int64()),
        "s": pa.array(["é", "ab"], pa.string()),
        "d": pa.array([date(1970, 1, 3), None], pa.date32()),
        "b": pa.array([True, False], pa.bool_()),
    })  # fmt: skip
    head = '[[["n","int64"],["s","string"],["d","date32[day]"],["b","bool"]],2]'
    by_hand = (
        head.encode()
        + b"\x00\x01" + struct.pack("<qq", 258, 0)
        + b"\x00\x00" + struct.pack("<qq", 2, 2) + "éab".encode()
        + b"\x00\x01" + struct.pack("<ii", 2, 0)
        + b"\x00\x00" + b"\x01\x00"
    )  # fmt: skip
    assert content_id(table) == hashlib.sha256(by_hand).hexdigest()


cells = st.tuples(st.none() | st.text(max_size=3), st.none() | st.floats())


@given(st.lists(cells), st.integers(0, 9))
def test_the_identity_of_content_does_not_depend_on_chunks(rows, at):
    table = pa.table({
        "s": pa.array([row[0] for row in rows], pa.string()),
        "x": pa.array([row[1] for row in rows], pa.float64()),
    })  # fmt: skip
    pieces = pa.concat_tables([table.slice(0, at), table.slice(at), table.slice(0, 0)])
    assert content_id(pieces) == content_id(table)


def test_the_identity_of_content_does_not_see_what_lies_under_an_empty_cell():
    mask = pc.is_valid(pa.array([1, None]))
    one = pc.if_else(mask, pa.array([5, 6]), pa.scalar(None, pa.int64()))
    other = pc.if_else(mask, pa.array([5, 7]), pa.scalar(None, pa.int64()))
    assert content_id(pa.table({"n": one})) == content_id(pa.table({"n": other}))


def test_a_change_in_what_is_not_declared_changes_no_view(shop):
    shop.write(map(order, range(20)))
    shop.warehouse.add(shop.contract)
    view, other = shop.view("customer", "amount"), shop.view("channel")
    shop.write([order(n) | {"order_id": n + 100, "channel": "shop"} for n in range(20)])
    assert shop.warehouse.add(shop.contract).sequence == 2
    assert shop.view("customer", "amount") == view
    assert shop.view("channel") != other


def test_one_changed_value_of_a_declared_column_changes_the_view(shop):
    shop.write(map(order, range(20)))
    shop.warehouse.add(shop.contract)
    view = shop.view("customer", "amount")
    shop.write([*map(order, range(19)), order(19, amount=19 / 4 + 1e-12)])
    shop.warehouse.add(shop.contract)
    assert shop.view("customer", "amount").view_id != view.view_id


START = datetime(2020, 1, 1, tzinfo=UTC)
days = st.integers(0, 3)
rows = st.tuples(st.integers(0, 4), days, days, st.integers(0, 2), st.integers(0, 1))
known = st.lists(rows, max_size=5, unique_by=lambda row: row[0])
deliveries = known.flatmap(  # a key may come in several files, with one content
    lambda found: st.lists(
        st.lists(st.sampled_from(found)) if found else st.just([]),
        min_size=1,
        max_size=3,
    )
)


def known_by_hand(given_rows, as_of: datetime) -> list[tuple[int, int]]:
    """Known rows, each key once."""
    found = set()
    for key, happened, lag, amount, _ in given_rows:
        event = START + timedelta(days=happened)
        arrival = event + timedelta(days=lag)
        if event < as_of and arrival <= as_of:
            found.add((key, amount))
    return sorted(found)


@pytest.mark.slow
@settings(max_examples=20)
@given(deliveries, st.integers(0, 7), st.permutations(range(3)))
def test_a_view_is_the_same_function_of_what_was_delivered_in_any_order(
    given_files, day, turn
):
    as_of = START + timedelta(days=day)
    with TemporaryDirectory() as folder:
        shop = shop_at(Path(folder))
        for index in turn:  # each file is a delivery of its own
            if index < len(given_files):
                shop.write(
                    [
                        order(
                            key,
                            placed=(START + timedelta(days=happened)).date(),
                            arrived=START + timedelta(days=happened + lag),
                            amount=amount,
                            channel=("web", "shop")[channel],
                        )
                        for key, happened, lag, amount, channel in given_files[index]
                    ],
                    f"{index}.csv",
                )
                shop.warehouse.add(shop.contract)
        path = shop.materialise("order_id", "amount", as_of=format_instant(as_of))
        table = pq.read_table(path)
    found = [(row["order_id"], row["amount"]) for row in table.to_pylist()]
    assert found == known_by_hand([r for file in given_files for r in file], as_of)


def test_a_view_names_the_columns_that_name_a_person_and_so_does_a_run(shop):
    shop.write(map(order, range(5)))
    shop.warehouse.add(shop.contract)
    before = shop.view("placed", "order_id", "customer")
    assert before.direct == ("customer",)
    columns = tuple(
        replace(c, identity="direct") if c.name == "order_id" else c
        for c in shop.contract.columns
    )
    shop.contract = replace(shop.contract, columns=columns)
    after = shop.view("placed", "order_id", "customer")
    assert after.direct == ("customer", "order_id")
    assert after.view_id == before.view_id
    assert run_id(after) != run_id(before)


def run_id(view: View) -> str:
    return RunSpec(
        study="s", title="S", variant=None, status=Status.DRAFT, as_of=START,
        parameters={}, views=(view,), claims=(), family=1, settles=(), seal="",
        notebook_id="", lock_id="", engine_id="",
    ).run_id  # fmt: skip


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_rows_of_a_changed_or_missing_object_are_refused_every_time(shop, harm):
    shop.write(map(order, range(5)))
    shop.warehouse.add(shop.contract)
    place = next(shop.warehouse.layout.objects.iterdir())
    if harm == "gone":
        place.unlink()
    else:
        table = pq.read_table(place)
        at = table.column_names.index("amount")
        pq.write_table(
            table.set_column(at, "amount", pc.add(table["amount"], 1)), place
        )
    for ask in (shop.view, shop.materialise, shop.view, shop.materialise):
        with pytest.raises(ContractBroken) as caught:
            ask("customer", "amount")
        (reason,) = caught.value.reasons
        assert reason.code == "object-broken"
        assert "workbench data verify" in reason.message
    with pytest.raises(ContractBroken):
        shop.warehouse.profile(shop.contract)
    shop.write([order(9)], "b.csv")
    with pytest.raises(ContractBroken, match="object-broken"):
        shop.warehouse.add(shop.contract)


def test_one_question_has_one_answer_for_ever(shop):
    shop.write(map(order, range(5)))
    shop.warehouse.add(shop.contract)
    view = shop.view("customer")
    (kept,) = shop.warehouse.layout.store.glob("views/*/*.json")
    kept.write_text(kept.read_text().replace(view.view_id, "0" * 64))
    said = kept.read_text()
    with pytest.raises(ContractBroken, match="object-broken"):
        shop.materialise("customer")
    assert kept.read_text() == said


def test_the_second_question_loads_no_data_library(shop):
    shop.write(map(order, range(5)))
    shop.warehouse.add(shop.contract)
    view = shop.view("customer")
    script = f"""
import sys
from pathlib import Path
from tests.warehouse.shops import CONTRACT
from workbench.contracts.datasets import parse_contract
from workbench.core.clock import parse_instant
from workbench.warehouse import Warehouse
root = Path({str(shop.root)!r})
house = Warehouse(root, root / ".workbench" / "data", root.parent / "key", 256)
contract = parse_contract(CONTRACT, file="research/contracts/orders.yaml")
print(house.view(contract, ["customer"], parse_instant("2021-01-01")).view_id)
house.watermark(contract), house.add(contract), house.list()
print([n for n in ("duckdb", "pyarrow", "pandas", "numpy") if n in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == [view.view_id, "[]"]


def test_what_the_contract_does_not_allow_is_refused_with_the_file_to_edit(shop):
    shop.write([order(1)])
    shop.warehouse.add(shop.contract)
    with pytest.raises(UsageError) as caught:
        shop.materialise("custmer", "emial", purpose="retentoin")
    told = [reason.message for reason in caught.value.reasons]
    assert len(told) == 3
    assert all("research/contracts/orders.yaml" in message for message in told)
    assert "Did you mean 'customer'?" in told[0]
    assert "Did you mean 'retention'?" in told[2]


def test_a_view_of_nothing_says_what_to_run(shop):
    with pytest.raises(UsageError) as caught:
        shop.view("customer")
    assert "workbench data add orders" in str(caught.value)


def changed_later(table: pa.Table, as_of: date) -> pa.Table:
    """The source with rows at or after as-of deleted, changed and added."""
    past = table.filter(pc.less(table["date"], as_of))
    later = table.filter(pc.greater_equal(table["date"], as_of))
    kept = later.slice(later.num_rows // 3)
    at = kept.column_names.index("dollars")
    doubled = kept.set_column(at, "dollars", pc.multiply(kept["dollars"], 2.0))
    line = table.column_names.index("line")
    moved = pc.add(kept["line"], 1_000_000).cast(table["line"].type)
    return pa.concat_tables([doubled, past, kept.set_column(line, "line", moved)])


@pytest.mark.slow
def test_nothing_that_changes_at_or_after_as_of_changes_one_byte(tmp_path):
    file = "research/contracts/purchases.yaml"
    contract = parse_contract((ROOT / file).read_text(), file=file)
    source = tmp_path / "root" / contract.path
    shop = Shop(tmp_path / "root", shop_at(tmp_path).warehouse, contract)
    source.parent.mkdir(parents=True)
    table = pq.read_table(ROOT / contract.path)
    pq.write_table(table, source)
    shop.warehouse.add(contract)

    def look() -> tuple[str, bytes]:
        path = shop.materialise(
            "customer_id", "date", "dollars", as_of="1998-01-01",
            purpose=contract.purposes[0],
        )  # fmt: skip
        view = shop.view("customer_id", "date", "dollars", as_of="1998-01-01")
        return view.view_id, path.read_bytes()

    before = look()
    pq.write_table(changed_later(table, date(1998, 1, 1)), source)
    report = shop.warehouse.add(contract)
    assert report.sequence == 2
    assert look() == before
    first = pc.equal(table["line"], pc.min(table["line"]))
    moved = table.set_column(
        table.column_names.index("dollars"),
        "dollars",
        pc.if_else(first, 0.25, table["dollars"]),
    )
    pq.write_table(moved, source)  # and one value before it changes all
    shop.warehouse.add(contract)
    assert look()[0] != before[0]
    assert look()[1] != before[1]


def test_the_same_view_for_another_run_is_copied_unless_somebody_touched_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write([order(number) for number in range(20)])
    shop.warehouse.add(shop.contract)
    first = shop.materialise("customer", "amount")
    whole = first.read_bytes()
    second = first.rename(first.with_name("of-another-run.parquet"))
    assert shop.materialise("customer", "amount").read_bytes() == whole  # it was moved
    second.unlink()
    with monkeypatch.context() as patch:
        patch.setattr("workbench.warehouse.asof.read_view", None)
        path = first.with_name("copy.parquet")
        use = (shop.contract, ("customer", "amount"), parse_instant("2021-01-01"))
        shop.warehouse.materialise(*use, "retention", path)
        assert path.read_bytes() == whole
        assert path.stat().st_mode & 0o777 == 0o600
    first.chmod(0o600)
    first.write_bytes(b"a notebook wrote into what it was given")
    assert shop.materialise("customer", "amount").read_bytes() == whole
    assert (
        shop.materialise("customer", "amount", purpose="pricing").read_bytes() != whole
    )
    shop.write([order(99)], "b.csv")
    shop.warehouse.add(shop.contract)
    assert shop.materialise("customer", "amount").read_bytes() != whole
