"""Confidence sequences: published numbers, one oracle, and laws for all inputs."""

import math

import numpy as np
import pytest
import ville
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import ndtri, stdtrit

from workbench.stats.sequences import (
    Intersection,
    anytime_p,
    best_ratio,
    critical_value,
    log_e_value,
    robbins_siegmund,
    running_intersection,
)

ALPHA = 0.05
PLAN = {"planned": 500.0, "alpha": ALPHA}
ends = st.none() | st.floats(-1e6, 1e6)
intervals = st.lists(st.tuples(ends, ends), max_size=8)
alphas = st.floats(0.001, 0.5)
informations = st.floats(1e-3, 1e9)
freedoms = st.floats(1, 1e6) | st.just(math.inf)


# ------------------------------------------------------------------------- published


@pytest.mark.parametrize(
    ("alpha", "ratio"), [(0.10, 6.6384), (0.05, 8.2120), (0.01, 11.7564)]
)
def test_the_best_ratio_is_lamberts(alpha, ratio) -> None:
    assert best_ratio(alpha) == pytest.approx(ratio, abs=1e-4)


def test_no_other_ratio_makes_the_plan_narrower() -> None:
    found = minimize_scalar(
        lambda planned: critical_value(information=500, planned=planned, alpha=ALPHA),
        bounds=(1, 50_000),
        method="bounded",
        options={"xatol": 1e-6},
    )
    assert found.x == pytest.approx(500, rel=1e-4)


@pytest.mark.parametrize(
    ("information", "first_look", "by_plan"),
    [
        (1, 2.795, {3: 3.159, 10: 3.823, 30: 5.386}),
        (3, 2.986, {3: 3.035, 10: 3.189, 30: 3.823}),
        (10, 3.181, {3: 3.111, 10: 3.035, 30: 3.159}),
        (30, 3.349, {3: 3.246, 10: 3.100, 30: 3.035}),
        (100, 3.524, {3: 3.413, 10: 3.246, 30: 3.111}),
    ],
)
def test_critical_values_at_5_percent(information, first_look, by_plan) -> None:
    assert robbins_siegmund(
        information=information, first=1, alpha=ALPHA
    ) == pytest.approx(first_look, abs=1e-3)
    for planned, value in by_plan.items():
        assert critical_value(
            information=information, planned=planned, alpha=ALPHA
        ) == pytest.approx(value, abs=1e-3)


def test_confseqs_boundary_and_mixture() -> None:
    # its mixing precision is the plan over 2 log(1/alpha) + log(1 + 2 log(1/alpha))
    doubled = -2 * math.log(ALPHA)
    rho = 100 / (doubled + math.log1p(doubled))
    assert rho == pytest.approx(12.60056, abs=1e-5)
    at = {"information": 100, "planned": rho * best_ratio(ALPHA), "alpha": ALPHA}
    assert 10 * critical_value(**at) == pytest.approx(30.35209, abs=1e-5)
    assert log_e_value(10 / 10, **at) == pytest.approx(-0.6510052, abs=1e-6)


def test_avlms_regression_with_100_rows_and_8_coefficients() -> None:
    # README of the R package: 2.32245 with standard error .21566, g minimised
    found = minimize_scalar(
        lambda g: critical_value(
            information=100, planned=g * best_ratio(ALPHA), alpha=ALPHA, df=92
        ),
        bounds=(1, 100),
        method="bounded",
    )
    assert found.fun == pytest.approx(3.10393, abs=1e-4)
    assert found.x == pytest.approx(11.58, abs=0.01)
    assert 2.32245 - found.fun * 0.21566 == pytest.approx(1.6530529, abs=1e-4)
    assert 2.32245 + found.fun * 0.21566 == pytest.approx(2.9918408, abs=1e-4)


def test_it_is_villes_asymptotic_confidence_sequence() -> None:
    values = np.random.default_rng(1).gamma(2, size=3000)
    theirs = ville.AsymptoticCS(alpha=0.1, t_opt=700, min_samples=2).fit(values)
    for n in (2, 50, 700, 3000):
        reach = critical_value(information=n, planned=700, alpha=0.1)
        se = values[:n].std(ddof=1) / math.sqrt(n)
        half = (theirs.upper_[n - 1] - theirs.lower_[n - 1]) / 2
        assert reach * se == pytest.approx(half, rel=1e-6)


def test_an_anytime_p_value_is_one_over_the_largest_e_value() -> None:
    assert anytime_p([]) == 1
    assert anytime_p([-800.0]) == 1
    assert anytime_p([1.0, math.log(20), -3.0]) == pytest.approx(0.05)
    assert anytime_p([math.inf]) == 0


# ------------------------------------------------------------------------- as laws


@pytest.mark.parametrize("student", [False, True])
def test_a_hypothesis_is_left_out_exactly_when_its_e_value_is_one_over_alpha(
    student,
) -> None:
    generator = np.random.default_rng(2)
    outside = 0
    for _ in range(10_000):
        alpha = generator.uniform(0.001, 0.5)
        at = {
            "information": 10 ** generator.uniform(-1, 6),
            "planned": 10 ** generator.uniform(0, 5),
            "alpha": alpha,
            "df": 10 ** generator.uniform(0, 4) if student else math.inf,
        }
        z = generator.normal(0, 4)
        log_e = log_e_value(z, **at)
        outside += abs(z) >= critical_value(**at)
        assert (abs(z) >= critical_value(**at)) == (log_e >= -math.log(alpha))
    assert 2000 < outside < 8000


