"""Checking a claim's numbers and a fate's against those that they follow from."""

import math
from collections.abc import Iterator, Mapping

from workbench.core.evidence import MEASURES
from workbench.core.forecasts import Forecast, Outcome
from workbench.core.records import Plain, from_plain, to_plain
from workbench.core.registration import Claim
from workbench.publishing.claims import SAME, agree
from workbench.publishing.forecasting import (
    Known,
    Learnt,
    basis_of_line,
    learnt_by,
    sealed_forecast,
)
from workbench.settlement.scores import scores_of
from workbench.stats.looks import Sequence as Looks
from workbench.stats.restating import (
    Summary,
    against_margin,
    implied,
    most_information,
    restated,
)
from workbench.takeaways.heads import Held
from workbench.takeaways.record import ClaimRecord, Record, Version, number_of
from workbench.takeaways.settling import FEWEST_UNITS, beyond, ripens
from workbench.takeaways.verdict import place

TEN_DIGITS = 1e-9
Values = Mapping[str, Plain]


def claim_faults(
    claim: ClaimRecord,
    version: Version,
    records: Mapping[str, Record],
    held: Held,
) -> Iterator[str]:
    """What is wrong with the numbers of a claim.

    Args:
        claim: The claim.
        version: Its terms.
        records: What every ledger holds, its own as it was before the claim.
        held: What ledgers held, by hash.

    Raises:
        ArithmeticError, LookupError, TypeError, ValueError: A value is none of its
            kind.
    """
    if claim.forecast is None:
        return  # of an older form
    if claim.heads is not None and claim.number("low") is None:
        yield "it has no interval, and claims all the same."
    yield from value_faults(claim, claim.values, version)
    again = _forecast_again(claim, records, held)
    if not agree(to_plain(again), to_plain(claim.forecast)):
        yield "its forecast is not what its evidence and the ledgers of its day give."


def value_faults(claim: ClaimRecord, values: object, version: Version) -> Iterator[str]:
    """What is wrong with a block of values that is said to be of this claim."""
    if not isinstance(values, dict):
        raise TypeError("values are a mapping")
    terms = from_plain(Claim, dict(claim.terms))
    level = number_of(values, "level")
    if level is None or abs(level - (1 - terms.alpha / version.family)) > TEN_DIGITS:
        yield "its interval does not have the level that was sealed."
    if number_of(values, "planned") != terms.planned_occurrences:
        yield "its interval does not follow the plan that was sealed."
    if claim.heads is not None:
        yield from _interval_faults(terms, values, version)
        if values["measure"] != MEASURES.get(terms.estimand, values["measure"]):
            yield "its measure is not that of what was sealed."
    yield from _verdict_faults(terms, values, version)


def _verdict_faults(terms: Claim, values: Values, version: Version) -> Iterator[str]:
    """Whether verdict and takeaway say what the interval does."""
    ends = number_of(values, "low"), number_of(values, "high")
    verdict, takeaway = place(terms, *ends).value, str(values["takeaway_verdict"])
    if verdict != values["verdict"]:
        yield f"its verdict is {values['verdict']}; its interval says {verdict}."
    if not _carries(verdict, takeaway):
        yield "its takeaway says more than it does."
    elif len(version.claims) == 1 and takeaway != verdict:
        yield "its takeaway says another thing, and rests on it alone."


def _carries(verdict: str, takeaway: str) -> bool:
    """Whether a takeaway of this verdict may rest on a claim of that one."""
    return {
        "trade": True,
        "no trade yet": takeaway != "trade",
        "do not trade": takeaway == "do not trade",
    }[verdict]


def _interval_faults(terms: Claim, values: Values, version: Version) -> Iterator[str]:
    """Interval and e-value against estimate, error, information and plan."""
    if values["low"] is None and values["high"] is None:
        if values["log_e"] is not None:
            yield "it has evidence without an interval."
        return  # data that bear no interval any more
    told = _summary(terms, values)
    yield from _summary_faults(told)
    look = Looks(
        alpha=terms.alpha / version.family,
        planned=terms.planned_occurrences,
        boundary=terms.sequence,
    )
    found = restated(told, look)
    if found is None:
        return  # bets or ranks, which are not in the line
    again = against_margin(terms, found)
    wanted = (
        ("low", found.low, SAME * told.se),
        ("high", found.high, SAME * told.se),
        ("log_e", again, max(SAME, 10 * TEN_DIGITS * abs(told.estimate) / told.se)),
    )
    for name, value, apart in wanted:
        if not _near(number_of(values, name), value, apart):
            yield f"its {name} is not what its estimate and standard error give."


