"""The settlement rule: one look at enough fresh data, or void when time is up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.ledgers import (
    FIRST,
    STUDY,
    claimed,
    evidence,
    ledger,
    look,
    registered,
)
from workbench.core.clock import format_instant
from workbench.takeaways.record import ClaimRecord, fold
from workbench.core.evidence import Group
from workbench.takeaways.settling import (
    NoEstimateError,
    OverlapError,
    decide,
    due,
)

MONTH = timedelta(days=30)


def an_open_claim() -> ClaimRecord:
    lines = [registered()]
    lines.append(claimed(lines, FIRST, evidence()))
    (claim,) = fold(STUDY, lines).open
    return claim


def test_it_is_due_on_the_day_that_it_named() -> None:
    claim = an_open_claim()
    assert not due(claim, FIRST + MONTH - timedelta(seconds=1))
    assert due(claim, FIRST + MONTH)


def test_inside_the_sealed_interval_it_is_won_and_outside_lost() -> None:
    claim = an_open_claim()
    assert claim.forecast is not None
    for estimate, state in (
        (claim.forecast.low, "won"),
        (claim.forecast.high, "won"),
        (claim.forecast.high + 1e-9, "lost"),
        (claim.forecast.low - 1e-9, "lost"),
    ):
        decided = decide(claim, look(claim, estimate))
        assert decided.state == state
        assert decided.outcome.as_of == claim.forecast.deadline


@given(n=st.integers(0, 399), estimate=st.floats(-1, 1))
def test_too_few_are_void_whatever_came(n: int, estimate: float) -> None:
    claim = an_open_claim()
    decided = decide(claim, look(claim, estimate, n=n))
    assert (decided.state, decided.outcome.reason) == ("void", "insufficient-n")
    assert (decided.outcome.n, decided.outcome.estimate) == (n, None)
    assert decided.outcome.as_of == FIRST + MONTH


@given(estimate=st.one_of(st.none(), st.floats(-1, 1)), others=st.integers(2, 399))
def test_an_arm_of_one_unit_is_void_whatever_came(
    estimate: float | None, others: int
) -> None:
    claim = an_open_claim()
    found = look(claim, estimate)
    groups = tuple(
        Group(label=str(units), n=units, units=units, estimate=None)
        for units in (others, 1)
    )
    lone = replace(found, evidence=replace(found.evidence, groups=groups))
    decided = decide(claim, lone)
    assert (decided.state, decided.outcome.reason) == ("void", "empty-arm")
    assert decided.outcome.arms == (others, 1)


def test_enough_occurrences_without_an_estimate_settle_nothing() -> None:
    """Else whoever can make an estimator fail could have a loss called void."""
    claim = an_open_claim()
    with pytest.raises(NoEstimateError):
        decide(claim, look(claim, None))


def test_one_occurrence_that_began_before_the_claim_is_refused() -> None:
    claim = an_open_claim()
    found = look(claim)
    before = format_instant(FIRST - timedelta(seconds=1))
    overlapping = replace(
        found, evidence=replace(found.evidence, began=(before, found.opens))
    )
    with pytest.raises(OverlapError):
        decide(claim, overlapping)


def test_a_look_at_another_claims_window_settles_nothing() -> None:
    claim = an_open_claim()
    with pytest.raises(ValueError, match="another claim"):
        decide(claim, replace(look(claim), opens="2026-04-01T00:00:00Z"))


def test_what_is_settled_is_not_open_and_so_is_never_due_again() -> None:
    record = fold(STUDY, ledger())
    assert [claim.state for claim in record.claims] == ["won", "won"]
    assert record.open == ()
    assert not any(due(claim, FIRST + 100 * MONTH) for claim in record.claims)
