"""Verifying a ledger: every hash, and every number that follows from others.

The chain says that no line was changed. Whether the lines are true to each other is
asked here: terms against their seal, intervals and e-values against what they rest on,
verdicts against intervals, forecasts against evidence and against what all ledgers held
when they were sealed, fates and scores against forecasts. An estimate and its standard
error come from data, which are not here; a rehearsal of history recomputes these.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from workbench.core.canonical import sha256_of_value
from workbench.core.forecasts import Forecast, Outcome
from workbench.core.records import Plain, from_plain, to_plain
from workbench.core.registration import Claim
from workbench.publishing.claims import SAME, agree, known_already
from workbench.publishing.forecasting import (
    Known,
    Learnt,
    basis_of_line,
    learnt_by,
    sealed_forecast,
)
from workbench.settlement.scores import scores_of
from workbench.stats.looks import Sequence as Looks
from workbench.stats.restating import Summary, against_margin, restated
from workbench.takeaways.ledger import Line, first_break, seal_of
from workbench.takeaways.record import ClaimRecord, Record, Version, fold, key_of
from workbench.takeaways.settling import beyond, ripens
from workbench.takeaways.verdict import place

FATES = ("settled", "withdrawn")
NOT_HELD = "is a line that its ledger does not hold: it was cut off, or is another"


def faults(
    study: str, lines: Sequence[Line], others: Mapping[str, Sequence[Line]]
) -> Iterator[tuple[int, str]]:
    """Number of each wrong line and what is wrong with it; a broken chain ends it.

    Args:
        study: Whose ledger it is.
        lines: The ledger.
        others: The ledgers of all other studies, which its claims learnt from; one that
            is broken itself is told of by its own verification, and not asked here.
    """
    broken = first_break(lines)
    if broken is not None:
        yield broken.number, f"the chain breaks here: {broken.kind}."
        return
    try:
        record = fold(study, lines)
    except ValueError as error:
        yield 0, f"{error}."
        return
    yield from _seals(lines)
    yield from _ends(lines)
    peers, told = _whole(others), False
    for claim in record.claims:
        before = lines[: claim.line - 1]
        then = {study: record.until(claim.line - 1)}
        version = record.versions[claim.version - 1]
        for message in (
            *_time_faults(claim, before),
            *_witness_faults(claim, others, told=told),
            *_claim_faults(claim, version, {**peers, **then}),
        ):
            yield claim.line, message
        told |= claim.heads is not None
        if claim.ended is not None:
            line = lines[claim.ended - 1]
            for message in (*_marked(claim, line), *_fate_faults(claim)):
                yield claim.ended, message


def _whole(ledgers: Mapping[str, Sequence[Line]]) -> dict[str, Record]:
    found = {}
    for study, lines in ledgers.items():
        if first_break(lines) is None:
            try:
                found[study] = fold(study, lines)
            except ValueError:
                continue
    return found


def _seals(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    for line in lines:
        if line["line"] == "registered" and line["seal"] != sha256_of_value(
            line["sealed"]
        ):
            yield int(str(line["number"])), "its seal is not that of its terms."


def _ends(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """A claim is made once, and ends once: settled, or withdrawn."""
    made: set[object] = set()
    ended: dict[object, int] = {}
    for line in lines:
        kind, number = line["line"], int(str(line["number"]))
        if kind == "claimed":
            if key_of(line) in made:
                yield number, "the claim is claimed twice."
            made.add(key_of(line))
        elif kind in FATES:
            first = ended.setdefault(key_of(line), number)
            if first != number:
                yield number, f"the claim is {kind} and had ended at line {first}."


def _time_faults(claim: ClaimRecord, before: Sequence[Line]) -> Iterator[str]:
    """Whether it says of itself when it was made, by the lines before it."""
    if seal_of(before) != claim.seal:
        yield "it was made on terms that newer ones had replaced."
    if known_already(claim.as_of, before) and not claim.replay:
        yield "it passes as live, and its authors had seen the data after its date."


def _witness_faults(
    claim: ClaimRecord, others: Mapping[str, Sequence[Line]], *, told: bool
) -> Iterator[str]:
    """Whether the other ledgers still hold what they held when it was made.

    Args:
        claim: The claim.
        others: The other ledgers.
        told: Whether an earlier claim of this ledger named their heads.
    """
    if claim.heads is None and told:
        yield "it does not name the heads of the other ledgers, as claims before it do."
    for study, head in (claim.heads or {}).items():
        lines = others.get(study, ())
        held = lines[head.line - 1].get("hash") if head.line <= len(lines) else None
        if held != head.hash:
            yield f"line {head.line} of {study}, which it was made after, {NOT_HELD}."


def _claim_faults(
    claim: ClaimRecord, version: Version, records: Mapping[str, Record]
) -> Iterator[str]:
    if claim.forecast is None:
        return  # of an older form
    terms = from_plain(Claim, dict(claim.terms))
    if not _same_terms(claim, version):
        yield "its terms are not those that were sealed."
    level = claim.number("level")
    if level is None or abs(level - (1 - terms.alpha / version.family)) > 1e-9:  # noqa: PLR2004 - ten digits are kept
        yield "its interval does not have the level that was sealed."
    if claim.number("planned") != terms.planned_occurrences:
        yield "its interval does not follow the plan that was sealed."
    yield from _interval_faults(claim, terms, version)
    verdict = place(terms, claim.number("low"), claim.number("high")).value
    if verdict != claim.verdict:
        yield f"its verdict is {claim.verdict}; its interval says {verdict}."
    try:
        again = _forecast_again(claim, terms, records)
    except (TypeError, ValueError):
        yield "it does not say what its forecast rests on."
        return
    if not agree(to_plain(again), to_plain(claim.forecast)):
        yield "its forecast is not what its evidence and the ledgers of its day give."


def _interval_faults(
    claim: ClaimRecord, terms: Claim, version: Version
) -> Iterator[str]:
    """Interval and e-value against estimate, error, information and plan."""
    if claim.heads is None:
        return  # of an older form, which did not say what they rest on
    look = Looks(
        alpha=terms.alpha / version.family,
        planned=terms.planned_occurrences,
        boundary=terms.sequence,
    )
    try:
        found = restated(_summary(claim, terms), look)
    except (KeyError, TypeError, ValueError):
        yield "it does not say what its interval rests on."
        return
    if found is None:
        return  # bets or ranks, which are not in the line
    se = claim.number("se") or 0.0
    again = (
        ("low", found.low, se),
        ("high", found.high, se),
        ("log_e", against_margin(terms, found), 1.0),
    )
    for name, value, scale in again:
        if not _near(claim.number(name), value, SAME * scale):
            yield f"its {name} is not what its estimate and standard error give."


def _near(one: float | None, other: float | None, apart: float) -> bool:
    """Equal but for what ten digits of the numbers they come from leave open."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=SAME, abs_tol=apart)


