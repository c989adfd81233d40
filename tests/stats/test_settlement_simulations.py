"""Small runs of S9 and S10: within four standard errors of what is expected."""

import pytest

from benchmarks.simulations import Row
from benchmarks.simulations.settlement import (
    batches,
    brier_spread,
    estimated_scale,
    large_effect,
    monitor,
    moving,
    recurring,
    selection,
)

RUNS = [
    (selection, 3_000),
    (large_effect, 1_000),
    (estimated_scale, 300),
    (recurring, 400),
    (moving, 1_000),
    (monitor, 100),
    (brier_spread, 2_000),
    (batches, 100),
]


def outside(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row.holds()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("simulation", "paths"), RUNS, ids=[run.__name__ for run, _ in RUNS]
)
def test_settlement_comes_out_as_expected(simulation, paths) -> None:
    assert outside(simulation(paths, seed=1)) == []


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows() -> None:
    assert monitor(5, seed=3) == monitor(5, seed=3)
    assert monitor(5, seed=3) != monitor(5, seed=4)
