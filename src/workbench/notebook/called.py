"""What every estimator does: read a frame, count it, put what it finds on record."""

from dataclasses import dataclass, replace

import pandas as pd

from workbench.core.evidence import Estimand
from workbench.core.registration import Boundary, Claim
from workbench.notebook.evidencing import Conclusion, conclude, look_of
from workbench.notebook.models import check_claim
from workbench.notebook.occurrences import check_occurrences
from workbench.notebook.reading import Reading, Rows
from workbench.notebook.session import Session
from workbench.notebook.showing import ShownEvidence
from workbench.notebook.windows import Starts, instants_of, starts_of
from workbench.stats import scales
from workbench.stats.sums import Floats

HIGHEST_ANSWER = 10


@dataclass(frozen=True, slots=True)
class Called:
    """One call of `wb.evidence(name)`.

    Attributes:
        session: The notebook's run.
        name: Of the evidence, and of the registered claim that it decides, if any.
        known: Column of the newest instant that each row uses; None where none is said.
    """

    session: Session
    name: str
    known: str | None = None

    @property
    def claim(self) -> Claim | None:
        """The registered claim of this name."""
        return self.session.claim(self.name)

    @property
    def boundary(self) -> Boundary:
        """Which sequence the claim is registered with; the mixture where none is."""
        return look_of(self.session, self.name).boundary

    def reading(
        self, frame: pd.DataFrame, occurrence: str | None, estimand: Estimand
    ) -> Reading:
        """Begin to read a frame; the claim of this name must want this call."""
        reading = Reading(self.session, f"evidence {self.name}", frame, occurrence)
        claim = self.claim
        if claim is not None:
            check_claim(reading, claim, estimand)
        return reading

    def starts(self, reading: Reading, began: str | None) -> Starts | None:
        """When each row began; a registered claim must know, and who says `known`."""
        found = starts_of(reading, began)
        claim = self.claim
        if found is None and claim is not None and len(reading.frame):
            reading.note(
                "began",
                "a registered claim settles on fresh occurrences: name the column that "
                'says when each began, began="...".',
            )
        elif found is None and self.known is not None and len(reading.frame):
            reading.note(
                "began",
                f"whether {self.known!r} looks ahead is told by when each row began: "
                'name the column that says so, began="...".',
            )
        return found

    def counted(self, reading: Reading) -> Rows:
        """What was counted in a frame, or everything that is wrong with it."""
        claim, used = self.claim, None
        if self.known is not None:
            used = instants_of(reading, self.known, "known")
        rows = reading.finish(claim.unit if claim else None)
        check_occurrences(reading, rows)
        return replace(rows, used=used)

    def said(self, estimand: Estimand, conclusion: Conclusion) -> ShownEvidence:
        """Put it on record, and what settles earlier claims of this name."""
        return conclude(self.session, self.name, estimand, conclusion)


def promoters(reading: Reading, answer: str) -> Floats:
    """Promoters, detractors and the rest, of answers from 0 to 10."""
    answers = reading.numbers(answer)
    wrong = int(((answers < 0) | (answers > HIGHEST_ANSWER) | (answers % 1 != 0)).sum())
    if wrong:
        reading.note(
            "answer",
            f"column {answer!r} has {wrong:,} values that are no whole numbers from 0 "
            "to 10.",
        )
    return scales.promoter_scores(answers)
