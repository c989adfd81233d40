"""What a tick would do now: for every study and settlement a state, and why.

A study is due when a slot of its cadence has come and its data are complete up to it;
the slot is the run's as-of. Later, when its data, source or terms changed, the newest
slot is run again: a revision. Nothing is decided by when something ran: equal inputs
are one run, and it is looked up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from workbench.archive.ledgers import LedgerArchive
from workbench.archive.past import Past
from workbench.archive.runs import RunArchive
from workbench.core.canonical import SHORT
from workbench.core.clock import format_instant, show_instant
from workbench.core.errors import ExitCode
from workbench.core.registration import Status, run_name
from workbench.core.runs import RunRecord
from workbench.core.states import RunState
from workbench.publishing.reasons import unsealed
from workbench.scheduling.pacing import Pace, made_up
from workbench.scheduling.slots import Cadence
from workbench.scheduling.ticks import Left
from workbench.settlement.settling import Batch, Settling
from workbench.studies.catalogue import Study
from workbench.studies.failing import (
    Told,
    given_up,
    never_ended,
    reopening,
    retry_later,
)
from workbench.studies.planning import Planned, Planner
from workbench.takeaways.ledger import is_sealed

State = Literal["due", "fresh", "missing", "failed", "held", "forced"]
_Stand = tuple[State, str, Told]  # a state, why, and what is told
ACTS = frozenset({"due", "missing", "forced"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the agenda.

    Attributes:
        study: Name of the study.
        variant: Its variant; empty where all of them are held.
        as_of: Of the run; None where none can be named.
        settles: Claims that the run settles; 0 for a look of its own.
        state: `due` when a slot, or a deadline, has come; `missing` when the newest
            slot ran on other data, source or terms; the others as they say.
        why: The same for a person.
        planned: The run; None where none is planned.
        batch: What it settles; None for a look of its own.
        reasons: What is told with exit codes: why no run can be planned, or why one has
            no ending yet.
    """

    study: str
    variant: str
    as_of: datetime | None
    settles: int = 0
    state: State
    why: str
    planned: Planned | None = None
    batch: Batch | None = None
    reasons: Told = ()

    @property
    def acts(self) -> bool:
        """Whether a tick runs it."""
        return self.state in ACTS and self.planned is not None

    def plain(self) -> dict[str, object]:
        """As plain values, for people and programs."""
        return {
            "study": self.study,
            "variant": self.variant,
            "as_of": show_instant(self.as_of) if self.as_of else "",
            "settles": self.settles,
            "run": self.planned.spec.run_id[:SHORT] if self.planned else "",
            "state": self.state,
            "why": self.why,
            "reopen": reopening(self.planned.record if self.planned else None),
        }

    def line(self) -> str:
        """As one line."""
        name = run_name(self.study, self.variant or None)
        until = f" as of {show_instant(self.as_of)}" if self.as_of else ""
        what = f", settling {self.settles}" if self.settles else ""
        return f"{name}{until}{what}: {self.state}, {self.why}"


