"""Which occurrences settle a claim: by when they began, and by nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.ledgers import CLAIM
from workbench.notebook.windows import MOST_STRETCHES, fresh, newest, ripe, stretches

OPENS = datetime(2026, 3, 1, tzinfo=UTC)
NOW = OPENS + timedelta(days=100)
TEN = replace(CLAIM, settlement_size=10)
NEW_ONLY = replace(TEN, settles_on="new units")
days = st.lists(st.integers(-30, 90), min_size=1, max_size=60)


def instants(after: list[int]) -> np.ndarray:
    first = np.datetime64(OPENS.replace(tzinfo=None), "us")
    return first + np.array(after) * np.timedelta64(1, "D")


def test_the_first_instants_that_hold_enough_count_whole() -> None:
    # four a day: the third day brings the count to twelve, and all its four are in
    starts = instants([day for day in range(5) for _ in range(4)])
    found = fresh(starts, np.arange(20), TEN, OPENS, NOW)
    assert found.rows.nonzero()[0].tolist() == list(range(12))
    assert found.count == 20


def test_an_outcome_that_is_not_known_yet_does_not_count() -> None:
    starts = instants([71] * 10 + [70] * 9)
    assert ripe(starts, TEN, NOW).tolist() == [False] * 10 + [True] * 9
    assert fresh(starts, np.arange(19), TEN, OPENS, NOW).count == 9


def test_known_units_count_only_where_the_claim_says_so() -> None:
    starts = instants([-5] * 10 + [5] * 10)
    units = np.tile(np.arange(10), 2)
    assert fresh(starts, units, TEN, OPENS, NOW).count == 10
    assert fresh(starts, units, NEW_ONLY, OPENS, NOW).count == 0


@given(days, st.sampled_from([TEN, NEW_ONLY]))
def test_nothing_that_began_before_the_claim_or_is_unripe_ever_settles(
    after: list[int], claim
) -> None:
    starts = instants(after)
    found = fresh(starts, np.arange(len(after)), claim, OPENS, NOW)
    chosen = np.array(after)[found.rows]
    assert ((chosen >= 0) & (chosen <= 70)).all()
    ripe_and_fresh = sum(0 <= day <= 70 for day in after)
    assert found.count == ripe_and_fresh
    assert found.rows.any() == (ripe_and_fresh >= 10)
    # whole instants: what is left out began later than all that is in
    left = [
        d
        for d, kept in zip(after, found.rows, strict=True)
        if not kept and 0 <= d <= 70
    ]
    if found.rows.any():
        assert min(left, default=99) > chosen.max()


@given(days, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(after: list[int], random) -> None:
    starts, order = instants(after), list(range(len(after)))
    random.shuffle(order)
    found = fresh(starts, np.arange(len(after)), TEN, OPENS, NOW).rows
    other = fresh(starts[order], np.array(order), TEN, OPENS, NOW).rows
    assert found[order].tolist() == other.tolist()


def test_the_past_falls_into_stretches_that_would_have_settled_it() -> None:
    # four a day: ten take three days; of eight days the last two are in no stretch
    starts = instants([day for day in range(8) for _ in range(4)])
    parts = [part.nonzero()[0].tolist() for part in stretches(starts, 10)]
    assert parts == [list(range(12)), list(range(12, 24))]
    assert newest(starts, 10).nonzero()[0].tolist() == list(range(20, 32))


@given(days, st.integers(1, 20))
def test_stretches_are_whole_consecutive_and_large_enough(
    after: list[int], count: int
) -> None:
    starts = instants(after)
    parts = stretches(starts, count)
    assert len(parts) <= MOST_STRETCHES
    for part, later in pairwise(parts):
        assert starts[part].max() < starts[later].min()
        between = (starts > starts[part].max()) & (starts < starts[later].min())
        assert not between.any()
    for part in parts:
        moments = np.unique(starts[part])
        assert part.sum() >= count
        assert (part == np.isin(starts, moments)).all()
        assert part.sum() - (starts == moments[-1]).sum() < count  # and no larger
    if len(parts) < MOST_STRETCHES:
        last = starts[parts[-1]].max() if parts else starts.min() - np.timedelta64(1)
        assert (starts > last).sum() < count
