"""When a study is due, as its registration says it: cadence, time zone, catch-up."""

from datetime import UTC, datetime
from typing import cast, get_args
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError

from workbench.contracts.forms import Form
from workbench.contracts.mistakes import did_you_mean
from workbench.core.registration import CADENCES, CatchUp

_FIELDS = 5
_SOME_DAY = datetime(1997, 1, 1, tzinfo=UTC)


def parse_cadence(form: Form) -> str:
    """A name of a cadence, or a cron expression that has a next time."""
    given = form.text("cadence")
    if len(given.split()) != _FIELDS:
        return form.choice("cadence", [*CADENCES])
    try:
        next(CronSim(given, _SOME_DAY))
    except (CronSimError, StopIteration) as error:
        problem = str(error).lower() or "it never comes"
        said = (
            f"cadence {given!r} is no cron expression ({problem}); "
            "its five fields are minute, hour, day of month, month and day of week."
        )
        form.wrong("cadence", said)
    return given


def parse_time_zone(form: Form) -> str:
    """A zone of the IANA database; UTC where none is named."""
    given = form.text("time_zone", "UTC")
    zones = available_timezones()
    if given and given not in zones:
        hint = did_you_mean(given, zones) or " Europe/Berlin is one."
        form.wrong("time_zone", f"there is no time zone {given!r}.{hint}")
    return given


def parse_catch_up(form: Form) -> CatchUp:
    """Which missed slots are made up for; the latest where nothing is said."""
    allowed: tuple[str, ...] = get_args(CatchUp)
    return cast("CatchUp", form.choice("catch_up", allowed))
