"""The warehouse as its callers see it; data libraries load only when rows are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.contracts.datasets import Contract
from workbench.core import disk
from workbench.core.canonical import sha256_of_bytes, sha256_of_file
from workbench.core.clock import Clock, system_clock
from workbench.core.runs import View
from workbench.warehouse import manifest as manifests
from workbench.warehouse.inspection import summaries, verify
from workbench.warehouse.layout import Layout
from workbench.warehouse.manifest import Entry, Known, Manifest, SourceFile
from workbench.warehouse.pseudonyms import read_key
from workbench.warehouse.reports import (
    DatasetSummary,
    DeliveryReport,
    FileReport,
    Profile,
)
from workbench.warehouse.sources import find_sources
from workbench.warehouse.views import Question, check_use, recall, refused


@dataclass(frozen=True, slots=True)
class Written:
    """A view as it was written for a run of this process."""

    view: View
    path: Path
    sha256: str

    def copied_to(self, path: Path) -> bool:
        """Copy it, where it still is what was written; whether it is."""
        try:
            data = self.path.read_bytes()
        except OSError:
            return False
        if sha256_of_bytes(data) != self.sha256:
            return False
        disk.write_bytes(path, data, mode=0o600)
        return True


class Warehouse:
    """Customer rows: taken in under a contract, given out as views.

    Attributes:
        layout: Where it keeps what.
    """

    def __init__(
        self,
        root: Path,
        store: Path,
        key_file: Path,
        memory_mb: int,
        *,
        clock: Clock = system_clock,
    ) -> None:
        """Open a store; nothing is made before something is added.

        Args:
            root: Root of the project; contracts' paths are relative to it.
            store: Folder of the store.
            key_file: Key of the pseudonyms, outside the root; made on first use.
            memory_mb: What one query may use, in MiB.
            clock: Tells now, after which no row may arrive.
        """
        self.layout = Layout(root, store)
        self._key_file = key_file
        self._memory_mb = memory_mb
        self._clock = clock
        self._written: dict[tuple[object, ...], Written] = {}

    def add(self, contract: Contract) -> DeliveryReport:
        """Take in the contract's files, all or none; the same content is a no-op.

        Raises:
            UsageError: The contract's path leads to no file.
            ContractBroken: With every breach of every file; they are in quarantine.
            TryLater: The disk is full, or another delivery came in between.
        """
        self.layout.prepare()
        folder = self.layout.manifest(contract.dataset)
        manifest = manifests.read(folder)
        delivery = find_sources(self.layout, contract, manifest)
        taken: list[tuple[SourceFile, FileReport]] = []
        if delivery.to_read:
            from workbench.warehouse.ingest import take_in

            now = self._clock()
            taken = take_in(self.layout, self._memory_mb, contract, delivery, now)
        state = manifest.state
        changed = tuple(
            file
            for file, _ in taken
            if not _is_recorded(state.get(file.source), file, contract)
        )
        sequence = len(manifest.entries) + 1
        if changed:
            entry = Entry(
                format=manifests.FORMAT,
                dataset=contract.dataset,
                sequence=sequence,
                parent=manifest.head,
                contract_id=contract.contract_id,
                files=changed,
            )
            manifests.append(folder, entry)
        else:
            manifests.make_sure(folder)
        reports = [*delivery.same, *(report for _, report in taken)]
        return DeliveryReport(
            dataset=contract.dataset,
            sequence=sequence if changed else None,
            files=tuple(sorted(reports, key=lambda report: report.source)),
            watermark=self.watermark(contract),
        )

    def watermark(self, contract: Contract) -> datetime | None:
        """Latest arrival less the declared lateness; None before anything is added."""
        manifest = manifests.read(self.layout.manifest(contract.dataset))
        last = manifest.last_arrival
        return None if last is None else last - contract.allowed_lateness

    def changed(self, contract: Contract) -> datetime:
        """When data were last taken in, by the clock of this machine.

        It only paces what runs; no identity depends on it.
        """
        entries = [*self.layout.manifest(contract.dataset).glob("*")]
        newest = max((entry.stat().st_mtime for entry in entries), default=0.0)
        return datetime.fromtimestamp(newest, tz=UTC)

    def view(self, contract: Contract, columns: Sequence[str], as_of: datetime) -> View:
        """Identity of what is known at as-of in the declared columns.

        The second call with the same arguments reads two small files.

        Raises:
            UsageError: A column is not the contract's, nothing was added yet, or the
                contract changed since.
            ContractBroken: A stored object is gone or was changed.
        """
        declared = check_use(contract, columns, purpose=None)
        question = Question(contract, declared, as_of)
        head = manifests.head_of(self.layout.manifest(contract.dataset))
        view = recall(self.layout, question, head)
        if view is None:
            from workbench.warehouse.asof import read_view

            manifest = self._manifest(contract)
            view, _ = read_view(self.layout, self._memory_mb, manifest, question)
        return view

    def materialise(
        self,
        contract: Contract,
        columns: Sequence[str],
        as_of: datetime,
        purpose: str,
        path: Path,
    ) -> View:
        """Write the view for a run, direct identifiers as pseudonyms.

        The same view for another run of this process, a variant say, is copied: its
        rows are read, hashed and sorted once.

        Raises:
            UsageError: The contract does not allow a column or the purpose, nothing
                was added yet, or the key cannot be used.
            ContractBroken: A stored object is gone or was changed.
            TryLater: The disk is full.
        """
        declared = check_use(contract, columns, purpose=purpose)
        key = read_key(self._key_file, self.layout.root)
        manifest = self._manifest(contract)
        same = (contract.contract_id, declared, as_of, purpose, key, manifest.head)
        written = self._written.get(same)
        if written is not None and written.copied_to(path):
            return written.view
        from workbench.warehouse.asof import read_view, write_for_run

        question = Question(contract, declared, as_of)
        view, table = read_view(self.layout, self._memory_mb, manifest, question)
        write_for_run(table, contract, key, purpose, path)
        self._written[same] = Written(view, path, sha256_of_file(path))
        return view

    def list(self) -> tuple[DatasetSummary, ...]:
        """Every dataset that something was added to.

        Raises:
            ContractBroken: A manifest is broken.
        """
        return summaries(self.layout)

    def verify(self, contracts: Mapping[str, Contract]) -> int:
        """Recompute every hash and count; the number of objects, all as they were.

        Args:
            contracts: By dataset; they tell when a row happened and arrived.

        Raises:
            ContractBroken: With all that is not as it was.
        """
        return verify(self.layout, self._memory_mb, contracts)

    def profile(self, contract: Contract) -> Profile:
        """Describe a dataset for its owner, without telling of anybody.

        Raises:
            UsageError: Nothing was added yet, or the contract changed since.
        """
        from workbench.warehouse.profiling import profile

        manifest = self._manifest(contract)
        return profile(self.layout, self._memory_mb, contract, manifest)

    def draft_contract(self, path: Path) -> str:
        """A contract to be finished by a person, from a CSV or Parquet file.

        Raises:
            UsageError: The file cannot be read.
        """
        from workbench.warehouse.drafting import draft_contract

        return draft_contract(self.layout, self._memory_mb, path)

    def _manifest(self, contract: Contract) -> Manifest:
        manifest = manifests.read(self.layout.manifest(contract.dataset))
        command = f"run `workbench data add {contract.dataset}`"
        if not manifest.entries:
            raise refused(contract, "no-data", f"nothing was added yet; {command}.")
        if any(
            known.contract_id != contract.contract_id
            for known in manifest.state.values()
        ):
            said = f"{contract.file} changed since the data were added; {command}."
            raise refused(contract, "contract-changed", said)
        return manifest


def _is_recorded(before: Known | None, file: SourceFile, contract: Contract) -> bool:
    return (
        before is not None
        and before.contract_id == contract.contract_id
        and before.file.batches == file.batches
    )
