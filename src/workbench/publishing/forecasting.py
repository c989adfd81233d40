"""What a claim seals beside its words: a distribution for the data that will settle it.

The estimate is shrunk by what all registered claims are like, and the settlement's own
noise is added, with the drift that this study's earlier settlements showed. All of it
is known at the claim's as-of; nothing later is read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from workbench.core.canonical import rounded
from workbench.core.clock import parse_duration
from workbench.core.evidence import Evidence
from workbench.core.forecasts import Forecast
from workbench.core.registration import Claim
from workbench.stats.predictive import (
    FEWEST_STUDIES,
    Predictive,
    drift,
    predict,
    shrinkage_scale,
)
from workbench.takeaways.record import ClaimRecord, Record

LEVEL = 0.80  # of five forecasts one is meant to lose: a record that can be judged


def forecast_of(
    claim: Claim,
    evidence: Evidence,
    *,
    as_of: datetime,
    series: tuple[str, str, str, str],
    records: Mapping[str, Record],
) -> Forecast | None:
    """The forecast a claim makes; None where its data bear no interval.

    Args:
        claim: As registered, its horizon a duration.
        evidence: What it rests on.
        as_of: Date of its data.
        series: Study, seal, variant and name of the claim.
        records: What every ledger holds.
    """
    value, se, worth = evidence.estimate, evidence.se, evidence.information
    if value is None or not se or not worth or evidence.low is None:
        return None
    sd = se * worth**0.5
    before = _before(records, as_of, series)
    scales = [(value / sd, se / sd), *(_standardised(each) for each in before)]
    known = [pair for pair in scales if pair is not None]
    tau = None
    if len(known) >= FEWEST_STUDIES:
        tau = shrinkage_scale([one for one, _ in known], [se for _, se in known])
    tau, moved = rounded(tau), _kept(_drift(records, as_of, series))
    predictive = predictive_of(
        claim,
        value,
        se,
        worth,
        groups=tuple(group.n for group in evidence.groups),
        tau=tau,
        moved=moved,
    )
    return sealed_forecast(
        claim, predictive, as_of=as_of, known=len(known), tau=tau, moved=moved
    )


def predictive_of(  # noqa: PLR0913 - each is a different number
    claim: Claim,
    estimate: float,
    se: float,
    worth: float,
    *,
    groups: tuple[int, ...],
    tau: float | None,
    moved: float,
) -> Predictive:
    """The distribution of the fresh estimate.

    Args:
        claim: As registered.
        estimate: The claim's.
        se: Its standard error.
        worth: Independent occurrences it rests on.
        groups: Occurrences in each of two arms; else empty.
        tau: Scale of true effects learnt from all claims; None where they are few.
        moved: Standard deviation of the truth from window to window.
    """
    size = claim.settlement_size * _balance(groups)
    return predict(
        estimate,
        se,
        sd=se * worth**0.5,
        settlement_size=max(1, round(size)),
        tau=tau,
        drift=moved,
    )


def sealed_forecast(
    claim: Claim,
    predictive: Predictive,
    *,
    as_of: datetime,
    known: int,
    tau: float | None,
    moved: float,
) -> Forecast:
    """A forecast with every number rounded as the ledger holds it."""
    low, high = predictive.interval(LEVEL)
    return Forecast(
        opens=as_of,
        horizon=claim.horizon,
        size=claim.settlement_size,
        deadline=as_of + parse_duration(claim.deadline),
        settles_on=claim.settles_on,
        mean=_kept(predictive.mean),
        sd=_kept(predictive.sd),
        level=LEVEL,
        low=_kept(low),
        high=_kept(high),
        probability=_kept(probability_of(claim, predictive)),
        known=known,
        tau=tau,
        drift=moved,
    )


def probability_of(claim: Claim, predictive: Predictive) -> float:
    """That the fresh estimate lies beyond the registered margin."""
    if claim.direction == "within":
        return predictive.probability_between(-claim.margin, claim.margin)
    above = predictive.probability_above(claim.margin)
    return above if claim.direction == "greater" else 1 - above


def _balance(groups: tuple[int, ...]) -> float:
    """What an occurrence is worth: 1, or less where two arms are of unequal size."""
    if len(groups) != 2 or not all(groups):  # noqa: PLR2004 - two arms
        return 1.0
    return 4 * groups[0] * groups[1] / sum(groups) ** 2


def _before(
    records: Mapping[str, Record], as_of: datetime, series: tuple[str, str, str, str]
) -> list[ClaimRecord]:
    """The newest earlier look of every other registered claim."""
    newest: dict[tuple[str, str, str, str], ClaimRecord] = {}
    for record in records.values():
        for each in record.claims:
            held = newest.get(each.series)
            earlier = each.as_of < as_of and each.series != series
            if earlier and (held is None or held.as_of < each.as_of):
                newest[each.series] = each
    return [newest[name] for name in sorted(newest)]


def _standardised(look: ClaimRecord) -> tuple[float, float] | None:
    """Estimate and error in standard deviations of one occurrence."""
    value, se, worth = map(look.number, ("estimate", "se", "information"))
    if value is None or not se or not worth:
        return None
    sd = se * worth**0.5
    return value / sd, se / sd


def _drift(
    records: Mapping[str, Record], as_of: datetime, series: tuple[str, str, str, str]
) -> float:
    """From the claim's own earlier settlements, one per window."""
    record = records.get(series[0])
    settled = _settled(record.of_series(*series[1:]) if record else (), as_of)
    estimates = [estimate for estimate, _ in settled]
    return drift(estimates, [se for _, se in settled])


def _settled(
    looks: Iterable[ClaimRecord], as_of: datetime
) -> list[tuple[float, float]]:
    found: dict[datetime | None, tuple[float, float]] = {}
    for look in looks:
        outcome = look.outcome
        if outcome is None or outcome.as_of > as_of:
            continue
        if outcome.estimate is not None and outcome.se:
            found.setdefault(outcome.first, (outcome.estimate, outcome.se))
    return list(found.values())


def _kept(value: float) -> float:
    return rounded(value) or 0.0
