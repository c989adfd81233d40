"""How good the forecasts were: rows of settled claims in, the record's numbers out."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from statistics import NormalDist

from workbench.core.forecasts import Forecast, Outcome
from workbench.core.scorecard import (
    COVERAGE,
    FREE_WIN,
    Measured,
    ReliabilityRow,
    Score,
    Track,
)
from workbench.core.track import Fate, LookRow
from workbench.stats import calibration
from workbench.stats.calibration import (
    Reliability,
    calibration_e_process,
    reliability,
)
from workbench.stats.looks import Estimate
from workbench.stats.scoring import (
    brier,
    clipped,
    expected_brier,
    hit_rate,
    log_score,
    mean_score,
    skill,
)
from workbench.takeaways.settling import ripens

ALPHA = 1 - COVERAGE
Settled = tuple[LookRow, Forecast, Outcome]


def track_of(rows: Sequence[LookRow], *, replay: bool) -> Track:
    """The record of these claims: all of them live, or all of them replayed."""
    settled = _settled(rows)
    fates = Counter(row.fate for row in rows)
    void = Counter(row.reason for row in rows if row.fate == "void")
    evidence = calibration_e_process(_intervals(rows))
    risky = [each for each in settled if not is_free(each[1].probability)]
    free = [each for each in settled if is_free(each[1].probability)]
    return Track(
        replay=replay,
        claims=len(rows),
        open=fates["open"],
        overdue=sum(row.overdue for row in rows),
        won=fates["won"],
        lost=fates["lost"],
        void=dict(sorted(void.items())),
        withdrawn=fates["withdrawn"],
        older=fates["not settled"],
        level=settled[0][1].level if settled else None,
        hit_rate=_hits(_ended(rows, "won", "lost")),
        hits_expected=math.fsum(foreseen.level for _, foreseen, _ in settled),
        hit_rate_strict=_hits([*_ended(rows, "won", "lost", "void"), *_evaded(rows)]),
        brier=_scored(settled, brier, expected_brier),
        log=_scored(settled, log_score, _expected_log),
        crps_ratio=_ratio(settled, "crps", _expected_crps),
        interval_ratio=_ratio(settled, "interval", _expected_interval),
        windows=evidence.windows,
        calibration=evidence.verdict,
        log_e=evidence.log_e_value,
        reliability=_reliability(risky),
        free_wins=len(free),
        free_wins_came=sum(bool(f.held) == (p.probability > 1 / 2) for _, p, f in free),
    )


def is_free(probability: float) -> bool:
    """Whether a stated probability is so near 0 or 1 that it risks nothing."""
    return not 1 - FREE_WIN <= probability <= FREE_WIN


def _settled(rows: Sequence[LookRow]) -> list[Settled]:
    return [
        (row, row.foreseen, row.fresh)
        for row in rows
        if row.fate in ("won", "lost") and row.foreseen and row.fresh
    ]


def _ended(rows: Sequence[LookRow], *fates: Fate) -> list[tuple[bool, float]]:
    """Whether each claim with such a fate was won, and when that was known."""
    return [
        (row.fate == "won", _time(row.fresh.as_of))
        for row in rows
        if row.fate in fates and row.fresh
    ]


def _evaded(rows: Sequence[LookRow]) -> list[tuple[bool, float]]:
    """The same of what is overdue or was withdrawn, at its deadline if it had one."""
    return [
        (False, _time(row.foreseen.deadline if row.foreseen else row.as_of))
        for row in rows
        if row.overdue or row.fate == "withdrawn"
    ]


def _time(moment: datetime) -> float:
    return moment.timestamp()


def _happened(foreseen: Forecast, fresh: Outcome) -> float:
    """When the last of the outcomes that settled a claim had come."""
    assert fresh.last is not None  # noqa: S101 - it is settled
    return _time(fresh.last + (ripens(foreseen) - foreseen.opens))


def _batches(claims: Sequence[Settled]) -> list[float]:
    """Settlement date of each: claims that one batch of data settled are one unit."""
    return [_time(fresh.as_of) for _, _, fresh in claims]


def _hits(ended: Sequence[tuple[bool, float]]) -> Measured | None:
    """Share of the claims that were won; those that one date settled are one unit."""
    if not ended:
        return None
    hits = [won for won, _ in ended]
    found = hit_rate(hits, [when for _, when in ended], alpha=ALPHA)
    return _measured(found, sum(hits) / len(hits))


def _measured(found: Estimate, value: float) -> Measured:
    """The estimate and its interval; the plain mean where one batch allows none."""
    mean = value if found.estimate is None else found.estimate
    return Measured(value=mean, low=found.low, high=found.high)


def _mean(values: Sequence[float], claims: Sequence[Settled]) -> Measured:
    """Mean of scores that are never below nought, as its interval then is not."""
    found = mean_score(values, _batches(claims), alpha=ALPHA)
    mean = _measured(found, math.fsum(values) / len(values))
    return replace(mean, low=None if mean.low is None else max(0.0, mean.low))


def _scored(
    claims: Sequence[Settled],
    score: Callable[..., float],
    expected: Callable[[float], float],
) -> Score | None:
    """A score of the stated probabilities, beside what two simple forecasts score."""
    if not claims:
        return None
    said = [foreseen.probability for _, foreseen, _ in claims]
    held = [bool(fresh.held) for _, _, fresh in claims]
    pairs = list(zip(said, held, strict=True))
    mean = _mean([score(p, won=won) for p, won in pairs], claims)
    rate = sum(held) / len(held)
    half, base = (
        math.fsum(score(constant, won=won) for won in held) / len(held)
        for constant in (1 / 2, rate)
    )
    return Score(
        mean=mean,
        expected=math.fsum(map(expected, said)) / len(said),
        over_half=skill(mean.value, half),
        over_base_rate=skill(mean.value, base) if 0 < rate < 1 else None,
    )


def _expected_log(probability: float) -> float:
    """What the clipped score comes to if the probability as stated is true."""
    scored = clipped(probability)
    return -probability * math.log(scored) - (1 - probability) * math.log(1 - scored)


def _ratio(
    claims: Sequence[Settled], name: str, expected: Callable[[Forecast], float]
) -> Measured | None:
    """Mean of a score over what each forecast expects of its own; 1 if calibrated.

    Scores in different measures cannot be averaged; these ratios can.
    """
    if not claims:
        return None
    ratios = [fresh.scores[name] / expected(p) for _, p, fresh in claims]
    return _mean(ratios, claims)


def _expected_crps(foreseen: Forecast) -> float:
    """The standard deviation over sqrt(pi): y drawn from the forecast itself."""
    return foreseen.sd / math.sqrt(math.pi)


def _expected_interval(foreseen: Forecast) -> float:
    """Width and 2 / alpha times the mean of what lies outside a normal's interval."""
    alpha = 1 - foreseen.level
    reach = NormalDist().inv_cdf(1 - alpha / 2)
    density = math.exp(-reach * reach / 2) / math.sqrt(2 * math.pi)
    outside = density - reach * alpha / 2
    return foreseen.sd * (2 * reach + 2 / alpha * 2 * outside)


