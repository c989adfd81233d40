"""What a claim seals beside its words: a distribution for the data that will settle it.

The estimate is shrunk by what all registered claims are like, and the settlement's own
noise is added, with the drift that this study's earlier settlements showed. All of it
is known at the claim's as-of; nothing later is read.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
Series = tuple[str, str, str, str]
"""Study, seal, variant and name of a claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a forecast is made from, as evidence and ledger lines both hold it.

    Attributes:
        estimate: The claim's estimate.
        se: Its standard error.
        information: Independent occurrences it rests on.
        groups: Occurrences in each of two arms; else empty.
    """

    estimate: float
    se: float
    information: float
    groups: tuple[int, ...]

    @property
    def sd(self) -> float:
        """Standard deviation of one independent occurrence."""
        return self.se * math.sqrt(self.information)

    @property
    def standardised(self) -> tuple[float, float]:
        """Estimate and error in standard deviations of one occurrence."""
        return self.estimate / self.sd, self.se / self.sd


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What the ledgers taught by the claim's date.

    Attributes:
        known: Registered claims whose estimates were known, this one included.
        tau: Scale of true effects learnt from them; None where they are too few.
        drift: Standard deviation of the truth from window to window.
    """

    known: int
    tau: float | None
    drift: float


def basis_of(evidence: Evidence) -> Basis | None:
    """What evidence gives a forecast to rest on; None where it bears no interval."""
    value, se, worth = evidence.estimate, evidence.se, evidence.information
    if value is None or not se or not worth or evidence.low is None:
        return None
    groups = tuple(group.n for group in evidence.groups)
    return Basis(estimate=value, se=se, information=worth, groups=groups)


def basis_of_line(look: ClaimRecord) -> Basis | None:
    """The same from a line of the ledger."""
    value, se, worth = map(look.number, ("estimate", "se", "information"))
    if value is None or not se or not worth:
        return None
    groups = look.values.get("groups")
    sizes = tuple(int(str(n)) for n in groups) if isinstance(groups, list) else ()
    return Basis(estimate=value, se=se, information=worth, groups=sizes)


def learnt_by(
    basis: Basis, series: Series, as_of: datetime, records: Mapping[str, Record]
) -> Learnt:
    """What a claim can learn from the ledgers, of what is older than its date.

    Args:
        basis: What the claim itself rests on.
        series: The claim.
        as_of: Date of its data.
        records: What every ledger holds.
    """
    others = [basis_of_line(each) for each in _before(records, as_of, series)]
    scales = [each.standardised for each in (basis, *others) if each is not None]
    tau = None
    if len(scales) >= FEWEST_STUDIES:
        tau = shrinkage_scale([one for one, _ in scales], [se for _, se in scales])
    return Learnt(
        known=len(scales),
        tau=rounded(tau),
        drift=moved_by(series, as_of, records),
    )


def moved_by(series: Series, as_of: datetime, records: Mapping[str, Record]) -> float:
    """How far the truth moves, by the claim's own settlements, one per window."""
    record = records.get(series[0])
    settled = _settled(record.of_series(*series[1:]) if record else (), as_of)
    estimates = [estimate for estimate, _ in settled]
    return _kept(drift(estimates, [se for _, se in settled]))


def sealed_forecast(
    claim: Claim, basis: Basis, learnt: Learnt, as_of: datetime
) -> Forecast:
    """The forecast, with every number rounded as the ledger holds it.

    Args:
        claim: As registered, its horizon a duration.
        basis: What it rests on.
        learnt: What the ledgers taught.
        as_of: Date of its data.
    """
    predictive = predict(
        basis.estimate,
        basis.se,
        sd=basis.sd,
        settlement_size=max(1, round(claim.settlement_size * _balance(basis.groups))),
        tau=learnt.tau,
        drift=learnt.drift,
    )
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
        known=learnt.known,
        tau=learnt.tau,
        drift=learnt.drift,
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
    records: Mapping[str, Record], as_of: datetime, series: Series
) -> list[ClaimRecord]:
    """The newest earlier look of every other registered claim."""
    newest: dict[Series, ClaimRecord] = {}
    for record in records.values():
        for each in record.claims:
            held = newest.get(each.series)
            earlier = each.as_of < as_of and each.series != series
            if earlier and (held is None or held.as_of < each.as_of):
                newest[each.series] = each
    return [newest[name] for name in sorted(newest)]


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
