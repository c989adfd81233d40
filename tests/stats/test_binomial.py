"""Exact shares: confseq's numbers, one oracle, and laws for all inputs."""

import math
from itertools import pairwise

import numpy as np
import pytest
import ville
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference
from statsmodels.stats.proportion import proportion_confint

from workbench.stats.binomial import (
    concentration,
    difference_interval,
    log_e_difference,
    log_e_value,
    log_e_values,
    proportion_interval,
)

ALPHA = 0.05
PLAN = {"planned": 200.0, "alpha": ALPHA}
MILLION = 10**6
alphas = st.floats(0.001, 0.2)
plans = st.floats(1, 1e5)


@st.composite
def arms(draw, most=300):
    n = draw(st.integers(0, most))
    return draw(st.integers(0, n)), n


# ------------------------------------------------------------------------- published


@pytest.mark.parametrize(
    ("successes", "n", "planned", "low", "high"),
    [
        (700, 1000, 100, 0.651629, 0.745949),
        (15, 50, 50, 0.129556, 0.511896),
        (5, 50, 50, 0.013021, 0.269264),
        (1, 50, 50, 0, 0.13489),
    ],
)
def test_confseqs_intervals(successes, n, planned, low, high) -> None:
    found = proportion_interval(successes, n, planned=planned, alpha=ALPHA)
    assert found == pytest.approx((low, high), abs=1e-5)


def test_one_success_in_one_occurrence_by_hand() -> None:
    # the stake's mean is p0 itself, so one occurrence neither wins nor loses
    assert log_e_value(1, 1, 0.3, **PLAN) == pytest.approx(0, abs=1e-12)
    # two successes: (kappa p0 + 1) / (kappa + 1) over p0
    kappa = concentration(**PLAN)
    expected = math.log((kappa * 0.3 + 1) / (kappa + 1) / 0.3)
    assert log_e_value(2, 2, 0.3, **PLAN) == pytest.approx(expected, abs=1e-12)


def test_a_tiny_plan_keeps_the_least_concentration() -> None:
    assert concentration(planned=1, alpha=ALPHA) == 1e-3
    # 100 / (2 log 20 + log(1 + 2 log 20)) - 1 = 12.60056 - 1
    assert concentration(planned=100, alpha=ALPHA) == pytest.approx(11.60056, abs=1e-5)


def test_with_a_flat_stake_it_is_villes_test() -> None:
    # kappa 2 at p0 = 1/2 is Beta(1, 1)
    outcomes = np.random.default_rng(3).random(400) < 0.6
    theirs = ville.BernoulliTest(0.5).update(outcomes.astype(float))
    successes = np.cumsum(outcomes).astype(float)
    ours = log_e_values(successes, np.arange(1.0, 401), 0.5, 2.0)
    assert ours == pytest.approx(theirs.log_e_values_, abs=1e-9)


def test_an_exact_difference_by_brute_force() -> None:
    treated, other, delta = (9, 40), (4, 60), 0.1
    kappa = concentration(planned=100, alpha=ALPHA)
    p0 = np.linspace(0, 0.9, 200_001)[1:-1]
    both = log_e_values(np.array([9.0]), 40, p0 + delta, kappa) + log_e_values(
        np.array([4.0]), 60, p0, kappa
    )
    found = log_e_difference(treated, other, **PLAN, delta=delta)
    assert found == pytest.approx(both.min(), abs=1e-6)


# ------------------------------------------------------------------- at the extremes


def test_nothing_seen_says_nothing() -> None:
    assert proportion_interval(0, 0, **PLAN) == (0, 1)
    assert difference_interval((0, 0), (0, 0), **PLAN) == (-1, 1)
    assert log_e_value(0, 0, 0.4, **PLAN) == 0


@pytest.mark.parametrize("n", [1, 50, MILLION])
def test_no_success_bounds_from_above_and_nothing_but_from_below(n) -> None:
    low, high = proportion_interval(0, n, **PLAN)
    assert low == 0
    assert high == 1 if n == 1 else high < 1
    assert proportion_interval(n, n, **PLAN) == (1 - high, 1)
    assert log_e_value(0, n, 0, **PLAN) == log_e_value(n, n, 1, **PLAN) == 0
    assert log_e_value(0, n, 1e-310, **PLAN) == 0
    assert log_e_value(n, n, 0, **PLAN) == log_e_value(0, n, 1, **PLAN) == math.inf


