"""One coefficient of a fitted regression, its standard error made robust by unit.

The one module that meets a statsmodels result (OLS, GLM, Logit and their kin).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.stats.intervals import FEWEST_UNITS, NO_VARIATION
from workbench.stats.looks import Estimate, Look, Measured, seen, stated

METHOD = "{model} coefficient, robust by unit (CR1)"


def terms(result: Any) -> list[str]:  # noqa: ANN401 - statsmodels has no types
    """Names of a result's coefficients, in order."""
    return [str(name) for name in result.model.exog_names]


def rows_fitted(result: Any) -> int:  # noqa: ANN401 - statsmodels has no types
    """Rows the model was fitted on, after statsmodels dropped what it could not use."""
    return len(result.model.endog)


def row_labels(result: Any) -> list[object] | None:  # noqa: ANN401 - as above
    """Index labels of those rows; None where it was fitted on plain arrays."""
    labels = result.model.data.row_labels
    return None if labels is None else list(labels)


def is_weighted(result: Any) -> bool:  # noqa: ANN401 - statsmodels has no types
    """Whether some rows stand for several occurrences by a typed frequency."""
    weights = getattr(result.model, "freq_weights", None)
    return weights is not None and bool(np.any(np.asarray(weights) != 1))


def coefficient(
    result: Any,  # noqa: ANN401 - statsmodels has no types
    term: str,
    units: NDArray[np.generic],
    look: Look,
) -> Estimate:
    """Coefficient of a term with the CR1 standard error of Liang and Zeger (1986).

    The covariance the author asked statsmodels for is not used. Degrees of freedom:
    distinct units - 1. The information is the rows over their design effect: the robust
    variance beside the model's own.

    Args:
        result: A statsmodels result.
        term: One of `terms(result)`.
        units: Unit of each row fitted, in the rows' order.
        look: For one look, or for all.
    """
    from statsmodels.stats.sandwich_covariance import cov_cluster

    method = METHOD.format(model=type(result.model).__name__)
    ids, codes = np.unique(units, return_inverse=True)
    place = terms(result).index(term)
    estimate = float(np.asarray(result.params)[place])
    if len(ids) < FEWEST_UNITS or rows_fitted(result) <= len(terms(result)):
        return stated(look, method)
    try:
        variance = float(cov_cluster(result, codes)[place, place])
    except np.linalg.LinAlgError:  # a singular information matrix: not identified
        return stated(look, method)
    if not np.isfinite(variance) or variance <= 0 or not _varies(result):
        return stated(look, method, estimate)
    rows = rows_fitted(result)
    worth = float(rows)
    if len(ids) < rows:
        own = float(np.asarray(result.normalized_cov_params)[place, place])
        worth *= min(1.0, own * float(result.scale) / variance)
    measured = Measured(
        estimate=estimate,
        se=variance**0.5,
        df=len(ids) - 1,
        information=worth,
        method=method,
    )
    return seen(measured, look)


def _varies(result: Any) -> bool:  # noqa: ANN401 - statsmodels has no types
    """Whether the model leaves more of the outcome unexplained than rounding does."""
    outcome = np.asarray(result.model.endog)
    left = np.abs(outcome - np.asarray(result.predict()))
    return bool(left.max() > NO_VARIATION * np.abs(outcome).max())
