"""Killed at any step, the next tick ends where an undisturbed one would have.

Fault tests 1, 8 and 9: a crash at every step of the run store, before and after its
commit, and around everything durable beside it; many at once; one that was stopped past
its lease. By default the crashes follow each other in one root, each taking up what the
one before left; with --soak each has a root of its own, and kills come at random too.
"""

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.end_to_end import crashing
from tests.end_to_end.house import House
from tests.places import ROOT
from workbench.archive.store import Attempt
from workbench.website.release import tree_hash

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.site,
    pytest.mark.slow,
    pytest.mark.fault,
    pytest.mark.timeout(3_600),
]


SLOT = "1998-03-01"  # the newest that the shop's data reach


@pytest.fixture
def house(own_shop: House, tmp_path: Path) -> House:
    """A shop that was registered and never run, with a temporary folder of its own."""
    shutil.rmtree(own_shop.root / ".workbench" / "runs")
    (own_shop.root / ".workbench" / "runs.sqlite").unlink()
    own_shop("register", "loyal")
    scratch = tmp_path / "t"
    scratch.mkdir()
    return own_shop.with_variables(
        TMPDIR=str(scratch),
        WB_RETRY_ATTEMPTS="100000",
        WB_RETRY_AFTER_S="1",
        WB_RETRY_AT_MOST_S="1",
        PYTHONPATH=str(ROOT),
    )


def crash(house: House, point: tuple[str, str], *words: str) -> None:
    """A command that dies there; what serves, if anything, is whole."""
    house.crash(point, *words)
    check_release(house)


def check_release(house: House) -> None:
    current = house.root / "build" / "current"
    if current.exists():
        assert tree_hash(current.resolve()) == current.resolve().name


def tick_until_done(house: House) -> None:
    """The tick after; where two attempts were lost it first waits a second or so."""
    for _ in range(10):
        plan = house.json("plan")["plan"]
        if not any(each["state"] == "held" for each in plan):
            break
        time.sleep(0.5)
    house("tick")


def attempts(house: House) -> list[Attempt]:
    from workbench.app import App

    return App(house.root).store.of_study("loyal")


def left_over(house: House) -> list[str]:
    """Processes and scratch that nobody owns."""
    scratch = Path(house.environment["TMPDIR"])
    folders = [str(path) for path in scratch.glob("*/.*")]
    hidden = [
        *(house.root / ".workbench").rglob(".*-*"),
        *(house.root / "build").rglob(".*-*"),
    ]
    return [*processes(house), *folders, *map(str, hidden)]


def processes(house: House) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "status"]):
        said = process.info["cmdline"] or []
        inside = str(process.info["cwd"] or "").startswith(str(house.root))
        if inside and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(" ".join(said))
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def is_as_undisturbed(house: House, wanted: str) -> None:
    """One published revision, the same tree, nobody and nothing left behind."""
    assert house.released() == wanted
    known = attempts(house)
    assert [each.state.value for each in known].count("published") == 1
    numbers = [each.number for each in known]
    assert numbers == sorted(set(numbers))
    assert wait_until(lambda: not left_over(house)), left_over(house)
    done = house.json("tick")
    assert (done["outcome"], done["exit_code"]) == ("noop", 0)
    assert house.released() == wanted


@pytest.fixture
def wanted(house: House, tmp_path: Path) -> str:
    """The tree of a tick that nothing disturbed."""
    other = house.copy(tmp_path / "undisturbed")
    other("tick")
    return other.released()


def test_fault_01_killed_at_every_step_the_next_tick_completes_it(
    house: House, wanted: str, soak: bool, tmp_path: Path
) -> None:
    running, publishing = (
        crashing.points(crashing.RUNNING),
        crashing.points(crashing.PUBLISHING),
    )
    for number, point in enumerate([*running, *publishing] if soak else ()):
        own = house.copy(tmp_path / str(number))
        crash(own, point, "tick")
        own("tick")
        is_as_undisturbed(own, wanted)
    for point in running:
        crash(house, point, "run", "--as-of", SLOT)  # waits for nothing, unlike a tick
    for point in publishing:
        crash(house, point, "tick")
    house("tick")
    is_as_undisturbed(house, wanted)


def test_a_tick_that_only_has_to_switch_says_that_it_did(house: House) -> None:
    crash(house, ("pointer", "before"), "tick")
    before = (house.root / "build" / "current").exists()
    assert (before, house.json("tick")["outcome"]) == (False, "done")
    assert house.json("tick")["outcome"] == "noop"


def test_fault_01_killed_at_any_moment_the_next_tick_completes_it(
    house: House, wanted: str, kills: int
) -> None:
    """kill -9 in a loop, on the real thing."""
    moments = random.Random(7)
    fresh = house.copy(house.root.with_name("fresh"))
    for number in range(kills):
        if number and number % 10 == 0:  # again from the beginning
            tick_until_done(house)
            is_as_undisturbed(house, wanted)
            shutil.rmtree(house.root)
            fresh.copy(house.root)
        process = house.begin("tick")
        time.sleep(moments.uniform(0.3, 6.0))
        process.kill()
        process.communicate()
        check_release(house)
    tick_until_done(house)
    is_as_undisturbed(house, wanted)


def test_fault_08_of_many_ticks_at_once_one_acts(
    house: House, wanted: str, soak: bool
) -> None:
    many = 50 if soak else 12
    ticks = [house.begin("tick", "--json") for _ in range(many)]
    said = [json.loads(tick.communicate(timeout=600)[0]) for tick in ticks]
    codes = sorted(tick.returncode for tick in ticks)
    assert (codes[0], set(codes) <= {0, 75}) == (0, True)
    executed = [run for each in said for run in each.get("runs", []) if run["executed"]]
    assert len(executed) == 1
    assert [each.number for each in attempts(house)] == [1]
    is_as_undisturbed(house, wanted)


def test_fault_08_one_run_asked_for_twice_at_once_is_made_once(house: House) -> None:
    runs = [house.begin("run", "--json") for _ in range(2)]
    said = [json.loads(run.communicate(timeout=300)[0]) for run in runs]
    assert sorted(run.returncode for run in runs) in ([0, 75], [0, 0])
    assert sum(run["executed"] for each in said for run in each["runs"]) == 1


def test_fault_09_whoever_was_stopped_past_its_lease_changes_nothing(
    house: House, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    slow = house.copy(tmp_path / "slow").with_variables(WB_LEASE_S="2")
    waits = (
        "import pathlib, time\\n"
        f"begun = pathlib.Path({str(begun)!r})\\n"
        "again = begun.exists(); begun.touch(); time.sleep(0 if again else 6)\\n"
        "import pandas as pd"
    )
    slow.edit("notebooks/loyal.ipynb", ("import pandas as pd", waits))
    slow("register", "loyal")
    stalled = slow.begin("tick", "--json")
    assert wait_until(begun.exists)
    os.kill(stalled.pid, signal.SIGSTOP)
    time.sleep(2.5)
    second = slow.json("tick")
    assert [run["executed"] for run in second["runs"]] == [True]
    released = slow.released()
    os.kill(stalled.pid, signal.SIGCONT)
    said = json.loads(stalled.communicate(timeout=120)[0])
    assert stalled.returncode == 75
    assert {reason["code"] for reason in said["reasons"]} == {"fenced"}
    assert slow.released() == released
    assert [(each.number, each.state.value) for each in attempts(slow)] == [
        (1, "abandoned"),
        (2, "published"),
    ]
    assert wait_until(lambda: not left_over(slow)), left_over(slow)
    assert slow.json("tick")["outcome"] == "noop"
