"""Replay: history as a test. Claims made as of each date, settled as time passes.

Every date is taken in order. First the claims that are due meet what is known by then;
then each study runs as of the date and claims. Nothing later is read, so the ledger
grows as it would have grown; but the authors could have known, and every line says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from workbench.archive.ledgers import LedgerArchive
from workbench.core.errors import ExitCode, Reason, WorkbenchError
from workbench.core.evidence import Evidence
from workbench.core.registration import BASE_VARIANT
from workbench.core.runs import RunRecord, RunSpec
from workbench.core.takeaway import Takeaway
from workbench.publishing.claims import Claims, owed_lines
from workbench.settlement.settling import Batch, Said, Settled, Settling
from workbench.studies.catalogue import Study
from workbench.studies.planning import Planned, Planner
from workbench.takeaways.record import Record


class SaidAll(Said, Protocol):
    """What a run said, claims and settlements."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Estimates and counts."""
        ...

    @property
    def takeaways(self) -> tuple[Takeaway, ...]:
        """Takeaways."""
        ...


Ended = RunRecord | WorkbenchError
RunAll = Callable[[Sequence[Planned]], Sequence[Ended]]


@dataclass(slots=True)
class Replayed:
    """What a replay came to.

    Attributes:
        claimed: Claims entered.
        settled: Claims settled.
        runs: Runs wanted, made or looked up.
        reasons: What went wrong, with exit codes.
    """

    claimed: int = 0
    settled: int = 0
    runs: int = 0
    reasons: list[tuple[ExitCode, Reason]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One run of a date: it claims for its study, or settles for an older seal."""

    study: Study
    planned: Planned
    claims: bool
    batch: Batch | None


@dataclass(frozen=True, slots=True)
class Replaying:
    """Replays studies.

    Attributes:
        planner: Turns studies into runs.
        settling: Settles what is due.
        ledgers: Where lines are entered.
        run_all: Makes runs side by side, in any order; an end for each.
        read: Reads what a run said.
    """

    planner: Planner
    settling: Settling
    ledgers: LedgerArchive
    run_all: RunAll
    read: Callable[[RunSpec], SaidAll]

    def replay(
        self,
        studies: Sequence[Study],
        moments: Iterable[datetime],
        told: Callable[[datetime, Replayed], None],
    ) -> Replayed:
        """Every study as of every moment, in order.

        Args:
            studies: Sealed studies.
            moments: Ascending.
            told: Called after each moment with what came of all so far.
        """
        whole = Replayed()
        for moment in moments:
            self._one(studies, moment, whole)
            told(moment, whole)
        return whole

    def _one(self, studies: Sequence[Study], moment: datetime, whole: Replayed) -> None:
        wanted = [
            each for study in studies for each in self._wanted_of(study, moment, whole)
        ]
        ends = self.run_all([each.planned for each in wanted])
        whole.runs += len(wanted)
        made = list(zip(wanted, ends, strict=True))
        for each, end in made:
            if isinstance(end, WorkbenchError):
                _note(end, whole)
            elif each.batch is not None:
                settled = self.settling.settle(each.batch, end)
                self._enter(each.study.name, settled, whole)
        records = self.ledgers.records()
        for each, end in made:
            if each.claims and not isinstance(end, WorkbenchError):
                self._claim(each.study, end, records, whole)

    def _wanted_of(
        self, study: Study, moment: datetime, whole: Replayed
    ) -> list[_Wanted]:
        """What a study wants run as of a moment; nothing where its data say no."""
        try:
            batches, stuck = self.settling.due(study, moment)
            for settled in stuck:
                self._enter(study.name, settled, whole)
            return self._wanted(study, batches, moment)
        except WorkbenchError as error:
            _note(error, whole)
            return []

    def _wanted(
        self, study: Study, batches: Sequence[Batch], moment: datetime
    ) -> list[_Wanted]:
        """One run to claim, which also settles what it can; others for older seals."""
        own = next(
            (
                batch
                for batch in batches
                if (batch.variant, batch.as_of) == (BASE_VARIANT, moment)
                and batch.study is study
            ),
            None,
        )
        values = study.registration.values_of(BASE_VARIANT)
        planned = self.planner.plan(
            study, values, moment, settles=own.opens if own else ()
        )
        others = [
            _Wanted(study, self.settling.plan(batch), claims=False, batch=batch)
            for batch in batches
            if batch is not own
        ]
        return [_Wanted(study, planned, claims=True, batch=own), *others]

    def _claim(
        self,
        study: Study,
        record: RunRecord,
        records: Mapping[str, Record],
        whole: Replayed,
    ) -> None:
        if not record.succeeded:
            whole.reasons += [
                (
                    ExitCode(record.exit_code),
                    Reason(code=why.code, message=why.message, subject=study.name),
                )
                for why in record.reasons
            ]
            return
        said = self.read(record.spec)
        claims = Claims(
            record=record,
            evidence=said.evidence,
            takeaways=said.takeaways,
            known_until=self.planner.as_of(study.registration),
        )
        lines = owed_lines([claims], self.ledgers.read(study.name), records)
        if any(line["replay"] is False for line in lines):
            return  # nobody could know what follows: that is published, not replayed
        self.ledgers.extend(study.name, lines)
        whole.claimed += sum(line["line"] == "claimed" for line in lines)

    def _enter(self, study: str, settled: Settled, whole: Replayed) -> None:
        self.settling.enter(study, settled.lines)
        whole.settled += len(settled.lines)
        whole.reasons += settled.reasons


def _note(error: WorkbenchError, whole: Replayed) -> None:
    whole.reasons += [(error.exit_code, reason) for reason in error.reasons]
