"""Fault 11: deliveries twice, half, doubled and late come to the same sets of rows."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.scenarios import delivery, rows_of, shop_in
from tests.places import ROOT
from tests.warehouse.shops import NAMES, Row, Shop, order
from workbench.core.clock import parse_instant

pytestmark = pytest.mark.fault


def counted(*deliveries: list[dict[str, object]], as_of: str = "2021-01-01") -> int:
    """How many different rows had arrived by then, by counting them."""
    rows = {tuple(row.values()) for rows in deliveries for row in rows}
    at = NAMES.index("arrived")
    return sum(parse_instant(str(row[at])) <= parse_instant(as_of) for row in rows)


def add(shop: Shop, file: str, rows: list[dict[str, object]]) -> int | None:
    shop.write([*rows], file)
    return shop.warehouse.add(shop.contract).sequence


def test_fault_11_the_same_batch_twice_is_the_same_snapshot(tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    assert add(shop, "a.csv", delivery(1)) == 1
    view, files = shop.view(*NAMES), shop.files()
    assert add(shop, "a.csv", delivery(1)) is None
    assert add(shop, "a.csv", delivery(1)[::-1]) is None
    assert shop.view(*NAMES) == view
    assert shop.files() == files
    add(shop, "again.csv", delivery(1))  # the same rows, sent under another name
    assert shop.view(*NAMES) == view


KILLED = """\
import os, signal, sys
from pathlib import Path
from tests.faults.scenarios import shop_in

shop, real, left = shop_in(Path(sys.argv[1])), os.fsync, int(sys.argv[2])

def fsync(handle):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(handle)

os.fsync = fsync
shop.warehouse.add(shop.contract)
"""


def _ends(place: Path, syncs: int) -> bool:
    """Take in what is there, in a process that is killed before its n-th sync."""
    command = [sys.executable, "-c", KILLED, str(place), str(syncs)]
    done = subprocess.run(command, cwd=ROOT, check=False)
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode == 0


@pytest.mark.slow
def test_fault_11_a_batch_killed_at_any_sync_leaves_no_part_of_a_manifest(
    tmp_path: Path, soak: bool
) -> None:
    whole = counted(delivery(1), delivery(2))
    seen, syncs, ended = set(), 1, False
    while not ended:
        place = tmp_path / str(syncs)
        place.mkdir()
        shop = shop_in(place)
        shop.write(delivery(1), "1.csv")
        shop.write(delivery(2), "2.csv")
        ended = _ends(place, syncs)
        seen.add(rows_of(shop))
        shop.warehouse.add(shop.contract)
        assert rows_of(shop) == whole
        syncs += 1 if soak else 4
    assert seen == {0, whole}
    assert syncs > 10


def test_fault_11_duplicates_within_and_across_batches_count_once(
    tmp_path: Path,
) -> None:
    shop = shop_in(tmp_path)
    batches = [delivery(n) + delivery(n)[:2] for n in (1, 2, 3)]
    for number, rows in enumerate(batches):
        add(shop, f"{number}.csv", rows)
        assert rows_of(shop) == counted(*batches[: number + 1])
    assert rows_of(shop) < sum(map(len, batches))
    for month in range(1, 8):
        as_of = f"2020-{month:02}-16T08:00:00Z"
        assert shop.view(*NAMES, as_of=as_of).rows == counted(*batches, as_of=as_of)


def test_fault_11_an_event_three_days_late_is_there_from_its_arrival_on(
    tmp_path: Path,
) -> None:
    shop = shop_in(tmp_path)
    on_time: list[dict[str, object]] = [order(n) for n in range(1, 12)]
    late = order(99, placed="2020-03-15", arrived="2020-03-18T08:00:00Z")
    add(shop, "a.csv", on_time)
    days = [f"2020-03-{day}T08:00:00Z" for day in (15, 16, 17)]
    then = [shop.view(*NAMES, as_of=day) for day in days]
    now = shop.view(*NAMES)
    add(shop, "late.csv", [late])
    assert [shop.view(*NAMES, as_of=day) for day in days] == then
    for day in ("2020-03-18T07:59:59Z", *days):
        assert not _knows(shop, late, day)
    for day in ("2020-03-18T08:00:00Z", "2021-01-01"):
        assert _knows(shop, late, day)
        rows = shop.view(*NAMES, as_of=day).rows
        assert rows == counted(on_time, [late], as_of=day)
    assert shop.view(*NAMES).view_id != now.view_id


def _knows(shop: Shop, row: Row, as_of: str) -> bool:
    import pyarrow.parquet as pq

    numbers = pq.read_table(shop.materialise("order_id", "customer", as_of=as_of))
    return row["order_id"] in numbers["order_id"].to_pylist()
