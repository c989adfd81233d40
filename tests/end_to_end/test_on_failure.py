"""A study's failure calls the command it names: once for each attempt that it hears."""

import json
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.end_to_end.house import House
from workbench.app import App
from workbench.studies.planning import Planned

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

PASSED = {"PATH", "HOME", "LANG", "TMPDIR"}
OF_THE_SHELL = {"PWD", "OLDPWD", "SHLVL", "_"}
NOTIFY = """\
#!/bin/sh
cat >> told.jsonl; echo >> told.jsonl
readlink build/current > served
env | cut -d= -f1 | sort | tr '\\n' ' ' > variables
sleep 7773 &
"""


def breaking(house: House, source: str = "raise ValueError(orders)") -> House:
    """The shop with a script, a study that calls it, and a failure full of data."""
    script = house.root / "scripts" / "notify"
    script.parent.mkdir()
    script.write_text(NOTIFY)
    script.chmod(0o755)
    house.edit(
        "research/loyal.yaml",
        ("cadence: monthly", "cadence: monthly\non_failure: scripts/notify 'a b'"),
    )
    reading = 'import workbench as wb\norders = str(wb.table("orders"))'
    house.add_code("loyal", f"{reading}\n{source}")
    return house


def told(house: House) -> list[dict[str, Any]]:
    file = house.root / "told.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def test_a_failure_calls_once_for_each_attempt_and_tells_nothing_of_the_data(
    own_shop: House,
) -> None:
    house = breaking(own_shop).with_variables(CANARY="1", WB_PRELOAD_FROM="1")
    house("register", "loyal")
    house("tick", code=1)
    [account] = told(house)
    run = account.pop("run")
    [reason] = account.pop("reasons")
    assert account == {
        "study": "loyal",
        "variant": "base",
        "as_of": "1998-03-11",
        "attempt": 1,
        "exit_code": 1,
        "reopen": f"workbench lab loyal --run {run[:16]}",
    }
    assert (reason["code"], reason["cell"]) == ("cell-error", 2)
    assert "person" not in str(reason)
    variables = set((house.root / "variables").read_text().split())
    assert variables <= {*PASSED, *OF_THE_SHELL}
    assert (house.root / "served").read_text().strip().endswith(house.released())
    commands = [each.info["cmdline"] for each in psutil.process_iter(["cmdline"])]
    assert not [words for words in commands if words and "7773" in words]

    house("tick", code=1)
    assert len(told(house)) == 1  # it is only looked up
    house("run", code=1)
    assert len(told(house)) == 1
    house("run", "--force", code=1)
    assert [each["run"] for each in told(house)] == [run, run]


def test_what_will_be_tried_again_calls_at_its_last_attempt(own_shop: House) -> None:
    house = breaking(own_shop, "raise OSError(28, orders)").with_variables(
        WB_RETRY_ATTEMPTS="2", WB_RETRY_AFTER_S="1"
    )
    house("register", "loyal")
    house("tick", code=75)
    assert told(house) == []
    time.sleep(2)
    for _ in range(2):
        tick = house.json("tick", code=1)  # not 75: nothing tries it again
        codes = [(each["code"], each["exit_code"]) for each in tick["reasons"]]
        assert {("never-ended", 1), ("disk-full", 75)} <= set(codes)
        [account] = told(house)
        assert (account["exit_code"], account["attempt"]) == (1, 2)
        reasons = [each["code"] for each in account["reasons"]]
        assert reasons == ["never-ended", "disk-full"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_failure_that_a_kill_hid_is_told_by_the_next_tick(
    own_shop: House, moment: str
) -> None:
    house = breaking(own_shop)
    house("register", "loyal")
    house.crash(("failed", moment), "tick")
    assert told(house) == []
    house("tick", code=1)
    house("tick", code=1)
    [account] = told(house)
    assert (account["exit_code"], account["attempt"]) == (1, 1)
    assert account["reasons"][0]["code"] == "cell-error"


def test_a_run_that_never_comes_to_an_end_is_told_when_it_is_given_up(
    own_shop: House,
) -> None:
    house = breaking(own_shop, "pass").with_variables(
        WB_RETRY_ATTEMPTS="2", WB_RETRY_AFTER_S="1"
    )
    house("register", "loyal")
    for _ in range(2):
        house.crash(("executing", "after"), "tick")
        assert told(house) == []
        time.sleep(2)
    for _ in range(2):
        tick = house.json("tick", code=77)  # for the draft that it was serves no more
        codes = [(each["code"], each["exit_code"]) for each in tick["reasons"]]
        assert ("never-ended", 1) in codes
    [account] = told(house)
    assert (account["exit_code"], account["attempt"], account["reopen"]) == (1, 2, "")
    assert [each["code"] for each in account["reasons"]] == ["never-ended"]
    house("run", "--force")  # nothing is told of what succeeds
    assert len(told(house)) == 1


KILLS_WHAT_FORKED_ITS_RUNNER = """
import os, signal, time
stat = open(f"/proc/{os.getppid()}/stat").read()
os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
time.sleep(600)
"""


def test_a_run_that_ends_the_process_that_forks_it_is_given_up_as_a_lost_one(
    own_shop: House,
) -> None:
    house = breaking(own_shop, KILLS_WHAT_FORKED_ITS_RUNNER).with_variables(
        WB_RETRY_ATTEMPTS="2", WB_RETRY_AFTER_S="1", WB_PRELOAD_FROM="1"
    )
    house("register", "loyal")
    for reason in ("process-lost", "process-lost", "never-ended"):
        tick = house.json("tick", code=77)  # for the draft that it was serves no more
        assert reason in {each["code"] for each in tick["reasons"]}
        time.sleep(2)
    [account] = told(house)
    assert "process-lost" in account["reasons"][0]["message"]


def test_a_call_that_failed_is_made_again(own_shop: House) -> None:
    house = breaking(own_shop)
    house("register", "loyal")
    script = house.root / "scripts" / "notify"
    script.write_text(f"{NOTIFY}exit 1\n")
    for _ in range(2):
        tick = house.json("tick", code=1)
        assert "hook-failed" in {each["code"] for each in tick["reasons"]}
    script.write_text(NOTIFY)
    for _ in range(2):
        tick = house.json("tick", code=1)
        assert "hook-failed" not in {each["code"] for each in tick["reasons"]}
    assert len(told(house)) == 3


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("[scripts/absent]", "ended in exit status 127"),
        ("['false']", "ended in exit status 1"),
    ],
)
def test_a_hook_that_fails_is_told_and_changes_no_exit_code(
    own_shop: House, command: str, said: str
) -> None:
    house = breaking(own_shop)
    house.edit("research/loyal.yaml", ("scripts/notify 'a b'", command))
    run = house.json("run", code=1)
    by_code = {each["code"]: each for each in run["reasons"]}
    assert by_code["hook-failed"]["exit_code"] == 0
    assert said in by_code["hook-failed"]["message"]
    assert (by_code["cell-error"]["exit_code"], run["outcome"]) == (1, "failed")


def test_whom_to_call_makes_no_new_run(own_shop: House) -> None:
    def planned() -> Planned:
        app = App(Path(own_shop.root))
        study = app.catalogue.study("loyal", app.all_contracts)
        return app.planner.plan(study, study.registration.values_of("base"))

    before = planned()
    own_shop.edit(
        "research/loyal.yaml",
        ("cadence: monthly", "cadence: monthly\non_failure: [notify]"),
    )
    after = planned()
    assert after.study.registration.on_failure == ("notify",)
    assert after.spec == before.spec
