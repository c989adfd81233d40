"""Estimators that compare two arms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.core.canonical import rounded
from workbench.core.evidence import MEASURES, Check, Estimand, Group
from workbench.notebook.called import Called, promoters
from workbench.notebook.evidencing import Conclusion, Kept
from workbench.notebook.reading import Reading, Rows
from workbench.notebook.showing import ShownEvidence
from workbench.notebook.windows import Starts
from workbench.stats import intervals, minimums, scales
from workbench.stats.looks import Estimate, Look
from workbench.stats.sums import Contrast, Floats


@dataclass(frozen=True, slots=True)
class Arms:
    """The rows of two arms.

    Attributes:
        rows: What was counted.
        values: Outcome of each row.
        treated: Whether a row is in the arm that is compared.
        labels: Names of that arm and of the reference.
        starts: When each row began.
    """

    rows: Rows
    values: Floats
    treated: NDArray[np.bool_]
    labels: tuple[str, str]
    starts: Starts | None

    def concluded(
        self,
        estimator: Callable[[Contrast, Look], Estimate],
        measure: str,
        checks: Sequence[Check] = (),
        *,
        exact: bool = False,
    ) -> Conclusion:
        """What an estimator says of them."""

        def at(kept: Kept, look: Look) -> Estimate:
            return estimator(self._contrast(kept), look)

        return Conclusion(
            self.rows,
            measure,
            at,
            self.starts,
            tuple(checks),
            lambda kept: _groups(self._contrast(kept), self.labels),
            self.treated.astype(np.int64),
            exact=exact,
        )

    def _contrast(self, kept: Kept) -> Contrast:
        return Contrast.of(self.rows.codes[kept], self.values[kept], self.treated[kept])


class OfTwoArms(Called):
    """What can be said of one arm beside another."""

    __slots__ = ()

    def difference_in_means(  # noqa: PLR0913 - named one by one by the author
        self,
        frame: pd.DataFrame,
        outcome: str,
        arm: str,
        *,
        reference: str | None = None,
        occurrence: str | None = None,
        began: str | None = None,
        measure: str | None = None,
    ) -> ShownEvidence:
        """Mean of one arm minus that of the reference; Welch, or clustered by unit.

        Args:
            frame: One row per occurrence; a unit may be in both arms.
            outcome: Column of numbers.
            arm: Column of true and false, or of two values.
            reference: The value compared with; false where there are true and false.
            occurrence: Column that tells a unit's occurrences apart.
            began: Column that says when an occurrence began.
            measure: Unit of the outcome; the column's name by default.
        """
        reading = self.reading(frame, occurrence, "difference_in_means")
        outcomes = reading.numbers(outcome)
        two = self._arms(reading, outcomes, arm, reference, began)
        units, treated = two.rows.codes, two.treated
        skew = minimums.skewed_little(
            minimums.influences_of_difference(units, outcomes, treated),
            minimums.weights_of_difference(units, treated),
        )
        return self.said(
            "difference_in_means",
            two.concluded(
                intervals.difference_in_means,
                measure or outcome,
                (skew,),
            ),
        )

    def difference_in_proportions(
        self,
        frame: pd.DataFrame,
        outcome: str,
        arm: str,
        *,
        reference: str | None = None,
        occurrence: str | None = None,
        began: str | None = None,
    ) -> ShownEvidence:
        """Share of one arm minus that of the reference; Agresti-Caffo, or clustered.

        Args:
            frame: One row per occurrence; a unit may be in both arms.
            outcome: Column of true and false, or of 1 and 0.
            arm: Column of true and false, or of two values.
            reference: The value compared with; false where there are true and false.
            occurrence: Column that tells a unit's occurrences apart.
            began: Column that says when an occurrence began.
        """
        reading = self.reading(frame, occurrence, "difference_in_proportions")
        two = self._arms(reading, reading.truths(outcome), arm, reference, began)
        return self._of_shares(
            "difference_in_proportions", intervals.difference_in_proportions, two
        )

    def risk_ratio(
        self,
        frame: pd.DataFrame,
        outcome: str,
        arm: str,
        *,
        reference: str | None = None,
        occurrence: str | None = None,
        began: str | None = None,
    ) -> ShownEvidence:
        """Share of one arm over that of the reference, on the log scale.

        Args:
            frame: One row per occurrence; a unit may be in both arms.
            outcome: Column of true and false, or of 1 and 0.
            arm: Column of true and false, or of two values.
            reference: The value compared with; false where there are true and false.
            occurrence: Column that tells a unit's occurrences apart.
            began: Column that says when an occurrence began.
        """
        reading = self.reading(frame, occurrence, "risk_ratio")
        two = self._arms(reading, reading.truths(outcome), arm, reference, began)
        return self._of_shares("risk_ratio", scales.risk_ratio, two)

    def nps_difference(
        self,
        frame: pd.DataFrame,
        answer: str,
        arm: str,
        *,
        reference: str | None = None,
        occurrence: str | None = None,
        began: str | None = None,
    ) -> ShownEvidence:
        """Net promoter score of one arm minus that of the reference.

        Args:
            frame: One row per answer; a unit may be in both arms.
            answer: Column of whole numbers from 0 to 10.
            arm: Column of true and false, or of two values.
            reference: The value compared with; false where there are true and false.
            occurrence: Column that tells a unit's answers apart.
            began: Column that says when an answer was given.
        """
        reading = self.reading(frame, occurrence, "nps_difference")
        scores = promoters(reading, answer)
        two = self._arms(reading, scores, arm, reference, began)
        return self.said(
            "nps_difference",
            two.concluded(scales.nps_difference, MEASURES["nps_difference"]),
        )

    def _of_shares(
        self,
        estimand: Estimand,
        estimator: Callable[[Contrast, Look], Estimate],
        two: Arms,
    ) -> ShownEvidence:
        exact = self.boundary == "exact"
        own = () if exact else (minimums.enough_events(two.values),)
        return self.said(
            estimand, two.concluded(estimator, MEASURES[estimand], own, exact=exact)
        )

    def _arms(
        self,
        reading: Reading,
        values: Floats,
        arm: str,
        reference: str | None,
        began: str | None,
    ) -> Arms:
        treated, labels = reading.arms(arm, reference)
        starts = self.starts(reading, began)
        return Arms(self.counted(reading), values, treated, labels, starts)


def _groups(contrast: Contrast, labels: tuple[str, str]) -> tuple[Group, ...]:
    arms = zip(labels, (contrast.treated, contrast.reference), strict=True)
    return tuple(
        Group(label=label, n=arm.n, units=arm.units, estimate=rounded(arm.mean))
        for label, arm in arms
    )
