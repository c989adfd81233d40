"""Run folders: `runs/<study>/<run>/<attempt>`, each written by one attempt alone.

An attempt is complete when its `run.json` is there and the run store says so. A folder
without one is what a killed process left; it is swept away.
"""

import json
import shutil
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from workbench.archive.leases import Lease
from workbench.archive.locks import locked
from workbench.archive.making import Making, inside, numbered, state_at_end
from workbench.archive.past import INTERRUPTED, LOST, Past, past_of
from workbench.archive.pointers import read_pointer
from workbench.archive.reading import bytes_of
from workbench.archive.store import Attempt, Event, Store, lease_name
from workbench.core import disk
from workbench.core.canonical import SHORT, pretty_json
from workbench.core.clock import format_instant, parse_instant
from workbench.core.errors import TryLater, UsageError, WorkbenchError
from workbench.core.records import from_plain
from workbench.core.runs import RunRecord, RunSpec
from workbench.core.states import ENDED, RunState


@dataclass(frozen=True, slots=True)
class RunArchive:
    """All runs of a root.

    Attributes:
        runs: Their folders.
        store: How far each attempt came.
    """

    runs: Path
    store: Store

    def folder(self, spec: RunSpec) -> Path:
        """The folder of this run's newest attempt that came to an end."""
        ended = self.store.last_ended(spec.run_id)
        return self._place(spec.study, spec.run_id, ended.number if ended else 1)

    def find(self, spec: RunSpec) -> RunRecord | None:
        """The record of this very run, if an attempt at it has ended.

        It may lack its row still, where the process was killed in between.
        """
        attempts = self.store.living(spec.run_id)
        for each in sorted(attempts, key=lambda a: a.number, reverse=True):
            ended = each.state in ENDED
            if ended or self.store.is_lost(each):
                record = self._record_of(each)
                if record or ended:
                    return record
        return None

    def has_record(self, attempt: Attempt) -> bool:
        """Whether the record of an attempt that ended can be read."""
        return self._record_of(attempt) is not None

    def is_torn(self, attempt: Attempt) -> bool:
        """Whether what the notebook of an attempt that succeeded said is gone."""
        said = self.place(attempt) / "out" / "outputs.jsonl"
        return attempt.state is not RunState.FAILED and not said.is_file()

    def past(self, spec: RunSpec) -> Past:
        """What the attempts at this run came to.

        What a killed process left counts as whoever takes it up will find it: so a plan
        and the tick after it see the same. A run whose record was lost begins anew.
        """
        lost = [
            Event(each.run_id, each.number, each.since, self._left(each), LOST)
            for each in self._lost(spec.run_id)
        ]
        past = past_of([*self.store.events(spec.run_id), *lost])
        failed = past.tries and past.tries[-1].state is RunState.FAILED
        return replace(past, tries=()) if failed and not self.find(spec) else past

    @contextmanager
    def opened(self, of: RunSpec | Attempt) -> Iterator[Lease]:
        """Hold a run: nobody else makes it meanwhile.

        What a killed process left of it is taken up, or away, first.

        Raises:
            TryLater: The same run is under way elsewhere.
        """
        what = f"the run {of.run_id[:SHORT]} of {of.study}"
        with self.store.leases.held(lease_name(of.run_id), what) as lease:
            for lost in self.store.in_flight(of.run_id):
                self._recover(lost)
            yield lease

    @contextmanager
    def attempt(self, spec: RunSpec, lease: Lease) -> Iterator[Making]:
        """A new attempt with an empty folder, for its owner alone.

        The folder is gone afterwards unless a record ended the attempt; an earlier one
        stays until then.

        Raises:
            TryLater: Another process took our place.
        """
        home = self.runs / spec.study / spec.run_id[:SHORT]
        least = 1 + max((int(path.name) for path in numbered(home)), default=0)
        number = self.store.begin(lease, spec, least)
        folder = self._place(spec.study, spec.run_id, number)
        making = Making(self.store, lease, spec, number, folder)
        try:
            disk.make_folder(folder, mode=0o700)
            yield making
        except BaseException as error:
            state = RunState.ABANDONED if _is_bad_luck(error) else RunState.REFUSED
            with suppress(WorkbenchError):
                self.store.reach(spec.run_id, number, state, why_of(error))
                if refused := self.past(spec).refused:
                    self.store.thin_out(spec.run_id, refused.number, number)
            with suppress(WorkbenchError):
                # Not where the record stands: a commit can arrive unconfirmed.
                if self.store.state_of(spec.run_id, number) not in ENDED:
                    shutil.rmtree(making.folder, ignore_errors=True)
            raise

    def place(self, attempt: Attempt) -> Path:
        """The folder of an attempt."""
        return self._place(attempt.study, attempt.run_id, attempt.number)

    def forget(self, attempt: Attempt) -> None:
        """Remove a run that nobody needs; to look it up is to make it again.

        Its rows go first: a crash before its folder is gone leaves one without rows,
        which is nobody's.

        Raises:
            TryLater: It is being made.
        """
        with self.opened(attempt):
            if self.store.forget(attempt.run_id):
                shutil.rmtree(self.place(attempt).parent, ignore_errors=True)

    def sweep(self, spec: RunSpec | None = None) -> list[Attempt]:
        """Take up, or away, what killed processes left; returns what there was.

        Args:
            spec: The run of which; None for all of them.
        """
        lost = self._lost(spec.run_id if spec else None)
        for attempt in lost:
            # Somebody may make it by now, or it came to an end after all; what may not
            # be read is told where its study is looked at.
            with suppress(TryLater, UsageError), self.opened(attempt):
                pass
        return lost

    def make_current(self, spec: RunSpec, *, backfill: bool = False) -> None:
        """Point study and variant at this run.

        A backfill, a look at what was known earlier, moves the pointer forward only.
        """
        stands = self.current(spec.study, spec.variant) is not None
        forward_only = backfill and spec.variant is not None and stands
        self.store.make_current(spec, forward_only=forward_only)

    def current(self, study: str, variant: str | None) -> RunRecord | None:
        """The run that study and variant stand at; a variant of None is exploratory."""
        pointed = self.store.current(study, variant)
        return self._record(pointed[0]) if pointed else None

    def came_to(self, record: RunRecord, state: RunState) -> None:
        """Note that a run is a step further on its way to its page.

        One that serves stays where it is: to look at it again is no step.

        Raises:
            TryLater: It was made anew meanwhile.
        """
        if not self._serves(record):
            self.store.reach(record.run_id, record.attempt, state)

    def stage(self, records: Sequence[RunRecord]) -> None:
        """Note that a site with the posts of these runs is whole.

        Raises:
            TryLater: One of them was made anew meanwhile.
        """
        keys = [_key(record) for record in records if not self._serves(record)]
        with self.store.database.writing() as connection:
            self.store.move(connection, keys, RunState.STAGED)

    @contextmanager
    def publishing(
        self,
        records: Sequence[RunRecord],
        lease: Lease,
        withdrawn: Set[str] = frozenset(),
    ) -> Iterator[None]:
        """The block puts the posts of these runs before readers; nobody else can.

        What stood for a study's date before them is superseded. A crash inside leaves
        them staged, and the next publication completes it.

        Args:
            records: The runs.
            lease: That of publishing.
            withdrawn: Ids of runs whose posts were taken down, now or before.

        Raises:
            TryLater: Another process publishes in our place.
        """
        new = [record for record in records if not self._serves(record)]
        slots = {(r.spec.study, r.spec.variant, r.spec.as_of) for r in new}
        with self.store.leases.fenced(lease) as connection:
            yield
            serving = self.store.published(connection)
            gone = [each for each in serving if each.run_id in withdrawn]
            replaced = [
                each
                for each in serving
                if each not in gone and (each.study, each.variant, each.as_of) in slots
            ]
            self.store.move(connection, _keys(gone), RunState.WITHDRAWN)
            self.store.move(connection, _keys(replaced), RunState.SUPERSEDED)
            self.store.move(connection, [_key(r) for r in new], RunState.PUBLISHED)

    def _serves(self, record: RunRecord) -> bool:
        last = self.store.last_ended(record.run_id)
        return (
            last is not None
            and last.state is RunState.PUBLISHED
            and last.number == record.attempt
        )

    def beginning_with(self, study: str, start: str) -> list[RunRecord]:
        """The runs of a study whose id begins so, each as it ended last."""
        ids = {each.run_id for each in self.store.of_study(study)}
        wanted = sorted(run_id for run_id in ids if run_id.startswith(start))
        records = (self._record(run_id) for run_id in wanted)
        return [record for record in records if record]

    def note_look(self, study: str, as_of: datetime) -> None:
        """Remember that somebody has seen this study's data up to `as_of`."""
        file = self.runs / study / ".looked.lock"
        with locked(file, f"the looks at {study}", patient=True):
            seen = self.looked_until(study)
            if seen is None or seen < as_of:
                look = {"looked_until": format_instant(as_of)}
                disk.write_text(self.runs / study / "looked.json", pretty_json(look))

    def looked_until(self, study: str) -> datetime | None:
        """The latest as-of at which this study was run here, whatever its status."""
        file = self.runs / study / "looked.json"
        return _instant(read_pointer(file, "looked_until"))

    def records(self) -> dict[Path, RunRecord | None]:
        """The record in the folder of every attempt; None where it has none.

        Raises:
            UsageError: One may not be read.
        """
        homes = [home for study in inside(self.runs) for home in inside(study)]
        folders = [each for home in homes for each in numbered(home)]
        return {each: _read(each / "run.json", _of(each)) for each in sorted(folders)}

    def _lost(self, run_id: str | None) -> list[Attempt]:
        """What killed processes left: of one run, or of all."""
        flying = self.store.in_flight(run_id)
        return [each for each in flying if self.store.is_lost(each)]

    def _left(self, attempt: Attempt) -> RunState:
        """Where an attempt stands whose process was killed."""
        record = self._record_of(attempt)
        return state_at_end(record) if record else RunState.ABANDONED

    def _recover(self, attempt: Attempt) -> None:
        """Complete an attempt that only lacks its row; abandon any other.

        Its folder goes last: what came to an end meanwhile keeps it.
        """
        state = self._left(attempt)
        try:
            self.store.reach(attempt.run_id, attempt.number, state, LOST)
        except TryLater:
            return
        if state is RunState.ABANDONED:
            shutil.rmtree(self.place(attempt), ignore_errors=True)

    def _record(self, run_id: str) -> RunRecord | None:
        ended = self.store.last_ended(run_id)
        return self._record_of(ended) if ended else None

    def _record_of(self, attempt: Attempt) -> RunRecord | None:
        """What an attempt wrote at its end, if it can be read."""
        record = _read(self.place(attempt) / "run.json", attempt.study)
        return record if record and record.run_id == attempt.run_id else None

    def _place(self, study: str, run_id: str, number: int) -> Path:
        return self.runs / study / run_id[:SHORT] / str(number)


def _is_bad_luck(error: BaseException) -> bool:
    """Whether the same attempt may go well another time."""
    passing = isinstance(error, TryLater) or not isinstance(error, Exception)
    return passing or _is_full(error)


def _is_full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in disk.NO_SPACE


def why_of(error: BaseException) -> str:
    """What ended an attempt before its time, in a word."""
    if isinstance(error, WorkbenchError) and error.reasons:
        return error.reasons[0].code
    if _is_full(error):
        return "disk-full"
    return type(error).__name__ if isinstance(error, Exception) else INTERRUPTED


def _keys(attempts: Sequence[Attempt]) -> list[tuple[str, int]]:
    return [(attempt.run_id, attempt.number) for attempt in attempts]


def _key(record: RunRecord) -> tuple[str, int]:
    return record.run_id, record.attempt


def _of(folder: Path) -> str:
    """The study of an attempt's folder."""
    return folder.parents[1].name


def _read(file: Path, study: str) -> RunRecord | None:
    try:
        data = bytes_of(file, study)
        return None if data is None else from_plain(RunRecord, json.loads(data))
    except (OSError, ValueError):
        return None  # torn or of an older form: the run is made again


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        return None
