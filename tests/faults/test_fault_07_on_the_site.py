"""Fault 7 to its end: a crash is not tried again, and the site stays as it was."""

import pytest

from tests.end_to_end.conftest import home, own_shop, shop  # noqa: F401 - fixtures
from tests.end_to_end.house import House
from tests.end_to_end.shop import order, orders, write_orders

pytestmark = [
    pytest.mark.fault,
    pytest.mark.kernel,
    pytest.mark.site,
    pytest.mark.slow,
]

TRAP = """\
import ctypes, numpy
import workbench as wb
if len(wb.table("orders")) > 750:
    {crash}
"""


@pytest.mark.parametrize(
    ("crash", "reason"),
    [("ctypes.string_at(0)", "kernel-died"), ("numpy.ones(2**40)", "out-of-memory")],
)
def test_fault_07_a_crash_on_new_data_leaves_the_site_and_is_not_tried_again(
    own_shop: House,  # noqa: F811 - the fixture
    crash: str,
    reason: str,
) -> None:
    house = own_shop
    house.add_code("loyal", TRAP.format(crash=crash))
    house("register", "loyal")
    house("tick")
    page = house.root / "build" / "current" / "posts" / "loyal" / "index.html"
    served, ledger = page.read_bytes(), house.ledger("loyal")
    later = [order(3_000 + n, 600 + n, day=90 + n % 40) for n in range(60)]
    write_orders(house.root, [*orders(), *later])
    house("data", "add")
    for made in (1, 0):
        tick = house.json("tick", code=1)
        assert len(tick["runs"]) == made
        assert reason in {each["code"] for each in tick["reasons"]}
        assert page.read_bytes() == served
    assert house.ledger("loyal") == ledger
