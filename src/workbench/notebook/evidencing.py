"""From what an estimator finds to evidence on record: interval, checks, settlements."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from workbench.core.canonical import rounded
from workbench.core.clock import format_instant
from workbench.core.evidence import (
    Check,
    Estimand,
    Group,
    SettlementLook,
)
from workbench.core.registration import Claim
from workbench.core.runs import Output
from workbench.notebook.reading import Rows
from workbench.notebook.session import Session
from workbench.notebook.showing import ShownEvidence
from workbench.notebook.surroundings import cell_number
from workbench.notebook.windows import (
    Starts,
    fresh,
    known,
    newest,
    ripe,
    span_of,
    stretches,
)
from workbench.stats import minimums
from workbench.stats.design import (
    additional_occurrences,
    design_effect,
    implied_icc,
    mean_size_seen,
    minimum_detectable_effect,
)
from workbench.stats.looks import Estimate, FixedSample, Look, Sequence, stated
from workbench.stats.restating import against_margin

ALPHA = 0.05
PLANNED = 10 * minimums.FEWEST_UNITS  # where nothing is registered
POWERS = (0.8, 0.95, 0.99)
Kept = NDArray[np.bool_] | slice
EVERYTHING = slice(None)
NOBODY: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What an estimator has to say of a frame, for any look and any part of its rows.

    Attributes:
        rows: What was counted.
        measure: Unit of the estimate.
        at: The estimate of some rows, with the interval of a look.
        starts: When each row began; None where nothing says so.
        checks: What this estimand asks of the data, beyond what all do.
        groups: The groups compared, of some rows.
        arms: Which of them each row is in; None where none are compared.
        refits: Whether `at` fits a model anew, which a part of the rows may not bear.
        exact: Whether its interval rests on no standard error, and so needs no units to
            trust one: with few it is wide.
    """

    rows: Rows
    measure: str
    at: Callable[[Kept, Look], Estimate]
    starts: Starts | None = None
    checks: tuple[Check, ...] = ()
    groups: Callable[[Kept], tuple[Group, ...]] = lambda _kept: NOBODY
    arms: NDArray[np.int64] | None = None
    refits: bool = False
    exact: bool = False


def look_of(session: Session, name: str) -> Sequence:
    """How evidence of this name is looked at: by the sealed plan where there is one."""
    claim = session.claim(name)
    if claim is None:
        return Sequence(alpha=ALPHA, planned=PLANNED)
    return Sequence(
        alpha=claim.alpha / session.spec.family,
        planned=claim.planned_occurrences,
        boundary=claim.sequence,
    )


def conclude(
    session: Session, name: str, estimand: Estimand, conclusion: Conclusion
) -> ShownEvidence:
    """Put evidence on record; and a look at the fresh rows of each claim it settles."""
    claim = session.claim(name)
    shown = _evidence(session, name, estimand, conclusion)
    cell = cell_number()
    session.say(name, Output(kind="evidence", cell=cell, evidence=shown))
    if claim is not None:
        for opens in session.spec.settles:
            found = _settlement(session, claim, estimand, conclusion, opens)
            session.record(Output(kind="settlement", cell=cell, settlement=found))
    return shown


def _evidence(
    session: Session, name: str, estimand: Estimand, conclusion: Conclusion
) -> ShownEvidence:
    claim, look = session.claim(name), look_of(session, name)
    counting = estimand == "count"
    estimate = conclusion.at(EVERYTHING, look)
    checks = () if counting else tuple(_checks(session, claim, conclusion))
    failed = [check.code for check in checks if not check.passed]
    if failed:
        why = f"{estimate.method}; no interval: {', '.join(failed)}"
        estimate = stated(look, why, estimate.estimate, se=estimate.se)
    return replace(
        _counted(name, estimand, conclusion, estimate, EVERYTHING),
        interval_kind="none" if counting else estimate.kind,
        level=0.0 if counting else estimate.level,
        planned=0 if counting else look.planned,
        window_effect=_window_effect(claim, conclusion, estimate),
        windows=() if failed else _windows(claim, conclusion),
        log_e=None if claim is None else against_margin(claim, estimate),
        needed=_needed(claim, look, conclusion, estimate),
        detectable=_detectable(claim, look, conclusion.rows.n, estimate),
        checks=checks,
    )


def _counted(
    name: str,
    estimand: Estimand,
    conclusion: Conclusion,
    estimate: Estimate,
    kept: Kept,
) -> ShownEvidence:
    """An estimate with what was counted for it."""
    rows = conclusion.rows
    codes = rows.codes[kept]
    starts = None if conclusion.starts is None else conclusion.starts[kept]
    return ShownEvidence(
        name=name,
        estimand=estimand,
        estimate=estimate.estimate,
        low=estimate.low,
        high=estimate.high,
        level=estimate.level,
        interval_kind=estimate.kind,
        se=estimate.se,
        centre=estimate.centre,
        df=estimate.df,
        scale=estimate.scale,
        n=len(codes),
        units=len(np.unique(codes)),
        unit=rows.unit,
        occurrence=rows.occurrence,
        measure=conclusion.measure,
        groups=conclusion.groups(kept),
        method=estimate.method,
        information=estimate.information,
        window_effect=1.0,
        planned=0,
        log_e=None,
        needed=None,
        began=span_of(starts),
        checks=(),
    )


