"""An attempt at a run while it is made: its own folder, and its place in the store."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from workbench.archive.leases import Lease
from workbench.archive.store import Store
from workbench.core import disk
from workbench.core.canonical import pretty_json
from workbench.core.records import to_plain
from workbench.core.runs import RunRecord, RunSpec
from workbench.core.states import RunState


@dataclass(frozen=True, slots=True)
class Making:
    """An attempt while it is made.

    Attributes:
        store: Where it is entered.
        lease: That of its run.
        spec: What it is made of.
        number: Which attempt it is.
        folder: Its own.
    """

    store: Store
    lease: Lease
    spec: RunSpec
    number: int
    folder: Path

    def reach(self, state: RunState) -> None:
        """Note that it came that far.

        Raises:
            TryLater: Another process took our place.
        """
        self.store.reach(self.spec.run_id, self.number, state)

    def end(self, record: RunRecord) -> None:
        """Complete the attempt: all of its folder durable, its record written last.

        Raises:
            TryLater: Another process took our place; there is no record then.
        """
        key = (self.spec.run_id, self.number)
        disk.sync_tree(self.folder)
        with self.store.leases.fenced(self.lease) as connection:
            self.store.move(connection, [key], state_at_end(record), why_at_end(record))
            disk.write_text(self.folder / "run.json", pretty_json(to_plain(record)))
        for older in numbered(self.folder.parent):
            if int(older.name) < self.number:
                shutil.rmtree(older, ignore_errors=True)


def inside(folder: Path) -> list[Path]:
    """What is in a folder; a glob would say nothing of one that it may not see."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def numbered(home: Path) -> list[Path]:
    """The folders of a run's attempts."""
    return [path for path in inside(home) if path.name.isdigit()]


def why_at_end(record: RunRecord) -> str:
    """Why the attempt failed, in a word; kept, for its record goes with its folder."""
    return record.reasons[0].code if record.reasons else ""


def state_at_end(record: RunRecord) -> RunState:
    """Where the attempt of a record stands."""
    return RunState.EXECUTED if record.succeeded else RunState.FAILED
