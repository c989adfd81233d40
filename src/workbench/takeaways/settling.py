"""The settlement rule: what a look at the fresh occurrences makes of a claim.

Decided in this order, so that no outcome is seen before it is certain that it counts:
are there enough fresh occurrences; is the deadline over; and only then, is their
estimate inside the interval that the claim sealed.

The deadline binds whoever settles late: what became known after it settles nothing. So
nobody can wait for a better answer, or for a worse one to fall short of occurrences.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from workbench.core.forecasts import Forecast, Outcome, State, VoidReason
from workbench.core.clock import parse_duration, parse_instant
from workbench.core.evidence import Evidence, SettlementLook
from workbench.core.records import Plain
from workbench.takeaways.record import ClaimRecord

NOTHING_SCORED: Mapping[str, float] = {}
FEWEST_UNITS = 2  # of a sample, and of each arm: below, no estimator gives an estimate


class OverlapError(ValueError):
    """An occurrence began before the claim: it may have been learnt from."""


class NoEstimateError(ValueError):
    """Enough came, and no estimate of it: how it came out may have prevented one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A claim's fate, and what decided it; scores are put in by who can reckon them."""

    state: State
    outcome: Outcome


def due(claim: ClaimRecord, as_of: datetime) -> bool:
    """Whether the first fresh outcomes can be known, or the deadline is over."""
    forecast = claim.forecast
    if claim.state != "open" or forecast is None:
        return False
    return ripens(forecast) <= as_of or forecast.deadline <= as_of


def settled_at(claim: ClaimRecord, now: datetime) -> datetime:
    """As of when a due claim is settled: now, or its deadline where that is over."""
    return min(now, claim.forecast.deadline) if claim.forecast else now


def ripens(forecast: Forecast) -> datetime:
    """When the outcome of an occurrence that begins at the claim is known."""
    return forecast.opens + parse_duration(forecast.horizon)


def decide(claim: ClaimRecord, look: SettlementLook, as_of: datetime) -> Decided | None:
    """The fate of an open claim; None while it has to wait.

    Args:
        claim: With its forecast.
        look: What the archived notebook found among the fresh occurrences.
        as_of: What is known; at most the claim's deadline.

    Raises:
        OverlapError: Some of them began before the claim; nothing is settled.
        NoEstimateError: They are enough and give no estimate. To call that void would
            let the outcome decide whether the claim counts; it stays open.
        ValueError: The claim has no forecast, the look is of another claim, or later
            than the deadline.
    """
    forecast, found = claim.forecast, look.evidence
    if forecast is None or (look.claim, parse_instant(look.opens)) != (
        claim.claim,
        forecast.opens,
    ):
        raise ValueError("the look is of another claim")
    if as_of > forecast.deadline:
        raise ValueError("the deadline was over when these data were known")
    if found.n < forecast.size:
        late = forecast.deadline <= as_of
        return void(as_of, "insufficient-n", n=found.n) if late else None
    first, last = _span(found)
    if first is None or first < forecast.opens:
        raise OverlapError("an occurrence began before the claim")
    if min([found.units, *(group.units for group in found.groups)]) < FEWEST_UNITS:
        return void(as_of, "empty-arm", n=found.n)
    if found.estimate is None:
        raise NoEstimateError("enough came, and no estimate of it")
    won = forecast.low <= found.estimate <= forecast.high
    return Decided(
        state="won" if won else "lost",
        outcome=Outcome(
            as_of=as_of,
            estimate=found.estimate,
            se=found.se,
            n=found.n,
            units=found.units,
            first=first,
            last=last,
            reason=None,
            held=beyond(claim.terms, found.estimate),
            scores=NOTHING_SCORED,
        ),
    )


def void(as_of: datetime, reason: VoidReason, *, n: int = 0) -> Decided:
    """A claim that cannot be settled, for a reason declared beforehand."""
    return Decided(
        state="void",
        outcome=Outcome(
            as_of=as_of,
            estimate=None,
            se=None,
            n=n,
            units=0,
            first=None,
            last=None,
            reason=reason,
            held=None,
            scores=NOTHING_SCORED,
        ),
    )


def beyond(terms: Mapping[str, Plain], estimate: float) -> bool:
    """Whether an estimate lies beyond the registered margin."""
    margin = float(str(terms["margin"]))
    direction = terms["direction"]
    if direction == "within":
        return -margin < estimate < margin
    return estimate > margin if direction == "greater" else estimate < margin


def _span(found: Evidence) -> tuple[datetime | None, datetime | None]:
    if found.began is None:
        return None, None
    return parse_instant(found.began[0]), parse_instant(found.began[1])
