"""Fault 19: the scheduler was down for ten days; a backfill while one run is active.

A pass over real agendas, archives and ledgers, with a runner that needs no kernel:
every catch-up with every way to reprocess and every state of a date. What runs is what
the plan said, and a run that is under way elsewhere is never made a second time.
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from threading import Lock
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest

from tests.settlement.ledgers import FIRST, claimed, evidence
from tests.studies.conftest import Shop
from workbench.app import App
from workbench.core.clock import parse_instant, show_instant
from workbench.core.errors import ExitCode, WorkbenchError
from workbench.core.registration import CatchUp
from workbench.core.runs import RunRecord
from workbench.scheduling.replaying import Replaying
from workbench.scheduling.reprocessing import Reprocess
from workbench.scheduling.ticks import Left
from workbench.studies.planning import Planned

pytestmark = [pytest.mark.fault, pytest.mark.slow]

DAY = timedelta(days=1)
DOWN = parse_instant("1998-03-01")  # its last slot ran; then nothing for ten days
DAYS = [DOWN + n * DAY for n in range(1, 11)]  # up to where the data are complete
DATE = DAYS[4]
CATCH_UPS: list[CatchUp] = ["latest", "all", "none"]
REPROCESS: list[Reprocess | None] = [None, "none", "failed", "completed"]


@dataclass(frozen=True)
class SaidNothing:
    """What a run says that said nothing."""

    evidence: tuple[()] = ()
    takeaways: tuple[()] = ()
    settlements: tuple[()] = ()


def replaying(shop: Shop, reprocess: Reprocess | None) -> Replaying:
    shop.app = App(shop.app.layout.root)

    def run_all(planned: Any) -> list[RunRecord | WorkbenchError]:
        return [one(shop, each) for each in planned]

    return replace(
        shop.app.replaying,
        run_all=run_all,
        read=lambda _spec: SaidNothing(),
        reprocess=reprocess,
    )


def one(shop: Shop, planned: Planned) -> RunRecord | WorkbenchError:
    try:
        return shop.running.ensure(planned)[0]
    except WorkbenchError as error:
        return error


def run_at(shop: Shop, date: datetime, code: int = ExitCode.OK) -> None:
    shop.runner.exit_code = code
    shop.running.ensure(shop.plan(date))
    shop.runner.exit_code = ExitCode.OK
    shop.runner.folders.clear()


def claim_at(shop: Shop, date: datetime) -> None:
    """Enter a claim whose run is not here, as a clone of the repository has it."""
    lines: list[Any] = [*shop.app.ledgers.read("loyal")]
    line: Any = claimed(lines, FIRST, evidence())
    key: Any = {
        "seal": shop.study.registration.seal,
        "variant": "base",
        "as_of": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "claim": "came_back",
    }
    chain = ("previous", "number", "hash")
    fresh = {name: value for name, value in line.items() if name not in chain}
    shop.app.ledgers.append("loyal", {**fresh, "key": key})


STATES = ["never", "claimed", "succeeded", "failed", "out of time", "under way"]
RUNS: dict[Reprocess | None, set[str]] = {  # of which state a date is run
    None: {"never", "claimed", "out of time"},
    "none": {"never"},
    "failed": {"never", "failed", "out of time"},
    "completed": {"never", "claimed", "succeeded", "failed", "out of time"},
}


@pytest.mark.parametrize(("state", "reprocess"), [*product(STATES, REPROCESS)])
def test_fault_19_a_date_is_run_as_the_table_says(
    sealed: Shop, state: str, reprocess: Reprocess | None
) -> None:
    with ExitStack() as elsewhere:
        match state:
            case "claimed":
                claim_at(sealed, DATE)
            case "succeeded":
                run_at(sealed, DATE)
            case "failed":
                run_at(sealed, DATE, ExitCode.STUDY_FAILED)
            case "out of time":
                run_at(sealed, DATE, ExitCode.DEADLINE)
            case "under way":
                elsewhere.enter_context(sealed.app.runs.opened(sealed.plan(DATE).spec))
        foreseen = replaying(sealed, reprocess).foreseen([sealed.study], [DATE])
        done = replaying(sealed, reprocess).replay([sealed.study], [DATE], ignore)
    assert foreseen.dates == done.dates
    [date] = done.dates
    assert len(sealed.runner.folders) == (state in RUNS[reprocess])
    if state == "under way":
        assert [reason.code for _, reason in done.reasons] == ["busy"]
    else:
        assert date["action"].startswith("run") == (state in RUNS[reprocess])
    told = {"failed": 1, "out of time": 124}.get(state)
    left = told and state not in RUNS[reprocess]
    codes = [int(code) for code, _ in done.reasons]
    assert codes == ([told] if left else [75] if state == "under way" else [])


def ignore(_moment: datetime, _whole: object) -> None:
    """Nobody watches."""


def tick(shop: Shop, now: datetime) -> list[datetime]:
    """Run what the agenda says, but for its oldest, which fails; the dates that ran."""
    shop.app = App(shop.app.layout.root)
    items = list(shop.app.agenda(now).looks(shop.study))
    acting = [each.planned for each in items if each.acts and each.planned]
    for number, planned in enumerate(acting):
        shop.runner.exit_code = 0 if number or len(acting) == 1 else 1
        shop.running.ensure(planned)
    shop.runner.exit_code = 0
    shop.app.ticks.write(Left(until={"loyal": now}))
    return [planned.spec.as_of for planned in acting]


CAUGHT_UP = {"latest": DAYS[-1:], "all": DAYS, "none": DAYS[-1:]}


@pytest.mark.parametrize(
    ("catch_up", "reprocess"), [*product(CATCH_UPS, REPROCESS)], ids=str
)
def test_fault_19_ten_days_down_then_a_backfill_beside_a_run_that_is_active(
    sealed: Shop, catch_up: CatchUp, reprocess: Reprocess | None
) -> None:
    file = sealed.app.layout.registration("loyal")
    file.write_text(file.read_text() + f"catch_up: {catch_up}\n")
    assert tick(sealed, DOWN) == [DOWN]
    assert tick(sealed, DAYS[-1]) == CAUGHT_UP[catch_up]
    assert tick(sealed, DAYS[-1]) == []  # each slot once

    ran = set(CAUGHT_UP[catch_up])
    failed = {DAYS[0]} if catch_up == "all" else set()
    active = DATE
    expected = {
        day
        for day in set(DAYS) - {active}
        if day not in ran
        or (day in failed and reprocess in ("failed", "completed"))
        or (day not in failed and reprocess == "completed")
    }
    sealed.runner.folders.clear()
    with sealed.app.runs.opened(sealed.plan(active).spec):
        foreseen = replaying(sealed, reprocess).foreseen([sealed.study], DAYS)
        done = replaying(sealed, reprocess).replay([sealed.study], DAYS, ignore)
    assert foreseen.dates == done.dates
    planned = {each["as_of"] for each in done.dates if each["action"][:3] == "run"}
    shown = {show_instant(day) for day in expected}
    assert planned - {show_instant(active)} == shown
    assert len(sealed.runner.folders) == len(expected)
    busy = [reason for _, reason in done.reasons if reason.code == "busy"]
    wanted = show_instant(active) in planned
    assert len(busy) == wanted


@pytest.mark.parametrize("most", [1, 3])
def test_fault_19_no_more_runs_are_active_than_allowed(
    sealed: Shop, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, counted = sealed.app, Lock()
    active, seen = [0], []

    def ensure(_planned: object) -> tuple[None, bool]:
        with counted:
            active[0] += 1
            seen.append(active[0])
        sleep(0.05)
        with counted:
            active[0] -= 1
        return None, True

    monkeypatch.setitem(app.__dict__, "running", SimpleNamespace(ensure=ensure))
    monkeypatch.setattr(app.starting, "expect", lambda _planned: None)
    app.run_all([sealed.plan(day) for day in DAYS], at_once=most)
    assert (len(seen), max(seen)) == (10, most)
