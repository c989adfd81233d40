"""What the data must bear: each rule at its edge, by hand."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from workbench.stats import minimums
from workbench.stats.coefficient import influences


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


@pytest.mark.parametrize(("coefficients", "asked"), [(1, 25), (2, 25), (3, 30)])
def test_ten_events_for_each_coefficient_and_never_fewer_than_twenty_five(
    coefficients: int, asked: int
) -> None:
    outcomes = np.array([1.0] * asked + [0.0] * 90)
    assert minimums.enough_events(outcomes, coefficients).threshold == asked
    assert minimums.enough_events(outcomes, coefficients).passed
    assert not minimums.enough_events(outcomes[1:], coefficients).passed


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


def test_a_tail_that_the_few_have_not_shown_is_known_from_all() -> None:
    # five exposed of a hundred lie evenly about nought; of the others one is at ten
    values = np.array([-1.0, -0.5, 0.0, 0.5, 1.0] + [0.0] * 94 + [10.0])
    exposed = np.arange(100) < 5
    weights = np.where(exposed, 1 / 5, -1 / 95)
    residuals = values - np.where(exposed, 0, 10 / 95)
    alone = minimums.skewed_little(residuals * weights)
    both = minimums.skewed_little(residuals * weights, weights)
    cube = float(np.mean(residuals**3) / np.mean(residuals**2) ** 1.5)
    let_through = float(np.sum(weights**3) / np.sum(weights**2) ** 1.5)
    assert alone.passed
    assert not both.passed
    assert both.threshold == pytest.approx(25 * 100 * (cube * let_through) ** 2)


def test_a_group_that_carries_nothing_says_nothing_of_the_tail() -> None:
    """Of a third group rounding leaves weights and influences that mean nothing."""
    generator = np.random.default_rng(4)
    residuals = generator.exponential(size=60)
    residuals -= residuals.mean()
    weights = np.repeat([1 / 10, -1 / 50], [10, 50])
    two = minimums.skewed_little(residuals * weights, weights)
    noise = np.concatenate([weights, np.full(40, 1e-18)])
    moved = np.concatenate([residuals * weights, np.repeat([9e-16, 1e-19], [1, 39])])
    three = minimums.skewed_little(moved, noise)
    assert three.threshold / 100 == pytest.approx(two.threshold / 60)


def test_what_even_weights_let_through_of_a_skewness_is_nothing() -> None:
    draw = np.random.default_rng(3).exponential(size=60)
    draw -= draw.mean()
    weights = np.repeat([1 / 60, -1 / 60], 60)
    both = minimums.skewed_little(np.concatenate([draw, draw]) * weights, weights)
    assert both.threshold == pytest.approx(0, abs=1e-9)


def test_the_influence_on_a_ratio_by_hand() -> None:
    # 6 over 4 is 1.5; unit 0 has 1 below and 3 above, unit 1 has 3 below and 3 above
    units = np.array([0, 1, 1])
    below, above = np.array([1.0, 1.0, 2.0]), np.array([3.0, 3.0, 0.0])
    found = minimums.influences_of_ratio(units, below, above)
    assert found.tolist() == [(3 - 1.5) / 4, (3 - 4.5) / 4]
    unknown = np.full(3, np.nan)
    assert minimums.influences_of_ratio(units, unknown, above).tolist() == [0, 0]


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


def test_a_difference_of_few_and_many_waits_as_the_same_coefficient_does() -> None:
    """A regression on the arm alone is the difference of two means."""
    generator = np.random.default_rng(11)
    units, treated = np.arange(400), np.arange(400) < 20
    outcome = np.exp(1.5 * generator.standard_normal(400))
    own = minimums.skewed_little(
        minimums.influences_of_difference(units, outcome, treated),
        minimums.weights_of_difference(units, treated),
    )
    fit = sm.OLS(outcome, sm.add_constant(treated.astype(float))).fit()
    same = minimums.skewed_little(*influences(fit, "x1", units))
    assert not own.passed
    assert own.threshold == pytest.approx(same.threshold, rel=1e-9)


def test_alike_arms_let_the_skewness_of_both_cancel() -> None:
    units, treated = np.arange(200), np.arange(200) % 2 == 0
    weights = minimums.weights_of_difference(units, treated)
    assert weights.tolist() == [0.01, -0.01] * 100


def test_units_carry_a_coefficient_as_far_as_their_weights_are_alike() -> None:
    assert minimums.carriers(np.array([2.0, -2.0, 0.0, 0.0])) == 2
    assert minimums.carriers(np.ones(7)) == 7
    assert minimums.carriers(np.array([1.0, 2.0])) == pytest.approx(25 / 17)
    assert minimums.carriers(np.zeros(3)) == minimums.carriers(np.zeros(0)) == 0
    assert not minimums.enough_carriers(np.ones(29)).passed
    assert minimums.enough_carriers(np.ones(30)).passed


@pytest.mark.parametrize(("exposed", "passed"), [(2, False), (5, False), (40, True)])
def test_few_exposed_are_few_however_many_there_are_beside_them(
    exposed: int, passed: bool
) -> None:
    """Half of all had the outcome, so half of those who carry it are thought to."""
    units, arm = np.arange(400), (np.arange(400) < exposed).astype(float)
    outcome = (np.arange(400) % 2).astype(float)
    fit = sm.OLS(outcome, sm.add_constant(arm)).fit()
    _, weights = influences(fit, "x1", units)
    assert minimums.enough_carriers(weights).passed is passed
    share = minimums.carriers(weights) / 400
    assert exposed <= share * 400 < 1.3 * exposed
    events = minimums.enough_events(outcome, 2, share)
    assert events.measured == pytest.approx(200 * share)
    assert events.threshold == 25
