"""Sums over units: what estimators see, whatever the order or the parts of the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stats.sums import Contrast, Moments, Sample

numbers = st.floats(-1e3, 1e3).map(lambda x: round(x, 6))
rows = st.lists(
    st.tuples(st.integers(0, 5), numbers, st.booleans()), min_size=1, max_size=30
)


def arrays(table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    units, values, arms = zip(*table, strict=True)
    return np.array(units), np.array(values), np.array(arms)


def test_two_units_add_up_as_worked_out_by_hand() -> None:
    # unit a: occurrences 1 and 3; unit b: one of 5. Means: 1.5 occurrences, sum 4.5
    sample = Sample.of(np.array(["a", "b", "a"]), np.array([1.0, 5.0, 3.0]))
    assert (sample.n, sample.units, sample.total, sample.mean) == (3, 2, 9, 3)
    assert sample.moments.spread == ((0.5, -0.5), (-0.5, 0.5))


def test_units_in_both_arms_are_counted_once() -> None:
    contrast = Contrast.of(
        np.array(["a", "a", "b", "c"]),
        np.array([2.0, 3.0, 5.0, 7.0]),
        np.array([True, False, True, False]),
    )
    assert (contrast.n, contrast.units, contrast.shared_units) == (4, 3, 1)
    assert contrast.shared == (1.0, 3.0, 2.0, 6.0)


def test_nothing_has_no_mean() -> None:
    empty = Sample.of(np.array([], dtype="U1"), np.array([]))
    assert (empty.n, empty.units, empty.mean) == (0, 0, None)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(table, random) -> None:
    shuffled = list(table)
    random.shuffle(shuffled)
    assert Contrast.of(*arrays(table)) == Contrast.of(*arrays(shuffled))


@given(st.lists(st.tuples(numbers, numbers), min_size=1), st.randoms())
def test_the_order_of_units_changes_no_bit_either(table, random) -> None:
    shuffled = list(table)
    random.shuffle(shuffled)
    one, other = (Moments.of(*np.array(units).T) for units in (table, shuffled))
    assert one == other


@given(rows)
def test_parts_with_their_own_units_add_up_to_the_whole(table) -> None:
    units, values, arms = arrays(table)
    first = units < 3
    parts = [
        Contrast.of(units[part], values[part], arms[part]) for part in (first, ~first)
    ]
    added, whole = parts[0] + parts[1], Contrast.of(units, values, arms)
    assert (added.n, added.units) == (whole.n, whole.units)
    for got, wanted in (
        (added.treated, whole.treated),
        (added.reference, whole.reference),
    ):
        assert got.total == pytest.approx(wanted.total, abs=1e-6)
        assert np.array(got.moments.spread) == pytest.approx(
            np.array(wanted.moments.spread), rel=1e-9, abs=1e-6
        )
    assert added.shared == pytest.approx(whole.shared, abs=1e-6)


def test_adding_no_units_adds_nothing() -> None:
    some = Moments.of(np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    none = Moments.of(np.array([]), np.array([]))
    assert some + none == none + some == some
