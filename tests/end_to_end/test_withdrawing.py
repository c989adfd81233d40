"""A post is taken down: tombstones, lists without it, and no way back for it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.house import House
from tests.end_to_end.shop import order, orders, write_orders
from workbench.app import App
from workbench.website.release import tree_hash

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.site,
    pytest.mark.slow,
    pytest.mark.fault,
]

FIRST = "1998-03-11"
WHY = "The orders of one shop were counted twice."
LINK = (
    "\nSee [our study](posts/loyal/index.md#takeaway-1), [all](posts/index.md#loyal).\n"
)


def served(house: House) -> Path:
    return house.root / "build" / "current"


def page(house: House, place: str) -> str:
    return (served(house) / place / "index.html").read_text()


def is_tombstone(text: str) -> bool:
    words = rf"<strong>Withdrawn on \d{{4}}-\d\d-\d\d:</strong> {WHY}"
    noindex = '<meta name="robots" content="noindex">'
    return bool(re.search(words, text)) and noindex in text and "38%" not in text


def leads_to_the_post(text: str) -> bool:
    return bool(re.search(r'href="[^"]*(?<!history/)loyal/["#]', text))


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    }


def states(house: House) -> list[str]:
    return [each.state.value for each in App(house.root).store.of_study("loyal")]


def more_orders(house: House) -> str:
    """Publish a second edition; its address."""
    before = set((served(house) / "posts" / "loyal").glob("1998-*"))
    later = [order(3_000 + n, 600 + n, day=90 + n % 40) for n in range(60)]
    write_orders(house.root, [*orders(), *later])
    house("data", "add")
    house("run")
    house("publish", "--accept", "loyal", "--why", "more data came")
    after = set((served(house) / "posts" / "loyal").glob("1998-*"))
    [second] = {p.name for p in after} - {p.name for p in before}
    return second


def codes(said: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in said["reasons"]]


def test_fault_20_a_withdrawn_post_leaves_tombstones_and_nothing_else(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    index = house.root / "site" / "pages" / "index.md"
    index.write_text(index.read_text() + LINK)
    house("publish")
    before, ledger = house.released(), house.ledger("loyal")
    files = files_below(served(house))
    said = house.json("withdraw", "loyal", "--post", "--why", WHY)
    assert (said["outcome"], said["reasons"]) == ("done", [])

    for place in ("posts/loyal", f"posts/loyal/{FIRST}"):
        assert is_tombstone(page(house, place)), place
    assert files_below(served(house) / "posts" / "loyal") == {
        "index.html",
        f"{FIRST}/index.html",
    }
    assert 'id="takeaway-1"' in page(house, "posts/loyal")
    for place in ("posts", "tags", "takeaways", "takeaways/lesson", ""):
        text = page(house, place).replace(LINK, "")
        assert "38%" not in text, place
        assert (place == "") == leads_to_the_post(text), place
    search = (served(house) / "search" / "search_index.json").read_text()
    assert "posts/loyal" not in search
    assert "38%" not in search
    history = page(house, "takeaways/history/loyal")
    assert "No post on it is published now" in history
    assert "38" in history
    assert house.ledger("loyal") == ledger  # its claim is open, and will be settled
    assert states(house) == ["withdrawn"]
    assert tree_hash(served(house).resolve()) == house.released() != before

    gone = files - files_below(served(house))
    told = set(said["purge"])
    assert {name.removesuffix("index.html") for name in gone} <= told
    assert {"posts/loyal/", f"posts/loyal/{FIRST}/", "posts/", "takeaways/"} <= told
    assert {"search/search_index.json", "posts/loyal/result.json"} <= told
    assert not any(address.startswith("handbook/") for address in told)


def test_fault_20_what_is_down_stays_down_whoever_publishes_or_rolls_back(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    house("withdraw", "loyal", "--post", "--why", WHY)
    released = house.released()
    assert house.json("tick")["exit_code"] == 0
    assert house.json("publish")["outcome"] == "noop"
    assert codes(house.json("publish", "loyal", code=77)) == ["post-withdrawn"]
    said = house.json("rollback", "--why", "x", code=77)
    assert [(r["code"], r["subject"]) for r in said["reasons"]] == [
        ("shows-withdrawn", "loyal")
    ]
    assert house.released() == released
    again = house.json("withdraw", "loyal", "--post", "--why", WHY)
    assert again["outcome"] == "noop"
    assert "posts/loyal/" in again["purge"]
    (row,) = house.json("status")["studies"]
    assert row["edition"].startswith("withdrawn on ")


def test_a_study_registered_anew_is_published_where_its_tombstone_was(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    house("withdraw", "loyal", "--post", "--why", WHY)
    house.edit("research/loyal.yaml", ("margin: 0.20", "margin: 0.25"))
    house("register", "loyal")
    assert is_tombstone(page(house, "posts/loyal"))
    house("run")
    house("publish")
    text = page(house, "posts/loyal")
    assert "38%" in text
    assert f'<a href="{FIRST}/">{FIRST}</a> (withdrawn)' in text
    assert is_tombstone(page(house, f"posts/loyal/{FIRST}"))
    assert "38%" in page(house, f"posts/loyal/{FIRST}.2")
    assert leads_to_the_post(page(house, "posts"))
    assert house.json("publish")["outcome"] == "noop"


def test_one_edition_is_withdrawn_and_the_newest_stays(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    second = more_orders(house)
    post = page(house, "posts/loyal")
    for words in (
        ("--edition", second),
        ("--edition", "1997-01-01"),
        ("--edition", FIRST, "--post"),
    ):
        said = house.json("withdraw", "loyal", *words, "--why", WHY, code=2)
        assert codes(said) == ["usage"]
    said = house.json("withdraw", "loyal", "--edition", FIRST, "--why", WHY)
    assert f"posts/loyal/{FIRST}/result.json" in said["purge"]
    assert is_tombstone(page(house, f"posts/loyal/{FIRST}"))
    assert files_below(served(house) / "posts" / "loyal" / FIRST) == {"index.html"}
    text = page(house, "posts/loyal")
    named = f'<a href="{FIRST}/">{FIRST}</a>'
    assert text == post.replace(named, f"{named} (withdrawn)")
    assert codes(house.json("rollback", "--why", "x", code=77)) == ["shows-withdrawn"]
    assert house.json("publish")["outcome"] == "noop"


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        ("notebooks/loyal.ipynb", "were seen again", "came again"),
        ("research/loyal.yaml", "title: How many customers", "title: How many people"),
    ],
    ids=["a new run", "the same run"],
)
def test_a_corrected_edition_of_a_date_goes_on_where_the_first_is_withdrawn(
    own_published_shop: House, place: str, old: str, new: str
) -> None:
    house = own_published_shop
    house.edit(place, (old, new))
    house("run")
    house("publish")
    house("withdraw", "loyal", "--edition", FIRST, "--why", WHY)
    assert is_tombstone(page(house, f"posts/loyal/{FIRST}"))
    for words in ("publish", "tick"):
        assert codes(house.json(words)) == []
    assert states(house)[-1] == "published"
    assert new.removeprefix("title: ") in page(house, "posts/loyal")
    house.edit(place, (new, old))
    house.add_code("loyal", "# a comment, so that it is another run")
    house("run")
    assert codes(house.json("publish", code=77)) == ["post-withdrawn"]
    assert new.removeprefix("title: ") in page(house, "posts/loyal")


def test_what_an_edition_that_stands_says_too_may_be_said(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    notebook = house.root / "notebooks" / "loyal.ipynb"
    first = notebook.read_bytes()
    for comment in ("# a comment", "# another"):
        house.add_code("loyal", comment)
        house("run")
        house("publish")
        house("withdraw", "loyal", "--edition", FIRST, "--why", WHY)
        assert codes(house.json("publish")) == []
    assert is_tombstone(page(house, f"posts/loyal/{FIRST}"))
    assert "38%" in page(house, "posts/loyal")
    notebook.write_bytes(first)  # whose edition is the one that was withdrawn
    house("run")
    assert codes(house.json("publish", code=77)) == ["post-withdrawn"]
    assert "38%" in page(house, "posts/loyal")


@pytest.mark.parametrize("all_of_it", [True, False], ids=["the post", "one edition"])
def test_old_terms_sealed_again_do_not_bring_back_what_was_withdrawn_meanwhile(
    own_published_shop: House, *, all_of_it: bool
) -> None:
    house = own_published_shop
    registration = house.root / "research" / "loyal.yaml"
    first = registration.read_bytes()
    house.edit("research/loyal.yaml", ("margin: 0.20", "margin: 0.25"))
    house("register", "loyal")
    if all_of_it:
        house("withdraw", "loyal", "--post", "--why", WHY)
    else:
        house("run")
        house("publish")
        house("withdraw", "loyal", "--edition", FIRST, "--why", WHY)
    serving = page(house, "posts/loyal")
    registration.write_bytes(first)
    house("register", "loyal")
    house("run")
    assert codes(house.json("publish", "loyal", code=77)) == ["post-withdrawn"]
    assert page(house, "posts/loyal") == serving
    assert is_tombstone(serving) is all_of_it
    assert is_tombstone(page(house, f"posts/loyal/{FIRST}"))


def test_a_withdrawal_that_cannot_be_released_is_noted_and_comes_with_the_next(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    index = house.root / "site" / "pages" / "index.md"
    index.write_text(index.read_text() + "\n[x](gone.md)\n")
    released = house.released()
    said = house.json("withdraw", "loyal", "--post", "--why", WHY, code=77)
    assert codes(said) == ["site-warning"]
    assert house.released() == released
    house.edit("site/pages/index.md", ("\n[x](gone.md)\n", ""))
    house("tick")
    assert is_tombstone(page(house, "posts/loyal"))
    assert states(house) == ["withdrawn"]


def test_a_withdrawal_during_a_rollback_names_what_would_serve_again(
    own_published_shop: House,
) -> None:
    house = own_published_shop
    more = more_orders(house)
    house("rollback", "--why", "the new figure is upside down")
    released = house.released()
    down = ("withdraw", "loyal", "--edition", FIRST, "--why", WHY)
    for words in (down, (*down, "--dry-run")):
        said = house.json(*words, code=77)
        [reason] = said["reasons"]
        assert (reason["code"], reason["subject"]) == ("ends-rollback", "loyal")
        assert f"posts/loyal/{more} among it" in reason["message"]
    assert house.released() == released
    assert codes(house.json("tick")) == ["rolled-back"]
    assert not is_tombstone(page(house, f"posts/loyal/{FIRST}"))
    [reason] = house.json("withdraw", "loyal", "--post", "--why", WHY, code=77)[
        "reasons"
    ]
    assert more not in reason["message"]  # it would be withdrawn as well
    told = house(*down, "--end-rollback")
    assert f"the rollback to {released[:16]} is over" in told.out
    assert is_tombstone(page(house, f"posts/loyal/{FIRST}"))
    assert (served(house) / "posts" / "loyal" / more / "index.html").is_file()


def test_a_dry_run_takes_nothing_down(own_published_shop: House) -> None:
    house = own_published_shop
    released = house.released()
    said = house.json("withdraw", "loyal", "--post", "--why", WHY, "--dry-run")
    assert said["outcome"] == "noop"
    assert house.json("publish")["outcome"] == "noop"
    assert house.released() == released
    assert (
        json.loads(
            house("withdraw", "nobody", "--post", "--why", "x", "--json", code=2).out
        )["reasons"][0]["code"]
        == "usage"
    )
