"""Promised coverage, kept: simulations with a fixed seed, four standard errors wide."""

import numpy as np
import pytest

from workbench.stats import intervals
from workbench.stats.looks import FixedSample
from workbench.stats.sums import Contrast, Sample

RUNS = 2000
BAND = 4 * (0.95 * 0.05 / RUNS) ** 0.5  # 1.9 percentage points


def covered(draw, truth: float, seed: int) -> float:
    generator = np.random.default_rng(seed)
    results = (draw(generator) for _ in range(RUNS))
    return sum(bool(r.low <= truth <= r.high) for r in results) / RUNS


@pytest.mark.slow
def test_mean_of_recurring_units_covers_95_percent() -> None:
    units = np.repeat(np.arange(30), 4)

    def draw(generator):
        tastes = generator.normal(10, 2, 30)[units]
        sample = Sample.of(units, tastes + generator.normal(size=120))
        return intervals.mean(sample, FixedSample(0.05))

    assert covered(draw, 10.0, seed=1) == pytest.approx(0.95, abs=BAND)


@pytest.mark.slow
def test_difference_of_shares_of_units_in_both_arms_covers_95_percent() -> None:
    units = np.repeat(np.arange(80), 4)
    arm = np.tile([True, False, True, False], 80)

    def draw(generator):
        tastes = generator.beta(2, 3, 80)[units] * 0.8 + 0.1 * arm
        outcome = (generator.random(320) < tastes).astype(float)
        return intervals.difference_in_proportions(
            Contrast.of(units, outcome, arm), FixedSample(0.05)
        )

    assert covered(draw, 0.1, seed=2) == pytest.approx(0.95, abs=BAND)


@pytest.mark.slow
def test_small_unequal_arms_cover_95_percent_by_welch() -> None:
    arm = np.arange(40) < 8

    def draw(generator):
        outcome = generator.normal(np.where(arm, 1.0, 0.0), np.where(arm, 3.0, 1.0))
        return intervals.difference_in_means(
            Contrast.of(np.arange(40), outcome, arm), FixedSample(0.05)
        )

    assert covered(draw, 1.0, seed=3) == pytest.approx(0.95, abs=BAND)


@pytest.mark.slow
def test_counting_rows_as_units_would_not_cover() -> None:
    """What clustering is for: the same data, every customer-month its own unit."""
    units = np.repeat(np.arange(30), 4)

    def draw(generator):
        tastes = generator.normal(10, 2, 30)[units]
        outcome = tastes + generator.normal(size=120)
        return intervals.mean(Sample.of(np.arange(120), outcome), FixedSample(0.05))

    assert covered(draw, 10.0, seed=4) < 0.8