@dataclass(frozen=True, slots=True)
class Agenda:
    """Works out what is to be done.

    Attributes:
        planner: Turns a study and an as-of into a run.
        settling: Knows which claims are due.
        runs: What ran.
        ledgers: What is sealed.
        pace: How patiently.
        now: The time.
        before: What the tick before this one left.
    """

    planner: Planner
    settling: Settling
    runs: RunArchive
    ledgers: LedgerArchive
    pace: Pace
    now: datetime
    before: Left

    def looks(self, study: Study, *, force: bool = False) -> Iterator[Item]:
        """What is to be run of a study for its own sake.

        Raises:
            UsageError: A dataset holds no data yet, or has no contract any more.
        """
        registration = study.registration
        if not is_sealed(registration, self.ledgers.read(study.name)):
            yield _unsealed(study)
            return
        until = self.until(study)
        for variant in self.planner.variants(study):
            record = self.runs.current(study.name, variant)
            values = registration.values_of(variant)
            for slot in self._slots(study, variant, record, until):
                planned = self.planner.plan(study, values, slot, force=force)
                item = self._item(study, variant, planned, record)
                if not (_is_overtaken(item, record) and self._is_told(planned)):
                    yield item

    def until(self, study: Study) -> datetime:
        """Up to when slots have come and their data are complete.

        Raises:
            UsageError: A dataset holds no data yet, or has no contract any more.
        """
        return min(self.now, self.planner.as_of(study.registration))

    def comes(self, study: Study) -> datetime | None:
        """The next slot that comes by time alone: its data are there already.

        Raises:
            UsageError: A dataset holds no data yet, or has no contract any more.
        """
        registration = study.registration
        cadence = Cadence(registration.cadence, registration.time_zone)
        known = self.planner.as_of(registration)
        return next(iter(cadence.between(self.now, known)), None)

    def settlements(self, study: Study) -> Iterator[Item]:
        """The runs that settle claims whose deadline is over, and what none settles."""
        batches, stuck = self.settling.due(study)
        for each in stuck:
            yield Item(
                study=study.name,
                variant="",
                as_of=None,
                settles=each.stuck,
                state="failed",
                why="; ".join(reason.message for _, reason in each.reasons),
                reasons=each.reasons,
            )
        for batch in batches:
            planned = self.settling.plan(batch)
            state, why, reasons = self._settles(planned)
            yield Item(
                study=study.name,
                variant=batch.variant,
                as_of=batch.as_of,
                settles=len(batch.claims),
                state=state,
                why=why,
                planned=planned,
                batch=batch,
                reasons=reasons,
            )

    def _slots(
        self, study: Study, variant: str, record: RunRecord | None, until: datetime
    ) -> Sequence[datetime]:
        """As-of of every run that is wanted by now, oldest first.

        What was to run and never ended is wanted still. A run that somebody made
        between two slots stands for the slot before it.
        """
        registration = study.registration
        cadence = Cadence(registration.cadence, registration.time_zone)
        done = record.spec.as_of if record else None
        if done is not None and cadence.newest(until) <= done <= until:
            wanted = [done]
        else:
            before = self.before.until.get(study.name)
            wanted = made_up(registration.catch_up, cadence, done, until, before)
        pending = self.before.pending.get(run_name(study.name, variant), ())
        return sorted({*wanted, *(slot for slot in pending if slot <= until)})

    def _is_told(self, planned: Planned) -> bool:
        """Whether of a run that was given up all have heard who are to hear of it.

        Its owner, once the call has ended well; where there is none, whoever ticks.
        """
        run_id, study = planned.spec.run_id, planned.study
        tries = self.runs.past(planned.spec).tries
        if not tries:
            return False  # somebody makes it just now
        number = tries[-1].number
        if study.registration.on_failure:
            return self.runs.store.is_told(run_id, number)
        name = run_name(study.name, planned.spec.variant)
        return self.before.told.get(name, {}).get(run_id) == number

    def _item(
        self, study: Study, variant: str, planned: Planned, record: RunRecord | None
    ) -> Item:
        state, why, reasons = self._state(planned, record)
        return Item(
            study=study.name,
            variant=variant,
            as_of=planned.spec.as_of,
            state=state,
            why=why,
            planned=planned,
            reasons=reasons,
        )

    def _state(self, planned: Planned, record: RunRecord | None) -> _Stand:
        match planned.state:
            case "fresh" | "failed" if self._points_elsewhere(planned, record):
                return "missing", "an earlier run is what it is again", ()
            case "fresh" | "failed" | "forced" as state:
                return state, planned.why, ()
        return self._stand(planned, *self._unmet(planned, record))

    def _unmet(self, planned: Planned, record: RunRecord | None) -> tuple[State, str]:
        """A run never made: a slot that came, or another look at an old one."""
        if record is None or record.spec.as_of != planned.spec.as_of:
            return "due", "a slot of its cadence has come, and its data reach it"
        if planned.spec.views == record.spec.views:
            return "missing", "its source, terms or libraries changed since it ran"
        return self._revision(planned, record)

    def _points_elsewhere(self, planned: Planned, record: RunRecord | None) -> bool:
        """Whether another run, of this slot or an older one, is the current one."""
        if record is None or record.spec.as_of < planned.spec.as_of:
            return True
        same_slot = record.spec.as_of == planned.spec.as_of
        return same_slot and record.run_id != planned.spec.run_id

    def _stand(self, planned: Planned, state: State, why: str) -> _Stand:
        """Where a run stands that is wanted, which may have been tried, or refused."""
        past = self.runs.past(planned.spec)
        if tried := self._tried(planned, past):
            return tried
        if past.refused:
            why = f"{why}; the last attempt was refused ({past.refused.why})"
        return state, why, ()

    def _tried(self, planned: Planned, past: Past) -> _Stand | None:
        """A run that was tried and may end otherwise; None where it is due at once.

        Its time, or the disk, ran out, or its process was killed: nobody knows that it
        would end the next time, so all of that counts.
        """
        spec, record = planned.spec, planned.record
        if why := given_up(record, past, self.pace.attempts):
            reason = never_ended(planned, why)
            return "failed", why, ((ExitCode.STUDY_FAILED, reason),)
        if not past.tries:
            return None
        number, latest = len(past.tries), past.tries[-1]
        broke_off = latest.state is RunState.ABANDONED
        if record is None or broke_off:
            what = f"an attempt came to nothing ({latest.why})"
            last, paused = latest.at, number - 1
        else:
            what, last, paused = planned.why, record.finished, number
        if paused:
            then = self._paused_until(last, self.pace.pause(spec.run_id, paused))
            if then:
                why = f"{what}; again from {format_instant(then)}"
                return "held", why, ((ExitCode.TRY_LATER, retry_later(spec, why)),)
        if broke_off and record is None:
            return None  # the slot itself says why it is due
        return "due", f"{what}; try {number + 1}", ()

    def _revision(self, planned: Planned, record: RunRecord) -> tuple[State, str]:
        """The newest slot once more, on data that changed; not at every trickle."""
        quiet = self._paused_until(self._changed(planned), self.pace.quiet)
        spaced = self._paused_until(record.finished, self.pace.revision_after)
        if quiet:
            return "held", "its data changed a moment ago and may change again"
        if spaced:
            why = f"it ran a while ago; a revision from {format_instant(spaced)}"
            return "held", why
        return "missing", "its data changed since it ran"

    def _paused_until(self, since: datetime, pause: timedelta) -> datetime | None:
        """When a pause is over, while it lasts; one that begins later holds nothing up.

        A clock that was put right since wrote that, and it may be years ahead.
        """
        return since + pause if since <= self.now < since + pause else None

    def _changed(self, planned: Planned) -> datetime:
        uses = planned.study.registration.data
        contracts = [self.planner.contracts[use.dataset] for use in uses]
        return max(self.planner.views.changed(each) for each in contracts)

    def _settles(self, planned: Planned) -> _Stand:
        if planned.state == "failed":
            return "failed", planned.why, ()
        return self._stand(planned, "due", "its deadline is over")


def _unsealed(study: Study) -> Item:
    """A draft waits in silence; who calls a study registered counts on its runs."""
    seals = f"`workbench register {study.name}` seals it"
    said = study.registration.status is Status.REGISTERED
    what = "its terms or its code are not what was sealed" if said else "it is a draft"
    return Item(
        study=study.name,
        variant="",
        as_of=None,
        state="held",
        why=f"{what}; {seals}",
        reasons=(unsealed(study.name),) if said else (),
    )


def _is_overtaken(item: Item, record: RunRecord | None) -> bool:
    """Whether a slot was given up and a newer one ran well: only `all` wants both."""
    if item.state != "failed" or not item.reasons or item.planned is None:
        return False
    if item.planned.study.registration.catch_up == "all":
        return False
    as_of = item.planned.spec.as_of
    return record is not None and record.succeeded and record.spec.as_of > as_of
