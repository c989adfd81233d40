"""What nothing refers to goes, and nothing that is needed."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.end_to_end.house import House
from workbench.app import App
from workbench.archive.rollbacks import Rollback, Rollbacks
from workbench.archive.tables import attempts
from workbench.cli.commands.gc import clear
from workbench.cli.outcome import Outcome
from workbench.core.clock import format_instant, system_clock

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.site,
    pytest.mark.slow,
    pytest.mark.fault,
]

DATES = ("1998-03-01", "1998-03-05", "1998-03-08", "1998-03-10")


def removed(root: Path, *, days: float = 0, dry: bool = False) -> dict[str, Any]:
    """What is removed so many days later, by kind."""

    def later() -> datetime:
        return system_clock() + timedelta(days=days)

    outcome = Outcome("gc")
    app = App(root, later)
    clear(app, outcome, dry=dry)
    kinds = outcome.data["removed"]
    assert isinstance(kinds, dict)
    return {kind: each["count"] for kind, each in kinds.items() if each["count"]}


def folders(house: House) -> set[str]:
    return {path.name for path in (house.root / ".workbench/runs/loyal").glob("*/")}


def numbers(house: House, run: str) -> list[tuple[int, str]]:
    known = App(house.root).store.of_study("loyal")
    mine = [each for each in known if each.run_id.startswith(run)]
    return sorted((each.number, each.state.value) for each in mine)


def test_old_runs_go_and_their_numbers_never_come_again(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    (house.root / "workbench.toml").write_text("keep_runs = 2\n")
    [serving] = folders(house)
    made = [house.json("run", "--as-of", day)["runs"][0]["run"] for day in DATES]
    everything = {serving, *made}
    assert folders(house) == everything
    assert removed(house.root) == {}  # whoever made them may still read them
    assert removed(house.root, days=1, dry=True) == {"runs": 3}
    assert folders(house) == everything
    assert removed(house.root, days=1) == {"runs": 3}
    assert folders(house) == {serving, made[-1]}
    assert house.json("doctor")["checks"]["store"] != "wrong"
    assert removed(house.root, days=1) == {}

    (house.root / "workbench.toml").write_text("keep_runs = 1\n")
    app = App(house.root)
    record = app.runs.beginning_with("loyal", made[-1])[0]
    app.store.make_current(record.spec)
    assert removed(house.root, days=1) == {}  # its study stands at it
    assert numbers(house, made[0]) == [(1, "removed")]
    (again,) = house.json("run", "--as-of", DATES[0])["runs"]
    assert (again["run"], again["executed"]) == (made[0], True)
    assert numbers(house, made[0]) == [(1, "removed"), (2, "executed")]


def test_a_run_without_rows_is_what_a_killed_clearing_left(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    (house.root / "workbench.toml").write_text("keep_runs = 1\n")
    house("run", "--as-of", DATES[0])
    app = App(house.root)
    [old] = [a for a in app.store.of_study("loyal") if a.state.value == "executed"]
    assert app.store.forget(old.run_id)
    assert removed(house.root) == {"runs": 1}
    assert len(folders(house)) == 1


def test_what_is_held_stays_and_is_named(own_published_shop: House) -> None:
    house = own_published_shop
    with App(house.root).store.leases.held("publish", "publishing"):
        said = house.json("gc", code=75)
    assert [reason["code"] for reason in said["reasons"]] == ["busy"]


def test_a_run_that_settles_an_open_claim_stays(own_published_shop: House) -> None:
    house = own_published_shop
    (house.root / "workbench.toml").write_text("keep_runs = 1\n")
    older, newer = (
        house.json("run", "--as-of", day)["runs"][0]["run"] for day in DATES[:2]
    )
    app = App(house.root)
    (claim,) = app.ledgers.record("loyal").open
    for run, settles in ((older, claim.as_of), (newer, claim.as_of + timedelta(1))):
        make_settle(house, run, settles)
    assert removed(house.root, days=1) == {}
    make_settle(house, older, claim.as_of + timedelta(1))
    assert removed(house.root, days=1) == {"runs": 1}
    assert older not in folders(house)
    assert newer in folders(house)


def make_settle(house: House, run: str, since: datetime) -> None:
    """Let a run be one that settled a claim made then."""
    file = house.folder("loyal", run) / "run.json"
    record = json.loads(file.read_text())
    record["spec"]["settles"] = [format_instant(since)]
    file.write_text(json.dumps(record))
    mine = attempts.c.run_id == record["run_id"]
    with App(house.root).store.database.writing() as connection:
        connection.execute(update(attempts).where(mine).values(settles=1))


def test_copies_previews_scratch_and_old_releases_go(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    state = house.root / ".workbench"
    (state / ".doctor-killed").mkdir()
    (state / ".doctor-killed" / "half").write_bytes(b"x" * 1_000)
    [run] = folders(house)
    for name in (run, "f" * 16):
        copy = state / "reopened" / name / "in"
        copy.mkdir(parents=True)
        (copy / "orders.parquet").write_bytes(b"x" * 500)
    (state / "rendered" / "forgotten" / "base").mkdir(parents=True)
    house("preview", "--no-serve")
    said = house.json("gc", "--dry-run")
    assert said["outcome"] == "noop"
    assert said["removed"]["scratch"] == {"count": 1, "bytes": 1_000}
    assert said["removed"]["rendered"]["count"] == 1
    assert said["removed"]["reopened"]["count"] == 0
    told = house("gc")
    assert "scratch: 1, freed 1,000 bytes" in told.out
    assert not (state / ".doctor-killed").exists()
    assert removed(house.root, days=2) == {"reopened": 1}
    assert {path.name for path in (state / "reopened").iterdir()} == {run}
    assert removed(house.root, days=8) == {"reopened": 1, "preview": 1}
    assert house.json("gc")["outcome"] == "noop"


def test_fault_20_a_release_that_shows_what_is_withdrawn_goes(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    releases = house.root / "build" / "releases"
    old = house.released()
    house("withdraw", "loyal", "--post", "--why", "it was wrong")
    assert (releases / old).is_dir()
    said = house.json("gc")
    assert said["removed"]["releases"]["count"] == 1
    assert {path.name for path in releases.glob("[!.]*")} == {house.released()}
    assert [each["tree"] for each in house.json("rollback", "--list")["releases"]] == [
        house.released()
    ]
    house("doctor")
    assert house.json("publish")["outcome"] == "noop"


def test_what_a_rollback_chose_or_left_stays(own_published_shop: House) -> None:
    house = own_published_shop
    first = house.released()
    page = house.root / "site" / "pages" / "index.md"
    for words in ("One.", "Two."):
        page.write_text(f"{page.read_text()}\n{words}\n")
        house("publish")
    rollback = Rollback(
        tree=first, before="", why="it was wrong", at=system_clock(), ended=False
    )
    Rollbacks(house.root / ".workbench" / "rollback.json").begin(
        rollback
    )  # killed then
    fewer = house.with_variables(WB_KEEP_RELEASES="1")
    assert fewer.json("gc")["removed"]["releases"]["count"] == 0
    house("tick")
    assert house.released() == first
    assert fewer.json("gc")["removed"]["releases"]["count"] == 0
    house("publish")
    assert fewer.json("gc")["removed"]["releases"]["count"] == 1
    assert not (house.root / "build" / "releases" / first).exists()
