"""Dates of a backfill: every month, week or day between two instants, in UTC."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

Every = Literal["day", "week", "month", "quarter"]
MONTHS: dict[Every, int] = {"month": 1, "quarter": 3}
DAYS: dict[Every, int] = {"day": 1, "week": 7}
LAST_SAFE_DAY = 28


def dates(first: datetime, last: datetime, every: Every) -> Iterator[datetime]:
    """From the first instant to the last, both included where the step meets them.

    Raises:
        ValueError: Steps of months begin on a day that not every month has.
    """
    if every in MONTHS and first.day > LAST_SAFE_DAY:
        raise ValueError(
            f"steps of a {every} begin on one of the first {LAST_SAFE_DAY} days."
        )
    steps = 0
    while (moment := _step(first, steps, every)) <= last:
        yield moment
        steps += 1


def _step(first: datetime, steps: int, every: Every) -> datetime:
    if every in DAYS:
        return first + timedelta(days=steps * DAYS[every])
    years, month = divmod(first.month - 1 + steps * MONTHS[every], 12)
    return first.replace(year=first.year + years, month=month + 1)