def _checks(
    session: Session, claim: Claim | None, conclusion: Conclusion
) -> Iterator[Check]:
    """What the data must bear for an interval to mean what it says."""
    rows, starts = conclusion.rows, conclusion.starts
    if rows.n > rows.units:
        yield minimums.enough_clusters(rows.units)
    elif not conclusion.exact:
        yield minimums.enough_units(rows.units)
    yield from conclusion.checks
    if starts is not None:
        yield minimums.looked_back(known(starts, rows.used, session.spec.as_of))
    if starts is not None and claim is not None:
        yield minimums.mature(ripe(starts, claim, session.spec.as_of))


def _windows(
    claim: Claim | None, conclusion: Conclusion
) -> tuple[tuple[float, float], ...]:
    """How the claim would have settled in each stretch of its own past."""
    if claim is None or conclusion.starts is None or conclusion.refits:
        return ()
    look = FixedSample(claim.alpha)
    parts = stretches(conclusion.starts, claim.settlement_size)
    found = [conclusion.at(part, look) for part in parts]
    return tuple(
        (each.estimate, each.se)
        for each in found
        if each.estimate is not None and each.se
    )


def _window_effect(
    claim: Claim | None, conclusion: Conclusion, estimate: Estimate
) -> float:
    """Design effect to expect of the occurrences that will settle a claim.

    They will recur as the newest do, as many as will settle it, and be as alike within
    a unit as all were. Among a few months units may be more alike than over years; then
    it is too small.
    """
    rows, starts = conclusion.rows, conclusion.starts
    worth = estimate.information
    if claim is None or starts is None or not worth or rows.n == rows.units:
        return 1.0
    arms = np.zeros(rows.n, np.int64) if conclusion.arms is None else conclusion.arms
    sizes = np.unique(arms, return_counts=True)[1]
    balanced = 4 * sizes.prod() / sizes.sum() if len(sizes) > 1 else rows.n
    alike = implied_icc(
        effect=balanced / worth, mean_size=mean_size_seen(rows.codes, arms)
    )
    last = newest(starts, claim.settlement_size)
    seen = mean_size_seen(rows.codes[last], arms[last])
    return rounded(design_effect(mean_size=seen, icc=alike)) or 1.0


def _needed(
    claim: Claim | None, look: Sequence, conclusion: Conclusion, estimate: Estimate
) -> int | None:
    """More occurrences to plan for; by the registered effect, never the observed.

    As many as reveal it in four cases of five; where they are there already, and have
    not decided, as many as reveal it in nineteen of twenty, or in 99 of a hundred.
    """
    if claim is None:
        return None
    n = conclusion.rows.n
    if not (estimate.se and estimate.information and n):
        return max(0, claim.planned_occurrences - n)
    worth = estimate.information
    missing = (
        additional_occurrences(
            sd=estimate.se * worth**0.5,
            effect=claim.smallest_effect,
            n=int(worth),
            planned=look.planned,
            alpha=look.alpha,
            power=power,
        )
        for power in POWERS
    )
    more = next(filter(None, missing), 0)
    return int(np.ceil(more * n / worth))


def _detectable(
    claim: Claim | None, look: Sequence, n: int, estimate: Estimate
) -> float | None:
    """What the planned occurrences reveal, each worth as much as one so far.

    None for a sequence that is no mixture: its width at the plan is another.
    """
    if claim is None or not (estimate.se and estimate.information):
        return None
    if look.boundary != "mixture":
        return None
    effect = minimum_detectable_effect(
        sd=estimate.se * estimate.information**0.5,
        n=max(1, round(look.planned * estimate.information / n)),
        planned=look.planned,
        alpha=look.alpha,
    )
    return rounded(effect)


def _settlement(
    session: Session,
    claim: Claim,
    estimand: Estimand,
    conclusion: Conclusion,
    opens: datetime,
) -> SettlementLook:
    """One look at what is fresh; while it is too little, at its number alone."""
    look = FixedSample(claim.alpha)
    rows, starts = conclusion.rows, conclusion.starts
    if starts is None:  # an empty frame
        kept, count = np.zeros(rows.n, dtype=np.bool_), 0
    else:
        window = fresh(starts, rows.codes, claim, opens, session.spec.as_of)
        kept, count = window.rows, window.count
    enough = bool(kept.any())
    estimate = (
        conclusion.at(kept, look) if enough else stated(look, "too few fresh so far")
    )
    found = _counted(claim.name, estimand, conclusion, estimate, kept)
    if not enough:
        found = replace(found, n=count, groups=())
    found = replace(
        found,
        planned=claim.settlement_size,
        needed=max(0, claim.settlement_size - count),
    )
    return SettlementLook(claim=claim.name, opens=format_instant(opens), evidence=found)
