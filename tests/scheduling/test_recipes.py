"""The recipes for cron and systemd call what there is, and treat its codes rightly."""

import shlex
from configparser import ConfigParser
from datetime import UTC, datetime

from cronsim import CronSim

from tests.places import ROOT
from workbench.cli.parser import build_parser
from workbench.core.errors import ExitCode

RECIPES = ROOT / "recipes"
FIELDS = 5


def unit(name: str) -> ConfigParser:
    """A unit file of systemd; its names keep their capitals."""
    parser = ConfigParser()
    setattr(parser, "optionxform", str)  # noqa: B010 - typed as a method
    parser.read_string((RECIPES / name).read_text())
    return parser


def called(words: list[str]) -> str:
    """The command that a line of the workbench calls."""
    assert words[0].endswith("/workbench")
    return str(build_parser().parse_args(words[1:]).command)


def test_the_service_ticks_and_knows_what_try_again_later_is() -> None:
    service = unit("workbench-tick.service")["Service"]
    assert called(shlex.split(service["ExecStart"])) == "tick"
    assert service["Type"] == "oneshot"
    assert int(service["SuccessExitStatus"]) == ExitCode.TRY_LATER


def test_the_timer_starts_the_service_of_its_name() -> None:
    timer = unit("workbench-tick.timer")
    assert timer["Timer"]["Persistent"] == "true"
    assert (RECIPES / "workbench-tick.service").is_file()
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_the_crontab_ticks_every_ten_minutes() -> None:
    lines = (RECIPES / "crontab").read_text().splitlines()
    [line] = [line for line in lines if not line.startswith("#")]
    *fields, command = line.split(maxsplit=FIELDS)
    moments = CronSim(" ".join(fields), datetime(2026, 11, 1, tzinfo=UTC))
    assert [next(moments).minute for _ in range(3)] == [10, 20, 30]
    words = shlex.split(command)
    start = next(n for n, word in enumerate(words) if word.endswith("/workbench"))
    assert called(words[start : words.index("2>&1")]) == "tick"
