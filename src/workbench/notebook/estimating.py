"""Evidence: an estimate with its interval, computed from a frame and put on record."""

from typing import Any

import numpy as np
import pandas as pd

from workbench.core.evidence import MEASURES
from workbench.notebook.evidencing import Conclusion, Kept
from workbench.notebook.models import (
    check_influence,
    check_model,
    checks_of,
    coefficient_of,
    fitted_on,
)
from workbench.notebook.of_one_group import OfOneGroup
from workbench.notebook.of_two_arms import OfTwoArms
from workbench.notebook.session import current_session
from workbench.notebook.showing import ShownEvidence
from workbench.stats import intervals, minimums
from workbench.stats.looks import Estimate, Look, stated
from workbench.stats.sums import Moments, unit_totals


def evidence(name: str, *, known: str | None = None) -> "Estimator":
    """Begin one piece of evidence; the method called on it computes and records it.

    Args:
        name: Unique within the study. A registered claim of that name is decided by it,
            and sets its alpha and its plan.
        known: Column of the newest instant that a row's arm, forecast or regressors
            use. A row for which it lies after `began` looks ahead. At `began` is not
            after: windows are half-open, and one that ends there holds nothing of it.

    Raises:
        UsageError: The name is malformed or taken.
    """
    session = current_session()
    session.check_name(name, f"evidence {name}")
    return Estimator(session, name, known)


def count(
    name: str, frame: pd.DataFrame, occurrence: str | None = None
) -> ShownEvidence:
    """Count occurrences and distinct units of a frame, for texts to name.

    Args:
        name: Unique within the study.
        frame: One row per unit, or per unit and occurrence.
        occurrence: Column that tells a unit's occurrences apart.

    Raises:
        UsageError: The name or the frame is wrong.
    """
    made = evidence(name)
    counted = made.counted(made.reading(frame, occurrence, "count"))
    return made.said(
        "count",
        Conclusion(
            counted,
            counted.occurrence,
            lambda _kept, look: stated(look, "count", float(counted.n)),
        ),
    )


class Estimator(OfOneGroup, OfTwoArms):
    """The estimators, one method each.

    Every frame holds the unit column and one row per unit, or one per unit and value of
    the column named by `occurrence`; missing values are refused. `began` names the
    column that says when an occurrence began; it may be left out where `occurrence` is
    that date. A registered claim needs it: by it fresh occurrences are told from those
    seen before. All raise `UsageError` with all that is wrong. Too little data is no
    error: the estimate, or its interval, is None.
    """

    __slots__ = ()

    def coefficient(
        self,
        result: Any,  # noqa: ANN401 - statsmodels has no types
        term: str,
        frame: pd.DataFrame,
        *,
        occurrence: str | None = None,
        began: str | None = None,
        measure: str = "coefficient",
    ) -> ShownEvidence:
        """One coefficient of a fitted model, its standard error robust by unit.

        Args:
            result: Of statsmodels, or a BG/NBD fit; None where nothing could be fitted.
                For a registered claim a function that fits the rows it is given, since
                fresh occurrences are fitted alone.
            term: Name of the coefficient.
            frame: The rows the model was fitted on, in their order.
            occurrence: Column that tells a unit's occurrences apart.
            began: Column that says when an occurrence began.
            measure: Unit of the coefficient, such as `log-odds`.
        """
        reading = self.reading(frame, occurrence, "coefficient")
        fit = fitted_on(reading, result, claimed=self.claim)
        whole = fit(frame)
        check_model(reading, whole, term)
        starts = self.starts(reading, began)
        rows = self.counted(reading)

        def at(kept: Kept, look: Look) -> Estimate:
            found = whole if isinstance(kept, slice) else fit(frame[kept])
            return coefficient_of(found, term, rows.codes[kept], look)

        own = checks_of(whole, term, rows)
        return self.said(
            "coefficient", Conclusion(rows, measure, at, starts, own, refits=True)
        )

    def forecast(
        self,
        frame: pd.DataFrame,
        observed: str,
        forecast: str,
        *,
        fitted: str | None = None,
        occurrence: str | None = None,
        began: str | None = None,
    ) -> ShownEvidence:
        """Observed total over forecast total, minus one.

        A forecast of NaN in every row, as of a model not found, states no estimate.

        Args:
            frame: One row per occurrence.
            observed: Column of what happened.
            forecast: Column of what was foreseen, in the same measure.
            fitted: Column of each unit's influence on the total forecast through the
                fit (`bgnbd.Fit.influence`); none where it was fitted to other units.
            occurrence: Column that tells a unit's occurrences apart.
            began: Column that says when the time that was foreseen began.
        """
        reading = self.reading(frame, occurrence, "forecast")
        seen, foreseen = reading.numbers(observed), reading.forecasts(forecast)
        moved = np.zeros(len(frame))
        if fitted is not None:
            moved = reading.forecasts(fitted)
            check_influence(reading, fitted, moved)
        starts = self.starts(reading, began)
        rows = self.counted(reading)

        def at(kept: Kept, look: Look) -> Estimate:
            # a part of the units does not carry the fit's influence, which adds up to
            # nought over all; at a settlement the forecast is what was promised
            whole = isinstance(kept, slice)
            shift = moved[kept] if whole else 0.0
            parts = (foreseen[kept] + shift, seen[kept])
            totals = [unit_totals(rows.codes[kept], part)[2] for part in parts]
            recur = len(parts[0]) > len(totals[0])
            return intervals.forecast(
                Moments.of(*totals),
                look,
                fitted=whole and fitted is not None,
                rows=Moments.of(*parts) if recur else None,
            )

        influences = minimums.influences_of_ratio(rows.codes, foreseen + moved, seen)
        own = (minimums.skewed_little(influences),)
        return self.said(
            "forecast", Conclusion(rows, MEASURES["forecast"], at, starts, own)
        )
