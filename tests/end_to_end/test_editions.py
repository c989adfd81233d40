"""Every published edition keeps its page, whatever is published later."""

import pytest

from tests.end_to_end.house import House
from tests.end_to_end.shop import order, orders, write_orders

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]


def test_two_published_runs_have_two_frozen_pages_and_the_first_stays_as_it_was(
    own_published_shop: House,
):
    house = own_published_shop
    served = house.root / "build" / "current" / "posts" / "loyal"
    first = served / "1998-03-11" / "index.html"
    frozen, file = first.read_bytes(), first.stat().st_ino
    assert b"This is the edition of 1998-03-11" in frozen

    later = [order(3_000 + n, 600 + n, day=90 + n % 40) for n in range(60)]
    write_orders(house.root, [*orders(), *later])
    house("data", "add")
    house("run")
    house("publish", "--accept", "loyal", "--why", "more data came")
    assert (first.read_bytes(), first.stat().st_ino) == (frozen, file)
    [second] = set(served.glob("1998-*")) - {first.parent}
    page = (second / "index.html").read_text()
    assert f"This is the edition of {second.name}" in page
    assert (second / "result.json").read_bytes() == (
        served / "result.json"
    ).read_bytes()
    assert (served / "1998-03-11" / "result.json").read_bytes() != (
        served / "result.json"
    ).read_bytes()
    current = (served / "index.html").read_text()
    assert f'<a href="{second.name}/">{second.name}</a> (this one)' in current
    assert '<a href="1998-03-11/">1998-03-11</a>' in current

    released = house.released()
    assert house.json("publish")["outcome"] == "noop"
    assert house.released() == released
