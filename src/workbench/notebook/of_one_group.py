"""Estimators of one group: mean, share, net promoter score, quantile."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.core.evidence import MEASURES
from workbench.notebook.called import Called, promoters
from workbench.notebook.evidencing import Conclusion, Kept
from workbench.notebook.showing import ShownEvidence
from workbench.notebook.windows import Starts
from workbench.stats import intervals, minimums, scales
from workbench.stats.looks import Estimate, FixedSample, Look
from workbench.stats.sums import Sample


class OfOneGroup(Called):
    """What can be said of one group."""

    __slots__ = ()

    def mean(
        self,
        frame: pd.DataFrame,
        value: str,
        *,
        occurrence: str | None = None,
        began: str | None = None,
        measure: str | None = None,
    ) -> ShownEvidence:
        """Mean of a column, clustered by unit where units recur.

        Args:
            frame: One row per occurrence.
            value: Column of numbers.
            occurrence: Column that tells a unit's occurrences apart.
            began: Column that says when an occurrence began.
            measure: Unit of the value, such as `USD`; the column's name by default.
        """
        reading = self.reading(frame, occurrence, "mean")
        values = reading.numbers(value)
        starts = self.starts(reading, began)
        rows = self.counted(reading)
        bets = self.boundary == "betting"

        def at(kept: Kept, look: Look) -> Estimate:
            sample = Sample.of(rows.codes[kept], values[kept])
            if not bets:
                return intervals.mean(sample, look)
            claim = self.claim
            bounds = claim.bounds if claim and claim.bounds else (0.0, 1.0)
            batches = _batches(starts, rows.n)[kept]
            return scales.bounded_mean(sample, values[kept], batches, bounds, look)

        influences = minimums.influences_of_mean(rows.codes, values)
        own = () if bets else (minimums.skewed_little(influences),)
        return self.said(
            "mean",
            Conclusion(rows, measure or value, at, starts, own, exact=bets),
        )

    def proportion(
        self,
        frame: pd.DataFrame,
        outcome: str,
        *,
        occurrence: str | None = None,
        began: str | None = None,
    ) -> ShownEvidence:
        """Share of occurrences with an outcome; exact, or clustered where units recur.

        Args:
            frame: One row per occurrence.
            outcome: Column of true and false, or of 1 and 0.
            occurrence: Column that tells a unit's occurrences apart.
            began: Column that says when an occurrence began.
        """
        reading = self.reading(frame, occurrence, "proportion")
        outcomes = reading.truths(outcome)
        starts = self.starts(reading, began)
        rows = self.counted(reading)

        def at(kept: Kept, look: Look) -> Estimate:
            return intervals.proportion(
                Sample.of(rows.codes[kept], outcomes[kept]), look
            )

        exact = rows.n == rows.units and self.boundary != "robbins-siegmund"
        own = () if exact else (minimums.enough_events(outcomes),)
        return self.said(
            "proportion",
            Conclusion(rows, MEASURES["proportion"], at, starts, own, exact=exact),
        )

    def nps(
        self,
        frame: pd.DataFrame,
        answer: str,
        *,
        occurrence: str | None = None,
        began: str | None = None,
    ) -> ShownEvidence:
        """Net promoter score of answers from 0 to 10; by betting where registered so.

        Args:
            frame: One row per answer.
            answer: Column of whole numbers from 0 to 10.
            occurrence: Column that tells a unit's answers apart.
            began: Column that says when an answer was given.
        """
        reading = self.reading(frame, occurrence, "nps")
        scores = promoters(reading, answer)
        starts = self.starts(reading, began)
        rows = self.counted(reading)
        bets = self.boundary == "betting"

        def at(kept: Kept, look: Look) -> Estimate:
            if not bets or isinstance(look, FixedSample):
                return scales.nps(Sample.of(rows.codes[kept], scores[kept]), look)
            points = scores[kept] * scales.HUNDRED
            sample = Sample.of(rows.codes[kept], points)
            batches = _batches(starts, rows.n)[kept]
            return scales.bounded_mean(sample, points, batches, scales.SCORES, look)

        return self.said(
            "nps", Conclusion(rows, MEASURES["nps"], at, starts, exact=bets)
        )

    def quantile(
        self,
        frame: pd.DataFrame,
        value: str,
        *,
        q: float = 0.5,
        began: str | None = None,
        measure: str | None = None,
    ) -> ShownEvidence:
        """A quantile of a column, exact; each unit counts once.

        Args:
            frame: One row per unit.
            value: Column of numbers.
            q: Which quantile, between 0 and 1; a registered claim names its own.
            began: Column that says when an occurrence began.
            measure: Unit of the value; the column's name by default.
        """
        reading = self.reading(frame, None, "quantile")
        values = reading.numbers(value)
        claim = self.claim
        wanted = claim.quantile if claim and claim.quantile else q
        if not 0 < wanted < 1:
            reading.note("quantile", f"q must lie between 0 and 1, not {wanted}.")
        starts = self.starts(reading, began)
        rows = self.counted(reading)

        def at(kept: Kept, look: Look) -> Estimate:
            return scales.quantile(values[kept], wanted, look)

        return self.said(
            "quantile", Conclusion(rows, measure or value, at, starts, exact=True)
        )


def _batches(starts: Starts | None, rows: int) -> NDArray[np.int64]:
    """Number of the instant at which each row began, ascending with time."""
    if starts is None:
        return np.zeros(rows, dtype=np.int64)
    return np.unique(starts, return_inverse=True)[1].astype(np.int64)
