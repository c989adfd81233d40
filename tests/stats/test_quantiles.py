"""Quantiles by order statistics: worked by hand, by brute force, and as laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from workbench.stats.binomial import log_e_value, proportion_interval
from workbench.stats.quantiles import quantile_interval

ALPHA = 0.05
PLAN = {"planned": 100.0, "alpha": ALPHA}
values = st.lists(st.integers(-20, 20), max_size=60)
quantiles = st.floats(0.05, 0.95)


def test_places_are_the_counts_that_are_not_refuted() -> None:
    # values are their own places
    low, high = quantile_interval(np.arange(1.0, 101), 0.5, **PLAN)
    kept = [
        count
        for count in range(101)
        if log_e_value(count, 100, 0.5, **PLAN) < math.log(1 / ALPHA)
    ]
    assert kept == list(range(kept[0], kept[-1] + 1))
    assert (low, high) == (kept[0], kept[-1] + 1)
    # 100 is the plan: 3.035 standard errors of 5, where one look has 1.96
    assert (low, high) == (35, 66)


def test_few_values_do_not_bound_an_end() -> None:
    assert quantile_interval(np.array([]), 0.5, **PLAN) == (None, None)
    assert quantile_interval(np.array([3.0]), 0.5, **PLAN) == (None, None)
    # a high quantile is bounded from below first
    low, high = quantile_interval(np.arange(20.0), 0.9, **PLAN)
    assert low is not None
    assert high is None


def test_a_value_that_most_have_is_the_median() -> None:
    assert quantile_interval(np.array([7.0] * 50), 0.5, **PLAN) == (7, 7)


def test_what_is_no_quantile_or_no_number_is_refused() -> None:
    for q in (0, 1, 1.5):
        with pytest.raises(ValueError, match="q must be between 0 and 1"):
            quantile_interval(np.array([1.0]), q, **PLAN)
    with pytest.raises(ValueError, match="not a number"):
        quantile_interval(np.array([1.0, math.nan]), 0.5, **PLAN)
    with pytest.raises(ValueError, match="planned=0"):
        quantile_interval(np.array([1.0]), 0.5, planned=0, alpha=ALPHA)


@given(values, quantiles, st.integers(1, 9), st.integers(-50, 50))
def test_it_moves_and_stretches_with_its_data(table, q, scale, shift) -> None:
    data = np.array(table, dtype=np.float64)
    low, high = quantile_interval(data, q, **PLAN)
    moved = quantile_interval(data * scale + shift, q, **PLAN)
    assert moved == tuple(
        None if end is None else end * scale + shift for end in (low, high)
    )


@given(values, st.sampled_from([0.125, 0.25, 0.5, 0.75]))
def test_turned_round_it_is_the_other_quantile_negated(table, q) -> None:
    data = np.array(table, dtype=np.float64)
    low, high = quantile_interval(data, q, **PLAN)
    turned = quantile_interval(-data, 1 - q, **PLAN)
    assert turned == tuple(None if end is None else -end for end in (high, low))


@given(values, quantiles, st.randoms(use_true_random=False))
def test_the_order_of_values_changes_nothing(table, q, random) -> None:
    shuffled = list(table)
    random.shuffle(shuffled)
    one, other = (
        quantile_interval(np.array(t, dtype=np.float64), q, **PLAN)
        for t in (table, shuffled)
    )
    assert one == other


@given(st.integers(1, 3000), quantiles, st.floats(10, 1e4))
def test_it_is_never_narrower_than_for_one_look(n, q, planned) -> None:
    places = np.arange(1.0, n + 1)
    low, high = quantile_interval(places, q, planned=planned, alpha=ALPHA)
    # counts refuted on one side have a chance of alpha at most
    assert low is None or low <= binom.ppf(ALPHA, n, q)
    assert high is None or high >= binom.ppf(1 - ALPHA, n, q) + 1


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.floats(0.1, 0.9))
def test_it_agrees_with_the_interval_of_the_share_below_a_value(below, q) -> None:
    """A threshold under the interval is one whose share at or below it is too small."""
    data = np.where(below, 0.0, 1.0)
    low, high = quantile_interval(data, q, **PLAN)
    share_low, share_high = proportion_interval(sum(below), len(below), **PLAN)
    if abs(share_high - q) > 1e-9:
        assert (low == 1.0) == (share_high < q)
    if abs(share_low - q) > 1e-9:
        assert (high == 0.0) == (share_low > q)
