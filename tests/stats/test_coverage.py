"""Promised coverage, kept: simulations with a fixed seed, four standard errors wide."""

import numpy as np
import pytest
import statsmodels.api as sm

from workbench.stats import intervals, minimums
from workbench.stats.coefficient import coefficient, influences
from workbench.stats.looks import Estimate, FixedSample, Sequence
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


def misses_nought(found: Estimate) -> bool:
    assert found.low is not None
    assert found.high is not None
    return not found.low <= 0 <= found.high


@pytest.mark.slow
def test_a_coefficient_on_few_exposed_and_a_long_tail_is_refused_where_it_lies() -> (
    None
):
    """One in twenty exposed, outcomes lognormal (1.5), true coefficient nought.

    Of 15 looks at a hundred rows each, allowed are 5 % of the paths that ever miss.
    """
    generator = np.random.default_rng(5)
    look, units = Sequence(alpha=0.05, planned=1500), np.arange(1500)
    missed, even, borne = [], [], []  # per path, at each look
    for _ in range(100):
        exposed = (generator.random(1500) < 0.05).astype(float)
        exposed[:2] = 1.0  # at every look there is an arm
        outcome = np.exp(1.5 * generator.standard_normal(1500))
        fits = [
            sm.OLS(outcome[:n], sm.add_constant(exposed[:n])).fit()
            for n in range(100, 1501, 100)
        ]
        seen = [coefficient(fit, "x1", units[: len(fit.resid)], look) for fit in fits]
        parts = [influences(fit, "x1", units[: len(fit.resid)]) for fit in fits]
        missed.append([misses_nought(each) for each in seen])
        even.append([minimums.skewed_little(part[0]).passed for part in parts])
        borne.append([minimums.skewed_little(*part).passed for part in parts])
    lied = np.array(missed)
    assert lied.any(axis=1).mean() > 0.15
    # influences alone look even just where the few exposed have missed the tail
    assert (lied & np.array(even)).any(axis=1).mean() > 0.1
    assert not (lied & np.array(borne)).any()
