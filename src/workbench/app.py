"""The composition root: settings become adapters, adapters become use cases."""

import atexit
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from workbench.archive.layout import Layout
from workbench.core.canonical import sha256_of_file
from workbench.core.clock import Clock, system_clock
from workbench.core.disk import scratch_folder, temporary_home
from workbench.core.errors import WorkbenchError
from workbench.core.settings import Settings, read_settings
from workbench.scheduling.quiet import Quieting, inputs_id

if TYPE_CHECKING:  # loaded only by the commands that need them
    from workbench.archive.clearing import Clearing
    from workbench.archive.database import Database
    from workbench.archive.editions import EditionArchive
    from workbench.archive.ledgers import LedgerArchive
    from workbench.archive.rollbacks import Rollbacks
    from workbench.archive.runs import RunArchive
    from workbench.archive.sealed import SealedArchive
    from workbench.archive.store import Store
    from workbench.contracts.datasets import Contract
    from workbench.core.registration import Registration
    from workbench.core.runs import RunRecord, RunSpec
    from workbench.executors.preloaded import Preloaded
    from workbench.publishing.drafting import Drafting
    from workbench.publishing.press import Press
    from workbench.publishing.rollback import RollingBack
    from workbench.rendering.said import Said
    from workbench.scheduling.agenda import Agenda
    from workbench.scheduling.replaying import Replaying
    from workbench.scheduling.ticks import Ticks
    from workbench.settlement.settling import Settling
    from workbench.studies.catalogue import Catalogue, Contracts, Study
    from workbench.studies.planning import Planned, Planner
    from workbench.studies.ports import Ending
    from workbench.studies.registering import Registering
    from workbench.studies.running import Running
    from workbench.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class PressSource:
    """A study as the press needs it."""

    registration: "Registration"
    source: Mapping[str, object]
    sealed: bool
    seen: datetime | None


