"""Small runs of the simulations: within four standard errors of the expected."""

import pytest

from benchmarks.simulations import Row, intervals, values
from workbench.stats import minimums

RUNS = [
    (intervals.type_one, 4_000),
    (intervals.coverage, 4_000),
    (intervals.exact_shares, 2_000),
    (intervals.retuned, 500),
    (intervals.contradiction, 200),
    (intervals.power, 4_000),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "paths"), RUNS, ids=lambda x: getattr(x, "__name__", "")
)
def test_what_was_promised_came(run, paths: int) -> None:
    rows: list[Row] = run(paths)
    assert [row for row in rows if not row.holds()] == []


def test_the_widths_are_the_published_ones() -> None:
    assert all(row.holds() for row in intervals.width())


@pytest.mark.slow
def test_first_looks_that_fail_are_those_the_gate_refuses() -> None:
    rows = values.real_values(1_500)
    assert [row for row in rows if not row.holds()] == []
    of = {(row.design, row.quantity): row.measured for row in rows}
    share, skewed = "Bernoulli .05, Wald's standard error", "lognormal (1)"
    assert of[share, "missed at some look, normal mixture"] > 0.055
    assert of[share, values.REFUSED] > 0.99
    assert of[skewed, values.REFUSED] > 0.8
    assert of["normal", values.REFUSED] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "designs"),
    [
        ("COCHRAN", {"exponential", "lognormal (1)"}),
        ("FEWEST_EVENTS", {"Bernoulli .05, Wald's standard error"}),
    ],
)
def test_a_rule_that_asks_for_nothing_would_be_seen(
    monkeypatch, rule: str, designs: set[str]
) -> None:
    monkeypatch.setattr(minimums, rule, 0)
    rows = values.real_values(500)
    assert {row.design for row in rows if not row.holds()} == designs


@pytest.mark.slow
def test_an_ordinary_interval_would_not_pass(monkeypatch) -> None:
    """The same runs, every boundary at 1.96: the bands see it."""
    ordinary = dict.fromkeys(intervals.BOUNDARIES, 1.959964)
    monkeypatch.setattr(intervals, "BOUNDARIES", ordinary)
    rows = intervals.type_one(4_000)
    assert [row.holds() for row in rows] == [True] + [False] * (len(rows) - 1)
