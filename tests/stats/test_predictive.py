"""What a claim predicts: by quadrature, by hand, against other libraries, as laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as reference
from scipy.integrate import quad
from scipy.special import dawsn
from statsmodels.stats.meta_analysis import combine_effects

from workbench.stats.predictive import (
    Predictive,
    drift,
    predict,
    shrink,
    shrinkage_scale,
)

estimates = st.floats(-50, 50)
errors = st.floats(0.1, 10)


def by_quadrature(z: float) -> tuple[float, float]:
    """Mean and variance of the truth: u^(-1/2) exp(u z^2 / 2) on (0, 1), u = t^2."""
    s = z * z / 2
    ends = {"epsabs": 0, "epsrel": 1e-13, "limit": 500}

    def moment(power: int) -> float:
        def weight(t: float) -> float:
            return 2 * t ** (2 * power) * math.exp(s * (t * t - 1))

        edge = max(0.0, 1 - 20 / max(s, 20))
        parts = quad(weight, 0, edge, **ends)[0], quad(weight, edge, 1, **ends)[0]
        return float(sum(parts))

    whole, mean, square = moment(0), moment(1) / moment(0), moment(2) / moment(0)
    assert whole > 0
    return mean * z, mean + z * z * (square - mean**2)


# -------------------------------------------------------------- fewer than 20 studies


@pytest.mark.parametrize(
    "z", [0.0, 1e-4, 0.01, 0.3, 1, 1.96, 3, 5, 9.9, 9.99, 10, 10.01, 12, 30, 60, -2.5]
)
def test_the_share_believed_agrees_with_quadrature(z) -> None:
    mean, variance = shrink(z, 1.0, scale=None)
    expected = by_quadrature(z)
    assert mean == pytest.approx(expected[0], rel=1e-8, abs=1e-12)
    assert variance == pytest.approx(expected[1], rel=1e-8)


@pytest.mark.parametrize("z", [1.0, 2.0, 4.0, 8.0, 20.0])
def test_the_share_believed_is_the_closed_form_of_dawsons_integral(z) -> None:
    s = z * z / 2
    q = math.sqrt(s) / dawsn(math.sqrt(s))
    share = (q - 1) / (2 * s)
    square = (q - 3 * share) / (2 * s)
    mean, variance = shrink(z, 1.0, scale=None)
    assert mean == pytest.approx(share * z, rel=1e-11)
    assert variance == pytest.approx(share + z * z * (square - share**2), rel=1e-9)


def test_a_third_is_believed_at_zero_and_nearly_all_far_away() -> None:
    assert shrink(0.0, 2.0, scale=None) == pytest.approx((0.0, 4 / 3), rel=1e-12)
    mean, variance = shrink(1e6, 1.0, scale=None)
    assert 1e6 - mean == pytest.approx(2e-6, rel=1e-3)  # z * 2 / z^2
    assert variance == pytest.approx(1, abs=1e-9)


def test_half_is_believed_on_average_over_what_the_prior_expects_to_see() -> None:
    """Tower rule; z has density 2 dawsn(x) / (x pi sqrt(2 pi)), x = |z| / sqrt 2."""

    def weight(z: float) -> float:
        x = z / math.sqrt(2)
        return float(4 * dawsn(x) / (x * math.pi * math.sqrt(2 * math.pi)))

    def believed(z: float) -> float:
        return weight(z) * shrink(z, 1.0, scale=None)[0] / z

    whole, half = (
        quad(f, 1e-9, 20, limit=500)[0] + quad(f, 20, math.inf, limit=500)[0]
        for f in (weight, believed)
    )
    assert whole == pytest.approx(1, abs=1e-6)
    assert half == pytest.approx(0.5, abs=1e-6)


@given(estimates, errors, st.floats(0.01, 100))
def test_scaling_the_measure_scales_the_prediction(estimate, se, unit) -> None:
    mean, variance = shrink(estimate, se, scale=None)
    scaled = shrink(estimate * unit, se * unit, scale=None)
    assert scaled == pytest.approx((mean * unit, variance * unit**2), rel=1e-9)


@given(st.floats(0, 40), st.floats(0, 5))
def test_a_larger_estimate_predicts_a_larger_truth_and_is_believed_more(z, gap) -> None:
    near, far = shrink(z, 1.0, scale=None)[0], shrink(z + gap, 1.0, scale=None)[0]
    assert far - near >= -1e-12
    assert z / 3 - 1e-12 <= near <= z
    assert shrink(-z, 1.0, scale=None)[0] == -near


# ---------------------------------------------------------------------- known scale


def test_equal_scale_and_error_halve_an_estimate() -> None:
    assert shrink(3.0, 2.0, scale=2.0) == (1.5, 2.0)
    assert shrink(3.0, 2.0, scale=0.0) == (0.0, 0.0)


def test_a_prediction_worked_out_by_hand() -> None:
    # sd 10, n 100: se 1; tau .1 sd = 1: B 1/2; v 1/2; settled by 50: 100 / 50 = 2
    claim = predict(3.0, 1.0, sd=10, settlement_size=50, tau=0.1, drift=1.5)
    assert claim.mean == 1.5
    assert claim.sd == pytest.approx(math.sqrt(0.5 + 2 + 2.25))


@given(estimates, errors, st.none() | st.floats(0, 10), st.floats(0, 5))
def test_the_settlement_is_less_certain_than_its_own_noise(z, sd, tau, moves) -> None:
    claim = predict(z, sd / 10, sd=sd, settlement_size=100, tau=tau, drift=moves)
    still = predict(z, sd / 10, sd=sd, settlement_size=100, tau=tau)
    assert claim.sd >= still.sd >= sd / 10 * (1 - 1e-12)
    assert claim.mean == still.mean


# ------------------------------------------------------------------ the distribution


@given(estimates, errors, estimates, estimates)
def test_chances_are_those_of_the_normal_distribution(mean, sd, one, two) -> None:
    claim, low, high = Predictive(mean, sd), min(one, two), max(one, two)
    normal = reference.norm(mean, sd)
    assert claim.probability_above(low) == pytest.approx(normal.sf(low), abs=1e-14)
    between = normal.cdf(high) - normal.cdf(low)
    assert claim.probability_between(low, high) == pytest.approx(between, abs=1e-14)
    assert claim.probability_between(high + 1, low) == 0


def test_a_chance_far_out_keeps_its_digits_on_both_sides() -> None:
    claim = Predictive(0.0, 1.0)
    assert claim.probability_between(9, 10) == pytest.approx(
        reference.norm.sf(9) - reference.norm.sf(10), rel=1e-12
    )
    assert claim.probability_between(9, 10) == claim.probability_between(-10, -9)


@given(estimates, errors, st.floats(0.01, 0.999))
def test_an_interval_holds_what_it_says(mean, sd, level) -> None:
    claim = Predictive(mean, sd)
    low, high = claim.interval(level)
    assert claim.probability_between(low, high) == pytest.approx(level, abs=1e-9)
    assert claim.probability_above(high) == pytest.approx((1 - level) / 2, abs=1e-9)


# ------------------------------------------------------------- the claims' own scale


def test_equal_errors_have_their_maximum_in_closed_form() -> None:
    # mean square 5, less the error's 1
    values = [1.0, -3.0] * 10
    assert shrinkage_scale(values, [1.0] * 20) == pytest.approx(2, rel=1e-12)


def test_claims_that_vary_no_more_than_their_errors_have_scale_zero() -> None:
    assert shrinkage_scale([0.9, -0.9] * 10, [1.0] * 20) == 0
    assert shrinkage_scale([0.0] * 20, [1.0] * 20) == 0


@pytest.mark.parametrize("seed", range(5))
def test_unequal_errors_agree_with_a_search_over_the_likelihood(seed) -> None:
    generator = np.random.default_rng(seed)
    ses = generator.uniform(0.02, 0.5, 40)
    values = generator.normal(0, np.sqrt(0.01 + ses**2))
    tau = shrinkage_scale(values.tolist(), ses.tolist())

    def likelihood(scale: float) -> float:
        spread = np.sqrt(scale**2 + ses**2)
        return float(reference.norm.logpdf(values, 0, spread).sum())

    tried = np.linspace(0, 1, 4001)
    best = tried[np.argmax([likelihood(scale) for scale in tried])]
    assert tau == pytest.approx(best, abs=2.5e-4)


@pytest.mark.parametrize(
    ("precise", "vague", "best"), [(10, 20, 3.9130), (20, 5, 0.0072)]
)
def test_the_higher_of_two_peaks_is_taken(precise, vague, best) -> None:
    """Precise claims near zero and vague ones far out make a peak each."""
    values, ses = [0.0123] * precise + [5.0] * vague, [0.01] * precise + [1.0] * vague
    assert shrinkage_scale(values, ses) == pytest.approx(best, abs=5e-5)

    def likelihood(scale: float) -> float:
        spread = np.sqrt(scale**2 + np.square(ses))
        return float(reference.norm.logpdf(values, 0, spread).sum())

    tried = [*np.linspace(0, 0.05, 501), *np.linspace(0.06, 6, 1001)]
    assert likelihood(best) >= max(map(likelihood, tried)) - 0.01


@pytest.mark.parametrize(
    ("studies", "low", "high"),
    [(20, 0.02, 0.15), (50, 0.06, 0.135), (200, 0.08, 0.115)],
)
def test_the_scale_is_known_as_well_as_published(studies, low, high) -> None:
    """True scale .1, errors .1: tau^2 + .01 is .02 chi-square(K) / K."""
    for tail, published in ((0.05, low), (0.95, high)):
        square = 0.02 * reference.chi2.ppf(tail, studies) / studies
        values = [math.sqrt(square)] * studies
        tau = shrinkage_scale(values, [0.1] * studies)
        assert tau == pytest.approx(published, abs=0.012)


def test_too_few_studies_have_no_scale_and_leave_the_estimate_to_the_convention() -> (
    None
):
    few = [5.0] * 19
    tau = shrinkage_scale(few, [1.0] * len(few))
    assert tau is None
    claim = predict(60.0, 1.0, sd=1, settlement_size=1, tau=tau)
    assert claim.mean == pytest.approx(60 - 2 / 60, abs=1e-3)


# ------------------------------------------------------------------------------ drift


STUDENT_2 = 1.8856180831641 / 1.2815515655446  # at .9, over the normal's


def test_drift_of_four_windows_worked_out_by_hand() -> None:
    # weights 1: Q = 4, less 3; divided by 4 - 4/4
    assert drift([0, 0, 2, 2], [1, 1, 1, 1]) == pytest.approx(
        math.sqrt(1 / 3 * 5 / 4) * STUDENT_2
    )


def test_drift_is_zero_where_windows_agree_or_are_too_few() -> None:
    assert drift([1.0, 1.1, 0.9, 1.0], [1, 1, 1, 1]) == 0
    assert drift([0, 100], [1, 1]) == 0
    assert drift([], []) == 0


@pytest.mark.parametrize("seed", range(5))
def test_drift_agrees_with_statsmodels(seed) -> None:
    generator = np.random.default_rng(seed)
    ses = generator.uniform(0.5, 2, 7)
    values = generator.normal(3, 2, 7)
    judge = combine_effects(values, ses**2, method_re="dl")
    wider = (1 + 1 / 7) * (reference.t.ppf(0.9, 5) / reference.norm.ppf(0.9)) ** 2
    squared = drift(values.tolist(), ses.tolist()) ** 2
    assert squared == pytest.approx(max(0.0, judge.tau2) * wider)


# ---------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    "change",
    [
        {"sd": 0.0},
        {"settlement_size": 0},
        {"drift": -1.0},
        {"se": 0.0},
        {"estimate": math.nan},
        {"tau": -1.0},
        {"tau": math.nan},
    ],
)
def test_what_cannot_be_predicted_is_refused(change) -> None:
    given_ = {"estimate": 1.0, "se": 1.0, "sd": 1.0, "settlement_size": 1} | change
    with pytest.raises(ValueError, match=r"got|needs"):
        predict(**given_)


@pytest.mark.parametrize("ends", [([1.0], []), ([1.0], [0.0]), ([1.0], [math.nan])])
def test_an_estimate_without_an_error_is_refused(ends) -> None:
    for function in (shrinkage_scale, drift):
        with pytest.raises(ValueError, match="standard error"):
            function(*ends)


def test_an_interval_of_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        Predictive(0.0, 1.0).interval(1.0)
