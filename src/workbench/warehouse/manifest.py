"""The append-only, hash-chained record of what was delivered; no data library needed.

The state of a dataset is a fold over its entries: the newest entry that names a source
file says what that file holds.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.core import disk
from workbench.core.canonical import pretty_json, sha256_of_bytes
from workbench.core.errors import ContractBroken, Reason, TryLater
from workbench.core.records import from_plain, to_plain

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The rows of one source file that arrived in one month, as one object.

    Attributes:
        month: Month of arrival, such as `1997-03`.
        sha256: Hash of the object's bytes, which is its name.
        content: Hash of what it means, whatever wrote the bytes.
        rows: Rows in it.
        first_event: Earliest event in it.
        last_event: Latest event in it.
        first_arrival: Earliest arrival in it.
        last_arrival: Latest arrival in it.
    """

    month: str
    sha256: str
    content: str
    rows: int
    first_event: datetime
    last_event: datetime
    first_arrival: datetime
    last_arrival: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One source file as one delivery found it.

    Attributes:
        source: The file, relative to the root.
        sha256: Hash of its bytes.
        batches: What it holds, by month of arrival.
        revised: Months whose past differs from the delivery before.
    """

    source: str
    sha256: str
    batches: tuple[Batch, ...]
    revised: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows in all its batches."""
        return sum(batch.rows for batch in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One delivery of one dataset.

    Attributes:
        format: Version of this layout.
        dataset: Name of the dataset.
        sequence: Number of the entry, counted from 1.
        parent: Hash of the entry before; None for the first.
        contract_id: The contract that the rows were read and checked by.
        files: Source files that were new or different.
    """

    format: int
    dataset: str
    sequence: int
    parent: str | None
    contract_id: str
    files: tuple[SourceFile, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """One source file in the state of a dataset, and the contract it was read by."""

    file: SourceFile
    contract_id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All entries of one dataset.

    Attributes:
        entries: In the order of their numbers.
        head: Hash of the newest; None when there is none.
    """

    entries: tuple[Entry, ...]
    head: str | None

    @property
    def state(self) -> dict[str, Known]:
        """Every source file as last delivered, by name."""
        return {
            file.source: Known(file, entry.contract_id)
            for entry in self.entries
            for file in entry.files
        }

    @property
    def batches(self) -> tuple[Batch, ...]:
        """Every batch of the state, by source file and month."""
        state = self.state
        return tuple(b for name in sorted(state) for b in state[name].file.batches)

    @property
    def last_arrival(self) -> datetime | None:
        """Latest arrival in the state."""
        return max((batch.last_arrival for batch in self.batches), default=None)


def entry_files(folder: Path) -> list[Path]:
    """Files of a dataset's entries, oldest first."""
    return sorted(folder.glob("[0-9]*.json"))


def head_of(folder: Path) -> str | None:
    """Hash of the newest entry, read without the others; None when there is none."""
    files = entry_files(folder)
    return sha256_of_bytes(files[-1].read_bytes()) if files else None


def inspect(folder: Path) -> tuple[Manifest, list[Reason]]:
    """Read a dataset's entries up to the first broken link, and say what is broken."""
    entries: list[Entry] = []
    head: str | None = None
    for number, path in enumerate(entry_files(folder), start=1):
        data = path.read_bytes()
        try:
            entry = from_plain(Entry, json.loads(data))
        except ValueError:
            return Manifest(tuple(entries), head), [_broken(path, "cannot be read")]
        if (entry.sequence, path.name) != (number, _name(number)):
            problem = "is out of order; one before it is gone"
            return Manifest(tuple(entries), head), [_broken(path, problem)]
        if entry.parent != head:
            problem = "does not follow from the one before, which was changed"
            return Manifest(tuple(entries), head), [_broken(path, problem)]
        entries.append(entry)
        head = sha256_of_bytes(data)
    return Manifest(tuple(entries), head), []


def _broken(path: Path, problem: str) -> Reason:
    return Reason(
        code="manifest-broken",
        message=f"the entry {path.name} {problem}; restore the folder {path.parent} "
        f"from a backup.",
        subject=path.parent.name,
    )


def entry_broken(folder: Path, sequence: int, problem: str) -> Reason:
    """One entry that is not to be believed."""
    return _broken(folder / _name(sequence), problem)


def read(folder: Path) -> Manifest:
    """Read a dataset's entries.

    Raises:
        ContractBroken: The chain is broken.
    """
    manifest, broken = inspect(folder)
    if broken:
        raise ContractBroken(broken)
    return manifest


def append(folder: Path, entry: Entry) -> None:
    """Add one entry.

    Raises:
        TryLater: Another delivery was recorded meanwhile, or the disk is full.
    """
    data = pretty_json(to_plain(entry)).encode()
    if not disk.create_once(folder / _name(entry.sequence), data):
        message = "another delivery was recorded meanwhile; add the data again."
        raise TryLater(
            Reason(code="delivery-overtaken", message=message, subject=entry.dataset)
        )


def make_sure(folder: Path) -> None:
    """Sync what is recorded; whoever recorded it may have been killed before."""
    if folder.is_dir():
        disk.sync_folder(folder)


def _name(sequence: int) -> str:
    return f"{sequence:08}.json"


def datasets(manifests: Path) -> Iterator[str]:
    """Names of the datasets that have a manifest, sorted."""
    if manifests.is_dir():
        yield from sorted(f.name for f in manifests.iterdir() if entry_files(f))
