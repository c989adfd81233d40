"""Fault 18: a clock that jumps back an hour and forward a year runs each slot once.

Summer time in three zones, leap days and the ends of months are the golden calendar
(tests/scheduling/test_slots.py, `pytest -m fault`).
"""

from datetime import datetime, timedelta

import pytest

from tests.studies.conftest import Shop
from workbench.app import App
from workbench.core.clock import format_instant, parse_instant
from workbench.core.registration import CatchUp
from workbench.scheduling.slots import Cadence
from workbench.scheduling.ticks import Left

pytestmark = [pytest.mark.fault, pytest.mark.slow]

HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)
BEGIN = parse_instant("1998-03-07T00:30:00Z")
COMPLETE = parse_instant("1998-03-11")  # up to where the data are complete
EVERY = "0 */6 * * *"
JUMPS = {
    "back an hour, over a slot": [BEGIN, BEGIN - HOUR, BEGIN + HOUR],
    "forward a year and back": [BEGIN, BEGIN + YEAR, BEGIN + 6 * HOUR],
    "both": [BEGIN, BEGIN - HOUR, BEGIN + YEAR, BEGIN - HOUR, BEGIN + 12 * HOUR],
}


def tick(shop: Shop, now: datetime) -> list[datetime]:
    """Run what the agenda of a tick at that time says; the slots that ran."""
    shop.app = App(shop.app.layout.root)
    acting = [
        each.planned for each in shop.app.agenda(now).looks(shop.study) if each.acts
    ]
    for planned in acting:
        assert planned is not None
        _, made = shop.running.ensure(planned)
        assert made
    until = shop.app.agenda(now).until(shop.study)
    shop.app.ticks.write(Left(until={"loyal": until}))
    return [planned.spec.as_of for planned in acting if planned]


@pytest.mark.parametrize("catch_up", ["latest", "all", "none"])
@pytest.mark.parametrize("clock", JUMPS.values(), ids=JUMPS)
def test_fault_18_whatever_the_clock_does_each_slot_runs_once_and_none_too_early(
    sealed: Shop, clock: list[datetime], catch_up: CatchUp
) -> None:
    file = sealed.app.layout.registration("loyal")
    text = file.read_text().replace("cadence: daily", f'cadence: "{EVERY}"')
    file.write_text(f"{text}catch_up: {catch_up}\n")
    ran: list[datetime] = []
    for now in clock:
        fresh = tick(sealed, now)
        assert all(slot <= min(now, COMPLETE) for slot in fresh)
        assert tick(sealed, now) == []  # the clock stood still
        ran += fresh
    assert len(ran) == len(set(ran))
    if catch_up == "all":
        newest = min(max(clock), COMPLETE)
        due = Cadence(EVERY, "UTC").between(BEGIN - HOUR, newest)
        assert sorted(map(format_instant, ran)) == list(map(format_instant, due))
