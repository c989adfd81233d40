"""How many occurrences a question needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower

from workbench.stats.design import design_effect, required_occurrences


def test_a_tenth_of_a_standard_deviation_needs_785_occurrences() -> None:
    # ((1.959964 + 0.841621) * 1 / 0.1)^2 = 784.89
    assert required_occurrences(0.1, 100, 0.1, 0.05) == 785


def test_the_same_as_statsmodels_for_one_sample() -> None:
    size = NormalIndPower(ddof=0).solve_power(0.25, alpha=0.1, power=0.9, ratio=0)
    assert required_occurrences(1, 1, 0.25, 0.1, 0.9) == pytest.approx(size, abs=1)


@given(st.floats(0.01, 1), st.integers(2, 1000), st.floats(0.01, 1))
def test_half_the_effect_needs_four_times_the_occurrences(se, n, effect) -> None:
    whole = required_occurrences(se, n, effect, 0.05)
    assert required_occurrences(se, n, effect / 2, 0.05) == pytest.approx(
        4 * whole, abs=4
    )


def test_six_months_of_a_customer_at_a_correlation_of_a_tenth_count_as_four() -> None:
    assert 6 / design_effect(6, 0.1) == 4
