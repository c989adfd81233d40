"""How many occurrences are needed: published ratios, by hand, and laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stats import design
from workbench.stats.sequences import critical_value

sizes = st.integers(10, 100_000)
powers = st.floats(0.5, 0.99)
alphas = st.floats(0.001, 0.2)


def test_a_third_of_a_standard_deviation_needs_seventy_one_in_one_look() -> None:
    # ((1.959964 + .841621) * 3)^2 = 70.64
    need = design.fixed_occurrences(sd=3, effect=1, alpha=0.05)
    assert need == 71


@pytest.mark.parametrize(("power", "published"), [(0.8, 1.38), (0.9, 1.33)])
def test_looking_any_time_makes_the_effect_that_shows_a_third_larger(
    power, published
) -> None:
    once = design.minimum_detectable_effect(sd=2, n=400, alpha=0.05, power=power)
    always = design.minimum_detectable_effect(
        sd=2, n=400, alpha=0.05, power=power, planned=400
    )
    assert always / once == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize(("power", "published"), [(0.8, 1.91), (0.9, 1.77)])
def test_the_price_in_occurrences_where_the_plan_is_what_is_needed(
    power, published
) -> None:
    once = design.fixed_occurrences(sd=100, effect=1, alpha=0.05, power=power)
    planned = round(once * published)
    always = design.required_occurrences(
        sd=100, effect=1, planned=planned, alpha=0.05, power=power
    )
    assert always / once == pytest.approx(published, abs=0.006)


def test_one_look_detects_sd_over_root_n_times_the_two_quantiles() -> None:
    # 2.801585 standard errors of 10 / 20 each
    effect = design.minimum_detectable_effect(sd=10, n=400, alpha=0.05)
    assert effect == pytest.approx(1.400793, abs=1e-6)


@given(st.floats(0.01, 3), sizes, alphas, powers)
def test_what_is_required_is_enough_and_one_less_is_not(
    effect, planned, alpha, power
) -> None:
    need = design.required_occurrences(
        sd=1, effect=effect, planned=planned, alpha=alpha, power=power
    )

    def shows(n: int) -> bool:
        smallest = design.minimum_detectable_effect(
            sd=1, n=n, alpha=alpha, power=power, planned=planned
        )
        return bool(smallest <= effect * (1 + 1e-12))

    assert shows(need)
    assert need == 1 or not shows(need - 1)


@given(st.floats(0.01, 3), sizes, alphas, powers)
def test_looking_any_time_never_needs_fewer_than_one_look(
    effect, planned, alpha, power
) -> None:
    wanted = {"sd": 1.0, "effect": effect, "alpha": alpha, "power": power}
    need = design.required_occurrences(planned=planned, **wanted)
    assert need >= design.fixed_occurrences(**wanted)


@given(sizes, alphas, st.floats(0.1, 10))
def test_one_look_detects_what_it_was_planned_for(n, alpha, sd) -> None:
    effect = design.minimum_detectable_effect(sd=sd, n=n, alpha=alpha)
    need = design.fixed_occurrences(sd=sd, effect=effect * (1 + 1e-9), alpha=alpha)
    assert need == n


@given(st.floats(0.01, 10), sizes, alphas)
def test_the_plan_is_sharpest_at_itself(sd, n, alpha) -> None:
    def smallest(planned: float) -> float:
        return design.minimum_detectable_effect(
            sd=sd, n=n, alpha=alpha, planned=planned
        )

    assert smallest(n) <= min(smallest(n / 3), smallest(n * 3))


def test_what_is_missing_is_what_is_required_less_what_is_there() -> None:
    wanted = {"sd": 1.0, "effect": 0.2, "planned": 200, "alpha": 0.05}
    need = design.required_occurrences(**wanted)
    assert design.additional_occurrences(n=100, **wanted) == need - 100
    assert design.additional_occurrences(n=need, **wanted) == 0
    assert design.additional_occurrences(n=10 * need, **wanted) == 0


def test_the_critical_value_is_the_sequences_own() -> None:
    critical = critical_value(information=50, planned=200, alpha=0.1)
    effect = design.minimum_detectable_effect(
        sd=1, n=50, alpha=0.1, power=0.5, planned=200
    )
    assert effect == pytest.approx(critical / math.sqrt(50))


def test_clusters_of_twenty_with_correlation_five_percent_nearly_double_it() -> None:
    assert design.design_effect(mean_size=20, icc=0.05) == pytest.approx(1.95)
    assert design.design_effect(mean_size=1, icc=0.7) == 1
    assert design.design_effect(mean_size=12, icc=1) == 12


@pytest.mark.parametrize(
    "change", [{"sd": 0.0}, {"effect": 0.0}, {"effect": math.nan}, {"power": 0.4}]
)
def test_what_cannot_be_planned_is_refused(change) -> None:
    wanted = {"sd": 1.0, "effect": 0.2, "alpha": 0.05} | change
    with pytest.raises(ValueError, match=next(iter(change))):
        design.fixed_occurrences(**wanted)
    with pytest.raises(ValueError, match=next(iter(change))):
        design.required_occurrences(planned=100, **wanted)


@pytest.mark.parametrize(("size", "icc"), [(0.5, 0.1), (5, -0.1), (5, 1.1)])
def test_an_impossible_cluster_is_refused(size, icc) -> None:
    with pytest.raises(ValueError, match="mean_size"):
        design.design_effect(mean_size=size, icc=icc)


def test_a_unit_of_three_rows_is_seen_three_times_by_hand() -> None:
    """Rows see 3, 3, 3, 1: 10 / 4. Two arms: 2 of weight 1/4 and 1 of weight 1/2."""
    units, one = np.array([7, 7, 7, 8]), np.zeros(4, np.int64)
    assert design.mean_size_seen(units, one) == 2.5
    units = np.array([1, 1, 2, 2, 3, 4])
    arms = np.array([0, 0, 0, 0, 1, 1])
    assert design.mean_size_seen(units, arms) == pytest.approx((2 / 4 + 1 / 2) / 0.75)


def test_a_design_effect_and_its_correlation_are_each_others_inverse() -> None:
    effect = design.design_effect(mean_size=2.5, icc=0.3)
    assert design.implied_icc(effect=effect, mean_size=2.5) == pytest.approx(0.3)
    assert design.implied_icc(effect=0.9, mean_size=2.5) == 0
    assert design.implied_icc(effect=9.0, mean_size=2.5) == 1
    assert design.implied_icc(effect=2.0, mean_size=1) == 0
