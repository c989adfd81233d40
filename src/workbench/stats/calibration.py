"""Whether what was called 80 % likely comes true 80 % of the time, read at any time.

Evidence against it is money won by betting against the forecasts. A bet may use only
what was known when its forecast was sealed, so a stream of bets goes from one forecast
to the next that was sealed when, or after, the one before had settled. Forecasts that
overlap go to different streams, and the streams' winnings are averaged: whatever the
outcomes have to do with each other, calibrated forecasts win nothing on average.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from scipy.special import log_expit, logit

from workbench.stats import intervals
from workbench.stats.looks import Estimate, FixedSample
from workbench.stats.sums import Floats, Sample

ALARM = 20.0
FEWEST_WINDOWS = 20
# (a, b): the truth is taken to have log odds a + b * those of the forecast
ALTERNATIVES = (
    (0, 0.5),
    (0, 0.75),
    (0, 1.5),
    (0, 2),
    (0.5, 1),
    (-0.5, 1),
    (1, 1),
    (-1, 1),
)
SETTLING, SEALING = 0, 1  # in this order where both happen at one time


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A sealed probability, and what came of it. Times need only an order.

    Attributes:
        probability: Chance of the event, strictly between 0 and 1.
        outcome: Whether it happened; None while it is open.
        sealed: When the probability was fixed, on one clock for all.
        settled: When the outcome became known, later than `sealed`; infinity while it
            is open.
        happened: When all that decided it had happened, where that is before it was
            settled; None where it is the same.
    """

    probability: float
    outcome: bool | None
    sealed: float
    settled: float
    happened: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.probability < 1:
            raise ValueError(
                f"probability must be above 0 and below 1; got {self.probability}. "
                "Seal it clipped"
            )
        if not self.sealed < self.settled:
            raise ValueError(
                "must be sealed before it is settled; "
                f"got {self.sealed}, {self.settled}"
            )
        if (self.outcome is None) != math.isinf(self.settled):
            raise ValueError(
                "an open forecast has outcome None and settles at infinity; "
                f"got {self.outcome}, {self.settled}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Evidence against calibration so far.

    Attributes:
        log_e_value: Natural logarithm of the average winnings of all streams now.
        log_assured: Logarithm of the highest they stood at any settlement, the bets
            then open counted as lost.
        streams: Streams averaged.
        settled: Forecasts settled and used.
        left_out: Forecasts that found no free stream.
        windows: Most settled forecasts of which no two wait for the same time.
    """

    log_e_value: float
    log_assured: float
    streams: int
    settled: int
    left_out: int
    windows: int

    @property
    def alarm(self) -> bool:
        """Whether an alarm was ever raised; calibrated forecasts do in at most 5 %."""
        return self.log_assured >= math.log(ALARM)

    @property
    def verdict(self) -> str:
        """In words. An alarm is one after any number; silence says little after few."""
        if self.alarm:
            return "not calibrated"
        if self.windows < FEWEST_WINDOWS:
            return "too few to judge"
        return "no sign of miscalibration"


def calibration_e_process(
    forecasts: Sequence[Forecast], *, streams: int | None = None
) -> Evidence:
    """Test calibration after every settlement, at an overall level of 1 / `ALARM`.

    A stream's capital is the mean over alternatives q of the product of
    q^y (1 - q)^(1 - y) / (p^y (1 - p)^(1 - y)) over its forecasts (Henzi and Ziegel
    2022, Biometrika 109:647; Arnold, Henzi and Ziegel 2023). Streams are averaged, but
    their average is no supermartingale while bets are open (correction, 109:1181): it
    counts only once all that were open have settled. So the alarm waits until the
    average is at least `ALARM` however they settle, and that holds at any time: let T
    be the first such time; the average at T, continued until the bets open at T are
    settled, has mean 1 at most, and is above `ALARM` whenever T comes.

    Args:
        forecasts: Open and settled ones; those sealed at one time in an order that does
            not depend on outcomes. A void claim is left out, or counts as it was voided
            by a rule that does not see the outcome.
        streams: Streams, fixed beforehand; a forecast that finds none free is left out.
            None makes as many as there are forecasts open at once, which supposes that
            times of sealing and settling do not depend on outcomes.
    """
    queue = sorted(forecasts, key=lambda forecast: forecast.sealed)
    lanes = _lanes(queue, streams)
    count = streams or max((lane + 1 for lane in lanes if lane is not None), default=1)
    factors = _log_factors(np.array([forecast.probability for forecast in queue]))
    capital = np.zeros((count, len(ALTERNATIVES)))
    now, least = np.zeros(count), np.zeros(count)
    assured = 0.0
    for (_, kind), events in groupby(_events(queue, lanes), key=itemgetter(0, 1)):
        for _, _, lane, place in events:
            bet = capital[lane] + factors[:, place]
            if kind == SEALING:
                least[lane] = _log_mean(bet).min()
            else:
                capital[lane] = bet[int(bool(queue[place].outcome))]
                now[lane] = least[lane] = _log_mean(capital[lane])
        if kind == SETTLING:
            assured = max(assured, float(_log_mean(least)))
    used = [f for f, lane in zip(queue, lanes, strict=True) if lane is not None]
    spans = [
        (f.sealed, f.settled if f.happened is None else f.happened)
        for f in queue
        if f.outcome is not None
    ]
    return Evidence(
        log_e_value=float(_log_mean(now)),
        log_assured=assured,
        streams=count,
        settled=sum(f.outcome is not None for f in used),
        left_out=len(queue) - len(used),
        windows=disjoint_windows(spans),
    )


def _lanes(queue: Sequence[Forecast], streams: int | None) -> list[int | None]:
    """The first free stream for each forecast, chosen by what its sealing could see."""
    free_at: list[float] = []
    lanes: list[int | None] = []
    for forecast in queue:
        free = (i for i, time in enumerate(free_at) if time <= forecast.sealed)
        lane = next(free, None)
        if lane is None and (streams is None or len(free_at) < streams):
            lane = len(free_at)
            free_at.append(-math.inf)
        if lane is not None:
            free_at[lane] = forecast.settled
        lanes.append(lane)
    return lanes


def _events(
    queue: Sequence[Forecast], lanes: Sequence[int | None]
) -> list[tuple[float, int, int, int]]:
    """Time, kind, stream and place in the queue of all that happens, in order."""
    events = []
    for place, (forecast, lane) in enumerate(zip(queue, lanes, strict=True)):
        if lane is not None:
            events.append((forecast.sealed, SEALING, lane, place))
            if forecast.outcome is not None:
                events.append((forecast.settled, SETTLING, lane, place))
    return sorted(events)


def _log_factors(probabilities: Floats) -> Floats:
    """Log of what a bet pays: by outcome (no, yes), forecast and alternative."""
    a, b = np.array(ALTERNATIVES).T
    own = logit(probabilities)[:, None]
    other = a + b * own
    return np.stack(
        [log_expit(-other) - log_expit(-own), log_expit(other) - log_expit(own)]
    )


def _log_mean(logs: Floats) -> Floats:
    """Logarithm of the mean over the last axis of what the logarithms are of."""
    total: Floats = np.logaddexp.reduce(logs, axis=-1)
    return total - math.log(logs.shape[-1])


def spiegelhalter_z(forecasts: Sequence[Forecast]) -> float | None:
    """One look at calibration; standard normal if the settled forecasts are calibrated.

    sum (y - p)(1 - 2 p) / sqrt(sum (1 - 2 p)^2 p (1 - p)): Spiegelhalter (1986),
    Statistics in Medicine 5:421. Holds for one look at independent outcomes.

    Returns:
        Above zero where the Brier score is worse than the forecasts themselves expect;
        None where it cannot tell: no forecast is settled, or all said one half.
    """
    settled = [f for f in forecasts if f.outcome is not None]
    p = np.array([forecast.probability for forecast in settled])
    y = np.array([bool(forecast.outcome) for forecast in settled], dtype=float)
    variance = float(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    if variance == 0:
        return None
    return float(((y - p) * (1 - 2 * p)).sum()) / math.sqrt(variance)


def disjoint_windows(spans: Sequence[tuple[float, float]]) -> int:
    """Most windows [start, end) of which no two overlap.

    Taking the earliest end first is best (Kleinberg and Tardos 2005, section 4.1).
    Windows that overlap share what happened in them and are no independent cases.

    Raises:
        ValueError: A window ends before it has begun.
    """
    count, free_at = 0, -math.inf
    for start, end in sorted(spans, key=itemgetter(1)):
        if not start < end:
            raise ValueError(f"a window must start before it ends; got {start}, {end}")
        if start >= free_at:
            count, free_at = count + 1, end
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """One point of a reliability diagram.

    Attributes:
        low: Lowest probability of the bin.
        high: Upper end of the bin; belongs to the next one, except for the last.
        forecasts: Settled forecasts in it.
        mean_probability: What they said, on average.
        observed: Share that happened, with Wilson's interval; settlements of one time
            count as one unit.
    """

    low: float
    high: float
    forecasts: int
    mean_probability: float
    observed: Estimate


def reliability(
    forecasts: Sequence[Forecast], *, alpha: float, bins: int = 10
) -> tuple[Reliability, ...]:
    """What was said beside what happened, in bins of equal width; empty ones left out.

    Args:
        forecasts: Only settled ones are used.
        alpha: One minus the coverage of each bin's interval.
        bins: Bins from 0 to 1.
    """
    settled = [f for f in forecasts if f.outcome is not None]

    def place(forecast: Forecast) -> int:
        return min(int(forecast.probability * bins), bins - 1)

    rows = []
    for number, group in groupby(sorted(settled, key=place), key=place):
        members = list(group)
        times = np.array([forecast.settled for forecast in members])
        happened = np.array([float(bool(forecast.outcome)) for forecast in members])
        rows.append(
            Reliability(
                low=number / bins,
                high=(number + 1) / bins,
                forecasts=len(members),
                mean_probability=math.fsum(f.probability for f in members)
                / len(members),
                observed=intervals.proportion(
                    Sample.of(times, happened), FixedSample(alpha)
                ),
            )
        )
    return tuple(rows)
