"""Quantiles at every look: by hand from the exact shares, and as laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stats.binomial import log_e_value
from workbench.stats.quantiles import quantile_interval

PLAN = {"planned": 100, "alpha": 0.05}
numbers = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=80)


def test_the_median_of_a_hundred_is_bounded_by_counts_that_are_not_refuted() -> None:
    kept = [s for s in range(101) if log_e_value(s, 100, 0.5, **PLAN) < np.log(20)]
    found = quantile_interval(np.arange(1.0, 101), 0.5, **PLAN)
    assert kept[0] == 100 - kept[-1]
    assert list(found) == [kept[0], kept[-1] + 1]


def test_too_few_values_bound_no_end() -> None:
    assert quantile_interval(np.array([3.0, 4.0]), 0.5, **PLAN) == (None, None)
    low, high = quantile_interval(np.arange(12.0), 0.9, **PLAN)
    assert low is not None
    assert high is None


@given(numbers, st.floats(0.05, 0.95))
def test_growing_transformations_pass_through(values, q) -> None:
    low, high = quantile_interval(np.array(values), q, **PLAN)
    moved = quantile_interval(3 * np.array(values) + 7, q, **PLAN)
    assert moved == tuple(None if end is None else 3 * end + 7 for end in (low, high))


@given(numbers, st.floats(0.05, 0.95))
def test_the_sample_quantile_is_never_left_out(values, q) -> None:
    low, high = quantile_interval(np.array(values), q, **PLAN)
    own = np.quantile(values, q, method="inverted_cdf")
    assert low is None or low <= own
    assert high is None or high >= own


@pytest.mark.slow
def test_a_median_of_skewed_values_is_held_at_every_look() -> None:
    generator, missed, paths = np.random.default_rng(2), 0, 300
    for _ in range(paths):
        values = generator.lognormal(sigma=1.5, size=400)
        looks = (quantile_interval(values[:n], 0.5, **PLAN) for n in range(20, 401, 20))
        missed += any(
            (low is not None and low > 1) or (high is not None and high < 1)
            for low, high in looks
        )
    assert missed / paths <= 0.05 + 4 * (0.05 * 0.95 / paths) ** 0.5
