"""Other parameter values: registered ones are looked up, others stay in the house."""

import json

import pytest

from tests.end_to_end.house import House

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]


def test_other_values_change_evidence_and_text_and_are_never_published(
    own_shipped: House,
):
    house = own_shipped
    released = house.released()
    base, *_ = house.json("run", "second-purchase", "--variant", "base")["runs"]
    (run,) = house.json("run", "second-purchase", "-p", "early_days=45")["runs"]
    assert (run["variant"], run["executed"]) == ("exploratory", True)
    said = house.outputs("second-purchase", run["run"])
    assert said != house.outputs("second-purchase", base["run"])

    checked = house.json("check", "second-purchase")
    assert (checked["outcome"], checked["reasons"]) == ("noop", [])
    codes = {
        each["finding"]["code"]
        for each in checked["findings"]
        if each["variant"] is None
    }
    assert codes == {"exploratory"}

    house("preview", "second-purchase", "--no-serve")
    page = house.post("second-purchase", under=".workbench/preview")["index.md"]
    assert b'<data value="early_days">45</data> days' in page

    published = house.json("publish", "second-purchase")
    assert run["run"] not in json.dumps(published)
    assert (published["outcome"], house.released()) == ("noop", released)
    assert (
        b'<data value="early_days">60</data> days'
        in (house.post("second-purchase")["index.md"])
    )


def test_the_values_of_a_registered_variant_are_that_variant(own_shipped: House):
    words = ("run", "second-purchase")
    (named,) = own_shipped.json(*words, "--variant", "last-month")["runs"]
    (typed,) = own_shipped.json(*words, "-p", "early_days=30")["runs"]
    assert typed == named
    assert (typed["variant"], typed["executed"]) == ("last-month", False)


def _told(house: House, *words: str) -> str:
    said = house.json(*words, code=2)
    assert said["outcome"] == "wrong"
    return "\n".join(reason["message"] for reason in said["reasons"])


def test_a_misspelt_parameter_is_an_error_everywhere_with_a_suggestion(
    own_shipped: House,
):
    house = own_shipped
    told = _told(house, "run", "second-purchase", "-p", "erly_days=30")
    assert "erly_days" in told
    assert "Did you mean 'early_days'?" in told

    terms = "research/second-purchase.yaml"
    house.edit(terms, ("last-month: {early_days", "last-month: {early_day"))
    told = _told(house, "run", "second-purchase")
    assert "Did you mean 'early_days'?" in told
    house.edit(terms, ("last-month: {early_day", "last-month: {early_days"))

    house.edit("notebooks/second-purchase.ipynb", ("early_days = 60", "earlydays = 60"))
    told = _told(house, "run", "second-purchase")
    assert "Did you mean 'early_days'?" in told


@pytest.mark.parametrize("value", ["early_days=6", "early_days=soon", "early_days"])
def test_a_value_out_of_bounds_or_of_another_type_is_refused(
    own_shipped: House, value: str
):
    assert "early_days" in _told(own_shipped, "run", "second-purchase", "-p", value)
