"""What the data must bear: each rule at its edge, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stats import minimums


def test_thirty_units_are_enough_and_twenty_nine_are_not() -> None:
    assert minimums.enough_units(30).passed
    assert not minimums.enough_units(29).passed
    assert minimums.enough_clusters(20).passed
    assert not minimums.enough_clusters(19).passed


@pytest.mark.parametrize(
    ("events", "others", "passed"), [(25, 25, True), (24, 900, False), (900, 24, False)]
)
def test_the_rarer_of_outcome_and_absence_counts(
    events: int, others: int, passed: bool
) -> None:
    check = minimums.enough_events(np.array([1.0] * events + [0.0] * others))
    assert (check.measured, check.passed) == (min(events, others), passed)


def test_cochrans_rule_by_hand() -> None:
    # 99 zeros and a 100: skewness 99 * ... = (n - 2) / sqrt(n - 1) = 98 / sqrt(99)
    values = np.array([0.0] * 99 + [100.0])
    check = minimums.skewed_little(minimums.influences_of_mean(np.arange(100), values))
    assert check.threshold == pytest.approx(25 * 98**2 / 99, rel=1e-6)
    assert not check.passed


def test_skew_that_both_arms_share_cancels_in_their_difference() -> None:
    draw = np.random.default_rng(3).exponential(size=60)
    values, arm = np.concatenate([draw, draw]), np.arange(120) < 60
    alone = minimums.skewed_little(minimums.influences_of_mean(np.arange(60), draw))
    both = minimums.skewed_little(
        minimums.influences_of_difference(np.arange(120), values, arm)
    )
    assert alone.threshold > 40
    assert both.threshold == pytest.approx(0, abs=1e-9)


@given(st.integers(0, 10**6))
def test_influences_add_up_to_nought(seed: int) -> None:
    generator = np.random.default_rng(seed)
    units = generator.integers(0, 20, 90)
    values, arm = generator.normal(size=90), generator.random(90) < 0.5
    assert minimums.influences_of_mean(units, values).sum() == pytest.approx(
        0, abs=1e-9
    )
    both = minimums.influences_of_difference(units, values, arm)
    assert both.sum() == pytest.approx(0, abs=1e-9)


def test_one_row_too_early_or_too_late_fails() -> None:
    assert minimums.mature(np.array([True, True])).passed
    assert not minimums.mature(np.array([True, False])).passed
    assert not minimums.looked_back(np.array([False, True])).passed
