"""Scores: published values, by hand, and as laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as reference
from scipy.special import ndtr

from workbench.stats import scoring

chances = st.floats(0, 1)
values = st.floats(-100, 100)
records = st.lists(st.tuples(chances, st.booleans()), min_size=1, max_size=40)


# ------------------------------------------------------------------------- by hand


def test_a_forecast_of_eighty_percent_scores_as_worked_out_by_hand() -> None:
    assert scoring.brier(0.8, won=True) == pytest.approx(0.04)
    assert scoring.brier(0.8, won=False) == pytest.approx(0.64)
    assert scoring.log_score(0.8, won=True) == pytest.approx(0.2231436)
    assert scoring.log_score(0.8, won=False) == pytest.approx(1.6094379)
    assert scoring.expected_brier(0.8) == pytest.approx(0.16)


def test_one_surprise_is_not_ruin() -> None:
    assert scoring.log_score(1.0, won=False) == pytest.approx(4.6051702)
    assert scoring.log_score(0.0, won=False) == pytest.approx(0.0100503, abs=1e-7)
    assert (scoring.clipped(0.001), scoring.clipped(0.5)) == (0.01, 0.5)


def test_an_interval_pays_its_width_and_forty_times_the_miss_at_95_percent() -> None:
    assert scoring.interval_score(1, 3, 2.5, alpha=0.05) == 2
    assert scoring.interval_score(1, 3, 3.1, alpha=0.05) == pytest.approx(2 + 4)
    assert scoring.interval_score(1, 3, 0.8, alpha=0.05) == pytest.approx(2 + 8)


@pytest.mark.parametrize(
    ("mean", "sd", "value", "published"),
    [(0, 1, 0, 0.2336950), (0, 1, 1, 0.6024414), (5, 2, 3, 1.2048828)],
)
def test_crps_of_the_normal_distribution(mean, sd, value, published) -> None:
    assert scoring.crps_normal(mean, sd, value) == pytest.approx(published, abs=1e-7)


def test_skill_is_the_share_saved() -> None:
    assert scoring.skill(0.2, 0.25) == pytest.approx(0.2)
    assert scoring.skill(0.3, 0.25) == pytest.approx(-0.2)
    assert scoring.skill(0.0, 0.0) is None


def test_four_forecasts_come_apart_as_worked_out_by_hand() -> None:
    # isotonic shares 1/2, 1/2, 1, 1: score .125 where the base rate 3/4 scores .1875
    parts = scoring.corp([0.2, 0.2, 0.8, 0.8], [False, True, True, True])
    assert parts.score == pytest.approx(0.19)
    assert parts.miscalibration == pytest.approx(0.065)
    assert parts.discrimination == pytest.approx(0.0625)
    assert parts.uncertainty == pytest.approx(0.1875)


def test_violators_are_pooled() -> None:
    # .1 won and .9 lost: one level of 1/2, which discriminates nothing
    parts = scoring.corp([0.1, 0.9], [True, False])
    assert parts.miscalibration == pytest.approx(0.81 - 0.25)
    assert parts.discrimination == 0


@pytest.mark.parametrize(
    ("won", "settled", "low", "high"),
    [(19, 20, 0.76, 0.99), (48, 50, 0.865, 0.989), (95, 100, 0.888, 0.978)],
)
def test_a_hit_rate_has_wilsons_interval(won, settled, low, high) -> None:
    outcomes = [True] * won + [False] * (settled - won)
    rate = scoring.hit_rate(outcomes, range(settled), alpha=0.05)
    assert rate.estimate == won / settled
    assert rate.low == pytest.approx(low, abs=0.005 if settled == 20 else 0.0005)
    assert rate.high == pytest.approx(high, abs=0.005 if settled == 20 else 0.0005)


def test_claims_that_hold_or_fail_by_window_count_once_a_window() -> None:
    won = [window % 2 == 0 for window in range(10) for _ in "four"]
    windows = [window for window in range(10) for _ in "four"]
    shared = scoring.hit_rate(won, windows, alpha=0.05)
    apart = scoring.hit_rate(won, range(40), alpha=0.05)
    assert shared.estimate == apart.estimate == 0.5
    # effective size 40 / 4; student's quantile of nine degrees of freedom, 2.262
    q = 2.2621572**2 / 10
    assert shared.low == pytest.approx(0.5 - ((q + q * q) / 4) ** 0.5 / (1 + q))


def test_a_mean_score_has_students_interval_over_windows() -> None:
    # windows of two with means 1 and 3: t(1) = 12.706 times the error 1
    score = scoring.mean_score([0, 2, 3, 3], ["q1", "q1", "q2", "q2"], alpha=0.05)
    assert (score.estimate, score.se) == (2.0, 1.0)
    assert score.high == pytest.approx(2 + 12.7062047, abs=1e-6)


# --------------------------------------------------------------------------- laws


@given(values, st.floats(1e-3, 50), values)
def test_crps_is_the_integral_of_the_squared_gap(mean, sd, value) -> None:
    x = (value - mean) / sd
    left, right = np.linspace(-12, min(x, 12), 4001), np.linspace(max(x, -12), 12, 4001)
    below = np.trapezoid(ndtr(left) ** 2, left)
    above = np.trapezoid(ndtr(-right) ** 2, right)
    beyond = max(0.0, abs(x) - 12)
    crps = scoring.crps_normal(mean, sd, value)
    assert crps == pytest.approx(sd * (below + above + beyond), rel=1e-5)
    assert crps > 0


@given(values, values)
def test_crps_tends_to_the_absolute_error(mean, value) -> None:
    assert scoring.crps_normal(mean, 0, value) == abs(value - mean)
    near = scoring.crps_normal(mean, 1e-9, value)
    assert near == pytest.approx(abs(value - mean), abs=1e-8)


@given(records)
def test_a_score_is_its_parts_and_none_is_negative(record) -> None:
    parts = scoring.corp(*zip(*record, strict=True))
    whole = parts.miscalibration - parts.discrimination + parts.uncertainty
    brier = np.mean([scoring.brier(p, won=won) for p, won in record])
    assert whole == pytest.approx(parts.score, abs=1e-12)
    assert parts.score == pytest.approx(brier, abs=1e-12)
    assert parts.miscalibration >= -1e-12
    assert parts.discrimination >= -1e-12


@given(records, st.randoms())
def test_the_parts_do_not_depend_on_the_order(record, random) -> None:
    shuffled = random.sample(record, len(record))
    one = scoring.corp(*zip(*record, strict=True))
    other = scoring.corp(*zip(*shuffled, strict=True))
    assert other.miscalibration == pytest.approx(one.miscalibration, abs=1e-12)


@given(records)
def test_honest_shares_per_level_are_calibrated(record) -> None:
    record = sorted(record)
    levels = [
        [won for _, won in group]
        for _, group in itertools.groupby(record, key=lambda pair: round(pair[0], 1))
    ]
    shares = sorted((sum(level) / len(level), level) for level in levels)
    said = [share for share, level in shares for _ in level]
    happened = [won for _, level in shares for won in level]
    assert scoring.corp(said, happened).miscalibration == pytest.approx(0, abs=1e-12)


# --------------------------------------------------------------------- propriety


@pytest.mark.parametrize("truth", [0.1, 0.35, 0.5, 0.8])
@pytest.mark.parametrize("score", [scoring.brier, scoring.log_score])
def test_what_one_believes_scores_best_on_average(score, truth) -> None:
    def expected(said: float) -> float:
        return float(
            truth * score(said, won=True) + (1 - truth) * score(said, won=False)
        )

    tried = np.linspace(0.01, 0.99, 99)
    assert tried[np.argmin([expected(p) for p in tried])] == pytest.approx(truth)
    assert scoring.expected_brier(truth) == pytest.approx(
        truth * scoring.brier(truth, won=True)
        + (1 - truth) * scoring.brier(truth, won=False)
    )


def test_the_true_distribution_and_interval_score_best_by_simulation() -> None:
    generator = np.random.default_rng(1)
    drawn = generator.normal(2, 3, 4000).tolist()

    def crps(mean: float, sd: float) -> float:
        return float(np.mean([scoring.crps_normal(mean, sd, x) for x in drawn]))

    def interval(reach: float) -> float:
        ends = 2 - reach, 2 + reach
        return float(
            np.mean([scoring.interval_score(*ends, x, alpha=0.1) for x in drawn])
        )

    honest = crps(2, 3)
    assert all(
        crps(*said) > honest for said in [(1, 3), (3, 3), (2, 2), (2, 4.5), (2, 1)]
    )
    right = 3 * reference.norm.ppf(0.95)
    assert interval(right) < min(interval(right * 0.8), interval(right * 1.25))


# ----------------------------------------------------------------------- refused


@pytest.mark.parametrize(("said", "happened"), [([], []), ([0.5], [])])
def test_a_forecast_without_an_outcome_is_refused(said, happened) -> None:
    with pytest.raises(ValueError, match="one outcome"):
        scoring.corp(said, happened)


def test_nothing_is_said_of_a_single_window() -> None:
    assert scoring.hit_rate([True, True], ["q1", "q1"], alpha=0.05).low is None
    assert scoring.mean_score([0.1, 0.2], ["q1", "q1"], alpha=0.05).estimate is None
