"""When a study is due: the instants that its cadence names, in its own time zone.

A slot is the as-of of a run. Where a clock is set forward and the hour of a slot does
not exist, the slot is the moment after; where it comes twice, the first counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim

from workbench.core.registration import CADENCES

_FOLD = timedelta(hours=3)  # backwards, an hour that comes twice hides what is in it


@dataclass(frozen=True, slots=True)
class Cadence:
    """When slots come.

    Attributes:
        when: `daily`, `weekly`, `monthly`, `quarterly`, or a cron expression.
        time_zone: Name of the zone whose clock it means.
    """

    when: str
    time_zone: str

    def newest(self, until: datetime) -> datetime:
        """The last slot up to a moment, itself included."""
        slots = self._towards(until + _FOLD, reverse=True)
        return next(slot for slot in slots if slot <= until)

    def between(self, after: datetime, until: datetime) -> list[datetime]:
        """Every slot after a moment and up to another, oldest first."""
        slots = takewhile(lambda slot: slot <= until, self._towards(after))
        return [slot for slot in slots if slot > after]

    def _towards(self, start: datetime, *, reverse: bool = False) -> Iterator[datetime]:
        expression = CADENCES.get(self.when, self.when)
        local = start.astimezone(ZoneInfo(self.time_zone))
        for slot in CronSim(expression, local, reverse):
            yield slot.astimezone(UTC)
