"""One coefficient of a fitted regression, its standard error made robust by unit.

The one module that meets a statsmodels result (OLS, GLM, Logit and their kin).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.stats.intervals import FEWEST_UNITS, NO_VARIATION
from workbench.stats.looks import Estimate, Look, Measured, seen, stated
from workbench.stats.sums import Floats, exact_dot, unit_totals

METHOD = "{model} coefficient, robust by unit (CR1)"


def terms(result: Any) -> list[str]:  # noqa: ANN401 - statsmodels has no types
    """Names of a result's coefficients, in order."""
    return [str(name) for name in result.model.exog_names]


def rows_fitted(result: Any) -> int:  # noqa: ANN401 - statsmodels has no types
    """Rows the model was fitted on, after statsmodels dropped what it could not use."""
    return len(result.model.endog)


def outcomes(result: Any) -> Floats:  # noqa: ANN401 - statsmodels has no types
    """What the model was fitted to explain, one number per row."""
    return np.asarray(result.model.endog, dtype=np.float64)


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
    method = METHOD.format(model=type(result.model).__name__)
    place = terms(result).index(term)
    estimate = float(np.asarray(result.params)[place])
    moved, _ = influences(result, term, units)
    size, rows, fitted = len(moved), rows_fitted(result), len(terms(result))
    if size < FEWEST_UNITS or rows <= fitted:
        return stated(look, method)
    correction = size / (size - 1) * (rows - 1) / (rows - fitted)
    variance = correction * exact_dot(moved, moved)
    if not np.isfinite(variance) or variance <= 0 or not _varies(result):
        return stated(look, method, estimate)
    worth = float(rows)
    if size < rows:
        own = float(np.asarray(result.normalized_cov_params)[place, place])
        worth *= min(1.0, own * float(result.scale) / variance)
    measured = Measured(
        estimate=estimate,
        se=variance**0.5,
        df=size - 1,
        information=worth,
        method=method,
    )
    return seen(measured, look)


def influences(
    result: Any,  # noqa: ANN401 - statsmodels has no types
    term: str,
    units: NDArray[np.generic],
) -> tuple[Floats, Floats]:
    """Each unit's influence on a coefficient, and its weight, in the order of units.

    The influence is the sum of its rows' scores times the bread of the sandwich; at the
    estimate they add up to nought. A row's weight is its regressors times the bread,
    which the residual turns into its influence; a unit's is the root of its rows'
    squared weights, with the sign of their sum. None at all where the information
    matrix is singular, so that the coefficient is not identified.

    Args:
        result: A statsmodels result.
        term: One of `terms(result)`.
        units: Unit of each row fitted, in the rows' order.
    """
    try:
        scores, regressors, bread = _sandwich(result)
    except np.linalg.LinAlgError:
        return np.zeros(0), np.zeros(0)
    column = bread[:, terms(result).index(term)]
    moved = unit_totals(units, np.asarray(scores @ column))[2]
    weights = np.asarray(regressors @ column[: regressors.shape[1]])
    signs = np.sign(unit_totals(units, weights)[2])
    return moved, signs * np.sqrt(unit_totals(units, weights**2)[2])


def _sandwich(
    result: Any,  # noqa: ANN401 - statsmodels has no types
) -> tuple[Floats, Floats, Floats]:
    """Scores and regressors of the rows, and the inverse of what curves the scores."""
    model, params = result.model, np.asarray(result.params)
    if hasattr(model, "score_obs"):
        bread = np.linalg.inv(-np.asarray(model.hessian(params)))
        return np.asarray(model.score_obs(params)), np.asarray(model.exog), bread
    regressors = np.asarray(model.wexog)
    left = np.asarray(result.wresid)[:, None]
    return regressors * left, regressors, np.asarray(result.normalized_cov_params)


def _varies(result: Any) -> bool:  # noqa: ANN401 - statsmodels has no types
    """Whether the model leaves more of the outcome unexplained than rounding does."""
    outcome = np.asarray(result.model.endog)
    left = np.abs(outcome - np.asarray(result.predict()))
    return bool(left.max() > NO_VARIATION * np.abs(outcome).max())
