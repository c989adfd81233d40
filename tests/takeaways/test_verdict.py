"""The verdict is computed from interval and margin, never typed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.takeaways.test_binding import gap
from workbench.core.registration import Claim
from workbench.core.takeaway import Verdict
from workbench.takeaways.needed import occurrences_needed
from workbench.takeaways.verdict import combine, judge, place

CLAIM = Claim(
    name="repeat_gap",
    estimand="difference_in_proportions",
    population="all",
    formula="difference",
    unit="customer",
    occurrence="",
    direction="greater",
    margin=0.05,
    planned_occurrences=1000,
    alpha=0.05,
    smallest_effect=0.02,
    horizon="P30D",
    settlement_size=100,
)
NO_YET = Verdict.NO_TRADE_YET


@pytest.mark.parametrize(
    ("direction", "margin", "low", "high", "verdict"),
    [
        ("greater", 0.05, 0.06, 0.10, Verdict.TRADE),
        ("greater", 0.05, 0.05, 0.10, NO_YET),
        ("greater", 0.05, -0.01, 0.04, Verdict.DO_NOT_TRADE),
        ("greater", 0.05, 0.04, 0.06, NO_YET),
        ("less", -0.05, -0.10, -0.06, Verdict.TRADE),
        ("less", -0.05, -0.04, 0.02, Verdict.DO_NOT_TRADE),
        ("less", -0.05, -0.06, 0.00, NO_YET),
        ("within", 0.10, -0.05, 0.08, Verdict.TRADE),
        ("within", 0.10, 0.11, 0.20, Verdict.DO_NOT_TRADE),
        ("within", 0.10, -0.20, -0.11, Verdict.DO_NOT_TRADE),
        ("within", 0.10, 0.05, 0.12, NO_YET),
        ("greater", 0.05, None, None, NO_YET),
    ],
)
def test_the_interval_decides(
    direction: str, margin: float, low: float, high: float, verdict: Verdict
) -> None:
    claim = replace(CLAIM, direction=direction, margin=margin)  # type: ignore[arg-type]
    assert place(claim, low, high) is verdict


def test_nothing_is_decided_before_the_planned_occurrences_are_there() -> None:
    early = replace(gap(), n=999)
    assert judge(CLAIM, early, needed=1).verdict is NO_YET
    assert judge(CLAIM, replace(gap(), n=1000), needed=1).verdict is Verdict.TRADE


def test_a_decided_claim_needs_no_more_occurrences() -> None:
    assert judge(CLAIM, gap(), needed=500).occurrences_needed == 0


def test_the_number_needed_is_the_textbook_sample_size_less_those_seen() -> None:
    # (1.959964 + 0.841621)^2 * (0.01 * sqrt(1200))^2 / 0.02^2 = 2354.7, less 1200
    assert occurrences_needed(CLAIM, gap()) == 2355 - 1200


def test_without_a_standard_error_the_plan_is_the_number() -> None:
    assert occurrences_needed(CLAIM, replace(gap(), se=None, n=10)) == 990


def test_one_claim_against_stops_the_takeaway_and_one_undecided_holds_it() -> None:
    assert combine([Verdict.TRADE, Verdict.TRADE]) is Verdict.TRADE
    assert combine([Verdict.TRADE, NO_YET]) is NO_YET
    assert combine([NO_YET, Verdict.DO_NOT_TRADE]) is Verdict.DO_NOT_TRADE
    assert combine([]) is NO_YET


@given(
    st.sampled_from(["greater", "less", "within"]),
    st.floats(0, 1),
    st.floats(-2, 2),
    st.floats(0, 2),
    st.floats(0, 1),
)
def test_a_narrower_interval_never_turns_one_decision_into_the_other(
    direction: str, margin: float, low: float, width: float, cut: float
) -> None:
    claim = replace(CLAIM, direction=direction, margin=margin)  # type: ignore[arg-type]
    wide = place(claim, low, low + width)
    narrow = place(claim, low + width * cut / 2, low + width * (1 - cut / 2))
    assert wide is NO_YET or narrow is wide


def test_nothing_is_decided_on_fewer_than_thirty_units() -> None:
    assert judge(CLAIM, replace(gap(), units=29), needed=1).verdict is NO_YET
    assert judge(CLAIM, replace(gap(), units=30), needed=1).verdict is Verdict.TRADE
