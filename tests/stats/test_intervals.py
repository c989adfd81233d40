"""Fixed-sample intervals: by hand, against statsmodels, and as laws."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats as reference
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from workbench.stats import intervals
from workbench.stats.looks import FixedSample
from workbench.stats.sums import Contrast, Moments, Sample

ALPHA = 0.05
LOOK = FixedSample(ALPHA)
ESTIMATORS = (intervals.difference_in_means, intervals.difference_in_proportions)
values = st.floats(-1e3, 1e3).map(lambda x: round(x, 3))
shares = st.lists(st.booleans(), min_size=2, max_size=40)


def once(outcome) -> Sample:
    return Sample.of(np.arange(len(outcome)), np.array(outcome, dtype=float))


def arms_once(treated, control) -> Contrast:
    outcome = np.array([*treated, *control], dtype=float)
    arm = np.arange(len(outcome)) < len(treated)
    return Contrast.of(np.arange(len(outcome)), outcome, arm)


def clustered(seed: int, units: int = 40):
    """Unit, 0/1 outcome and arm of customer-months; units have months in both arms."""
    generator = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), generator.integers(1, 6, units))
    taste = generator.beta(2, 3, units)[unit]
    arm = generator.random(len(unit)) < 0.5
    outcome = (generator.random(len(unit)) < taste + 0.1 * arm).astype(float)
    return unit, outcome, arm


# ------------------------------------------------------------------------- by hand


def test_mean_of_one_to_four_is_students_interval() -> None:
    # variance 5/3, standard error sqrt(5/12) = .6454972244, t(3, .975) = 3.182446305
    result = intervals.mean(once([1, 2, 3, 4]), LOOK)
    assert (result.estimate, result.se) == (2.5, 0.6454972244)
    assert result.high == pytest.approx(2.5 + 3.182446305 * 0.6454972244, abs=1e-8)
    assert result.method == "mean, Student t"


def test_clustered_mean_is_the_ratio_of_sums_worked_out_by_hand() -> None:
    # a: 1, 3; b: 5. ratio 9/3; residuals -2 and 2; 2/1 * 8 / 3^2 = 16/9; t(1) = 12.7062
    result = intervals.mean(Sample.of(np.array([0, 0, 1]), np.array([1.0, 3, 5])), LOOK)
    assert (result.estimate, result.se) == (3.0, 1.333333333)
    assert result.high == pytest.approx(3 + 12.706204736 * 4 / 3, abs=1e-8)


def test_eight_of_ten_has_wilsons_published_interval() -> None:
    result = intervals.proportion(once([1] * 8 + [0] * 2), LOOK)
    assert result.low == pytest.approx(0.4901625, abs=1e-7)
    assert result.high == pytest.approx(0.9433178, abs=1e-7)


def test_seven_of_ten_against_two_of_ten_is_agresti_and_caffos_interval() -> None:
    # 8/12 - 3/12 = .416667; variance (2/9 + 3/16) / 12 = .0341435
    result = intervals.difference_in_proportions(
        arms_once([1] * 7 + [0] * 3, [1] * 2 + [0] * 8), LOOK
    )
    reach = 1.959963985 * math.sqrt(0.034143518519)
    assert result.estimate == 0.5
    assert result.low == pytest.approx(5 / 12 - reach, abs=1e-9)
    assert result.high == pytest.approx(5 / 12 + reach, abs=1e-9)


def test_forecast_of_four_against_six_seen_is_half_as_much_again() -> None:
    # forecasts 2, 2; seen 1, 5: ratio 1.5; residuals -2, 2; 2/1 * 8 / 4^2 = 1
    result = intervals.forecast(
        Moments.of(np.array([2.0, 2]), np.array([1.0, 5])), LOOK, fitted=False
    )
    assert (result.estimate, result.se) == (0.5, 1.0)


def test_a_units_influence_on_the_fit_counts_among_its_residuals() -> None:
    # as above with influences -1, 1: residuals -2 + 1.5, 2 - 1.5; 2/1 * .5 / 4^2 = 1/16
    result = intervals.forecast(
        Moments.of(np.array([1.0, 3]), np.array([1.0, 5])), LOOK, fitted=True
    )
    assert (result.estimate, result.se) == (0.5, 0.25)


def test_a_forecast_of_recurring_units_is_worth_its_units_when_they_are_alike() -> None:
    # each unit above twice: residuals -4, 4 by unit, variance 2/1 * 32 / 8^2 = 1; by
    # row -2, -2, 2, 2, variance 4/3 * 16 / 8^2 = 1/3; the four rows are worth 4/3
    foreseen, seen = np.array([2.0, 2, 2, 2]), np.array([1.0, 1, 5, 5])
    units = Moments.of(np.array([4.0, 4]), np.array([2.0, 10]))
    rows = Moments.of(foreseen, seen)
    result = intervals.forecast(units, LOOK, fitted=False, rows=rows)
    assert (result.estimate, result.se) == (0.5, 1.0)
    assert result.information == pytest.approx(4 / 3)


# ----------------------------------------------------------------- against an oracle


@given(shares)
def test_proportion_is_statsmodels_wilson(outcome) -> None:
    result = intervals.proportion(once(outcome), LOOK)
    oracle = proportion_confint(sum(outcome), len(outcome), ALPHA, "wilson")
    assert (result.low, result.high) == pytest.approx(oracle, abs=1e-9)


@given(shares, shares)
def test_difference_in_shares_is_statsmodels_agresti_caffo(treated, control) -> None:
    result = intervals.difference_in_proportions(arms_once(treated, control), LOOK)
    oracle = confint_proportions_2indep(
        sum(treated),
        len(treated),
        sum(control),
        len(control),
        method="agresti-caffo",
        alpha=ALPHA,
    )
    cut = (max(oracle[0], -1.0), min(oracle[1], 1.0))
    assert (result.low, result.high) == pytest.approx(cut, abs=1e-9)


def test_difference_in_means_is_statsmodels_welch() -> None:
    generator = np.random.default_rng(1)
    treated, control = generator.normal(5, 3, 20), generator.normal(4, 1, 50)
    result = intervals.difference_in_means(arms_once(treated, control), LOOK)
    oracle = CompareMeans(DescrStatsW(treated), DescrStatsW(control))
    low, high = oracle.tconfint_diff(ALPHA, usevar="unequal")
    assert (result.low, result.high) == pytest.approx((low, high), rel=1e-9)


def test_clustered_mean_is_statsmodels_cluster_covariance() -> None:
    unit, outcome, _ = clustered(2)
    fit = sm.OLS(outcome, np.ones(len(outcome))).fit(
        cov_type="cluster", cov_kwds={"groups": unit}, use_t=True
    )
    result = intervals.mean(Sample.of(unit, outcome), LOOK)
    assert result.se == pytest.approx(fit.bse[0], rel=1e-9)
    assert (result.low, result.high) == pytest.approx(fit.conf_int()[0], rel=1e-9)


def test_clustered_share_is_wilson_at_statsmodels_effective_size() -> None:
    unit, outcome, _ = clustered(3)
    fit = sm.OLS(outcome, np.ones(len(outcome))).fit(
        cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
    )
    share = outcome.mean()
    size = share * (1 - share) / fit.bse[0] ** 2
    units = len(np.unique(unit))
    tail = reference.norm.sf(reference.t.isf(ALPHA / 2, units - 1))
    oracle = proportion_confint(share * size, size, 2 * tail, "wilson")
    result = intervals.proportion(Sample.of(unit, outcome), LOOK)
    assert size < len(outcome)
    assert (result.low, result.high) == pytest.approx(oracle, rel=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_clustered_difference_is_statsmodels_covariance_each_arm_corrected(
    estimator,
) -> None:
    unit, outcome, arm = clustered(4)
    fit = sm.OLS(outcome, np.column_stack([arm, ~arm]).astype(float)).fit(
        cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
    )
    g1, g0 = (len(np.unique(unit[which])) for which in (arm, ~arm))
    scale = np.sqrt([g1 / (g1 - 1), g0 / (g0 - 1)]) * [1, -1]
    result = estimator(Contrast.of(unit, outcome, arm), LOOK)
    assert result.estimate == pytest.approx(fit.params[0] - fit.params[1])
    assert result.se == pytest.approx(
        math.sqrt(scale @ fit.cov_params() @ scale), rel=1e-9
    )


def test_forecast_is_statsmodels_regression_through_the_origin() -> None:
    # least squares of observed on forecast, weights 1 / forecast, is the ratio of sums
    generator = np.random.default_rng(5)
    foreseen = generator.gamma(2, 1, 60)
    seen = generator.poisson(foreseen).astype(float)
    fit = sm.WLS(seen, foreseen, weights=1 / foreseen).fit(
        cov_type="cluster", cov_kwds={"groups": np.arange(60)}, use_t=True
    )
    result = intervals.forecast(Moments.of(foreseen, seen), LOOK, fitted=False)
    assert result.estimate == pytest.approx(fit.params[0] - 1)
    assert (result.low, result.high) == pytest.approx(fit.conf_int()[0] - 1)


# --------------------------------------------------------------------------- as laws


@given(
    st.lists(st.tuples(st.integers(0, 6), values), min_size=3, max_size=30),
    st.floats(0.1, 100).map(lambda x: round(x, 2)),
    values,
)
def test_mean_moves_and_stretches_with_its_data(table, scale, shift) -> None:
    unit, outcome = (np.array(column) for column in zip(*table, strict=True))
    plain = intervals.mean(Sample.of(unit, outcome), LOOK)
    assume(plain.se is not None and plain.se > 1e-3)
    moved = intervals.mean(Sample.of(unit, outcome * scale + shift), LOOK)
    for name in ("estimate", "low", "high"):
        wanted = getattr(plain, name) * scale + shift
        assert getattr(moved, name) == pytest.approx(wanted, rel=1e-6, abs=1e-4)


@given(st.integers(0, 10_000), st.sampled_from(ESTIMATORS))
def test_swapping_the_arms_negates(seed, estimator) -> None:
    unit, outcome, arm = clustered(seed, units=8)
    one = estimator(Contrast.of(unit, outcome, arm), LOOK)
    other = estimator(Contrast.of(unit, outcome, ~arm), LOOK)
    if one.estimate is None or one.low is None:
        assert other.low is None
    else:
        assert other.estimate == pytest.approx(-one.estimate)
        assert (other.low, other.high) == pytest.approx((-one.high, -one.low))


@given(st.integers(0, 10_000), st.sampled_from(ESTIMATORS))
def test_the_interval_holds_its_estimate(seed, estimator) -> None:
    unit, outcome, arm = clustered(seed, units=6)
    result = estimator(Contrast.of(unit, outcome, arm), FixedSample(0.2))
    if result.low is not None:
        assert result.low <= result.estimate <= result.high


@given(st.lists(values, min_size=3, max_size=20), st.integers(2, 4))
def test_counting_every_occurrence_again_changes_nothing(outcome, times) -> None:
    plain = intervals.mean(once(outcome), LOOK)
    unit = np.tile(np.arange(len(outcome)), times)
    again = intervals.mean(Sample.of(unit, np.tile(outcome, times)), LOOK)
    assume(plain.low is not None)
    assert (again.estimate, again.low, again.high) == pytest.approx(
        (plain.estimate, plain.low, plain.high), rel=1e-6, abs=1e-6
    )


@given(st.integers(0, 10_000))
def test_without_recurring_units_clustered_shares_differ_by_the_small_sample_only(
    seed,
) -> None:
    # the clustered way of counting: each arm's p(1-p)/n is corrected by n/(n-1)
    generator = np.random.default_rng(seed)
    outcome = (generator.random(400) < 0.4).astype(float)
    arm = np.arange(400) < 200
    linear = intervals.difference_in_means(
        Contrast.of(np.arange(400), outcome, arm), LOOK
    )
    share1, share0 = outcome[arm].mean(), outcome[~arm].mean()
    plain = (share1 * (1 - share1) + share0 * (1 - share0)) / 200
    assert linear.se == pytest.approx(math.sqrt(plain * 200 / 199), rel=1e-9)


# --------------------------------------------------------------- too little to say


@pytest.mark.parametrize("outcome", [[], [1.0]])
def test_no_unit_or_one_says_nothing(outcome) -> None:
    for estimator in (intervals.mean, intervals.proportion):
        result = estimator(once(outcome), LOOK)
        assert (result.estimate, result.low, result.high) == (None, None, None)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_an_empty_arm_says_nothing(estimator) -> None:
    result = estimator(arms_once([1, 0, 1], []), LOOK)
    assert (result.estimate, result.low, result.high) == (None, None, None)


def test_a_forecast_of_nothing_says_nothing() -> None:
    zeros = Moments.of(np.zeros(3), np.ones(3))
    assert intervals.forecast(zeros, LOOK, fitted=False).estimate is None


CONSTANTS = [(0.1, 0.1), (0.1, 0.3), (5.0, 19.99), (19.99, 5.0)]


@pytest.mark.parametrize(("one", "other"), CONSTANTS)
@pytest.mark.parametrize("size", [2, 3, 49, 1000])
def test_an_outcome_that_does_not_vary_has_an_estimate_and_no_interval(
    size, one, other
) -> None:
    result = intervals.mean(once([one] * size), LOOK)
    assert (result.estimate, result.low, result.high) == (one, None, None)
    contrast = arms_once([one] * size, [other] * size)
    apart = intervals.difference_in_means(contrast, LOOK)
    assert (apart.low, apart.high) == (None, None)
    assert apart.estimate == pytest.approx(one - other)


@pytest.mark.parametrize(("one", "other"), CONSTANTS)
@given(st.integers(0, 10_000))
def test_nor_has_it_one_where_units_recur_within_arms_and_across(
    one, other, seed
) -> None:
    unit, _, arm = clustered(seed, units=12)
    assume(0 < arm.sum() < len(arm))
    sample = Sample.of(unit, np.full(len(unit), one))
    assert intervals.mean(sample, LOOK).low is None
    contrast = Contrast.of(unit, np.where(arm, one, other), arm)
    apart = intervals.difference_in_means(contrast, LOOK)
    assert (apart.low, apart.high) == (None, None)


def test_a_difference_that_is_the_same_in_every_unit_does_not_vary_either() -> None:
    generator = np.random.default_rng(7)
    taste = generator.normal(20, 3, 50)
    contrast = Contrast.of(
        np.tile(np.arange(50), 2),
        np.concatenate([taste + 0.1, taste]),
        np.arange(100) < 50,
    )
    result = intervals.difference_in_means(contrast, LOOK)
    assert result.estimate == pytest.approx(0.1)
    assert (result.low, result.high) == (None, None)


def test_a_little_variation_is_variation() -> None:
    unit = np.repeat(np.arange(30), 3)
    outcome = 1000 + 1e-3 * np.sin(np.arange(90))
    found = intervals.mean(Sample.of(unit, outcome), LOOK)
    assert found.se is not None
    assert 1e-5 < found.se < 1e-3


def test_shares_of_nought_and_one_keep_an_honest_width_when_units_recur() -> None:
    unit = np.repeat(np.arange(10), 4)
    arm = unit < 5
    never = intervals.proportion(Sample.of(unit, np.zeros(40)), LOOK)
    apart = intervals.difference_in_proportions(
        Contrast.of(unit, arm.astype(float), arm), LOOK
    )
    # as wide as ten units at least, not as narrow as forty occurrences
    assert (never.low, apart.estimate) == (0, 1)
    assert never.high is not None
    assert never.high > proportion_confint(0, 10, ALPHA, "wilson")[1]
    assert apart.low is not None
    assert apart.low < 0.9
