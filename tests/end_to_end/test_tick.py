"""One tick does what the plan says, once, and publishes; its exit code is believed."""

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.house import House
from tests.end_to_end.shop import order, orders, write_orders, write_study

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]


def told(plan: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    return {each["study"]: (each["as_of"], each["state"]) for each in plan}


def ran(tick: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(each["study"], each["as_of"]) for each in tick["runs"]]


def test_a_tick_does_what_the_plan_says_and_the_next_one_nothing(
    own_shop: House,
) -> None:
    house = own_shop
    shutil.rmtree(house.root / ".workbench" / "runs")  # as though it had never run
    write_study(house.root, "draft")
    house("register", "loyal")
    plan = house.json("plan")
    assert told(plan["plan"]) == {"draft": ("", "held"), "loyal": ("1998-03-01", "due")}
    assert plan["outcome"] == "noop"

    first = house.json("tick")
    assert (first["outcome"], first["plan"]) == ("done", plan["plan"])
    assert ran(first) == [("loyal", "1998-03-01")]
    assert (house.root / "build" / "current" / "posts" / "loyal").is_dir()
    assert first["ledger_lines"] == 1
    release = house.released()

    second = house.json("tick")
    assert (second["outcome"], second["exit_code"], second["runs"]) == ("noop", 0, [])
    assert house.released() == release

    [heads] = (house.root / "takeaways" / "heads").iterdir()
    whole = heads.read_bytes()
    heads.unlink()
    for _ in range(2):
        [lost] = house.json("tick", code=2)["reasons"]
        assert (lost["code"], lost["subject"]) == ("heads-missing", "loyal")
    heads.write_bytes(whole)
    assert house.json("tick")["outcome"] == "noop"

    later = [order(3_000 + n, 600 + n, day=90 + n % 40) for n in range(60)]
    write_orders(house.root, [*orders(), *later])
    house("data", "add")
    plan = house.json("plan")
    assert told(plan["plan"])["loyal"] == ("1998-05-01", "due")
    third = house.json("tick")
    assert ran(third) == [("loyal", "1998-05-01")]
    assert house.released() != release
    assert house.json("tick")["outcome"] == "noop"


@pytest.mark.parametrize(
    ("source", "attempts", "code"),
    [
        ("pass", "5", 0),
        ("raise ValueError", "5", 1),
        ("raise OSError(28, '')", "5", 75),
        ("raise OSError(28, '')", "1", 1),
    ],
)
def test_after_a_kill_between_record_and_row_the_tick_does_what_the_plan_says(
    own_shop: House, source: str, attempts: str, code: int
) -> None:
    house = own_shop.with_variables(WB_RETRY_ATTEMPTS=attempts)
    shutil.rmtree(house.root / ".workbench" / "runs")  # as though it had never run
    house.add_code("loyal", source)
    house("register", "loyal")
    house.crash(("record", "after"), "tick")
    plan = house.json("plan")
    assert house.json("tick", code=code)["plan"] == plan["plan"]


def test_a_failed_study_is_told_at_every_tick_and_the_others_go_on(
    own_shop: House,
) -> None:
    house = own_shop
    write_study(house.root, "broken")
    house.edit("notebooks/broken.ipynb", ("import pandas as pd", "1 / 0"))
    house("register", "loyal", "broken")
    for made in (1, 0):
        tick = house.json("tick", code=1)
        assert len(tick["runs"]) == made
        assert ("cell-error", "broken") in {
            (each["code"], each["subject"]) for each in tick["reasons"]
        }
        assert (house.root / "build" / "current" / "posts" / "loyal").is_dir()


def test_of_many_ticks_at_once_one_acts_and_the_others_try_later(
    own_shop: House,
) -> None:
    own_shop("register", "loyal")
    ticks = [own_shop.begin("tick", "--json") for _ in range(6)]
    for tick in ticks:
        tick.communicate(timeout=300)
    codes = sorted(tick.returncode for tick in ticks)
    assert codes[0] == 0
    assert set(codes) <= {0, 75}
    assert (
        len((own_shop.root / "takeaways" / "loyal.jsonl").read_text().splitlines()) == 2
    )


def test_a_schedule_ticks_until_it_is_asked_to_end(own_shop: House) -> None:
    own_shop("register", "loyal")
    with own_shop.started("schedule", "--every", "0.2") as process:
        assert process.stdout is not None
        said = ""
        while "site released" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
    assert process.returncode == 130
    assert own_shop.json("tick")["outcome"] == "noop"


def test_a_run_that_succeeds_at_its_second_try_is_published(own_shop: House) -> None:
    house = own_shop.with_variables(WB_RETRY_AFTER_S="1")
    shutil.rmtree(house.root / ".workbench" / "runs")
    slow = "import time; time.sleep(3)\\nimport pandas as pd"
    house.edit("notebooks/loyal.ipynb", ("import pandas as pd", slow))
    house("register", "loyal")
    hasty = house.with_variables(WB_RUN_DEADLINE_S="1")
    assert hasty.json("tick", code=124)["runs"][0]["exit_code"] == 124
    time.sleep(1.5)
    assert told(house.json("plan")["plan"])["loyal"] == ("1998-03-01", "due")
    assert house.json("tick")["exit_code"] == 0
    assert (house.root / "build" / "current" / "posts" / "loyal").is_dir()
    assert house.json("tick")["outcome"] == "noop"


def test_an_edit_that_is_taken_back_is_taken_back_on_the_site(own_shop: House) -> None:
    house = own_shop
    house("register", "loyal")
    house("tick")
    file = house.root / "notebooks" / "loyal.ipynb"
    before = file.read_text()
    page = house.root / "build" / "current" / "posts" / "loyal" / "index.html"
    assert "were seen again" in page.read_text()
    house.edit("notebooks/loyal.ipynb", ("were seen again", "were seen once more"))
    house("tick")
    assert "were seen once more" in page.read_text()
    file.write_text(before)
    assert told(house.json("plan")["plan"])["loyal"][1] == "missing"
    tick = house.json("tick")
    assert [run["executed"] for run in tick["runs"]] == [False]
    assert "were seen again" in page.read_text()
    edited = page.parent / "1998-03-11.2" / "index.html"  # what was shown stays shown
    assert "were seen once more" in edited.read_text()
    assert house.json("tick")["outcome"] == "noop"


def objects_away(house: House) -> Path:
    """Take the data away, as a disk does that is not mounted."""
    objects = house.root / ".workbench" / "data" / "objects"
    return objects.rename(objects.with_name("away"))


def test_a_slot_that_could_not_run_is_owed_whatever_else_ticks(
    own_shop: House,
) -> None:
    house = own_shop
    house.edit(
        "research/loyal.yaml", ("cadence: monthly", "cadence: monthly\ncatch_up: none")
    )
    shutil.rmtree(house.root / ".workbench" / "runs")
    write_study(house.root, "other")
    house("register", "loyal", "other")
    house("tick", "other")  # which also remembers what the data are
    away = objects_away(house)
    for _ in range(2):  # each tick says what is wrong
        tick = house.json("tick", code=65)
        assert "object-broken" in {each["code"] for each in tick["reasons"]}
    away.rename(away.with_name("objects"))
    house("tick", "other")
    terms = house.root / "research" / "loyal.yaml"
    text = terms.read_text()
    terms.write_text("study: [")
    house("tick", code=2)
    terms.write_text(text)
    assert told(house.json("plan")["plan"])["loyal"] == ("1998-03-01", "due")
    assert ran(house.json("tick")) == [("loyal", "1998-03-01")]
    assert house.json("tick")["outcome"] == "noop"


def test_a_run_that_lost_its_outputs_stops_no_other_study(own_shop: House) -> None:
    house = own_shop
    write_study(house.root, "other")
    house("register", "loyal", "other")
    house("tick")
    before = house.released()
    [run] = [e["run"] for e in house.json("plan")["plan"] if e["study"] == "loyal"]
    (house.folder("loyal", run) / "out" / "outputs.jsonl").unlink()
    house.add_code("other", "pass")
    house("register", "other")
    tick = house.json("tick", code=1)
    reasons = {(each["code"], each["subject"]) for each in tick["reasons"]}
    assert ("outputs-unreadable", "loyal") in reasons
    assert house.released() != before
    assert (house.root / "build" / "current" / "posts" / "loyal").is_dir()
    doctor = house.json("doctor", code=2)
    assert any("what their notebooks said" in e["message"] for e in doctor["reasons"])
    house("run", "loyal", "--force")
    house("tick")
    house("doctor")


def test_odd_files_stop_no_tick(own_shop: House) -> None:
    house = own_shop
    house("register", "loyal")
    os.mkfifo(house.root / "notebooks" / "pipe")
    (house.root / "notebooks" / "loop").symlink_to(".")
    for folder in ("research", "takeaways", "notebooks"):
        (house.root / folder / os.fsdecode(b"\xff.txt")).touch()
    assert house.json("tick")["outcome"] == "done"
    assert house.json("tick")["outcome"] == "noop"
    page = house.root / "site" / "pages" / os.fsdecode(b"\xff.txt")
    page.touch()
    said = house.json("tick", code=2)
    assert [reason["code"] for reason in said["reasons"]] == ["page-name"]
    page.unlink()
    house("tick")
