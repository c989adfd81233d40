"""The composition root: settings become adapters, adapters become use cases."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.archive.layout import Layout
from workbench.core.clock import Clock, system_clock
from workbench.core.errors import WorkbenchError
from workbench.core.settings import Settings, read_settings
from workbench.scheduling.quiet import Quieting, inputs_id

if TYPE_CHECKING:  # loaded only by the commands that need them
    from workbench.app.starting import Starting
    from workbench.archive.clearing import Clearing
    from workbench.archive.database import Database
    from workbench.archive.editions import EditionArchive
    from workbench.archive.leases import Lease
    from workbench.archive.ledgers import LedgerArchive
    from workbench.archive.rollbacks import Rollbacks
    from workbench.archive.runs import RunArchive
    from workbench.archive.sealed import SealedArchive
    from workbench.archive.store import Store
    from workbench.contracts.datasets import Contract
    from workbench.core.registration import Registration
    from workbench.core.runs import RunRecord, RunSpec
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

        return Database(self.layout.store, self._store_url)

    @property
    def _store_url(self) -> str:
        return "" if self.layout.rehearsal else self.settings.store_url

    @cached_property
    def runs(self) -> "RunArchive":
        """Run folders, with their store; a new one learns of the records."""
        runs = self._runs_in(self.database)
        if self.database.made:
            from workbench.archive.rebuilding import rebuild

            rebuild(runs, self.editions.serving(), only_new=True)
        return runs

    @property
    def store(self) -> "Store":
        """How far runs came, and who holds what."""
        return self.runs.store

    def rebuild_store(self) -> int:
        """Make the run store anew, whatever made it; from how many records.

        Raises:
            TryLater: Somebody works with it.
            UsageError: It may not be written.
        """
        from workbench.archive.database import Database
        from workbench.archive.rebuilding import rebuild_any

        address = self._store_url
        with closing(Database(self.layout.store, address, any_version=True)) as found:
            return rebuild_any(self._runs_in(found), self.editions.serving())

    def _runs_in(self, database: "Database") -> "RunArchive":
        from workbench.archive.leases import Leases
        from workbench.archive.runs import RunArchive
        from workbench.archive.store import Store

        leases = Leases(database, self.clock, timedelta(seconds=self.settings.lease_s))
        return RunArchive(self.layout.runs, Store(database, leases, self.clock))

    def publishing(self) -> "AbstractContextManager[Lease]":
        """Hold what is shown: nobody else publishes, or changes it, meanwhile.

        Raises:
            TryLater: Another process holds it.
        """
        return self.store.leases.held("publish", "publishing")

    def ticking(self) -> "AbstractContextManager[Lease]":
        """Hold the tick: one at a time.

        Raises:
            TryLater: Another process holds it.
        """
        return self.store.leases.held("tick", "a tick")

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

        return Running(self.planner, self.runs, self.starting.run_folder, self.clock)

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
        """Hash of all that decides what a tick does; empty where it cannot be read."""
        from workbench.archive.fingerprints import of_sqlite
        from workbench.studies.identity import package_id

        settings = self.settings
        told = {
            "settings": settings,
            "source": package_id(),
            "store": self.store.fingerprint()
            if settings.store_url
            else of_sqlite(self.layout.store),
        }
        return inputs_id(self.layout, told)

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

    @cached_property
    def starting(self) -> "Starting":
        """Starts runs on this machine."""
        from workbench.app.starting import Starting

        note = self.layout.state / "preload.json"
        return Starting(self.settings, self.stop, note)

    def close(self) -> None:
        """End what was started for runs to come."""
        if "starting" in self.__dict__:
            self.starting.close()

    def said(self, spec: "RunSpec") -> "Said":
        """What a finished run said through `wb`.

        Raises:
            StudyFailed: It cannot be read.
        """
        from workbench.rendering.said import read_said

        outputs = self.runs.folder(spec) / "out" / "outputs.jsonl"
        return read_said(outputs, spec.study)

    def run_all(
        self, planned: "Sequence[Planned]", at_once: int | None = None
    ) -> "list[RunRecord | WorkbenchError]":
        """Make runs side by side; an end for each, in their order.

        Args:
            planned: The runs.
            at_once: How many run at the same time; by default as many as set.
        """
        from concurrent.futures import ThreadPoolExecutor

        def one(each: "Planned") -> "RunRecord | WorkbenchError":
            try:
                return self.running.ensure(each)[0]
            except WorkbenchError as error:
                return error

        self.starting.expect(planned)
        with ThreadPoolExecutor(at_once or self.settings.parallel_runs) as pool:
            try:
                return list(pool.map(one, planned))
            except KeyboardInterrupt:
                self.stop.set()
                raise

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
