"""e-BH: by hand, against online-fdr, and as laws."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from online_fdr.e_values import e_bh as judge

from workbench.stats.multiplicity import e_bh

levels = st.sampled_from([0.01, 0.05, 0.1, 0.2, 1.0])
logs = st.lists(st.floats(-20, 20), max_size=30)


def test_four_claims_worked_out_by_hand() -> None:
    # K = 4, q = .1: the largest needs 40, two need 20, three 13.3, four 10
    e_values = [15, 2, 25, 14]
    assert e_bh([math.log(e) for e in e_values], q=0.1) == (True, False, True, True)


def test_the_largest_count_decides_even_where_a_smaller_one_fails() -> None:
    # none reaches 40 alone, yet all four reach 10
    assert e_bh([math.log(11)] * 4, q=0.1) == (True,) * 4


def test_without_claims_nothing_holds() -> None:
    assert e_bh([], q=0.1) == ()
    assert e_bh([-math.inf, math.inf], q=0.1) == (False, True)


@given(logs, levels)
def test_the_same_as_online_fdr(values, q) -> None:
    e_values = [math.exp(value) for value in values]
    if q < 1:
        assert e_bh([math.log(e) for e in e_values], q=q) == tuple(judge(e_values, q))


@given(logs, levels, st.data())
def test_more_evidence_never_takes_a_claim_away(values, q, data) -> None:
    before = e_bh(values, q=q)
    gains = data.draw(
        st.lists(st.floats(0, 5), min_size=len(values), max_size=len(values))
    )
    after = e_bh([v + g for v, g in zip(values, gains, strict=True)], q=q)
    assert all(now for was, now in zip(before, after, strict=True) if was)


@given(logs, levels)
def test_what_holds_has_stronger_evidence_than_what_does_not(values, q) -> None:
    holds = e_bh(values, q=q)
    kept = [v for v, held in zip(values, holds, strict=True) if held]
    left = [v for v, held in zip(values, holds, strict=True) if not held]
    assert min(kept, default=math.inf) > max(left, default=-math.inf)


@pytest.mark.parametrize("q", [0, -0.1, 1.1, math.nan])
def test_a_rate_that_is_none_is_refused(q) -> None:
    with pytest.raises(ValueError, match="q must be"):
        e_bh([1.0], q=q)


def test_evidence_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        e_bh([math.nan], q=0.1)