def _summary(claim: ClaimRecord, terms: Claim) -> Summary:
    """What the line holds of its evidence.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is none of its kind.
        ValueError: Something is no number.
    """
    values = claim.values
    shares, sizes = values["group_estimates"], values["groups"]
    if not (isinstance(shares, list) and isinstance(sizes, list)):
        raise TypeError("groups are lists")
    return Summary(
        estimand=terms.estimand,
        estimate=_number(values["estimate"]),
        se=_number(values["se"]),
        centre=claim.number("centre"),
        df=claim.number("df"),
        n=int(_number(values["n"])),
        units=int(_number(values["units"])),
        information=_number(values["information"]),
        groups=tuple(
            (_number(share), int(_number(n)))
            for share, n in zip(shares, sizes, strict=True)
        ),
    )


def _number(value: Plain) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number is wanted")
    return float(value)


def _same_terms(claim: ClaimRecord, version: Version) -> bool:
    """Whether it was made on sealed terms, but for the horizon its parameters gave."""
    own = {key: value for key, value in claim.terms.items() if key != "horizon"}
    return own in [
        {key: terms[key] for key in terms if key != "horizon"}
        for terms in version.terms
    ]


def _forecast_again(
    claim: ClaimRecord, terms: Claim, records: Mapping[str, Record]
) -> Forecast | None:
    """The forecast once more, from the line and from what the ledgers held then."""
    basis, sealed = basis_of_line(claim), claim.forecast
    if basis is None or sealed is None:
        return None
    if claim.heads is None:  # of an older form: what it had learnt is taken from it
        learnt = Learnt(known=sealed.known, tau=sealed.tau, drift=sealed.drift)
    else:
        then = {claim.study: records[claim.study]} | {
            study: records[study].until(head.line)
            for study, head in claim.heads.items()
            if study in records
        }
        learnt = learnt_by(basis, terms, claim.series, Known(claim.as_of, then))
    return sealed_forecast(terms, basis, learnt, claim.as_of)


def _marked(claim: ClaimRecord, line: Line) -> Iterator[str]:
    if line.get("replay") is not claim.replay:
        yield "it says of itself whether it is a replay, and its claim says otherwise."


def _fate_faults(claim: ClaimRecord) -> Iterator[str]:
    forecast, outcome = claim.forecast, claim.outcome
    if outcome is None:
        return  # withdrawn
    if forecast is None:
        yield "it settles a claim that sealed no forecast."
        return
    if claim.state == "void":
        yield from _void_faults(forecast, outcome)
        return
    estimate, first = outcome.estimate, outcome.first
    if estimate is None or first is None or outcome.n < forecast.size:
        yield "it was settled on fewer occurrences than were sealed."
        return
    yield from _window_faults(forecast, outcome, first)
    won = "won" if forecast.low <= estimate <= forecast.high else "lost"
    if won != claim.state:
        yield f"it is entered as {claim.state}; its estimate says {won}."
    held = beyond(claim.terms, estimate)
    if held != outcome.held:
        yield "whether it lies beyond the margin is not what its estimate says."
    if not agree(
        to_plain(scores_of(claim, forecast, estimate)), to_plain(outcome.scores)
    ):
        yield "its scores are not what its forecast and its estimate give."


def _window_faults(
    forecast: Forecast, outcome: Outcome, first: datetime
) -> Iterator[str]:
    if first < forecast.opens:
        yield "an occurrence that settles it began before the claim."
    if outcome.as_of < ripens(forecast):
        yield "it was settled before any outcome could be known."
    if outcome.as_of > forecast.deadline:
        yield "it was settled by data that were known only after its deadline."


def _void_faults(forecast: Forecast, outcome: Outcome) -> Iterator[str]:
    if outcome.reason is None:
        yield "it is void for no reason."
    if (outcome.reason == "insufficient-n") != (outcome.n < forecast.size):
        yield "its reason to be void is not what its number of occurrences says."
    if outcome.reason == "insufficient-n" and outcome.as_of != forecast.deadline:
        yield "it was declared void by other data than those known at its deadline."
