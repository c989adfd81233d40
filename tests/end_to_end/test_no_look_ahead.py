"""Promise 3: what is known only later changes no byte of evidence, exhibits or post."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.end_to_end.conftest import Shipped
from tests.end_to_end.house import House
from tests.end_to_end.shop import Order, order, orders, write_orders
from tests.places import copy_root

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

AS_OF = "1998-01-01"
STUDY = "first-basket"  # it shows a figure, a table and a regression
LINKED = "second-purchase"  # its post leads to that one


def _tamper(file: Path) -> None:
    """Delete, change and add rows of the source at or after as-of, and none before."""
    table = pq.read_table(file)
    rows = table.to_pylist()
    as_of = dt.date.fromisoformat(AS_OF)
    past = [row for row in rows if row["date"] < as_of]
    future = [row for row in rows if row["date"] >= as_of]
    assert len(past) > 1000
    assert len(future) > 1000
    changed = [
        {**row, "discs": row["discs"] + 7, "dollars": 0.0} for row in future[::2]
    ]
    added = [
        {**row, "line": 10_000_000 + number, "date": as_of}
        for number, row in enumerate(past[::50])
    ]
    tampered = pa.Table.from_pylist([*past, *changed, *added], table.schema)
    pq.write_table(tampered, file)


def _lay_out(shipped: Shipped, folder: Path) -> House:
    """The sealed sources alone, in a house that has run nothing."""
    house = replace(shipped.house, root=copy_root(folder))
    for part in ("research", "takeaways"):
        for file in (shipped.house.root / part).glob("*.*l"):
            place = house.root / part / file.name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(file.read_bytes())
    return house


def _run_and_publish(house: House, *words: str) -> dict[str, bytes]:
    """All bytes that a study said and shows, by name, and the hash of the site."""
    house("data", "add", "purchases")
    house("run", LINKED, "--as-of", AS_OF)
    (run,) = house.json("run", STUDY, "--as-of", AS_OF, *words)["runs"]
    assert run["executed"]
    # the ledger has later looks, whose data the tampering does rewrite
    both = [word for study in (STUDY, LINKED) for word in ("--accept", study)]
    said = house.json("publish", STUDY, LINKED, *both, "--why", "it is tampered with")
    accepted = said["accepted"]
    assert STUDY in [each["study"] for each in accepted]
    return {
        "site": house.released().encode(),
        "run": run["run"].encode(),
        "said": house.outputs(STUDY, run["run"]),
        **house.post(STUDY),
    }


def test_changing_the_future_in_the_source_changes_no_byte(shipped, tmp_path):
    house = _lay_out(shipped, tmp_path / "root")
    before = _run_and_publish(house)
    assert any(name.endswith(".svg") for name in before)
    assert {"index.md", "result.json"} <= before.keys()
    _tamper(house.root / "research" / "data" / "cdnow_master.parquet")
    after = _run_and_publish(house, "--force")
    assert [name for name in before if before[name] != after.get(name)] == []
    assert before.keys() == after.keys()
    # The same change is seen as soon as it is known.
    assert _next_run(house) != _next_run(shipped.house)


def _next_run(house: House) -> str:
    (planned,) = house.json("run", STUDY, "--dry-run")["plan"]
    return str(planned["run"])


LATE = "1998-02-10"  # forty days after the shop's first


CHANGES: dict[str, Callable[[list[Order]], list[Order]]] = {
    "late rows of the past": lambda rows: [
        *rows,
        order(9000, 3, 35, seen=41),
        order(9001, 5, 39, seen=41),
    ],
    "new rows": lambda rows: [*rows, *(order(9100 + k, k, 40) for k in range(50))],
    "deleted rows": lambda rows: [row for row in rows if row["day"] < "1998-03-01"],
    "changed rows": lambda rows: [
        {**row, "customer": "other@example.org"} if row["day"] >= LATE else row
        for row in rows
    ],
}


def test_a_row_that_arrives_after_as_of_does_not_exist(own_shop: House):
    words = ("run", "loyal", "--as-of", LATE)
    (before,) = own_shop.json(*words)["runs"]
    said = own_shop.outputs("loyal", before["run"])
    rows = orders()
    for name, change in CHANGES.items():
        rows = change(rows)
        write_orders(own_shop.root, rows)
        assert own_shop.json("data", "add")["outcome"] == "done", name
        (again,) = own_shop.json(*words)["runs"]
        assert (again["run"], again["executed"]) == (before["run"], False), name
    (again,) = own_shop.json(*words, "--force")["runs"]
    assert (again["run"], again["executed"]) == (before["run"], True)
    assert own_shop.outputs("loyal", again["run"]) == said


def test_a_late_row_exists_once_it_has_arrived(own_shop: House):
    words = ("run", "loyal", "--dry-run", "--as-of", "1998-02-12")
    (before,) = own_shop.json(*words)["plan"]
    write_orders(own_shop.root, [*orders(), order(9000, 3, 35, seen=41)])
    own_shop("data", "add")
    (after,) = own_shop.json(*words)["plan"]
    assert after["run"] != before["run"]