@given(informations, informations, alphas, freedoms)
def test_the_critical_value_is_where_the_e_value_is_one_over_alpha(
    information, planned, alpha, df
) -> None:
    at = {"information": information, "planned": planned, "alpha": alpha, "df": df}
    reach = critical_value(**at)
    limit = log_e_value(math.inf, **at)
    if reach == math.inf:
        assert limit <= -math.log(alpha) * (1 + 1e-9)
    elif reach < 1e6:  # beyond, the last digits of the e-value decide
        assert log_e_value(reach, **at) == pytest.approx(-math.log(alpha), rel=1e-6)


@given(informations, informations, alphas, freedoms)
def test_it_is_never_narrower_than_an_interval_for_one_look(
    information, planned, alpha, df
) -> None:
    fixed = ndtri(1 - alpha / 2) if df == math.inf else stdtrit(df, 1 - alpha / 2)
    reach = critical_value(information=information, planned=planned, alpha=alpha, df=df)
    assert reach > fixed
    assert robbins_siegmund(information=information, first=1, alpha=alpha) > ndtri(
        1 - alpha / 2
    )


@given(informations, informations, alphas, st.floats(-6, 6))
def test_with_many_degrees_of_freedom_student_is_normal(
    information, planned, alpha, z
) -> None:
    at = {"information": information, "planned": planned, "alpha": alpha}
    normal = critical_value(**at)
    if normal < 1e4:
        assert critical_value(**at, df=1e14) == pytest.approx(normal, rel=1e-5)
    assert log_e_value(z, **at, df=1e14) == pytest.approx(
        log_e_value(z, **at), abs=1e-6
    )


def test_one_degree_of_freedom_has_no_interval_until_the_ratio_is_399() -> None:
    # w = alpha sqrt(T) must exceed T = 1 / (1 + R): R > 1 / alpha^2 - 1
    planned = best_ratio(ALPHA)
    for information, there in ((1, False), (398, False), (400, True)):
        reach = critical_value(
            information=information, planned=planned, alpha=ALPHA, df=1
        )
        assert (reach < math.inf) is there
        assert reach >= stdtrit(1, 1 - ALPHA / 2)


def test_without_information_or_freedom_nothing_is_said() -> None:
    assert critical_value(information=0, **PLAN) == math.inf
    assert log_e_value(3, information=0, **PLAN) == 0
    assert critical_value(information=500, **PLAN, df=0) == math.inf
    assert log_e_value(3, information=500, **PLAN, df=0) == 0
    assert log_e_value(0, information=500, **PLAN, df=0) < 0
    assert robbins_siegmund(information=99, first=100, alpha=ALPHA) == math.inf


def test_intervals_shrink_to_nothing_and_evidence_grows() -> None:
    widths = [
        critical_value(information=n, **PLAN, df=n - 1) / math.sqrt(n)
        for n in (10, 100, 1000, 10_000, 10**8)
    ]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.001
    evidence = [log_e_value(z, information=500, **PLAN, df=99) for z in (0, 2, 4, -8)]
    assert evidence == sorted(evidence)


def test_a_plan_that_is_no_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="planned=0"):
        critical_value(information=5, planned=0, alpha=ALPHA)
    with pytest.raises(ValueError, match="information=-1"):
        log_e_value(1, information=-1, **PLAN)
    with pytest.raises(ValueError, match="alpha must be between 0 and 1, got 1"):
        critical_value(information=5, planned=5, alpha=1)
    with pytest.raises(ValueError, match="first=0"):
        robbins_siegmund(information=5, first=0, alpha=ALPHA)
    with pytest.raises(ValueError, match="alpha=0"):
        robbins_siegmund(information=5, first=1, alpha=0)


# --------------------------------------------------------------------- intersection


def test_looks_that_agree_have_an_interval_in_common_and_others_contradict() -> None:
    assert running_intersection([]) == Intersection(None, None)
    agree = running_intersection([(None, None), (-1, 3), (0, 5), (None, 4)])
    assert (agree.low, agree.high, agree.empty) == (0, 3, False)
    touch = running_intersection([(0, 1), (1, 2)])
    assert (touch.low, touch.high, touch.empty) == (1, 1, False)
    apart = running_intersection([(0, 1), (1.5, 2), (0, 3)])
    assert (apart.low, apart.high, apart.empty) == (1.5, 1, True)


@given(intervals, st.tuples(ends, ends))
def test_a_further_look_never_widens_and_never_reconciles(looks, further) -> None:
    before = running_intersection(looks)
    after = running_intersection([*looks, further])
    if before.low is not None:
        assert after.low is not None
        assert after.low >= before.low
    if before.high is not None:
        assert after.high is not None
        assert after.high <= before.high
    assert after.empty or not before.empty


@given(intervals, st.randoms(use_true_random=False))
def test_the_order_of_looks_does_not_matter(looks, random) -> None:
    shuffled = list(looks)
    random.shuffle(shuffled)
    assert running_intersection(looks) == running_intersection(shuffled)


@given(intervals)
def test_the_other_way_round_it_is_negated(looks) -> None:
    turned = running_intersection(
        [
            (None if high is None else -high, None if low is None else -low)
            for low, high in looks
        ]
    )
    plain = running_intersection(looks)
    assert turned.low == (None if plain.high is None else -plain.high)
    assert turned.high == (None if plain.low is None else -plain.low)
