"""A takeaway has the words its verdict owes, and says honestly when it has none."""

from dataclasses import replace

import pytest

from tests.takeaways.test_binding import gap, names
from tests.takeaways.test_verdict import CLAIM
from workbench.core.takeaway import Verdict
from workbench.takeaways import compose
from workbench.takeaways.grammar import missing_words, plural, takeaways_owed

WHEN = {
    "trade": {
        "claim": "It is {gap.estimate:.0%}.",
        "entry": "now",
        "action": "do",
        "exit": "then",
    },
    "do not trade": {"claim": "no", "action": "nothing"},
}


def made(evidence=None, when=None, kind="lesson"):
    return compose(
        kind=kind,
        claims=[CLAIM],
        evidence={"repeat_gap": evidence or gap()},
        when=WHEN if when is None else when,
        names=names(),
    )


def test_the_words_of_the_verdict_that_came_are_bound() -> None:
    takeaway = made()
    assert takeaway.verdict is Verdict.TRADE
    assert takeaway.text["claim"] == "It is 12%."


def test_too_little_evidence_ends_in_the_honest_kind_with_the_number_needed() -> None:
    takeaway = made(replace(gap(), n=10, low=None, high=None, needed=990))
    assert takeaway.verdict is Verdict.NO_TRADE_YET
    assert "990 more" in takeaway.text["claim"]
    assert "10 customer-months" in takeaway.text["claim"]


def test_a_missing_case_is_left_to_the_gate_and_named_there() -> None:
    takeaway = made(when={"trade": {"claim": "x", "entry": "x", "action": "x"}})
    assert missing_words(takeaway) == (
        "trade: exit",
        "do not trade: claim",
        "do not trade: action",
    )


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"kind": "tip"}, "faq, lesson, tool"),
        ({"when": {"no trade yet": {"claim": "x"}}}, "written by the engine"),
        ({"when": {"trade": {"claim": "{gpa.n}"}}}, "'gap'"),
    ],
)
def test_a_mistake_is_told_with_what_is_allowed(change, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        made(**change)


def test_a_takeaway_is_owed_for_every_started_quarter_of_an_hour() -> None:
    assert [takeaways_owed(m) for m in (1, 15, 16, 30, 31)] == [1, 1, 2, 2, 3]


def test_plurals_of_units_are_english() -> None:
    assert plural("customer-month") == "customer-months"
    assert plural("company") == "companies"
    assert plural("survey") == "surveys"
    assert plural("batch") == "batches"


def test_a_plan_that_is_spent_without_an_answer_is_said_to_be_spent() -> None:
    near = replace(gap(), n=10**7, low=0.049, high=0.051, estimate=0.05, needed=0)
    takeaway = made(near)
    assert takeaway.verdict is Verdict.NO_TRADE_YET
    assert takeaway.claims[0].occurrences_needed == 0
    assert "nobody can say" in takeaway.text["claim"]
