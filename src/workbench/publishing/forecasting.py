"""What a claim seals beside its words: a distribution for the data that will settle it.

The estimate is shrunk by what all registered claims are like, and the settlement's own
noise is added, with what the stretches of the claim's own past differed by beyond
theirs. All of it is known at the claim's as-of; nothing later is read.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workbench.core.canonical import rounded
from workbench.core.clock import parse_duration
from workbench.core.evidence import LEVELS, Estimand, Evidence
from workbench.core.forecasts import Forecast
from workbench.core.records import Plain
from workbench.core.registration import BASE_VARIANT, Claim
from workbench.core.runs import RunSpec
from workbench.stats.predictive import (
    FEWEST_STUDIES,
    Predictive,
    drift,
    predict,
    shrinkage_scale,
)
from workbench.takeaways.record import ClaimRecord, Record, Series

LEVEL = 0.80  # of five forecasts one is meant to lose: a record that can be judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a forecast is made from, as evidence and ledger lines both hold it.

    On the scale on which the estimate is normal: of a ratio its logarithm.

    Attributes:
        log: Whether that scale is the logarithm.
        estimate: The claim's estimate.
        se: Its standard error.
        information: Independent occurrences it rests on.
        null: What the estimate is shrunk toward: of an effect none at all; of a level,
            which nobody expects at nought, the margin, beyond which it was noticed.
        size: Independent occurrences that the fresh ones will be worth.
        windows: Estimate and standard error of each stretch of the past.
    """

    log: bool
    estimate: float
    se: float
    information: float
    null: float
    size: int
    windows: tuple[tuple[float, float], ...]

    @property
    def sd(self) -> float:
        """Standard deviation of one independent occurrence."""
        return self.se * math.sqrt(self.information)

    @property
    def standardised(self) -> tuple[float, float]:
        """Distance from the null, and its error, in standard deviations of one."""
        return (self.estimate - self.null) / self.sd, self.se / self.sd


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What the ledgers taught by the claim's date.

    Attributes:
        known: Registered claims whose estimates were known, this one included.
        tau: Scale of true effects learnt from them; None where they are too few.
        drift: Standard deviation of a new stretch's truth from what all so far share.
    """

    known: int
    tau: float | None
    drift: float


@dataclass(frozen=True, slots=True)
class Known:
    """What was known when a claim was made.

    Attributes:
        as_of: Date of its data.
        records: What every ledger held.
    """

    as_of: datetime
    records: Mapping[str, Record]


def forecast_of(
    spec: RunSpec, claim: Claim, evidence: Evidence, records: Mapping[str, Record]
) -> Forecast | None:
    """The forecast a claim of a run makes; None where its data bear no interval.

    Args:
        spec: The run.
        claim: As registered, its horizon a duration.
        evidence: What it rests on.
        records: What every ledger holds.
    """
    basis = basis_of(claim, evidence)
    if basis is None:
        return None
    series = (spec.study, spec.seal, spec.variant or BASE_VARIANT, claim.name)
    learnt = learnt_by(basis, claim, series, Known(spec.as_of, records))
    return sealed_forecast(claim, basis, learnt, spec.as_of)


def basis_of(claim: Claim, evidence: Evidence) -> Basis | None:
    """What evidence gives a forecast to rest on; None where it bears no interval."""
    value, se, worth = evidence.estimate, evidence.se, evidence.information
    if value is None or not se or not worth or evidence.low is None:
        return None
    groups = [group.n for group in evidence.groups]
    log = evidence.scale == "log"
    return Basis(
        log=log,
        estimate=_on_scale(value, log=log),
        se=se / value if log else se,
        information=worth,
        null=_null(claim.estimand, claim.direction, claim.margin),
        size=_worth(claim.settlement_size, groups, evidence.window_effect),
        windows=_on_scales(evidence.windows, log=log),
    )


def basis_of_line(look: ClaimRecord) -> Basis | None:
    """The same from a line of the ledger."""
    value, se, worth = map(look.number, ("estimate", "se", "information"))
    if value is None or not se or not worth:
        return None
    estimand, groups, log = look.estimand, look.values.get("groups"), look.on_log
    return Basis(
        log=log,
        estimate=_on_scale(value, log=log),
        se=se / value if log else se,
        information=worth,
        null=_null(estimand, str(look.terms["direction"]), look.margin),
        size=_worth(
            int(str(look.terms["settlement_size"])),
            [int(str(n)) for n in groups] if isinstance(groups, list) else [],
            look.number("window_effect") or 1.0,
        ),
        windows=_on_scales(_pairs(look.values.get("windows")), log=log),
    )


def _null(estimand: Estimand, direction: str, margin: float) -> float:
    return margin if estimand in LEVELS and direction != "within" else 0.0


def _on_scale(value: float, *, log: bool) -> float:
    """A value on the scale on which estimates are normal."""
    if not log:
        return value
    return math.log(value) if value > 0 else -math.inf


def _on_scales(
    windows: Iterable[tuple[float, float]], *, log: bool
) -> tuple[tuple[float, float], ...]:
    if not log:
        return tuple(windows)
    return tuple((math.log(value), se / value) for value, se in windows if value > 0)


def _pairs(plain: Plain) -> list[tuple[float, float]]:
    """Estimate and error of each stretch, as a line holds them.

    Raises:
        TypeError: Something in it is no list.
        ValueError: Something in it is no pair of numbers.
    """
    pairs = []
    for each in plain if isinstance(plain, list) else []:
        if not isinstance(each, list):
            raise TypeError("a stretch is a pair of numbers")
        value, se = map(float, map(str, each))
        pairs.append((value, se))
    return pairs


def _worth(size: int, groups: Sequence[int], window_effect: float) -> int:
    """Independent occurrences that so many will be worth.

    Less where two arms are of unequal size, or units recur among them.
    """
    balance = 1.0
    if len(groups) == 2 and all(groups):  # noqa: PLR2004 - two arms
        balance = 4 * groups[0] * groups[1] / sum(groups) ** 2
    return max(1, round(size * balance / window_effect))


def learnt_by(basis: Basis, claim: Claim, series: Series, at: Known) -> Learnt:
    """What a claim can learn from the ledgers, of what is older than its date.

    Effects learn from effects and levels from levels.
    """
    level = claim.estimand in LEVELS
    others = [
        basis_of_line(each)
        for each in _before(at, series)
        if (each.estimand in LEVELS) == level
    ]
    scales = [each.standardised for each in (basis, *others) if each is not None]
    tau = None
    if len(scales) >= FEWEST_STUDIES:
        tau = shrinkage_scale([one for one, _ in scales], [se for _, se in scales])
    past = [value for value, _ in basis.windows], [se for _, se in basis.windows]
    return Learnt(known=len(scales), tau=rounded(tau), drift=_kept(drift(*past)))


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
    log = basis.log
    shifted = predict(
        basis.estimate - basis.null,
        basis.se,
        sd=basis.sd,
        settlement_size=basis.size,
        tau=learnt.tau,
        drift=learnt.drift,
    )
    predictive = replace(shifted, mean=shifted.mean + basis.null)
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
        low=_kept(math.exp(low) if log else low),
        high=_kept(math.exp(high) if log else high),
        probability=_kept(probability_of(claim, predictive, log=log)),
        known=learnt.known,
        tau=learnt.tau,
        drift=learnt.drift,
    )


def probability_of(claim: Claim, predictive: Predictive, *, log: bool) -> float:
    """That the fresh estimate lies beyond the registered margin."""
    margin = _on_scale(claim.margin, log=log)
    if claim.direction == "within":
        return predictive.probability_between(_on_scale(-claim.margin, log=log), margin)
    above = predictive.probability_above(margin)
    return above if claim.direction == "greater" else 1 - above


def _before(at: Known, series: Series) -> list[ClaimRecord]:
    """The newest earlier look at every other question, on the newest of its terms.

    Older terms of a question are no second effect to learn from.
    """
    study, _, variant, claim = series
    looks = [each for record in at.records.values() for each in record.claims]
    newest: dict[tuple[str, str, str], ClaimRecord] = {}
    for look in sorted(looks, key=lambda look: (look.version, look.as_of)):
        if look.as_of < at.as_of and look.question != (study, variant, claim):
            newest[look.question] = look
    return [newest[question] for question in sorted(newest)]


def _kept(value: float) -> float:
    return rounded(value) or 0.0
