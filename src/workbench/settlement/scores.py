"""What a settled claim scores: how far its sealed forecast was from what came."""

import math

from workbench.core.canonical import rounded
from workbench.core.forecasts import Forecast
from workbench.stats.scoring import brier, crps_normal, interval_score, log_score
from workbench.takeaways.record import ClaimRecord
from workbench.takeaways.settling import beyond


def scores_of(
    claim: ClaimRecord, forecast: Forecast, estimate: float
) -> dict[str, float]:
    """Every score of a settled claim; smaller is better, of each.

    Brier and log score of the stated probability that the estimate lies beyond the
    margin; interval score and CRPS of the distribution, in the estimate's measure, or
    of a ratio on its logarithm, where the distribution is.
    """
    alpha, held = 1 - forecast.level, beyond(claim.terms, estimate)
    low, high, value = forecast.low, forecast.high, estimate
    if claim.on_log:
        low, high, value = math.log(low), math.log(high), math.log(value)
    found = {
        "brier": brier(forecast.probability, won=held),
        "log": log_score(forecast.probability, won=held),
        "interval": interval_score(low, high, value, alpha=alpha),
        "crps": crps_normal(forecast.mean, forecast.sd, value),
    }
    return {name: rounded(score) or 0.0 for name, score in found.items()}
