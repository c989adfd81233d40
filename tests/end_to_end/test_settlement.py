"""A claim meets its fate on data that arrived after it, by the code that made it."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.end_to_end.house import House
from tests.end_to_end.shop import Order, order, orders, write_orders, write_study
from workbench.cli import main
from workbench.core.runs import RunRecord
from workbench.settlement.settling import Batch, Settled, Settling

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

LATER = 120  # the day on which new customers begin to come


def newcomers(count: int, *, back: int, until: int = 80) -> list[Order]:
    """Later customers, of whom the first `back` are seen again ten days on.

    The last order moves what is complete; at its default past the claim's deadline.
    """
    first = [order(1000 + n, 1000 + n, LATER + n % 20) for n in range(count)]
    again = [order(3000 + n, 1000 + n, LATER + n % 20 + 10) for n in range(back)]
    last = [order(9000, 1, LATER + until)]
    return [*first, *again, *last]


def deliver(house: House, more: Sequence[Order]) -> None:
    write_orders(house.root, [*orders(), *more])
    house("data", "add")


def fates(house: House) -> list[str]:
    return [
        line["outcome"] for line in house.ledger("loyal") if line["line"] == "settled"
    ]


def test_nothing_is_settled_before_fresh_outcomes_can_be_known(
    own_published_shop: House,
) -> None:
    said = own_published_shop.json("settle")
    assert (said["outcome"], said["settled"]) == ("noop", [])


def as_foreseen(house: House) -> int:
    """How many of 300 newcomers come back where the claim's forecast is right."""
    mean = float(house.ledger("loyal")[1]["forecast"]["mean"])
    return round(300 * mean)


@pytest.mark.parametrize("fate", ["won", "lost"])
def test_the_first_fresh_units_settle_a_claim_once(
    own_published_shop: House, fate: str
) -> None:
    house = own_published_shop
    back = as_foreseen(house) if fate == "won" else 0
    deliver(house, newcomers(300, back=back))
    assert house.json("settle")["settled"][0]["outcome"] == fate

    line = house.ledger("loyal")[-1]
    seen, sealed = line["settled"], house.ledger("loyal")[1]["forecast"]
    assert seen["n"] == 210  # of fifteen a day, the first fourteen days hold 200
    assert seen["units"] == seen["n"]
    assert seen["first"] >= sealed["opens"]
    assert seen["estimate"] == pytest.approx(back / 300, abs=0.02)
    assert (sealed["low"] <= seen["estimate"] <= sealed["high"]) == (fate == "won")

    assert house.json("settle")["outcome"] == "noop"
    assert fates(house) == [fate]
    assert "whole and true" in house("ledger", "verify").out


