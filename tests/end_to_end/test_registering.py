"""Promise 9: registered before looked at."""

import pytest

from tests.end_to_end.house import House

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

TERMS = "research/loyal.yaml"


def test_a_draft_runs_and_shows_itself_as_one_and_is_not_published(own_shop: House):
    house = own_shop
    house("preview", "--no-serve")
    page = house.post("loyal", under=".workbench/preview")["index.md"].decode()
    assert "draft" in page.lower()
    refused = house.json("publish", "loyal", code=77)
    assert [reason["code"] for reason in refused["reasons"]] == ["unregistered"]
    assert house.json("publish")["accepted"] == []
    assert house.post("loyal") == {}
    assert not list((house.root / "takeaways").iterdir())


def test_registering_says_up_to_when_a_draft_was_looked_at(own_shop: House):
    house = own_shop
    house("run", "--as-of", "1998-02-20")  # an earlier look takes nothing back
    house("register", "loyal")
    (line,) = house.ledger("loyal")
    assert (line["line"], line["looked_until"]) == (
        "registered",
        "1998-03-11T00:00:00Z",
    )
    assert "status: registered" in (house.root / TERMS).read_text()


def test_registering_twice_is_nothing(own_published_shop: House):
    house = own_published_shop
    files = [house.root / TERMS, house.root / "takeaways" / "loyal.jsonl"]
    before = [file.read_bytes() for file in files]
    assert house.json("register", "loyal")["outcome"] == "noop"
    assert [file.read_bytes() for file in files] == before


def test_a_sealed_studys_claims_are_entered_once(own_published_shop: House):
    house = own_published_shop
    kinds = [line["line"] for line in house.ledger("loyal")]
    assert kinds == ["registered", "claimed"]
    assert house.json("publish")["outcome"] == "noop"
    (run,) = house.json("run", "--force")["runs"]
    assert run["executed"]
    assert house.json("publish")["outcome"] == "noop"
    assert [line["line"] for line in house.ledger("loyal")] == kinds


def test_other_terms_are_a_draft_until_they_are_sealed(own_published_shop: House):
    house = own_published_shop
    released = house.released()
    house.edit(TERMS, ("margin: 0.20", "margin: 0.30"))
    (run,) = house.json("run")["runs"]
    assert (run["status"], run["executed"]) == ("draft", True)
    refused = house.json("publish", "loyal", code=77)
    assert [reason["code"] for reason in refused["reasons"]] == ["unregistered"]
    assert house.json("publish", code=77)["accepted"] == []
    assert house.released() == released  # the last good edition keeps serving
    assert len(house.ledger("loyal")) == 2

    house("register", "loyal")
    accepted = house.json("publish")["accepted"]
    assert [each["run"] for each in accepted] == [run["run"]]
    lines = house.ledger("loyal")
    assert [line["line"] for line in lines] == [
        "registered",
        "claimed",
        "registered",
        "claimed",
    ]
    assert lines[0]["seal"] != lines[2]["seal"]
    assert house.released() != released


def test_prose_may_change_under_the_same_seal(own_published_shop: House):
    house = own_published_shop
    house.edit(TERMS, ("title: How many customers come back?", "title: Who is loyal?"))
    (run,) = house.json("run")["runs"]
    assert (run["status"], run["executed"]) == ("registered", False)
    assert [each["run"] for each in house.json("publish")["accepted"]] == [run["run"]]
    page = house.post("loyal")["index.md"].decode()
    assert "Who is loyal?" in page
    assert "draft" not in page.lower()
    assert len(house.ledger("loyal")) == 2
