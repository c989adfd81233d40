"""Promise 12: the last good site keeps serving, whatever happens to the next."""

import os
import random
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.house import House
from tests.end_to_end.shop import order, orders, write_orders, write_study
from workbench.website.release import tree_hash

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

ROUNDS = 12


def _page(house: House, study: str) -> str:
    page = house.root / "build" / "current" / "posts" / study / "index.html"
    assert page.is_file(), f"{study} left the site"
    return page.read_text()


FAILS_LATER = """
import workbench as wb

if str(wb.as_of()) > "1998-03-15":
    raise RuntimeError("of no interest")
"""


def test_a_failed_study_keeps_its_last_edition_while_another_advances(own_shop: House):
    house = own_shop
    house.add_code("loyal", FAILS_LATER)  # before it is sealed: code is part of that
    write_study(house.root, "second")
    house("register", "loyal", "second")
    house("run")
    house("publish")
    released = house.released()
    write_orders(house.root, [*orders(), *(order(9000 + k, k, 85) for k in range(99))])
    house("data", "add")
    assert house.json("run", code=1)["outcome"] == "failed"
    said = house.json("publish", code=1)
    assert [reason["code"] for reason in said["reasons"]] == ["run-failed"]
    assert house.released() != released
    assert "1998-03-11" in _page(house, "loyal")
    assert "1998-03-18" in _page(house, "second")
    assert "of no interest" not in _page(house, "loyal")

    # A refusal of the gate is no different.
    released = house.released()
    house.edit_cells("second", lambda cells: cells[0].update(source="About 40."))
    house("run", "second")
    said = house.json("publish", code=77)
    codes = {reason["code"] for reason in said["reasons"]}
    assert codes == {"run-failed", "number-unbound"}
    assert house.released() == released


def _without_privileges(house: House, folder: Path) -> House:
    """The same house, its commands kept out of what is locked, even the superuser's."""
    caps = "-dac_override,-dac_read_search"
    drop = f"setpriv --inh-caps={caps} --bounding-set={caps} "
    script = folder / "workbench"
    before = drop if os.geteuid() == 0 else ""
    script.write_text(f'#!/bin/sh\nexec {before}{house.script} "$@"\n')
    script.chmod(0o755)
    return replace(house, script=script)


def test_what_may_not_be_read_of_one_study_is_not_said_to_be_none_and_stops_no_other(
    own_shop: House, tmp_path: Path
):
    house = _without_privileges(own_shop, tmp_path)
    write_study(house.root, "second")
    house("register", "loyal", "second")
    house("tick")
    released = house.released()
    page = house.root / "site" / "pages" / "privacy.md"
    page.write_text(f"{page.read_text()}\nNothing at all.\n")
    for locked in (
        next((house.root / ".workbench" / "runs" / "loyal").glob("*/1")),
        house.root / "takeaways" / "loyal.jsonl",
    ):
        mode = locked.stat().st_mode
        locked.chmod(0)
        for command in ("status", "plan", "doctor", "tick"):
            said = house.json(command, code=2)
            told = [(each["code"], each["subject"]) for each in said["reasons"]]
            assert told.count(("file-system", "loyal")) == 1, (command, told)
            assert {subject for _, subject in told} <= {"loyal", ""}
        rows = {each["study"] for each in house.json("status", code=2)["studies"]}
        assert "second" in rows
        locked.chmod(mode)
        assert (house.released() != released) == locked.is_dir()
        released = house.released()
    assert house.json("tick")["reasons"] == []
    assert _page(house, "loyal")


def _publish_and_kill(house: House, after_s: float) -> None:
    process = subprocess.Popen(
        [house.script, "publish"],
        cwd=house.root,
        env=dict(house.environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def test_a_publication_killed_at_any_moment_leaves_a_whole_release(
    own_published_shop: House,
):
    house = own_published_shop
    page = house.root / "site" / "pages" / "index.md"
    ledger = house.ledger("loyal")
    moments = random.Random(12)
    began = time.monotonic()
    page.write_text(page.read_text() + "\nRound zero.\n")
    house("publish")
    whole_s = time.monotonic() - began
    for number in range(ROUNDS):
        page.write_text(page.read_text() + f"\nRound {number + 1}.\n")
        _publish_and_kill(house, moments.uniform(0.2, 1.1) * whole_s)
        current = (house.root / "build" / "current").resolve()
        assert tree_hash(current) == current.name
        assert "Round zero." in (current / "index.html").read_text()
        assert "38%" in _page(house, "loyal")
    house("publish")
    assert (
        f"Round {ROUNDS}."
        in (house.root / "build" / "current" / "index.html").read_text()
    )
    assert house.ledger("loyal") == ledger
    house("publish")  # by now no site builder of a killed one is left, nor its folder
    hidden = (house.root / "build").rglob(".*")
    names = {path.name for path in hidden}
    assert names == {".known.json", ".made.json", ".read.json"}
