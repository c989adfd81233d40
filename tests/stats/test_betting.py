"""Means of bounded values by betting: one oracle, one design, laws for all inputs."""

import numpy as np
import pytest
import ville
from hypothesis import given
from hypothesis import strategies as st

from workbench.stats.betting import betting_interval

ALPHA = 0.05
scores = st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=60)


def one_by_one(values) -> tuple[float, float]:
    return betting_interval(np.array(values), np.arange(len(values)), alpha=ALPHA)


def test_one_value_a_batch_is_villes_interval() -> None:
    values = np.random.default_rng(5).beta(2, 3, size=300)
    theirs = ville.BettingCS(grid=20_000, intersect=False).update(values)
    found = one_by_one(values)
    assert found[0] == pytest.approx(theirs.lower_[-1], abs=2e-4)
    assert found[1] == pytest.approx(theirs.upper_[-1], abs=2e-4)


def test_two_ones_by_hand() -> None:
    # stakes: sqrt(2 log 40 / (.25 * 1 * log 2)) = 6.5249, then with a variance of
    # (.25 + .0625) / 2 = .15625 sqrt(2 log 40 / (.15625 * 2 * log 3)) = 4.6357;
    # (1 + 6.5249 x) (1 + 4.6357 x) = 40 at x = .96590, one minus the mean
    assert one_by_one([1.0]) == (0, 1)
    low, high = one_by_one([1.0, 1.0])
    assert low == pytest.approx(1 - 0.96590, abs=1e-5)
    assert high == 1


@given(scores, st.integers(1, 7), st.randoms(use_true_random=False))
def test_order_within_a_batch_does_not_matter(values, size, random) -> None:
    batches = np.arange(len(values)) // size
    order = list(range(len(values)))
    random.shuffle(order)
    given_ = betting_interval(np.array(values), batches, alpha=ALPHA)
    mixed = betting_interval(np.array(values)[order], batches[order], alpha=ALPHA)
    assert mixed == given_


@given(scores)
def test_turning_the_scale_turns_the_interval(values) -> None:
    low, high = one_by_one(values)
    assert one_by_one([1 - value for value in values]) == pytest.approx(
        (1 - high, 1 - low), abs=1e-9
    )


@pytest.mark.slow
def test_it_holds_at_every_look_of_many_paths() -> None:
    """Promoters, passives, detractors: 400 paths, looked at after each batch."""
    generator, missed, paths = np.random.default_rng(11), 0, 400
    for _ in range(paths):
        values = generator.choice([0.0, 0.5, 1.0], p=[0.2, 0.35, 0.45], size=150)
        batches = np.arange(150) // 10
        looks = (
            betting_interval(values[:n], batches[:n], alpha=ALPHA)
            for n in range(10, 151, 10)
        )
        missed += any(not low <= 0.625 <= high for low, high in looks)
    assert missed / paths <= ALPHA + 4 * (ALPHA * (1 - ALPHA) / paths) ** 0.5


def test_what_is_no_value_between_nought_and_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        one_by_one([0.5, 1.1])
    with pytest.raises(ValueError, match="2 values in 1"):
        betting_interval(np.array([0.5, 0.5]), np.array([0]), alpha=ALPHA)
