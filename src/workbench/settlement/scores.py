"""What a settled claim scores: how far its sealed forecast was from what came."""

from workbench.core.canonical import rounded
from workbench.core.forecasts import Forecast
from workbench.stats.scoring import brier, crps_normal, interval_score, log_score


def scores_of(forecast: Forecast, estimate: float, *, held: bool) -> dict[str, float]:
    """Every score of a settled claim; smaller is better, of each.

    Brier and log score of the stated probability that the estimate lies beyond the
    margin; interval score and CRPS of the distribution, in the estimate's measure.
    """
    alpha = 1 - forecast.level
    found = {
        "brier": brier(forecast.probability, won=held),
        "log": log_score(forecast.probability, won=held),
        "interval": interval_score(forecast.low, forecast.high, estimate, alpha=alpha),
        "crps": crps_normal(forecast.mean, forecast.sd, estimate),
    }
    return {name: rounded(value) or 0.0 for name, value in found.items()}
