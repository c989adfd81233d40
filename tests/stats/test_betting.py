"""Betting on the mean of bounded values: the formula, one oracle, and laws."""

import math
from itertools import pairwise

import numpy as np
import pytest
import ville
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.stats.betting import betting_interval
from workbench.stats.sequences import running_intersection

ALPHA = 0.05
units = st.integers(0, 100).map(lambda hundredths: hundredths / 100)
tables = st.lists(st.tuples(units, st.integers(0, 4)), max_size=40)


def arrays(table):
    values = np.array([value for value, _ in table], dtype=np.float64)
    return values, np.array([batch for _, batch in table], dtype=np.int64)


def capital(values, mean, *, sign, alpha=ALPHA):
    """Half the stake after all bets, value by value, as in the paper."""
    capital, seen, squares = 0.5, [], 0.0
    for t, value in enumerate(values, start=1):
        variance = (0.25 + squares) / t
        bet = math.sqrt(2 * math.log(2 / alpha) / (variance * t * math.log(1 + t)))
        bet = min(bet, 0.5 / (mean if sign > 0 else 1 - mean))
        capital *= 1 + sign * bet * (value - mean)
        seen.append(value)
        squares += (value - (0.5 + sum(seen)) / (t + 1)) ** 2
    return capital


def test_one_value_a_batch_is_the_papers_formula() -> None:
    values = np.random.default_rng(4).beta(2, 4, 60)
    low, high = betting_interval(values, np.arange(60), alpha=ALPHA)
    assert 0 < low < values.mean() < high < 1
    assert capital(values, low, sign=1) == pytest.approx(1 / ALPHA, rel=1e-9)
    assert capital(values, high, sign=-1) == pytest.approx(1 / ALPHA, rel=1e-9)


def test_two_batches_by_hand() -> None:
    # batch of two: t = 2, variance 1/4, bet sqrt(2 log 4 / (.25 * 2 * log 3)) = 2.25;
    # then mean (.5 + 2) / 3, variance (.25 + 2 / 36) / 3, t = 5 for three values
    first = math.sqrt(2 * math.log(4) / (0.25 * 2 * math.log(3)))
    second = math.sqrt(2 * math.log(4) / ((0.25 + 2 / 36) / 3 * 5 * math.log(6)))
    low, high = betting_interval(np.ones(5), np.array([0, 0, 1, 1, 1]), alpha=0.5)
    won = [1 + min(bet, 0.5 / low) * (1 - low) for bet in (first, second)]
    assert 0.5 * won[0] ** 2 * won[1] ** 3 == pytest.approx(2, rel=1e-9)
    assert high == 1


@pytest.mark.parametrize("n", [3, 40, 1000])
def test_it_is_villes_up_to_its_grid(n) -> None:
    values = np.random.default_rng(n).beta(1, 3, n)
    theirs = ville.BettingCS(alpha=0.1, intersect=False).fit(values).interval()
    ours = betting_interval(values, np.arange(n), alpha=0.1)
    assert ours == pytest.approx(theirs, abs=2.1e-4)
    # they round outwards
    assert theirs[0] <= ours[0] + 1e-12
    assert theirs[1] >= ours[1] - 1e-12


def test_looks_together_are_villes_running_intersection() -> None:
    values = np.random.default_rng(5).random(200)
    looks = [
        betting_interval(values[:n], np.arange(n), alpha=ALPHA) for n in range(1, 201)
    ]
    ours = running_intersection(looks)
    theirs = ville.BettingCS(alpha=ALPHA).fit(values).interval()
    assert (ours.low, ours.high) == pytest.approx(theirs, abs=2.1e-4)


@given(tables, st.randoms(use_true_random=False))
def test_the_order_inside_a_batch_changes_no_bit(table, random) -> None:
    shuffled = list(table)
    random.shuffle(shuffled)
    one, other = (betting_interval(*arrays(t), alpha=ALPHA) for t in (table, shuffled))
    assert one == other


@given(tables, st.integers(1, 9), st.integers(-5, 5))
def test_only_the_order_of_batches_counts_and_not_their_numbers(
    table, scale, shift
) -> None:
    values, batches = arrays(table)
    renumbered = batches * scale + shift
    assert betting_interval(values, batches, alpha=ALPHA) == betting_interval(
        values, renumbered, alpha=ALPHA
    )


@given(tables)
def test_values_turned_round_turn_the_interval_round(table) -> None:
    values, batches = arrays(table)
    low, high = betting_interval(values, batches, alpha=ALPHA)
    turned = betting_interval(1 - values, batches, alpha=ALPHA)
    assert turned == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(tables, st.floats(0.001, 0.9))
def test_the_ends_are_means_too(table, alpha) -> None:
    low, high = betting_interval(*arrays(table), alpha=alpha)
    assert 0 <= low <= 1
    assert 0 <= high <= 1


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([1, 7, 50, 400]))
def test_it_is_never_narrower_than_an_interval_for_one_look(seed, size) -> None:
    values = np.random.default_rng(seed).random(400)
    low, high = betting_interval(values, np.arange(400) // size, alpha=ALPHA)
    assert high - low > 2 * 1.96 * values.std(ddof=1) / 20


def test_more_of_the_same_is_narrower() -> None:
    values = np.random.default_rng(6).random(100_000)
    looks = [
        betting_interval(values[:n], np.arange(n) // 100, alpha=ALPHA)
        for n in (100, 1000, 10_000, 100_000)
    ]
    widths = [high - low for low, high in looks]
    assert all(wide > narrow for wide, narrow in pairwise(widths))
    assert widths[-1] < 0.01


def test_whoever_bets_on_the_truth_gains_nothing_however_large_the_batches() -> None:
    generator = np.random.default_rng(7)
    batches = np.repeat(np.arange(6), [1, 2, 30, 4, 60, 3])
    paths = 2000
    missed = 0
    for _ in range(paths):
        values = (generator.random(100) < 0.1).astype(np.float64)
        low, high = betting_interval(values, batches, alpha=ALPHA)
        missed += not low <= 0.1 <= high
    assert missed / paths <= ALPHA


def test_without_values_the_mean_may_be_anything() -> None:
    nothing = np.array([]), np.array([], dtype=np.int64)
    assert betting_interval(*nothing, alpha=ALPHA) == (0, 1)


def test_values_out_of_bounds_or_out_of_batches_are_refused() -> None:
    one = np.array([0])
    for value in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            betting_interval(np.array([value]), one, alpha=ALPHA)
    with pytest.raises(ValueError, match="2 values in 1 batch numbers"):
        betting_interval(np.array([0.1, 0.2]), one, alpha=ALPHA)
    with pytest.raises(ValueError, match="alpha must be between 0 and 1, got 0"):
        betting_interval(np.array([0.1]), one, alpha=0)
