"""Whoever has the numbers of a ledger line can state its interval once more."""

import math
from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.claims import CLAIM
from workbench.core.evidence import Estimand
from workbench.stats import intervals, scales
from workbench.stats.looks import Estimate, Look, Sequence
from workbench.stats.restating import (
    Summary,
    against_margin,
    implied,
    most_information,
    restated,
)
from workbench.stats.sums import Contrast, Sample

OfOne = Callable[[Sample, Look], Estimate]
OfTwo = Callable[[Contrast, Look], Estimate]
ONE_GROUP: dict[str, OfOne] = {
    "mean": intervals.mean,
    "proportion": intervals.proportion,
    "nps": scales.nps,
}
TWO_ARMS: dict[str, OfTwo] = {
    "difference_in_means": intervals.difference_in_means,
    "difference_in_proportions": intervals.difference_in_proportions,
    "risk_ratio": scales.risk_ratio,
    "nps_difference": scales.nps_difference,
}
looks = st.builds(
    Sequence,
    alpha=st.sampled_from([0.01, 0.05, 0.2]),
    planned=st.sampled_from([50, 1000, 20_000]),
    boundary=st.sampled_from(["mixture", "robbins-siegmund", "exact"]),
)


NEAR_NOUGHT = Sequence(alpha=0.05, planned=50, boundary="robbins-siegmund")


def same(found: Estimate, told: Summary, look: Sequence) -> bool:
    if found.low is None or found.high is None:
        return True  # nothing was stated that could be stated again
    again = restated(told, look)
    assert again is not None
    for name, value in implied(told).items():
        assert getattr(told, name) == pytest.approx(value, rel=1e-8, abs=1e-9), name
    assert told.information <= most_information(told) * (1 + 1e-9)
    # An end near nought is what is left of two numbers that have ten digits each.
    nearly = pytest.approx((found.low, found.high), rel=1e-7, abs=1e-7 * told.se)
    assert (again.low, again.high) == nearly
    assert (found.log_e is None) == (again.log_e is None)
    one, other = against_margin(CLAIM, found), against_margin(CLAIM, again)
    assert one is None or other == pytest.approx(one, rel=1e-6, abs=1e-9)
    return True


def summary(
    estimand: str,
    found: Estimate,
    counted: tuple[int, int],
    groups: tuple[tuple[float, int], ...] = (),
) -> Summary:
    return Summary(
        estimand=cast("Estimand", estimand),
        estimate=found.estimate or 0.0,
        se=found.se or 0.0,
        centre=found.centre,
        df=found.df,
        scale=found.scale,
        n=counted[0],
        units=counted[1],
        information=found.information,
        groups=groups,
    )


def outcomes(seed: int, n: int, rate: float) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.asarray((generator.random(n) < rate).astype(float))


@given(
    st.sampled_from(sorted(ONE_GROUP)), looks, st.integers(0, 10**6),
    st.integers(4, 300), st.sampled_from([0.0, 0.1, 0.6, 1.0]), st.booleans(),
)  # fmt: skip
@example(estimand="mean", look=NEAR_NOUGHT, seed=458, n=78, rate=0.1, recur=False)
def test_one_group_is_stated_again(
    estimand: str, look: Sequence, seed: int, n: int, rate: float, recur: bool
) -> None:
    units = np.arange(n) // (2 if recur else 1)
    sample = Sample.of(units, outcomes(seed, n, rate))
    found = ONE_GROUP[estimand](sample, look)
    told = summary(estimand, found, (sample.n, sample.units))
    assert same(found, told, look)


@given(
    st.sampled_from(sorted(TWO_ARMS)), looks, st.integers(0, 10**6),
    st.integers(8, 300), st.sampled_from([0.0, 0.1, 0.6]), st.booleans(),
)  # fmt: skip
def test_two_arms_are_stated_again(
    estimand: str, look: Sequence, seed: int, n: int, rate: float, recur: bool
) -> None:
    units, arm = np.arange(n) // (2 if recur else 1), np.arange(n) % 4 < 2
    contrast = Contrast.of(units, outcomes(seed, n, rate), arm)
    found = TWO_ARMS[estimand](contrast, look)
    arms = (contrast.treated, contrast.reference)
    groups = tuple((each.mean or 0.0, each.n) for each in arms)
    told = summary(estimand, found, (contrast.n, contrast.units), groups)
    assert same(found, told, look)


def test_bets_and_ranks_are_not_in_a_line() -> None:
    found = scales.quantile(np.arange(100.0), 0.5, Sequence(alpha=0.05, planned=100))
    told = summary("quantile", found, (100, 100))
    assert restated(told, Sequence(alpha=0.05, planned=100)) is None


def test_of_all_that_is_not_beyond_the_margin_the_nearest_is_the_hardest() -> None:
    """Of 500 in 1,000 against at most .05: the evidence against .05, by hand."""
    look = Sequence(alpha=0.05, planned=1000)
    found = intervals.exact_share(0.5, 1000, look)
    assert found.log_e is not None
    assert against_margin(CLAIM, found) == pytest.approx(found.log_e(0.05))
    assert found.log_e(0.05) < found.log_e(0.04)
    below = intervals.exact_share(0.02, 1000, look)
    assert below.log_e is not None
    assert against_margin(CLAIM, below) == pytest.approx(below.log_e(0.02))
    assert math.exp(below.log_e(0.02)) < 1
