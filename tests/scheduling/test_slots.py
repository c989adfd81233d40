"""The golden calendar: each slot once, through summer time, leap days, month ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.clock import format_instant, parse_instant
from workbench.core.registration import CADENCES
from workbench.scheduling.pacing import made_up
from workbench.scheduling.slots import Cadence

# cadence, zone, after, until, and every slot between them
GOLDEN = {
    "spring in Berlin: half past two does not exist, and is three": (
        ("30 2 * * *", "Europe/Berlin", "2026-03-28", "2026-03-31"),
        ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
    ),
    "autumn in Berlin: half past two comes twice, and counts once": (
        ("30 2 * * *", "Europe/Berlin", "2026-10-24", "2026-10-27"),
        ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
    ),
    "spring in New York": (
        ("daily", "America/New_York", "2026-03-07", "2026-03-10"),
        ["2026-03-07T05:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"],
    ),
    "autumn in New York": (
        ("30 1 * * *", "America/New_York", "2026-10-31", "2026-11-03"),
        ["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
    ),
    "spring on Lord Howe Island": (
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-02", "2026-10-05"),
        ["2026-10-02T15:45:00Z", "2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"],
    ),
    "autumn on Lord Howe Island, which moves by half an hour": (
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-03", "2026-04-06"),
        ["2026-04-03T14:45:00Z", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"],
    ),
    "a leap day every four years": (
        ("0 0 29 2 *", "UTC", "2023-01-01", "2032-12-31"),
        ["2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
    ),
    "the last day of each month": (
        ("0 12 L * *", "UTC", "2024-01-01", "2024-05-01"),
        [f"2024-{day}T12:00:00Z" for day in ("01-31", "02-29", "03-31", "04-30")],
    ),
    "months that have a thirty-first": (
        ("0 0 31 * *", "UTC", "2026-01-01", "2026-06-01"),
        [f"2026-{day}T00:00:00Z" for day in ("01-31", "03-31", "05-31")],
    ),
    "weekly is Monday": (
        ("weekly", "UTC", "2026-11-20", "2026-12-01"),
        ["2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"],
    ),
    "the first of the month in Tokyo is the day before in London": (
        ("monthly", "Asia/Tokyo", "1998-05-01", "1998-07-01"),
        ["1998-05-31T15:00:00Z", "1998-06-30T15:00:00Z"],
    ),
    "quarters": (
        ("quarterly", "UTC", "1997-12-31", "1998-10-01"),
        [f"1998-{month}-01T00:00:00Z" for month in ("01", "04", "07", "10")],
    ),
}


@pytest.mark.fault
@pytest.mark.parametrize("name", GOLDEN)
def test_fault_18_each_slot_comes_exactly_once(name: str) -> None:
    (when, zone, after, until), expected = GOLDEN[name]
    cadence = Cadence(when, zone)
    first, last = parse_instant(after), parse_instant(until)
    assert list(map(format_instant, cadence.between(first, last))) == expected
    assert format_instant(cadence.newest(last)) == expected[-1]


WHEN = st.sampled_from([*CADENCES, "*/20 * * * *", "30 2 * * *", "15 0 L * *"])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Tokyo"])
MOMENTS = st.datetimes(datetime(1997, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(WHEN, ZONES, MOMENTS, st.integers(0, 5_000))
def test_slots_do_not_depend_on_how_often_one_looks(
    when: str, zone: str, start: datetime, minutes: int
) -> None:
    """Ticks at any times find between them what one tick at the end would have."""
    cadence = Cadence(when, zone)
    middle = start + timedelta(minutes=minutes)
    end = middle + timedelta(days=3)
    whole = cadence.between(start, end)
    assert cadence.between(start, middle) + cadence.between(middle, end) == whole
    assert whole == sorted(set(whole))
    newest = cadence.newest(end)
    assert newest <= end
    assert newest == (whole[-1] if whole else newest)
    assert not cadence.between(newest, end)
    assert cadence.newest(newest) == newest


DAILY = Cadence("daily", "UTC")
MONDAY, WEDNESDAY, FRIDAY = (parse_instant(f"2026-11-{day}") for day in (23, 25, 27))
LATE = FRIDAY + timedelta(hours=9)  # the scheduler was down since Monday


@pytest.mark.parametrize(
    ("catch_up", "done", "before", "expected"),
    [
        ("latest", None, None, [27]),
        ("latest", MONDAY, MONDAY, [27]),
        ("all", None, None, [27]),
        ("all", MONDAY, MONDAY, [24, 25, 26, 27]),
        ("none", None, None, [27]),
        ("none", MONDAY, WEDNESDAY, [27]),  # it came since the tick before
        ("none", MONDAY, LATE - timedelta(hours=1), [23]),  # it passed unseen
        ("none", None, LATE, []),
    ],
)
def test_what_passed_while_nothing_ran_is_made_up_for_as_the_study_says(
    catch_up, done: datetime | None, before: datetime | None, expected: list[int]
) -> None:
    found = made_up(catch_up, DAILY, done, LATE, before)
    assert [slot.day for slot in found] == expected


def test_a_clock_set_back_makes_no_slot_again_and_none_to_come() -> None:
    assert made_up("all", DAILY, FRIDAY, LATE - timedelta(hours=1), FRIDAY) == []
    assert made_up("latest", DAILY, WEDNESDAY, LATE, None) == [FRIDAY]