def _intervals(rows: Sequence[LookRow]) -> list[calibration.Forecast]:
    """The sealed intervals as forecasts of a hit; open ones are bets still placed."""
    found = []
    for row in rows:
        if row.foreseen is None or row.fate not in ("open", "won", "lost"):
            continue
        found.append(
            calibration.Forecast(
                probability=row.foreseen.level,
                outcome=None if row.fate == "open" else row.fate == "won",
                sealed=_time(row.foreseen.opens),
                settled=_time(row.fresh.as_of) if row.fresh else math.inf,
                happened=_happened(row.foreseen, row.fresh) if row.fresh else None,
            )
        )
    return found


def _reliability(claims: Sequence[Settled]) -> tuple[ReliabilityRow, ...]:
    forecasts = [
        calibration.Forecast(
            probability=foreseen.probability,
            outcome=bool(fresh.held),
            sealed=_time(foreseen.opens),
            settled=_time(fresh.as_of),
        )
        for _, foreseen, fresh in claims
    ]
    return tuple(
        ReliabilityRow(
            low=each.low,
            high=each.high,
            forecasts=each.forecasts,
            said=each.mean_probability,
            came=_measured(each.observed, _share_in(each, forecasts)),
        )
        for each in reliability(forecasts, alpha=ALPHA)
    )


def _share_in(row: Reliability, forecasts: Sequence[calibration.Forecast]) -> float:
    """Share of a row's forecasts that came true, which one batch alone leaves open."""
    last = row.high >= 1
    came = [
        bool(each.outcome)
        for each in forecasts
        if row.low <= each.probability and (last or each.probability < row.high)
    ]
    return sum(came) / len(came)
