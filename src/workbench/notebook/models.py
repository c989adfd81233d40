"""Whether a call fits its claim, and a model the frame that its rows are counted in."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.contracts.mistakes import did_you_mean
from workbench.core.evidence import Check, Estimand
from workbench.core.registration import Claim
from workbench.notebook.reading import Reading, Rows
from workbench.notebook.session import listed
from workbench.stats import coefficient as regression
from workbench.stats import minimums
from workbench.stats.bgnbd import PARAMETERS, Fit
from workbench.stats.looks import Estimate, Look, stated
from workbench.stats.sums import Floats

NOUGHT = 1e-6


def check_claim(reading: Reading, claim: Claim, estimand: Estimand) -> None:
    """Whether a call estimates what is registered, and counts what is registered."""
    registration = reading.session.registration
    if claim.estimand != estimand:
        reading.note(
            "estimand",
            f"the registered claim is a {claim.estimand}, not a {estimand}; call "
            f".{claim.estimand}(...), or change {registration}.",
        )
    if claim.occurrence != (reading.occurrence or ""):
        remedy = (
            f'pass occurrence="{claim.occurrence}"'
            if claim.occurrence
            else "leave occurrence out"
        )
        reading.note(
            "occurrence",
            f"the registered claim counts one row a {claim.counted}; {remedy}, or "
            f"change `occurrence` of the claim in {registration}.",
        )


def check_influence(reading: Reading, name: str, influence: Floats) -> None:
    """Whether a fit's influences add up to nought, as those of a maximum do."""
    if abs(influence.sum()) > NOUGHT * np.abs(influence).sum():
        reading.note(
            "influence",
            f"column {name!r} does not add up to nought; give each unit's influence on "
            "the total forecast, of all units that the model was fitted to.",
        )


def fitted_on(
    reading: Reading,
    result: Any,  # noqa: ANN401 - statsmodels has no types
    *,
    claimed: Claim | None,
) -> Callable[[pd.DataFrame], Any]:
    """How rows are fitted: by the author's function, or by what was fitted already."""
    if callable(result):
        return cast("Callable[[pd.DataFrame], Any]", result)
    if claimed is not None:
        reading.note(
            "model",
            "a registered claim settles on fresh rows, which are fitted alone: give a "
            "function of the rows that returns the fitted model.",
        )
    return lambda _rows: result


def check_model(
    reading: Reading,
    result: Any,  # noqa: ANN401 - statsmodels has no types
    term: str,
) -> None:
    """Whether a model has the term, and was fitted on the frame's rows."""
    if isinstance(result, Fit):
        _check_term(reading, term, list(PARAMETERS))
        _check_rows(reading, len(reading.frame), result.units)
    elif result is not None:
        _check_term(reading, term, regression.terms(result))
        _check_regression(reading, result)


def coefficient_of(
    result: Any,  # noqa: ANN401 - statsmodels has no types
    term: str,
    codes: NDArray[np.int64],
    look: Look,
) -> Estimate:
    """The coefficient of a model that was checked.

    Args:
        result: A statsmodels result, a BG/NBD fit, or None where nothing was fitted.
        term: Name of the coefficient.
        codes: Unit of each row fitted.
        look: For one look, or for all.
    """
    if result is None:
        return stated(look, "coefficient, too little to fit the model")
    if isinstance(result, Fit):
        return result.coefficient(term, look)
    return regression.coefficient(result, term, codes, look)


def checks_of(
    result: Any,  # noqa: ANN401 - statsmodels has no types
    term: str,
    rows: Rows,
) -> tuple[Check, ...]:
    """What the data must bear for the interval of a coefficient of a checked model.

    Enough units that carry it, influences that are not too skewed; and where the
    outcome is one of two, whatever the model, enough of each among those who carry it.
    """
    if result is None:
        return ()
    if isinstance(result, Fit):
        return (minimums.skewed_little(result.influences(term)),)
    influences, weights = regression.influences(result, term, rows.codes)
    enough = minimums.enough_carriers(weights)
    little = minimums.skewed_little(influences, weights)
    outcomes = regression.outcomes(result)
    if not np.isin(outcomes, (0.0, 1.0)).all():
        return enough, little
    fitted = len(regression.terms(result))
    carried = minimums.carriers(weights) / max(len(weights), 1)
    return enough, minimums.enough_events(outcomes, fitted, carried), little


def _check_term(reading: Reading, term: str, terms: list[str]) -> None:
    if term not in terms:
        message = (
            f"the model has no term {term!r}; it has {listed(terms)}."
            f"{did_you_mean(term, terms)}"
        )
        reading.note("term", message)


def _check_rows(reading: Reading, rows: int, fitted: int) -> None:
    if rows != fitted:
        reading.note(
            "rows-differ",
            f"the model was fitted on {fitted:,} rows, the frame has {rows:,}; pass "
            "the frame it was fitted on, without rows that the model dropped.",
        )


def _check_regression(
    reading: Reading,
    result: Any,  # noqa: ANN401 - statsmodels has no types
) -> None:
    if regression.is_weighted(result):
        reading.note(
            "rows-replicated",
            "the model has frequency weights, which are typed counts; fit it on one "
            "row per occurrence.",
        )
    fitted = regression.rows_fitted(result)
    _check_rows(reading, len(reading.frame), fitted)
    labels = regression.row_labels(result)
    same_size = fitted == len(reading.frame)
    if same_size and labels is not None and labels != list(reading.frame.index):
        reading.note(
            "rows-differ",
            "the frame's rows are not in the order in which the model was fitted; pass "
            "the same frame.",
        )
