"""An earlier release serves again, byte for byte, until a person publishes."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.house import House
from tests.end_to_end.shop import order, orders, write_orders
from workbench.website.release import tree_hash

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.site,
    pytest.mark.slow,
    pytest.mark.fault,
]

WHY = "The new page is unreadable on a phone"


def served(house: House) -> Path:
    return house.root / "build" / "current"


def change(house: House, words: str) -> str:
    """Publish a change of the home page; the release."""
    page = house.root / "site" / "pages" / "index.md"
    page.write_text(page.read_text() + f"\n{words}\n")
    house("publish")
    return house.released()


def codes(said: dict[str, object]) -> list[tuple[int, str]]:
    reasons = said["reasons"]
    assert isinstance(reasons, list)
    return [(reason["exit_code"], reason["code"]) for reason in reasons]


def test_fault_20_rolled_back_the_old_tree_serves_and_no_tick_publishes(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    house("tick")
    first = house.released()
    old = {p: p.read_bytes() for p in served(house).resolve().rglob("*.*")}
    second = change(house, "Something new.")
    ledger = house.ledger("loyal")
    said = house.json("rollback", "--why", WHY)
    assert (said["outcome"], said["release"]["tree"]) == ("done", first)
    assert house.released() == first == tree_hash(served(house).resolve())
    assert {p: p.read_bytes() for p in served(house).resolve().rglob("*.*")} == old
    assert house.ledger("loyal") == ledger

    later = [order(3_000 + n, 600 + n, day=90 + n % 40) for n in range(60)]
    write_orders(house.root, [*orders(), *later])
    house("data", "add")
    house("run")
    for _ in range(2):
        said = house.json("tick")
        assert codes(said) == [(0, "rolled-back")]
        assert (said["exit_code"], house.released()) == (0, first)
    told = house("tick")
    assert f"{WHY}. Nothing is published until" in told.out
    assert WHY not in told.err  # cron mails that
    assert codes(house.json("status")) == [(0, "rolled-back")]
    doctor = house.json("doctor")
    assert (doctor["exit_code"], WHY in doctor["checks"]["site"]) == (0, True)
    kept = {each["tree"]: each["serves"] for each in house.json("status")["releases"]}
    assert kept == {second: False, first: True}
    assert (
        house.json("rollback", "--list")["releases"]
        == (house.json("status")["releases"])
    )

    done = house("publish", "--accept", "loyal", "--why", "more data came")
    assert f"the rollback to {first[:16]} is over" in done.out
    third = house.released()
    assert third not in (first, second)
    assert codes(house.json("tick")) == []
    assert house.released() == third


def test_a_rollback_names_every_mistake_and_serves_nothing_that_is_damaged(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    first = house.released()
    assert codes(house.json("rollback", code=2)) == [(2, "usage")]
    said = house.json("rollback", "--why", WHY, code=2)
    assert codes(said) == [(2, "release-unknown")]
    second = change(house, "Something new.")
    for start in ("zz", second[:8], ""):
        words = ("rollback", "--to", start, "--why", WHY)
        if start:
            assert codes(house.json(*words, code=2)) == [(2, "release-unknown")]
    said = house.json("rollback", "--why", WHY, "--dry-run")
    assert (said["outcome"], house.released()) == ("noop", second)
    assert codes(house.json("tick")) == []
    page = house.root / "build" / "releases" / first / "index.html"
    page.write_bytes(page.read_bytes()[:-1])
    said = house.json("rollback", "--to", first[:6], "--why", WHY, code=2)
    assert codes(said) == [(2, "release-damaged")]
    assert house.released() == second


def test_a_ledger_that_is_cut_short_during_a_rollback_is_told(
    own_published_shop: House,
) -> None:
    """The release that serves holds fewer lines; that which was left holds them all."""
    house = own_published_shop
    change(house, "Something new.")
    house.edit("research/loyal.yaml", ("margin: 0.20", "margin: 0.25"))
    house("register", "loyal")
    house("run")
    house("publish")
    for _ in range(2):  # the second leaves what the first left
        house("rollback", "--why", WHY)
    ledger = house.root / "takeaways" / "loyal.jsonl"
    whole = ledger.read_text()
    ledger.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    for words in (("publish",), ("publish", "--dry-run"), ("doctor",)):
        assert codes(house.json(*words, code=2)) == [(2, "ledger-cut")]
    assert (2, "ledger-cut") in codes(house.json("ledger", "verify", code=2))
    ledger.write_text(whole)
    house("doctor")
    house.crash(("ended", "after"), "publish")  # before its switch
    ledger.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    for words in (("publish",), ("tick",), ("doctor",)):
        assert codes(house.json(*words, code=2)) == [(2, "ledger-cut")]
    ledger.write_text(whole)
    house("publish")


def test_a_note_that_cannot_be_read_publishes_nothing(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    change(house, "Something new.")
    house("rollback", "--why", WHY)
    released = house.released()
    note = house.root / ".workbench" / "rollback.json"
    plain = json.loads(note.read_text())
    note.write_text("{")
    for words in (("tick",), ("publish",), ("status",)):
        assert codes(house.json(*words, code=2)) == [(2, "rollback-unreadable")]
    assert house.released() == released
    note.write_text(json.dumps(plain))
    assert codes(house.json("tick")) == [(0, "rolled-back")]
