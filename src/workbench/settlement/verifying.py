"""Verifying a ledger: every hash, and every number that follows from others in it.

The chain says that no line was changed. Whether the lines are true to each other is
asked here: terms against their seal, verdicts against intervals, forecasts against
evidence, fates and scores against forecasts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from workbench.core.canonical import sha256_of_value
from workbench.core.forecasts import Forecast, Outcome
from workbench.core.records import from_plain, to_plain
from workbench.core.registration import Claim
from workbench.publishing.claims import agree
from workbench.publishing.forecasting import predictive_of, sealed_forecast
from workbench.settlement.scores import scores_of
from workbench.takeaways.ledger import Line, first_break
from workbench.takeaways.record import ClaimRecord, Version, fold, key_of
from workbench.takeaways.settling import beyond, ripens
from workbench.takeaways.verdict import place

ONCE = ("claimed", "settled", "withdrawn")


def faults(study: str, lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Number of each wrong line and what is wrong with it; a broken chain ends it."""
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
    yield from _twice(lines)
    settled = {key_of(line): line for line in lines if line["line"] == "settled"}
    for claim in record.claims:
        for message in _claim_faults(claim, record.versions[claim.version - 1]):
            yield claim.line, message
        line = settled.get(claim.key)
        if line is not None and claim.outcome is not None:
            for message in _fate_faults(claim, claim.outcome):
                yield int(str(line["number"])), message


def _seals(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    for line in lines:
        if line["line"] == "registered" and line["seal"] != sha256_of_value(
            line["sealed"]
        ):
            yield int(str(line["number"])), "its seal is not that of its terms."


def _twice(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    seen: set[tuple[str, object]] = set()
    for line in lines:
        if line["line"] not in ONCE:
            continue
        name = (str(line["line"]), key_of(line))
        if name in seen:
            yield int(str(line["number"])), f"the claim is {line['line']} twice."
        seen.add(name)


def _claim_faults(claim: ClaimRecord, version: Version) -> Iterator[str]:
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
    verdict = place(terms, claim.number("low"), claim.number("high")).value
    if verdict != claim.verdict:
        yield f"its verdict is {claim.verdict}; its interval says {verdict}."
    if not agree(to_plain(_forecast_again(claim, terms)), to_plain(claim.forecast)):
        yield "its forecast is not what its evidence gives."


def _same_terms(claim: ClaimRecord, version: Version) -> bool:
    """Whether it was made on sealed terms, but for the horizon its parameters gave."""
    own = {key: value for key, value in claim.terms.items() if key != "horizon"}
    return own in [
        {key: terms[key] for key in terms if key != "horizon"}
        for terms in version.terms
    ]


def _forecast_again(claim: ClaimRecord, terms: Claim) -> Forecast | None:
    """The forecast from the evidence in the line and what it says was known."""
    forecast = claim.forecast
    value, se, worth = map(claim.number, ("estimate", "se", "information"))
    if forecast is None or value is None or not se or not worth:
        return None
    groups = claim.values.get("groups")
    predictive = predictive_of(
        terms,
        value,
        se,
        worth,
        groups=tuple(int(str(n)) for n in groups) if isinstance(groups, list) else (),
        tau=forecast.tau,
        moved=forecast.drift,
    )
    return sealed_forecast(
        terms,
        predictive,
        as_of=claim.as_of,
        known=forecast.known,
        tau=forecast.tau,
        moved=forecast.drift,
    )


def _fate_faults(claim: ClaimRecord, outcome: Outcome) -> Iterator[str]:
    forecast = claim.forecast
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
        to_plain(scores_of(forecast, estimate, held=held)), to_plain(outcome.scores)
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
