"""Evidence: an estimate with its interval, computed from a frame and put on record."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.canonical import rounded
from workbench.core.evidence import Estimand, Group
from workbench.core.runs import Output
from workbench.notebook.models import (
    check_claim,
    check_influence,
    check_model,
    coefficient_of,
)
from workbench.notebook.occurrences import check_occurrences
from workbench.notebook.reading import Reading, Rows
from workbench.notebook.session import Session, current_session
from workbench.notebook.showing import ShownEvidence
from workbench.notebook.surroundings import cell_number
from workbench.stats import intervals
from workbench.stats.intervals import Estimate
from workbench.stats.sums import Contrast, Floats, Moments, Sample, unit_totals

ALPHA = 0.05
SHARE = "share"


def evidence(name: str) -> "Estimator":
    """Begin one piece of evidence; the method called on it computes and records it.

    Args:
        name: Unique within the study. A registered claim of that name is decided by it,
            and sets its alpha.

    Raises:
        UsageError: The name is malformed or taken.
    """
    session = current_session()
    session.check_name(name, f"evidence {name}")
    return Estimator(session, name)


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
    rows = made.counted(made.reading(frame, occurrence, "count"))
    estimate = Estimate(
        estimate=rows.n, low=None, high=None, se=None, level=0.0, method="count"
    )
    return made.said("count", estimate, rows, rows.occurrence)


@dataclass(frozen=True, slots=True)
class Estimator:
    """The estimators, one method each.

    Every frame holds the unit column and one row per unit, or one per unit and value of
    the column named by `occurrence`; missing values are refused. All raise `UsageError`
    with all that is wrong. Too little data is no error: the estimate is None.
    """

    session: Session
    name: str

    def mean(
        self,
        frame: pd.DataFrame,
        value: str,
        *,
        occurrence: str | None = None,
        measure: str | None = None,
    ) -> ShownEvidence:
        """Mean of a column; Student's t, clustered by unit where units recur.

        Args:
            frame: One row per occurrence.
            value: Column of numbers.
            occurrence: Column that tells a unit's occurrences apart.
            measure: Unit of the value, such as `USD`; the column's name by default.
        """
        reading = self.reading(frame, occurrence, "mean")
        values = reading.numbers(value)
        rows = self.counted(reading)
        estimate = intervals.mean(Sample.of(rows.codes, values), self._alpha)
        return self.said("mean", estimate, rows, measure or value)

    def proportion(
        self, frame: pd.DataFrame, outcome: str, *, occurrence: str | None = None
    ) -> ShownEvidence:
        """Share of occurrences with an outcome; Wilson, clustered where units recur.

        Args:
            frame: One row per occurrence.
            outcome: Column of true and false, or of 1 and 0.
            occurrence: Column that tells a unit's occurrences apart.
        """
        reading = self.reading(frame, occurrence, "proportion")
        outcomes = reading.truths(outcome)
        rows = self.counted(reading)
        estimate = intervals.proportion(Sample.of(rows.codes, outcomes), self._alpha)
        return self.said("proportion", estimate, rows, SHARE)

    def difference_in_means(
        self,
        frame: pd.DataFrame,
        outcome: str,
        arm: str,
        *,
        reference: str | None = None,
        occurrence: str | None = None,
        measure: str | None = None,
    ) -> ShownEvidence:
        """Mean of one arm minus that of the reference; Welch, or clustered by unit.

        Args:
            frame: One row per occurrence; a unit may be in both arms.
            outcome: Column of numbers.
            arm: Column of true and false, or of two values.
            reference: The value compared with; false where there are true and false.
            occurrence: Column that tells a unit's occurrences apart.
            measure: Unit of the outcome; the column's name by default.
        """
        reading = self.reading(frame, occurrence, "difference_in_means")
        outcomes = reading.numbers(outcome)
        treated, labels = reading.arms(arm, reference)
        rows = self.counted(reading)
        contrast = Contrast.of(rows.codes, outcomes, treated)
        return self.said(
            "difference_in_means",
            intervals.difference_in_means(contrast, self._alpha),
            rows,
            measure or outcome,
            _groups(contrast, labels),
        )

    def difference_in_proportions(
        self,
        frame: pd.DataFrame,
        outcome: str,
        arm: str,
        *,
        reference: str | None = None,
        occurrence: str | None = None,
    ) -> ShownEvidence:
        """Share of one arm minus that of the reference; Agresti-Caffo, or clustered.

        Args:
            frame: One row per occurrence; a unit may be in both arms.
            outcome: Column of true and false, or of 1 and 0.
            arm: Column of true and false, or of two values.
            reference: The value compared with; false where there are true and false.
            occurrence: Column that tells a unit's occurrences apart.
        """
        reading = self.reading(frame, occurrence, "difference_in_proportions")
        outcomes = reading.truths(outcome)
        treated, labels = reading.arms(arm, reference)
        rows = self.counted(reading)
        contrast = Contrast.of(rows.codes, outcomes, treated)
        return self.said(
            "difference_in_proportions",
            intervals.difference_in_proportions(contrast, self._alpha),
            rows,
            SHARE,
            _groups(contrast, labels),
        )

    def coefficient(
        self,
        result: Any,  # noqa: ANN401 - statsmodels has no types
        term: str,
        frame: pd.DataFrame,
        *,
        occurrence: str | None = None,
        measure: str = "coefficient",
    ) -> ShownEvidence:
        """One coefficient of a fitted model, its standard error robust by unit.

        Args:
            result: Of statsmodels, or a BG/NBD fit; None where nothing could be fitted.
            term: Name of the coefficient.
            frame: The rows the model was fitted on, in their order.
            occurrence: Column that tells a unit's occurrences apart.
            measure: Unit of the coefficient, such as `log-odds`.
        """
        reading = self.reading(frame, occurrence, "coefficient")
        check_model(reading, result, term)
        rows = self.counted(reading)
        estimate = coefficient_of(result, term, rows.codes, self._alpha)
        return self.said("coefficient", estimate, rows, measure)

    def forecast(
        self,
        frame: pd.DataFrame,
        observed: str,
        forecast: str,
        *,
        fitted: str | None = None,
        occurrence: str | None = None,
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
        """
        reading = self.reading(frame, occurrence, "forecast")
        seen, foreseen = reading.numbers(observed), reading.forecasts(forecast)
        moved = np.zeros(len(frame))
        if fitted is not None:
            moved = reading.forecasts(fitted)
            check_influence(reading, fitted, moved)
        rows = self.counted(reading)
        moments = Moments.of(_by_unit(rows, foreseen + moved), _by_unit(rows, seen))
        estimate = intervals.forecast(moments, self._alpha, fitted=fitted is not None)
        return self.said("forecast", estimate, rows, SHARE)

    def reading(
        self, frame: pd.DataFrame, occurrence: str | None, estimand: Estimand
    ) -> Reading:
        """Begin to read a frame; the claim of this name must want this call."""
        reading = Reading(self.session, f"evidence {self.name}", frame, occurrence)
        claim = self.session.claim(self.name)
        if claim is not None:
            check_claim(reading, claim, estimand)
        return reading

    def said(
        self,
        estimand: Estimand,
        estimate: Estimate,
        rows: Rows,
        measure: str,
        groups: tuple[Group, ...] = (),
    ) -> ShownEvidence:
        """Put it on record."""
        shown = ShownEvidence(
            name=self.name,
            estimand=estimand,
            estimate=estimate.estimate,
            low=estimate.low,
            high=estimate.high,
            level=estimate.level,
            interval_kind="none" if estimand == "count" else "fixed-sample",
            se=estimate.se,
            n=rows.n,
            units=rows.units,
            unit=rows.unit,
            occurrence=rows.occurrence,
            measure=measure,
            groups=groups,
            method=estimate.method,
        )
        output = Output(kind="evidence", cell=cell_number(), evidence=shown)
        self.session.say(self.name, output)
        return shown

    def counted(self, reading: Reading) -> Rows:
        """What was counted in a frame, or everything that is wrong with it."""
        claim = self.session.claim(self.name)
        rows = reading.finish(claim.unit if claim else None)
        check_occurrences(reading, rows)
        return rows

    @property
    def _alpha(self) -> float:
        claim = self.session.claim(self.name)
        return claim.alpha if claim else ALPHA


def _groups(contrast: Contrast, labels: tuple[str, str]) -> tuple[Group, ...]:
    arms = zip(labels, (contrast.treated, contrast.reference), strict=True)
    return tuple(
        Group(label=label, n=arm.n, units=arm.units, estimate=rounded(arm.mean))
        for label, arm in arms
    )


def _by_unit(rows: Rows, values: Floats) -> Floats:
    _, _, totals = unit_totals(rows.codes, values)
    return totals
