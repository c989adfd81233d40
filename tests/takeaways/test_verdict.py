"""The verdict is computed from interval and margin, never typed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import claims
from tests.takeaways.test_binding import gap
from workbench.core.evidence import Check, CheckCode
from workbench.core.registration import Claim
from workbench.core.takeaway import Verdict
from workbench.takeaways.verdict import combine, judge, place

CLAIM = replace(
    claims.CLAIM,
    name="repeat_gap",
    population="all",
    formula="difference",
    smallest_effect=0.02,
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


def test_an_interval_that_holds_at_every_look_decides_at_any_of_them() -> None:
    for n in (30, 999, 1000, 100_000):
        assert judge(CLAIM, replace(gap(), n=n)).verdict is Verdict.TRADE


def test_a_decided_claim_needs_no_more_occurrences() -> None:
    assert judge(CLAIM, replace(gap(), needed=500)).occurrences_needed == 0


def test_an_undecided_claim_passes_on_the_number_that_evidence_carries() -> None:
    undecided = replace(gap(), low=0.04, needed=1155)
    assert judge(CLAIM, undecided).occurrences_needed == 1155
    assert judge(CLAIM, replace(undecided, needed=None)).occurrences_needed == 0


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


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("small-n", "too few units"),
        ("rare-events", "too rare"),
        ("skew", "too skewed"),
        ("unit-of-analysis", "so many occurrences of each"),
        ("look-ahead", "had not begun by the run's date"),
        ("immature", "not known yet"),
    ],
)
def test_data_that_bear_no_interval_decide_nothing_and_it_is_said_why(
    code: CheckCode, words: str
) -> None:
    failed = Check(code=code, measured=29, threshold=30, passed=False)
    shy = replace(gap(), low=None, high=None, checks=(*gap().checks, failed))
    verdict = judge(CLAIM, shy)
    assert verdict.verdict is NO_YET
    assert verdict.why.startswith("The data do not bear an interval yet: ")
    assert words in verdict.why
    assert verdict.why.count(";") == 0  # what holds is not complained of


def test_no_interval_though_every_check_holds_is_said_so() -> None:
    verdict = judge(CLAIM, replace(gap(), low=None, high=None))
    assert verdict.verdict is NO_YET
    assert verdict.why == "The occurrences do not allow an interval."


@pytest.mark.parametrize(
    ("direction", "low", "words"),
    [
        ("greater", 0.1, "beyond the registered margin."),
        ("greater", 0.04, "reaches over a registered margin"),
        ("within", 0.1, "outside the registered margins."),
        ("within", -0.01, "between the registered margins."),
    ],
)
def test_why_is_said_as_the_claim_points(
    direction: str, low: float, words: str
) -> None:
    claim = replace(CLAIM, direction=direction, margin=0.05)  # type: ignore[arg-type]
    high = 0.04 if words.startswith("between") else 0.15
    assert words in judge(claim, replace(gap(), low=low, high=high)).why