class App:
    """One root with everything that works on it, made when first used."""

    def __init__(
        self, root: Path, clock: Clock = system_clock, *, rehearsal: bool = False
    ) -> None:
        self.layout = Layout(root.resolve(), rehearsal)
        self.clock = clock
        self.stop = threading.Event()  # set to end whatever runs
        self._kept = ExitStack()
        self._preloaded: dict[tuple[str, ...], Preloaded] = {}

    @cached_property
    def settings(self) -> Settings:
        """Settings of this root."""
        return read_settings(self.layout.root)

    @cached_property
    def catalogue(self) -> "Catalogue":
        """Studies and contracts."""
        from workbench.studies.catalogue import Catalogue

        return Catalogue(self.layout)

    @cached_property
    def all_contracts(self) -> "Contracts":
        """Contracts, and what is wrong with others."""
        return self.catalogue.contracts()

    @property
    def contracts(self) -> "dict[str, Contract]":
        """The contracts that can be used, by dataset."""
        return self.all_contracts.good

    @cached_property
    def database(self) -> "Database":
        """Where the run store is; a rehearsal keeps its own."""
        from workbench.archive.database import Database

        address = "" if self.layout.rehearsal else self.settings.store_url
        return Database(self.layout.store, address)

    @cached_property
    def store(self) -> "Store":
        """How far runs came, and who holds what; a new one learns of the records."""
        from workbench.archive.leases import Leases
        from workbench.archive.runs import RunArchive
        from workbench.archive.store import Store

        lasts = timedelta(seconds=self.settings.lease_s)
        leases = Leases(self.database, self.clock, lasts)
        store = Store(self.database, leases, self.clock)
        if self.database.made:
            archive = RunArchive(self.layout.runs, store)
            archive.rebuild(self.editions.serving(), only_new=True)
        return store

    @cached_property
    def runs(self) -> "RunArchive":
        """Run folders."""
        from workbench.archive.runs import RunArchive

        return RunArchive(self.layout.runs, self.store)

    @cached_property
    def editions(self) -> "EditionArchive":
        """Published posts."""
        from workbench.archive.editions import EditionArchive

        return EditionArchive(self.layout.editions)

    @cached_property
    def rollbacks(self) -> "Rollbacks":
        """Whether an earlier release serves by choice."""
        from workbench.archive.rollbacks import Rollbacks

        return Rollbacks(self.layout.rollback)

    @cached_property
    def ledgers(self) -> "LedgerArchive":
        """Ledgers."""
        from workbench.archive.ledgers import LedgerArchive

        return LedgerArchive(self.layout.takeaways, self.layout.leases)

    @cached_property
    def warehouse(self) -> "Warehouse":
        """The only door to customer rows."""
        from workbench.warehouse import Warehouse

        return Warehouse(
            root=self.layout.root,
            store=self.layout.data,
            key_file=self.key_file,
            memory_mb=self.settings.query_memory_mb,
            clock=self.clock,
        )

    @property
    def key_file(self) -> Path:
        """Where the pseudonym key is, or will be made."""
        from workbench.warehouse import default_key_file

        return Path(self.settings.key_file or default_key_file())

    @cached_property
    def planner(self) -> "Planner":
        """Turns studies into planned runs."""
        from workbench.studies.identity import engine_id, lock_id
        from workbench.studies.planning import Planner

        return Planner(
            views=self.warehouse,
            runs=self.runs,
            ledgers=self.ledgers,
            contracts=self.contracts,
            lock_id=lock_id(self.layout.root),
            engine_id=engine_id(),
        )

    @cached_property
    def running(self) -> "Running":
        """Makes planned runs."""
        from workbench.studies.running import Running

        return Running(self.planner, self.runs, self.run_folder, self.clock)

    @cached_property
    def registering(self) -> "Registering":
        """Seals registrations."""
        from workbench.studies.registering import Registering

        return Registering(
            self.layout, self.ledgers, self.runs, self.newest, self.sealed
        )

    @cached_property
    def sealed(self) -> "SealedArchive":
        """Notebooks as they were sealed."""
        from workbench.archive.sealed import SealedArchive

        return SealedArchive(self.layout.sealed)

    @cached_property
    def settling(self) -> "Settling":
        """Settles claims that are due."""
        from workbench.settlement.settling import Settling

        return Settling(self.planner, self.ledgers, self.sealed, self.said)

    @cached_property
    def replaying(self) -> "Replaying":
        """Runs history again."""
        from workbench.scheduling.replaying import Replaying

        return Replaying(
            self.planner, self.settling, self.ledgers, self.run_all, self.said
        )

    @cached_property
    def ticks(self) -> "Ticks":
        """What the last tick left."""
        from workbench.scheduling.ticks import Ticks

        return Ticks(self.layout.state / "tick.json")

    @cached_property
    def quieting(self) -> Quieting:
        """The note of the last tick without work."""
        return Quieting(self.layout.state / "quiet")

    def inputs_id(self) -> str:
        """Hash of all that decides what a tick does."""
        settings, file = self.settings, self.layout.store
        if settings.store_url:
            state = self.store.fingerprint()
        else:
            state = sha256_of_file(file) if file.is_file() else ""
        told = {"settings": settings, "store": state}
        return inputs_id(self.layout, Path(__file__).parent, told)

    def agenda(self, now: datetime) -> "Agenda":
        """What is to be done at a moment."""
        from workbench.scheduling.agenda import Agenda
        from workbench.scheduling.pacing import Pace

        settings = self.settings
        pace = Pace(
            attempts=settings.retry_attempts,
            retry_after=timedelta(seconds=settings.retry_after_s),
            retry_at_most=timedelta(seconds=settings.retry_at_most_s),
            quiet=timedelta(seconds=settings.quiet_s),
            revision_after=timedelta(seconds=settings.revision_after_s),
        )
        return Agenda(
            planner=self.planner,
            settling=self.settling,
            runs=self.runs,
            ledgers=self.ledgers,
            pace=pace,
            now=now,
            before=self.ticks.read(),
        )

    def close(self) -> None:
        """End what was started for runs to come."""
        self._kept.close()
        atexit.unregister(self.close)

    def said(self, spec: "RunSpec") -> "Said":
        """What a finished run said through `wb`.

        Raises:
            StudyFailed: It cannot be read.
        """
        from workbench.rendering.said import read_said

        outputs = self.runs.folder(spec) / "out" / "outputs.jsonl"
        return read_said(outputs, spec.study)

    def expect(self, planned: "Sequence[Planned]") -> None:
        """Load what these runs will import, once, where enough import the same.

        A process that has it forks a run in milliseconds; it ends with this one.
        """
        from workbench.studies.planning import SETTLED

        due = [each for each in planned if each.state not in SETTLED]
        if len(due) < self.settings.preload_from:
            return
        from workbench.execution.kernels import library_environment
        from workbench.execution.preloads import RUNNER, modules_for
        from workbench.executors.preloaded import Preloaded

        counted = Counter(modules_for(each.study.notebook.plain) for each in due)
        environment = library_environment(self.settings.numerical_threads)
        for modules, runs in counted.items():
            if modules in self._preloaded or runs < self.settings.preload_from:
                continue
            if not self._preloaded:
                atexit.register(self.close)
            home = temporary_home(Path(gettempdir()))
            scratch = scratch_folder(home, "preloaded")
            folder = self._kept.enter_context(scratch)
            process = Preloaded([*RUNNER, *modules], environment, folder)
            self._preloaded[modules] = self._kept.enter_context(process)

    def _preloaded_for(self, folder: Path) -> "Preloaded | None":
        """The process that has loaded just what the notebook of a run imports."""
        if not self._preloaded:
            return None
        from workbench.execution.preloads import modules_for

        text = (folder / "notebook.ipynb").read_text(encoding="utf-8")
        return self._preloaded.get(modules_for(json.loads(text)))

    def run_all(
        self, planned: "Sequence[Planned]", at_once: int | None = None
    ) -> "list[RunRecord | WorkbenchError]":
        """Make runs side by side; an end for each, in their order.

        Args:
            planned: The runs.
            at_once: How many run at the same time; by default as many as set.
        """

        def one(each: "Planned") -> "RunRecord | WorkbenchError":
            try:
                return self.running.ensure(each)[0]
            except WorkbenchError as error:
                return error

        self.expect(planned)
        with ThreadPoolExecutor(at_once or self.settings.parallel_runs) as pool:
            return list(pool.map(one, planned))

    @cached_property
    def drafting(self) -> "Drafting":
        """Renders and checks runs."""
        from workbench.publishing.drafting import Drafting

        return Drafting(self.layout, self.runs)

    @cached_property
    def press(self) -> "Press":
        """Decides what is published."""
        from workbench.publishing.press import Press

        return Press(
            layout=self.layout,
            drafting=self.drafting,
            editions=self.editions,
            ledgers=self.ledgers,
            rollbacks=self.rollbacks,
            keep_releases=self.settings.keep_releases,
        )

    @cached_property
    def rolling_back(self) -> "RollingBack":
        """Serves earlier releases."""
        from workbench.publishing.rollback import RollingBack

        layout, leases = self.layout, self.store.leases
        return RollingBack(layout.build, self.editions, self.rollbacks, leases)

    @cached_property
    def clearing(self) -> "Clearing":
        """Finds what nothing refers to any more."""
        from workbench.archive.clearing import Clearing

        keep = self.settings.keep_runs
        return Clearing(self.layout, self.runs, self.ledgers, self.clock, keep)

    def newest(self, registration: "Registration") -> datetime | None:
        """The latest watermark of a study's datasets; None when there are no data."""
        uses = registration.data
        marks = [self.warehouse.watermark(self.contracts[use.dataset]) for use in uses]
        return max((mark for mark in marks if mark), default=None)

    def press_source(self, study: "Study") -> PressSource:
        """A study as the press needs it."""
        from workbench.takeaways.ledger import is_sealed, seen_before

        lines = self.ledgers.read(study.name)
        return PressSource(
            registration=study.registration,
            source=study.notebook.plain,
            sealed=is_sealed(study.registration, lines),
            seen=seen_before(lines),
        )

    def run_folder(self, folder: Path) -> "Ending":
        """Execute a prepared run folder in a child process of this machine.

        Raises:
            TryLater: We were asked to stop.
        """
        from workbench.execution.executed import recover
        from workbench.execution.outcome import Limits
        from workbench.execution.report import command, outer_deadline_s, read_report
        from workbench.executors.local import LocalExecutor

        settings = self.settings
        limits = Limits(
            deadline_s=settings.run_deadline_s,
            cell_deadline_s=settings.cell_deadline_s,
            silence_deadline_s=settings.silence_deadline_s,
            memory_mb=settings.memory_mb,
            output_mb=settings.output_limit_mb,
            threads=settings.numerical_threads,
        )
        ended = LocalExecutor(self.stop, self._preloaded_for(folder)).run(
            command(folder, limits),
            folder=folder,
            deadline_s=outer_deadline_s(limits),
            environment={},
        )
        recover(folder)
        return read_report(
            exit_status=ended.exit_status,
            signal=ended.signal,
            timed_out=ended.timed_out,
            stdout=ended.stdout_tail,
        )
