"""What nothing refers to any more: found first, with its size, then removed.

Ledgers, sealed notebooks, editions, stored data and their manifests are never waste.
Nor is a run that its study stands at, whose post serves, or that settles an open claim.
Of the others the newest are kept, because to look a run up is quicker than to make it.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import rmtree

from workbench.archive.layout import Layout
from workbench.archive.ledgers import LedgerArchive
from workbench.archive.runs import RunArchive
from workbench.archive.store import Attempt
from workbench.core import disk
from workbench.core.canonical import SHORT
from workbench.core.clock import Clock
from workbench.core.registration import EXPLORATORY

STALE = timedelta(days=7)  # copies for a person to look at
JUST_NOW = timedelta(hours=1)  # whoever made a run may still read what it found
LOOKED_AT = timedelta(days=1)  # somebody may have one open whose run is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """Something that can go.

    Attributes:
        kind: What it is: `runs`, `scratch` and so on.
        name: Which, below the root.
        size: Its bytes on the disk; of files with a second name elsewhere, none.
        remove: Takes it away; raises `TryLater` where it is in use after all.
    """

    kind: str
    name: str
    size: int
    remove: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Clearing:
    """Finds what is left over of runs, and copies made for a person.

    Attributes:
        layout: Where everything lies.
        runs: The runs.
        ledgers: Which claims are open.
        clock: The time.
        keep: Runs kept of each study and variant, besides those that are needed.
    """

    layout: Layout
    runs: RunArchive
    ledgers: LedgerArchive
    clock: Clock
    keep: int

    def found(self, serving: Set[str]) -> Iterator[Waste]:
        """All of it.

        Args:
            serving: Ids of the runs whose posts serve.
        """
        yield from self._scratch()
        yield from self._lost_attempts()
        old = list(self._old_runs(serving))
        for attempt in old:
            yield self._run(attempt)
        yield from self._orphans()
        gone = {attempt.run_id for attempt in old}
        left = {a.run_id for a in self.runs.store.ended() if a.run_id not in gone}
        yield from self._reopened(left)
        yield from self._renderings()
        yield from self._preview()

    def _scratch(self) -> Iterator[Waste]:
        """Folders of processes that were killed; those of the living are locked."""
        layout = self.layout
        homes = (layout.editions, layout.rendered)
        parents = [
            layout.state,
            layout.data / "scratch",
            layout.build / "releases",
            *(each for home in homes for each in home.glob("*/*")),
        ]
        for parent in parents:
            for folder in disk.abandoned(parent):
                yield self._waste(
                    "scratch", folder, partial(disk.remove_abandoned, parent)
                )

    def _lost_attempts(self) -> Iterator[Waste]:
        store = self.runs.store
        for attempt in store.in_flight():
            if store.is_lost(attempt):
                folder = self.runs.place(attempt)
                has_record = self.runs.has_record(attempt)  # then it is completed
                yield Waste(
                    kind="attempts",
                    name=self._name(folder),
                    size=0 if has_record else size_of(folder),
                    remove=self.runs.sweep,
                )

    def _old_runs(self, serving: Set[str]) -> Iterator[Attempt]:
        """Runs beyond the newest of their study and variant that nobody needs."""
        store = self.runs.store
        needed = {*serving, *store.pointed(), *(a.run_id for a in store.in_flight())}
        groups: dict[tuple[str, str | None, bool], list[Attempt]] = {}
        for attempt in store.ended():
            key = (attempt.study, attempt.variant, attempt.settles > 0)
            groups.setdefault(key, []).append(attempt)
        for (study, _, settles), attempts in sorted(groups.items(), key=str):
            newest = sorted(attempts, key=lambda a: (a.as_of, a.since), reverse=True)
            open_since = self._open_since(study) if settles else set()
            for attempt in newest[self.keep :]:
                is_new = self.clock() - attempt.since < JUST_NOW
                is_needed = is_new or attempt.run_id in needed
                if not is_needed and not self._settles(attempt, open_since):
                    yield attempt

    def _open_since(self, study: str) -> set[datetime]:
        return {claim.as_of for claim in self.ledgers.record(study).open}

    def _settles(self, attempt: Attempt, open_since: Set[datetime]) -> bool:
        """Whether a run settles a claim that is still open."""
        if not open_since:
            return False
        records = self.runs.beginning_with(attempt.study, attempt.run_id)
        return any(open_since & {*record.spec.settles} for record in records)

    def _run(self, attempt: Attempt) -> Waste:
        home = self.runs.place(attempt).parent
        return self._waste("runs", home, partial(self.runs.forget, attempt))

    def _orphans(self) -> Iterator[Waste]:
        """Folders whose rows left the store when a clearing was killed half-way."""
        homes = sorted(self.layout.runs.glob("*/*/"))
        known = {(a.study, a.run_id[:SHORT]) for a in self.runs.store.living()}
        for home in homes:
            if (home.parent.name, home.name) not in known:
                yield self._waste("runs", home, partial(rmtree, home))

    def _reopened(self, left: Set[str]) -> Iterator[Waste]:
        """Copies with a run's rows: old ones, and those of runs that are gone."""
        starts = {run_id[:SHORT] for run_id in left}
        for folder in sorted(self.layout.reopened.glob("*/")):
            limit = STALE if folder.name in starts else LOOKED_AT
            if self._age(folder) > limit:
                yield self._waste("reopened", folder, partial(rmtree, folder))

    def _renderings(self) -> Iterator[Waste]:
        """Renderings of what its study stands at no longer."""
        for home in sorted(self.layout.rendered.glob("*/*/")):
            study = home.parent.name
            variant = None if home.name == EXPLORATORY else home.name
            registered = self.layout.registration(study).is_file()
            if not registered or self.runs.store.current(study, variant) is None:
                yield self._waste("rendered", home, partial(rmtree, home))

    def _preview(self) -> Iterator[Waste]:
        folder = self.layout.preview
        if folder.is_dir() and self._age(folder) > STALE:
            yield self._waste("preview", folder, partial(rmtree, folder))

    def _age(self, folder: Path) -> timedelta:
        times = [path.lstat().st_mtime for path in (folder, *folder.rglob("*"))]
        return self.clock() - datetime.fromtimestamp(max(times), tz=UTC)

    def _waste(self, kind: str, path: Path, remove: Callable[[], object]) -> Waste:
        return Waste(
            kind=kind, name=self._name(path), size=size_of(path), remove=remove
        )

    def _name(self, path: Path) -> str:
        return path.relative_to(self.layout.root).as_posix()


def size_of(folder: Path) -> int:
    """Bytes that are free once a folder is gone; files with other names stay."""
    found = [path.lstat() for path in folder.rglob("*") if not path.is_dir()]
    return sum(each.st_size for each in found if each.st_nlink == 1)