def _summary_faults(told: Summary) -> Iterator[str]:
    """Whether its parts fit each other."""
    if not (0 < told.units <= told.n and told.se > 0):
        yield "it counts more units than occurrences, or has no standard error."
        return
    if told.information > most_information(told) * (1 + SAME):
        yield "it is worth more than the occurrences that it counts."
    if told.df is not None and told.df > told.units - 1 + TEN_DIGITS:
        yield "it has more degrees of freedom than its units give."
    for name, value in implied(told).items():
        held = getattr(told, name)
        if not _near(held, value, SAME * told.se):
            yield f"its {name} is not what the rest of it gives."


def _near(one: float | None, other: float | None, apart: float) -> bool:
    """Equal but for what ten digits of the numbers they come from leave open."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=SAME, abs_tol=apart)


def _summary(terms: Claim, values: Values) -> Summary:
    """What a line holds of its evidence.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is none of its kind.
        ValueError: Something is no number.
    """
    shares, sizes = values["group_estimates"], values["groups"]
    if not (isinstance(shares, list) and isinstance(sizes, list)):
        raise TypeError("groups are lists")
    scale = values.get("scale", "linear")
    if scale not in ("linear", "log"):
        raise ValueError("a scale is linear or log")
    return Summary(
        estimand=terms.estimand,
        estimate=_number(values["estimate"]),
        se=_number(values["se"]),
        centre=number_of(values, "centre"),
        df=number_of(values, "df"),
        scale="log" if scale == "log" else "linear",
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


def _forecast_again(
    claim: ClaimRecord, records: Mapping[str, Record], held: Held
) -> Forecast | None:
    """The forecast once more, from the line and from what the ledgers held then."""
    basis, sealed = basis_of_line(claim), claim.forecast
    terms = from_plain(Claim, dict(claim.terms))
    if basis is None or sealed is None:
        return None
    if claim.heads is None:  # of an older form: what it had learnt is taken from it
        learnt = Learnt(known=sealed.known, tau=sealed.tau, drift=sealed.drift)
    else:
        then = {
            study: records[study].until(head.line)
            for study, head in claim.knew(held).items()
            if study in records
        }
        then[claim.study] = records[claim.study]
        learnt = learnt_by(basis, terms, claim.series, Known(claim.as_of, then))
    return sealed_forecast(terms, basis, learnt, claim.as_of)


def fate_faults(claim: ClaimRecord) -> Iterator[str]:
    """What is wrong with how a claim was settled."""
    forecast, outcome = claim.forecast, claim.outcome
    if outcome is None:
        return  # withdrawn
    if forecast is None:
        yield "it settles a claim that sealed no forecast."
        return
    yield from _date_faults(claim, forecast, outcome)
    if claim.state == "void":
        yield from _void_faults(forecast, outcome)
        return
    estimate = outcome.estimate
    if estimate is None or outcome.n < forecast.size:
        yield "it was settled on fewer occurrences than were sealed."
        return
    yield from _window_faults(forecast, outcome)
    yield from _counted_faults(outcome)
    won = "won" if forecast.low <= estimate <= forecast.high else "lost"
    if won != claim.state:
        yield f"it is entered as {claim.state}; its estimate says {won}."
    if beyond(claim.terms, estimate) != outcome.held:
        yield "whether it lies beyond the margin is not what its estimate says."
    scores = to_plain(scores_of(claim, forecast, estimate))
    if not agree(scores, to_plain(outcome.scores)):
        yield "its scores are not what its forecast and its estimate give."


def _counted_faults(outcome: Outcome) -> Iterator[str]:
    """Whether what was counted for a fate fits together."""
    arms = outcome.arms or (FEWEST_UNITS,)
    if outcome.reason is not None or min(arms) < FEWEST_UNITS:
        yield "it was settled although its numbers make it void."
    units = 0 < outcome.units <= outcome.n and max(arms) <= max(outcome.units, 2)
    if not units or (outcome.se is not None and outcome.se < 0):
        yield "it counts more units than occurrences, or an error below nought."


def _date_faults(
    claim: ClaimRecord, forecast: Forecast, outcome: Outcome
) -> Iterator[str]:
    """Claims of an older form could be settled before their deadline."""
    early = claim.heads is None and outcome.as_of < forecast.deadline
    if outcome.as_of != forecast.deadline and not early:
        yield "it was settled by other data than those known at its deadline."


def _window_faults(forecast: Forecast, outcome: Outcome) -> Iterator[str]:
    first, last = outcome.first, outcome.last
    if first is None or last is None or not forecast.opens <= first <= last:
        yield "an occurrence that settles it began before the claim."
        return
    if outcome.as_of < ripens(forecast) + (last - forecast.opens):
        yield "it was settled before all of its outcomes could be known."


def _void_faults(forecast: Forecast, outcome: Outcome) -> Iterator[str]:
    if outcome.reason is None:
        yield "it is void for no reason."
    if (outcome.reason == "insufficient-n") != (outcome.n < forecast.size):
        yield "its reason to be void is not what its number of occurrences says."
    if outcome.reason == "empty-arm" and min(outcome.arms, default=2) >= FEWEST_UNITS:
        yield "it is void for an empty arm, and had none."