@pytest.mark.parametrize("command", ["settle", "tick"])
def test_a_bug_in_settling_one_study_stops_no_other(
    own_published_shop: House,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    house = own_published_shop
    write_study(house.root, "other")
    house("register", "other")
    house("tick")
    released = house.released()
    deliver(house, newcomers(300, back=as_foreseen(house)))
    settle = Settling.settle

    def one_breaks(self: Settling, batch: Batch, record: RunRecord) -> Settled:
        if batch.study.name == "loyal":
            raise ZeroDivisionError
        return settle(self, batch, record)

    monkeypatch.setattr(Settling, "settle", one_breaks)
    for name, value in house.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(house.root)
    assert main([command, "--json"]) == 70
    said = json.loads(capsys.readouterr().out)
    assert ("loyal", "bug") in [(r["subject"], r["code"]) for r in said["reasons"]]
    assert fates(house) == []
    assert [each["study"] for each in said["settled"]] == ["other"]
    assert (house.released() != released) is (command == "tick")


def test_the_sealed_notebook_settles_although_the_study_was_given_other_terms(
    own_published_shop: House,
) -> None:
    """The newer code would call everybody loyal, and the claim would be lost."""
    house = own_published_shop
    house.edit_cells(
        "loyal",
        lambda cells: cells[2].update(
            source=cells[2]["source"].replace(">= days_seen", ">= 0")
        ),
    )
    house("register", "loyal")
    deliver(house, newcomers(300, back=as_foreseen(house)))
    house("settle")
    assert fates(house) == ["won"]


def test_too_few_fresh_units_wait_and_at_the_deadline_are_void_unseen(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    deliver(house, newcomers(150, back=75, until=55))
    assert house.json("settle")["outcome"] == "noop"  # not the day that it named

    too_late = [order(5000 + n, 5000 + n, 560) for n in range(300)]
    deliver(house, [*newcomers(150, back=75), *too_late, order(9500, 2, 700)])
    house("settle")
    claimed, line = house.ledger("loyal")[-2:]
    assert (line["outcome"], line["settled"]["reason"]) == ("void", "insufficient-n")
    assert (line["settled"]["n"], line["settled"]["estimate"]) == (150, None)
    assert line["settled"]["as_of"] == claimed["forecast"]["deadline"]
    assert house("ledger", "verify").code == 0


def test_what_cannot_be_settled_at_its_deadline_stays_open_and_is_not_void(
    own_shop: House,
) -> None:
    """A notebook that stops where its claim is lost would else never lose one."""
    house = own_shop
    house.edit_cells(
        "loyal",
        lambda cells: cells[2].update(
            source=f"{cells[2]['source']}\n"
            "late = days[days['min'] >= '1998-04-30']\n"
            "assert len(late) == 0 or late['came_back'].any()"
        ),
    )
    house("register", "loyal")
    house("run")
    house("publish")
    deliver(house, [*newcomers(300, back=0), order(9500, 2, 700)])
    said = house.json("settle", code=1)
    assert [each["code"] for each in said["reasons"]] == ["run-failed"]
    assert fates(house) == []

    [sealed] = (house.root / "takeaways" / "sealed").rglob("*.ipynb")
    whole = sealed.read_bytes()
    sealed.unlink()
    house.edit("research/loyal.yaml", ("margin: 0.20", "margin: 0.21"))
    said = house.json("settle", code=2)
    assert [each["code"] for each in said["reasons"]] == ["sealed-missing"]
    assert fates(house) == []
    sealed.write_bytes(whole)
    assert house("ledger", "verify").code == 0


def test_a_changed_verdict_is_held_until_a_person_says_why(
    own_published_shop: House,
) -> None:
    """Hundreds of new customers, none of whom is ever seen again, turn the answer."""
    house = own_published_shop
    before = house.released()
    deliver(house, newcomers(6000, back=0, until=55))
    house("run")
    said = house.json("publish", code=77)
    assert [each["code"] for each in said["reasons"]] == ["verdict-changed"]
    assert house.released() == before
    assert house.json("publish", "--accept", "loyal", code=2)["reasons"]

    house("publish", "--accept", "loyal", "--why", "the new cohort never came back")
    line = house.ledger("loyal")[-1]
    assert line["accepted"] == "the new cohort never came back"
    assert line["values"]["verdict"] == "do not trade"

    shutil.rmtree(house.root / ".workbench" / "editions")  # as in another clone
    house("publish")
    assert b"Do not trade" in house.post("loyal")["index.md"]


def a_year_later() -> dict[str, str]:
    """Variables under which every program sees the same hour, 400 days from now."""
    if shutil.which("faketime") is None:
        pytest.skip("no faketime on this machine (Debian: apt-get install faketime)")
    words = ["faketime", "-m", "-f", "+400d", "env"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    seen = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
    kept = {name: seen[name] for name in ("LD_PRELOAD", "FAKETIME")}
    return {**kept, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def started_in(house: House) -> int:
    """The year in which the newest of its runs began, by its own clock."""
    runs = (house.root / ".workbench" / "runs" / "loyal").glob("*/*/run.json")
    return max(int(json.loads(run.read_text())["started"][:4]) for run in runs)


def test_two_replays_elsewhere_with_another_zone_seed_and_date_give_the_same_bytes(
    shop: House, tmp_path: Path
) -> None:
    ledgers, years = [], []
    there = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "4711", **a_year_later()}
    for name, other in (("a", {"TZ": "UTC", "PYTHONHASHSEED": "0"}), ("b", there)):
        house = shop.copy(tmp_path / name).with_variables(**other)
        deliver(house, newcomers(300, back=150))
        house("register", "loyal")
        span = ["--from", "1998-03-10", "--to", "1998-07-10", "--every", "month"]
        said = house.json("backfill", *span)
        assert (said["claimed"], said["settled"]) == (5, 1), said
        ledgers.append((house.root / "takeaways" / "loyal.jsonl").read_bytes())
        assert all(line["replay"] for line in house.ledger("loyal")[1:])

        years.append(started_in(house))
        told = house("backfill", *span, "--rehearse").out
        assert "agrees with the committed ledgers" in told
        assert "rehearsed before" in house("backfill", *span, "--rehearse").out
    assert ledgers[0] == ledgers[1]
    assert years[1] > years[0]  # they did see another date


def test_a_rehearsal_that_comes_out_otherwise_says_where(own_shop: House) -> None:
    house = own_shop
    deliver(house, newcomers(300, back=150))
    house("register", "loyal")
    span = ["--from", "1998-03-10", "--to", "1998-05-10"]
    house("backfill", *span)
    deliver(house, [*newcomers(300, back=150), order(9700, 1, 20)])
    said = house.json("backfill", *span, "--rehearse", code=1)
    assert {each["code"] for each in said["reasons"]} == {"replay-differs"}


def test_a_claim_whose_outcome_can_be_known_is_settled_and_not_withdrawn(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    deliver(house, newcomers(300, back=0))
    said = house.json("withdraw", "loyal", "--why", "it looks bad", code=2)
    assert [each["code"] for each in said["reasons"]] == ["claim-due"]
    (house.root / "research" / "loyal.yaml").unlink()  # nor is its study given up
    (house.root / "notebooks" / "loyal.ipynb").unlink()
    house("settle")
    assert fates(house) == ["lost"]
    assert house("ledger", "verify").code == 0


def test_a_claim_made_of_the_past_after_its_outcome_is_a_replay(
    own_published_shop: House,
) -> None:
    """Else one could wait, and claim as of those days alone that came out well."""
    house = own_published_shop
    deliver(house, newcomers(300, back=150))
    house("run", "loyal", "--as-of", "1998-04-10")
    house("publish", "--accept", "loyal", "--why", "to see it replayed")
    line = house.ledger("loyal")[-1]
    assert (line["line"], line["key"]["as_of"][:10]) == ("claimed", "1998-04-10")
    assert line["replay"] is True
    assert house("ledger", "verify").code == 0
