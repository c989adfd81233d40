"""How a study is operated, as its registration says it: when it is due, whom to call.

Cadence, time zone, catch-up and the command for failures are no part of the seal.
"""

import shlex
from datetime import UTC, datetime
from functools import cache
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
    if given and not _is_zone(given):
        hint = did_you_mean(given, available_timezones()) or " Europe/Berlin is one."
        form.wrong("time_zone", f"there is no time zone {given!r}.{hint}")
    return given


@cache
def _is_zone(name: str) -> bool:
    """To list all zones takes longer than to read all the rest of a registration."""
    return name in available_timezones()


def parse_catch_up(form: Form) -> CatchUp:
    """Which missed slots are made up for; the latest where nothing is said."""
    allowed: tuple[str, ...] = get_args(CatchUp)
    return cast("CatchUp", form.choice("catch_up", allowed))


def parse_on_failure(form: Form) -> tuple[str, ...]:
    """The words of a command: a list of them, or a text cut as a shell would cut it."""
    key = "on_failure"
    if key not in form:
        return ()
    value = form.node(key).value
    words = _listed(form, key) if isinstance(value, list) else _cut(form, key)
    if words == []:
        form.wrong(key, f"{key} must hold a command, such as [scripts/notify, ops].")
    if any("\0" in word for word in words or ()):
        form.wrong(key, f"{key} holds a null character, which no command can.")
    return tuple(words or ())


def _listed(form: Form, key: str) -> list[str] | None:
    """The words of a list; None where one of them is none."""
    items = form.items(key)
    wrong = [item for item in items if not isinstance(item.value, str)]
    for item in wrong:
        said = f"every word of {key} must be text, not {item.value!r}; quote it."
        form.mistakes.note(item.line, f"{form.name}: {said}")
    return None if wrong else [str(item.value) for item in items]


def _cut(form: Form, key: str) -> list[str] | None:
    """The words of a text; None where it cannot be cut."""
    text = form.text(key)
    try:
        return shlex.split(text) if text else None
    except ValueError as error:
        said = f"{key} {text!r} cannot be cut into words ({error}); close it."
        form.wrong(key, said.replace("No ", "no "))
        return None
