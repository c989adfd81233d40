"""What the manifests know, and whether everything is still as they say."""

from collections.abc import Mapping

from workbench.contracts.datasets import Contract
from workbench.core.canonical import sha256_of_file
from workbench.core.errors import ContractBroken, Reason
from workbench.warehouse import manifest as manifests
from workbench.warehouse.layout import Layout
from workbench.warehouse.manifest import Manifest
from workbench.warehouse.reports import DatasetSummary


def summaries(layout: Layout) -> tuple[DatasetSummary, ...]:
    """Every dataset that something was added to.

    Raises:
        ContractBroken: A manifest is broken.
    """
    return tuple(
        _summary(name, manifests.read(layout.manifest(name)))
        for name in manifests.datasets(layout.manifests)
    )


def verify(layout: Layout, memory_mb: int, contracts: Mapping[str, Contract]) -> int:
    """Recompute every hash, and count again what the entries say of their objects.

    Args:
        layout: Where they are kept.
        memory_mb: What one query may use, in MiB.
        contracts: By dataset.

    Returns:
        The number of objects, all as they were.

    Raises:
        ContractBroken: With the first broken link of every chain, every broken object
            and every entry that says other than its object holds.
    """
    broken: list[Reason] = []
    checked: set[str] = set()
    suspect: set[str] = set()
    whole: dict[str, Manifest] = {}
    for name in manifests.datasets(layout.manifests):
        manifest, reasons = manifests.inspect(layout.manifest(name))
        broken += reasons
        objects = _objects_of(manifest)
        new = {k: source for k, source in objects.items() if k not in checked}
        lost = _broken(layout, name, new)
        broken += lost
        checked |= new.keys()
        suspect |= new.keys() if lost else set()
        if not suspect & objects.keys():
            whole[name] = manifest
    if whole:
        from workbench.warehouse.recount import differing

        broken += differing(layout, memory_mb, whole, contracts)
    if broken:
        raise ContractBroken(broken)
    return len(checked)


def check_objects(layout: Layout, dataset: str, objects: Mapping[str, str]) -> None:
    """Do nothing when every object is there and as it was stored.

    Args:
        layout: Where they are kept.
        dataset: Name of the dataset, for messages.
        objects: Hash of each object, and the source file it was taken from.

    Raises:
        ContractBroken: With every object that is not.
    """
    if broken := _broken(layout, dataset, objects):
        raise ContractBroken(broken)


def _broken(layout: Layout, dataset: str, objects: Mapping[str, str]) -> list[Reason]:
    reasons = []
    for sha256, source in objects.items():
        path = layout.object(sha256)
        if path.is_file() and sha256_of_file(path) == sha256:
            continue
        problem = "was changed" if path.is_file() else "is gone"
        message = (
            f"the object {path.name}, taken from {source}, {problem}; restore it from "
            f"a backup until `workbench data verify` finds nothing."
        )
        reasons.append(Reason(code="object-broken", message=message, subject=dataset))
    return reasons


def _summary(name: str, manifest: Manifest) -> DatasetSummary:
    batches = manifest.batches
    return DatasetSummary(
        dataset=name,
        entries=len(manifest.entries),
        files=len(manifest.state),
        rows=sum(batch.rows for batch in batches),
        first_event=min((b.first_event for b in batches), default=None),
        last_event=max((b.last_event for b in batches), default=None),
        last_arrival=manifest.last_arrival,
        head=manifest.head or "",
    )


def _objects_of(manifest: Manifest) -> dict[str, str]:
    """Every object that any entry names, and a source file it came from."""
    return {
        batch.sha256: file.source
        for entry in manifest.entries
        for file in entry.files
        for batch in file.batches
    }
