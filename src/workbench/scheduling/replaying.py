"""Replay: history as a test. Claims made as of each date, settled as time passes.

Every date is taken in order. First the claims that are due meet what is known by then;
then each study runs as of the date and claims. Nothing later is read, so the ledger
grows as it would have grown; but the authors could have known, and every line says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from workbench.archive.ledgers import LedgerArchive, all_remembered
from workbench.core.canonical import SHORT
from workbench.core.clock import show_instant
from workbench.core.errors import ExitCode, Reason, WorkbenchError
from workbench.core.evidence import Evidence
from workbench.core.registration import BASE_VARIANT
from workbench.core.runs import RunRecord, RunSpec
from workbench.core.takeaway import Takeaway
from workbench.publishing.claims import Claims, owed_lines
from workbench.scheduling.reprocessing import (
    WHY,
    Action,
    History,
    Reprocess,
    action_of,
    history_of,
)
from workbench.settlement.settling import Batch, Said, Settled, Settling
from workbench.studies.catalogue import Study
from workbench.studies.planning import Planned, Planner, State
from workbench.takeaways.heads import Heads, are_named, id_of
from workbench.takeaways.ledger import Line
from workbench.takeaways.record import Record, heads_of


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
        dates: What was done with each date of each study, as `Date.plain` has it.
        reasons: What went wrong, with exit codes.
    """

    claimed: int = 0
    settled: int = 0
    runs: int = 0
    dates: list[dict[str, str]] = field(default_factory=list)
    reasons: list[tuple[ExitCode, Reason]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Date:
    """A date of a study, and what is done with it.

    Attributes:
        planned: The run that claims as of it.
        batch: What the same run settles.
        history: What is known of it.
        action: What is done.
    """

    planned: Planned
    batch: Batch | None
    history: History
    action: Action

    def plain(self) -> dict[str, str]:
        """As plain values, for people and programs."""
        spec = self.planned.spec
        return {
            "study": spec.study,
            "as_of": show_instant(spec.as_of),
            "run": spec.run_id[:SHORT],
            "state": self.history,
            "action": self.action,
            "why": WHY[self.history],
        }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One run of a date: it claims for its study, or settles for an older seal."""

    study: Study
    planned: Planned
    claims: bool
    batch: Batch | None


@dataclass(frozen=True, slots=True)
class _Then:
    """What all ledgers held before the claims of a date, read and hashed once.

    A claim is chained to the lines that it names.
    """

    ledgers: Mapping[str, Sequence[Line]]
    records: Mapping[str, Record]
    heads: Heads
    name: str

    @classmethod
    def of(cls, ledgers: Mapping[str, Sequence[Line]]) -> "_Then":
        records = all_remembered(ledgers)
        heads = heads_of(records)
        return cls(ledgers, records, heads, id_of(heads))


@dataclass(frozen=True, slots=True)
class Replaying:
    """Replays studies.

    Attributes:
        planner: Turns studies into runs.
        settling: Settles what is due.
        ledgers: Where lines are entered.
        run_all: Makes runs side by side, in any order; an end for each.
        read: Reads what a run said.
        reprocess: What is done with dates that are known already.
    """

    planner: Planner
    settling: Settling
    ledgers: LedgerArchive
    run_all: RunAll
    read: Callable[[RunSpec], SaidAll]
    reprocess: Reprocess | None = None

    def foreseen(
        self, studies: Sequence[Study], moments: Iterable[datetime]
    ) -> Replayed:
        """What `replay` would do with each date, and what would go wrong."""
        whole = Replayed()
        for moment in moments:
            for study in studies:
                try:
                    batches, _ = self.settling.due(study, moment)
                    date = self._date(study, moment, _own(study, batches, moment))
                    whole.dates.append(date.plain())
                except WorkbenchError as error:
                    _note(error, whole)
        return whole

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
        try:
            self.ledgers.records()  # of which a claim names all
        except WorkbenchError as error:
            _note(error, whole)
            return whole
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
        claiming = [
            (each.study, end)
            for each, end in made
            if each.claims and not isinstance(end, WorkbenchError)
        ]
        if claiming:
            self._claim_all(claiming, whole)

    def _claim_all(
        self, made: Sequence[tuple[Study, RunRecord]], whole: Replayed
    ) -> None:
        """Enter what the runs of a date claim; where a ledger is unreadable, nothing.

        A claim names the newest line of every ledger.
        """
        try:
            then = _Then.of(self.ledgers.whole())
        except WorkbenchError as error:
            _note(error, whole)
            return
        for study, record in made:
            try:
                self._claim(study, record, then, whole)
            except WorkbenchError as error:
                _note(error, whole)

    def _wanted_of(
        self, study: Study, moment: datetime, whole: Replayed
    ) -> list[_Wanted]:
        """What a study wants run as of a moment; nothing where its data say no."""
        try:
            batches, stuck = self.settling.due(study, moment)
            for settled in stuck:
                self._enter(study.name, settled, whole)
            own = _own(study, batches, moment)
            date = self._date(study, moment, own)
            whole.dates.append(date.plain())
            return self._wanted(study, date, batches)
        except WorkbenchError as error:
            _note(error, whole)
            return []

    def _date(self, study: Study, moment: datetime, own: Batch | None) -> Date:
        """What is done with a date; where it is run, it settles what it can as well."""
        values = study.registration.values_of(BASE_VARIANT)
        alone = both = self.planner.plan(study, values, moment)
        if own is not None:
            both = self.planner.plan(study, values, moment, settles=own.opens)
        known = alone if both.record is None else both
        history = history_of(known, claimed=self._claimed(study, moment))
        action = action_of(history, self.reprocess)
        if action == "run again" and known.state != "unlucky":
            return Date(replace(both, state="forced"), own, history, action)
        if action in ("run", "run again"):
            return Date(both, own, history, action)
        settled: State = "fresh" if history == "succeeded" else "failed"
        batch = own if known is both else None
        return Date(replace(known, state=settled), batch, history, action)

    def _claimed(self, study: Study, moment: datetime) -> bool:
        """Whether the base variant claimed as of a date, on the terms of today."""
        seal = study.registration.seal
        return any(
            (claim.seal, claim.variant, claim.as_of) == (seal, BASE_VARIANT, moment)
            for claim in self.ledgers.record(study.name).claims
        )

    def _wanted(
        self, study: Study, date: Date, batches: Sequence[Batch]
    ) -> list[_Wanted]:
        """The date's own run, unless it is left alone; and others that settle."""
        own = [_Wanted(study, date.planned, claims=True, batch=date.batch)]
        others = [
            _Wanted(study, self.settling.plan(batch), claims=False, batch=batch)
            for batch in batches
            if batch is not date.batch or date.action == "leave"
        ]
        return [*(own if date.action != "leave" else []), *others]

    def _claim(
        self, study: Study, record: RunRecord, then: _Then, whole: Replayed
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
        held = then.ledgers.get(study.name, ())
        lines = owed_lines([claims], held, then.records, then.name)
        if any(line["replay"] is False for line in lines):
            return  # nobody could know what follows: that is published, not replayed
        if are_named(lines):
            self.ledgers.hold(then.heads)
        self.ledgers.extend(study.name, lines)
        whole.claimed += sum(line["line"] == "claimed" for line in lines)

    def _enter(self, study: str, settled: Settled, whole: Replayed) -> None:
        self.settling.enter(study, settled.lines)
        whole.settled += len(settled.lines)
        whole.reasons += settled.reasons


def _own(study: Study, batches: Sequence[Batch], moment: datetime) -> Batch | None:
    """What the run that claims as of a date can settle by the way."""
    return next(
        (
            batch
            for batch in batches
            if (batch.variant, batch.as_of) == (BASE_VARIANT, moment)
            and batch.study is study
        ),
        None,
    )


def _note(error: WorkbenchError, whole: Replayed) -> None:
    whole.reasons += [(error.exit_code, reason) for reason in error.reasons]
