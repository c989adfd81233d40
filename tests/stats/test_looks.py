"""One estimator, two promises: for one look, and for all looks together."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stats import intervals, scales
from workbench.stats.looks import FixedSample, Sequence
from workbench.stats.sequences import critical_value
from workbench.stats.sums import Contrast, Sample

ONE = FixedSample(0.05)
ALL = Sequence(alpha=0.05, planned=1000)
ESTIMATORS = (
    intervals.difference_in_means,
    intervals.difference_in_proportions,
    scales.risk_ratio,
)


def shares(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    arm = generator.random(n) < 0.4
    outcome = (generator.random(n) < np.where(arm, 0.5, 0.3)).astype(float)
    return np.arange(n), outcome, arm


def test_at_the_plan_the_reach_is_the_published_critical_value() -> None:
    # 1,000 units with mean 0 and variance 1000/999: 3.0351 standard errors, not 1.9623
    values = np.repeat([1.0, -1.0], 500)
    found = intervals.mean(Sample.of(np.arange(1000), values), ALL)
    assert found.se is not None
    assert found.high is not None
    assert found.high / found.se == pytest.approx(3.0351, abs=0.02)
    assert found.information == 1000
    assert found.method == "mean, Student mixture"


@given(st.integers(0, 10**6), st.sampled_from(ESTIMATORS))
def test_all_looks_cost_at_least_what_one_costs(seed: int, estimator) -> None:
    contrast = Contrast.of(*shares(seed))
    one, every = estimator(contrast, ONE), estimator(contrast, ALL)
    assert one.estimate == every.estimate
    assert every.low < one.low < one.high < every.high


@given(st.integers(0, 10**6))
def test_what_is_outside_the_interval_is_what_the_bet_has_won_twenty_times_over(
    seed: int,
) -> None:
    found = intervals.difference_in_proportions(Contrast.of(*shares(seed)), ALL)
    assert found.log_e is not None
    assert found.low is not None
    step = 1e-4
    assert found.log_e(found.low - step) > math.log(20) > found.log_e(found.low + step)


@given(st.integers(0, 10**6), st.sampled_from(ESTIMATORS[:2]))
def test_swapping_the_arms_turns_the_sign(seed: int, estimator) -> None:
    units, outcome, arm = shares(seed)
    one = estimator(Contrast.of(units, outcome, arm), ALL)
    other = estimator(Contrast.of(units, outcome, ~arm), ALL)
    assert (one.estimate, one.low, one.high) == pytest.approx(
        (-other.estimate, -other.high, -other.low), rel=1e-9, abs=1e-9
    )


@given(st.integers(0, 10**6), st.floats(-50, 50), st.floats(0.1, 20))
def test_means_follow_a_shift_and_a_change_of_unit(
    seed: int, shift: float, scale: float
) -> None:
    values = np.random.default_rng(seed).normal(size=80)
    plain = intervals.mean(Sample.of(np.arange(80), values), ALL)
    moved = intervals.mean(Sample.of(np.arange(80), shift + scale * values), ALL)
    assert plain.low is not None
    assert plain.high is not None
    assert (moved.low, moved.high) == pytest.approx(
        (shift + scale * plain.low, shift + scale * plain.high), rel=1e-6, abs=1e-6
    )


@given(st.integers(0, 10**6))
def test_the_order_of_batches_does_not_matter(seed: int) -> None:
    units, outcome, arm = shares(seed)
    half = units < 200
    parts = [Contrast.of(units[h], outcome[h], arm[h]) for h in (half, ~half)]
    whole = intervals.difference_in_means(Contrast.of(units, outcome, arm), ALL)
    for first, second in (parts, parts[::-1]):
        found = intervals.difference_in_means(first + second, ALL)
        assert (found.low, found.high) == pytest.approx((whole.low, whole.high))


def test_unequal_arms_are_worth_less_than_their_sum() -> None:
    # 90 and 10: 4 * 90 * 10 / 100 = 36 balanced occurrences
    arm = np.arange(100) < 10
    outcome = (np.arange(100) % 2).astype(float)
    found = intervals.difference_in_proportions(
        Contrast.of(np.arange(100), outcome, arm), ALL
    )
    assert found.information == 36


def test_copies_within_a_unit_add_no_information() -> None:
    """Ten equal months of a customer are worth one; ten independent ones are ten."""
    generator = np.random.default_rng(7)
    taste = generator.normal(size=300)
    copied = intervals.mean(
        Sample.of(np.repeat(np.arange(300), 10), np.repeat(taste, 10)), ALL
    )
    fresh = intervals.mean(
        Sample.of(np.repeat(np.arange(300), 10), generator.normal(size=3000)), ALL
    )
    assert copied.information == pytest.approx(300, rel=0.01)
    assert fresh.information == pytest.approx(3000, rel=0.2)


def test_before_its_first_look_a_sequence_without_a_plan_says_nothing() -> None:
    look = Sequence(alpha=0.05, planned=1, boundary="robbins-siegmund")
    values = np.random.default_rng(1).normal(size=29)
    assert intervals.mean(Sample.of(np.arange(29), values), look).low is None
    more = np.append(values, 0.1)
    found = intervals.mean(Sample.of(np.arange(30), more), look)
    assert found.low is not None
    assert found.se is not None
    assert found.estimate is not None
    assert (found.estimate - found.low) / found.se == pytest.approx(2.795, abs=1e-3)
    assert found.log_e is None


def test_a_share_of_nought_is_exact_and_not_narrow() -> None:
    # (1, 50, plan 50) is [0, .13489] in confseq; with no success the end is lower, but
    # not as low as one look's: 1 - .025^(1/50) = .0711
    found = intervals.proportion(
        Sample.of(np.arange(50), np.zeros(50)), Sequence(alpha=0.05, planned=50)
    )
    assert found.low == 0
    assert 0.0711 < (found.high or 0) < 0.13489


# ----------------------------------------------------------------- published numbers


@pytest.mark.parametrize(
    ("counts", "score", "centre", "low", "high"),
    [
        ((45, 35, 20), 25.0, 24.27, 9.48, 39.06),
        ((9, 6, 4), 26.32, 22.73, -9.84, 55.30),
    ],
)
def test_net_promoter_score_by_the_adjusted_wald_interval(
    counts: tuple[int, int, int], score: float, centre: float, low: float, high: float
) -> None:
    promoters, passives, detractors = counts
    answers = np.array([9.0] * promoters + [7.0] * passives + [3.0] * detractors)
    values = scales.promoter_scores(answers)
    found = scales.nps(Sample.of(np.arange(len(values)), values), ONE)
    assert found.estimate == pytest.approx(score, abs=0.005)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.005)
    assert ((found.low or 0) + (found.high or 0)) / 2 == pytest.approx(centre, abs=0.01)


def test_the_scale_parts_promoters_from_passives_and_detractors() -> None:
    answers = np.arange(11.0)
    assert scales.promoter_scores(answers).tolist() == [-1] * 7 + [0] * 2 + [1] * 2


def test_a_ratio_of_shares_by_hand() -> None:
    # log(10.5/20.5) - log(5.5/20.5) = .6466; variance 1/10.5 - 1/20.5 + 1/5.5 - 1/20.5
    outcome = np.array([1.0] * 10 + [0.0] * 10 + [1.0] * 5 + [0.0] * 15)
    arm = np.arange(40) < 20
    found = scales.risk_ratio(Contrast.of(np.arange(40), outcome, arm), ONE)
    assert found.estimate == pytest.approx(10.5 / 5.5, abs=1e-9)
    error = math.sqrt(1 / 10.5 + 1 / 5.5 - 2 / 20.5)
    reach = 2.093024054 * error  # Student, 19 degrees of freedom
    assert found.high == pytest.approx(10.5 / 5.5 * math.exp(reach), rel=1e-8)


def test_a_ratio_where_units_recur_and_an_arm_has_no_outcome_by_hand() -> None:
    # ten units twice in each arm; half of the treated ones, none of the reference:
    # Walter of (5 of 10, 0 of 10), not no estimate, which would hide what came
    units = np.repeat(np.arange(20), 2)
    arm = units < 10
    outcome = np.where(units < 5, 1.0, 0.0)
    found = scales.risk_ratio(Contrast.of(units, outcome, arm), ONE)
    assert found.estimate == pytest.approx(5.5 / 0.5, abs=1e-9)
    assert found.se == pytest.approx(
        11 * math.sqrt(1 / 5.5 + 1 / 0.5 - 2 / 10.5), rel=1e-9
    )
    assert found.information == 20  # units, not the forty occurrences


def test_a_ratio_where_units_recur_is_worth_its_units_when_they_never_vary() -> None:
    """Every unit twice and alike: forty rows in each arm say what twenty would."""
    once, arm = np.arange(40), np.arange(40) < 20
    outcome = np.array([1.0, 0.0] * 10 + [1.0, 0.0, 0.0, 0.0] * 5)
    twice = (np.repeat(each, 2) for each in (once, outcome, arm))
    found = scales.risk_ratio(Contrast.of(*twice), ONE)
    correction = 19 / 20  # G / (G - 1) for the units of each arm
    assert found.information == pytest.approx(40 * correction, rel=1e-9)


def test_the_median_of_one_to_ninety_nine() -> None:
    # ranks 49.5 - 9.75 rounded down and 1 + 49.5 + 9.75 rounded up: 39th and 61st value
    values = np.arange(1.0, 100.0)
    found = scales.quantile(values, 0.5, ONE)
    assert (found.estimate, found.low, found.high) == (50, 39, 61)
    every = scales.quantile(values, 0.5, ALL)
    assert every.low is not None
    assert every.high is not None
    assert every.low < 39
    assert every.high > 61


def test_the_students_radius_is_the_wider_the_fewer_units_there_are() -> None:
    plan = {"information": 20, "planned": 1000, "alpha": 0.05}
    assert critical_value(**plan, df=19) > critical_value(**plan)
