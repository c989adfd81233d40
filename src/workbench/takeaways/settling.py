"""The settlement rule: what a look at the fresh occurrences makes of a claim.

A claim is settled as of its deadline, the date that it named itself: whoever runs the
command, and whenever. So nobody can wait for a better answer, and what becomes known
later settles nothing.

Decided in this order, so that no outcome is seen before it is certain that it counts:
are there enough fresh occurrences; and only then, is their estimate inside the interval
that the claim sealed.
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
    """Whether the day has come on which it is to be settled."""
    forecast = claim.forecast
    return (
        claim.state == "open" and forecast is not None and forecast.deadline <= as_of
    )


def ripens(forecast: Forecast) -> datetime:
    """When the outcome of an occurrence that begins at the claim is known."""
    return forecast.opens + parse_duration(forecast.horizon)


def decide(claim: ClaimRecord, look: SettlementLook) -> Decided:
    """The fate of an open claim.

    Args:
        claim: With its forecast.
        look: What the archived notebook found among the fresh occurrences, as of the
            claim's deadline.

    Raises:
        OverlapError: Some of them began before the claim; nothing is settled.
        NoEstimateError: They are enough and give no estimate. To call that void would
            let the outcome decide whether the claim counts; it stays open.
        ValueError: The claim has no forecast, or the look is of another claim.
    """
    forecast, found = claim.forecast, look.evidence
    if forecast is None or (look.claim, parse_instant(look.opens)) != (
        claim.claim,
        forecast.opens,
    ):
        raise ValueError("the look is of another claim")
    as_of = forecast.deadline
    arms = tuple(group.units for group in found.groups) or (found.units,)
    if found.n < forecast.size:
        return void(as_of, "insufficient-n", n=found.n, arms=())
    first, last = _span(found)
    if first is None or first < forecast.opens:
        raise OverlapError("an occurrence began before the claim")
    if min(arms) < FEWEST_UNITS:
        return void(as_of, "empty-arm", n=found.n, arms=arms)
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
            arms=arms,
            first=first,
            last=last,
            reason=None,
            held=beyond(claim.terms, found.estimate),
            scores=NOTHING_SCORED,
        ),
    )


def void(
    as_of: datetime, reason: VoidReason, *, n: int, arms: tuple[int, ...]
) -> Decided:
    """A claim that cannot be settled, for a reason declared beforehand."""
    return Decided(
        state="void",
        outcome=Outcome(
            as_of=as_of,
            estimate=None,
            se=None,
            n=n,
            units=0,
            arms=arms,
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