@pytest.mark.parametrize("successes", [1, 2, 5, 300_000, MILLION - 2, MILLION - 1])
def test_a_million_occurrences_are_no_harder(successes) -> None:
    low, high = proportion_interval(successes, MILLION, planned=MILLION, alpha=ALPHA)
    assert low < successes / MILLION < high
    se = math.sqrt(successes * (MILLION - successes) / MILLION) / MILLION
    assert high - low < 12 * se
    if successes == 300_000:
        assert (high - low) / (2 * se) == pytest.approx(3.035, abs=0.01)


def test_a_difference_without_events_is_bounded_and_of_all_against_none_too() -> None:
    low, high = difference_interval((0, 50), (0, 50), **PLAN)
    assert low == -high
    assert 0.05 < high < 0.15
    low, high = difference_interval((50, 50), (0, 50), **PLAN)
    assert 0.85 < low < 1
    assert high == 1
    assert log_e_difference((50, 50), (0, 50), **PLAN, delta=1) == 0
    assert log_e_difference((49, 50), (0, 50), **PLAN, delta=1) == math.inf


def test_one_arm_alone_bounds_the_difference_on_its_side() -> None:
    # the treated share may be anything; the reference is near nought
    low, high = difference_interval((0, 0), (0, 100), **PLAN)
    assert high == 1
    assert -0.1 < low < 0


def test_a_difference_between_millions_is_the_normal_mixtures() -> None:
    one, other = (102_000, MILLION), (100_000, MILLION)
    low, high = difference_interval(one, other, planned=2 * MILLION, alpha=ALPHA)
    se = math.sqrt((0.102 * 0.898 + 0.1 * 0.9) / MILLION)
    # two arms lose twice the price of not knowing the variance beforehand
    assert low < 0.002 < high
    assert 3.0 < (high - low) / (2 * se) < 3.6


def test_the_least_is_found_where_it_lies_at_an_end_and_the_product_is_steep() -> None:
    # one failure among a million: towards a share of 1 its e-value tends to
    # kappa / (kappa + n - 1), while the reference's falls all the way there
    kappa = concentration(planned=100, alpha=ALPHA)
    at_end = log_e_value(MILLION, MILLION, 0.75, planned=100, alpha=ALPHA)
    limit = math.log(kappa / (kappa + MILLION - 1)) + at_end
    arms = (MILLION - 1, MILLION), (MILLION, MILLION)
    found = log_e_difference(*arms, planned=200, alpha=ALPHA, delta=0.25)
    assert found == pytest.approx(limit, abs=1e-5)
    swapped = log_e_difference(*reversed(arms), planned=200, alpha=ALPHA, delta=-0.25)
    assert swapped == pytest.approx(limit, abs=1e-5)


def test_counts_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="got 3 of 2"):
        proportion_interval(3, 2, **PLAN)
    with pytest.raises(ValueError, match="got -1 of 2"):
        difference_interval((1, 2), (-1, 2), **PLAN)
    with pytest.raises(ValueError, match="p0 must be between 0 and 1"):
        log_e_value(1, 2, 2, **PLAN)
    with pytest.raises(ValueError, match="delta must be between -1 and 1, got 2"):
        log_e_difference((1, 2), (1, 2), **PLAN, delta=2)
    with pytest.raises(ValueError, match="planned=0"):
        proportion_interval(1, 2, planned=0, alpha=ALPHA)
    with pytest.raises(ValueError, match="alpha=1"):
        log_e_value(1, 2, 0.5, planned=10, alpha=1)


# ------------------------------------------------------------------------- as laws


@given(st.integers(1, 300), st.floats(0.01, 0.99), plans, alphas)
def test_the_bet_is_fair(n, p0, planned, alpha) -> None:
    kappa = concentration(planned=planned, alpha=alpha)
    counts = np.arange(n + 1.0)
    log_weights = reference.binom.logpmf(counts, n, p0)
    won = log_e_values(counts, np.array(float(n)), np.array(p0), kappa)
    assert np.exp(log_weights + won).sum() == pytest.approx(1, rel=1e-6)


