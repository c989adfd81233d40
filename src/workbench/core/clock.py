"""Time as an argument: half-open UTC instants, and the one door to the wall clock."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]

_DURATION = re.compile(
    r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)


def system_clock() -> datetime:
    """Now, in UTC; the only call of its kind in the project."""
    return datetime.now(tz=UTC)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 date or date-time as a UTC instant; without an offset it is UTC.

    Raises:
        ValueError: The text is neither.
    """
    instant = datetime.fromisoformat(text.strip())
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC)


def format_instant(instant: datetime) -> str:
    """`1998-07-01T00:00:00Z`; the spelling used in files and hashes."""
    utc = instant.astimezone(UTC)
    spec = "microseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=spec).replace("+00:00", "Z")


def show_instant(instant: datetime) -> str:
    """The spelling for readers: the date alone where it is midnight."""
    utc = instant.astimezone(UTC)
    midnight = (utc.hour, utc.minute, utc.second, utc.microsecond) == (0, 0, 0, 0)
    return utc.date().isoformat() if midnight else format_instant(utc)


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds, such as `P30D`.

    Raises:
        ValueError: Anything else, years and months included: their length varies.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is no ISO 8601 duration such as P30D or PT12H")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(
        weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds
    )