@given(arms(), st.floats(1e-6, 1 - 1e-6), plans, alphas)
def test_a_share_is_left_out_exactly_when_its_e_value_is_one_over_alpha(
    arm, p0, planned, alpha
) -> None:
    low, high = proportion_interval(*arm, planned=planned, alpha=alpha)
    excess = log_e_value(arm[0], arm[1], p0, planned=planned, alpha=alpha) + math.log(
        alpha
    )
    if abs(excess) > 1e-6:
        assert (low <= p0 <= high) == (excess < 0)


@given(arms(), plans, alphas)
def test_the_log_of_the_e_value_is_convex_in_the_share(arm, planned, alpha) -> None:
    kappa = concentration(planned=planned, alpha=alpha)
    shares = np.linspace(0.001, 0.999, 200)
    log_e = log_e_values(np.array([float(arm[0])]), arm[1], shares, kappa)
    assert np.diff(log_e, 2).min() > -1e-7


@given(arms(), plans, alphas)
def test_a_share_of_failures_is_one_minus_the_share_of_successes(
    arm, planned, alpha
) -> None:
    successes, n = arm
    low, high = proportion_interval(successes, n, planned=planned, alpha=alpha)
    turned = proportion_interval(n - successes, n, planned=planned, alpha=alpha)
    assert turned == pytest.approx((1 - high, 1 - low), abs=1e-12)
    assert low <= (successes / n if n else 0.5) <= high


@given(arms(), plans, alphas)
def test_a_share_is_never_narrower_than_for_one_look(arm, planned, alpha) -> None:
    successes, n = arm
    if not n:
        return
    low, high = proportion_interval(*arm, planned=planned, alpha=alpha)
    # if p0 is refuted by so few successes, it is by fewer: one tail has at most alpha
    one_tail = proportion_confint(*arm, alpha=2 * alpha, method="beta")
    assert low <= one_tail[0] + 1e-12
    assert high >= one_tail[1] - 1e-12
    # with 0 or 1 the stake lies on the other side almost alone, as in a one-tailed test
    if 2 <= successes <= n - 2:
        for method in ("wilson", "beta"):
            one_look = proportion_confint(*arm, alpha=alpha, method=method)
            assert high - low >= one_look[1] - one_look[0]


@settings(max_examples=25)
@given(arms(), arms(), plans, alphas)
def test_swapping_the_arms_negates_the_difference(
    treated, other, planned, alpha
) -> None:
    at = {"planned": planned, "alpha": alpha}
    low, high = difference_interval(treated, other, **at)
    swapped = difference_interval(other, treated, **at)
    assert swapped == (-high, -low)
    assert -1 <= low <= high <= 1
    assert log_e_difference(treated, other, **at, delta=0.25) == pytest.approx(
        log_e_difference(other, treated, **at, delta=-0.25), abs=1e-6
    )


@settings(max_examples=25)
@given(arms(), arms(), st.floats(-0.99, 0.99), plans, alphas)
def test_a_difference_is_left_out_exactly_when_its_e_value_is_one_over_alpha(
    treated, other, delta, planned, alpha
) -> None:
    at = {"planned": planned, "alpha": alpha}
    low, high = difference_interval(treated, other, **at)
    excess = log_e_difference(treated, other, **at, delta=delta) + math.log(alpha)
    if abs(excess) > 1e-5:
        assert (low <= delta <= high) == (excess < 0)


@settings(max_examples=25)
@given(arms(), arms(), st.floats(0.01, 0.99), st.floats(-0.9, 0.9), alphas)
def test_no_reference_share_refutes_a_difference_less(
    treated, other, share, delta, alpha
) -> None:
    p0 = max(0, -delta) + share * (1 - abs(delta))
    product = log_e_value(treated[0], treated[1], p0 + delta, planned=100, alpha=alpha)
    product += log_e_value(other[0], other[1], p0, planned=100, alpha=alpha)
    least = log_e_difference(treated, other, planned=200, alpha=alpha, delta=delta)
    assert least <= product + 1e-9


def test_more_of_the_same_is_narrower() -> None:
    sizes = (10, 100, 1000, 10_000, 100_000)
    shares = [proportion_interval(3 * n // 10, n, **PLAN) for n in sizes]
    gaps = [difference_interval((3 * n // 10, n), (n // 10, n), **PLAN) for n in sizes]
    for looks in (shares, gaps):
        widths = [high - low for low, high in looks]
        assert all(wide > narrow for wide, narrow in pairwise(widths))
    assert shares[-1][1] - shares[-1][0] < 0.02
