"""What the manifests know, and whether everything is still as they say."""

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


def verify(layout: Layout) -> int:
    """Recompute every hash; the number of objects, all as they were.

    Raises:
        ContractBroken: With the first broken link of every chain and every broken
            object.
    """
    broken: list[Reason] = []
    checked: set[str] = set()
    for name in manifests.datasets(layout.manifests):
        manifest, reasons = manifests.inspect(layout.manifest(name))
        broken += reasons
        for sha256, source in _objects_of(manifest).items():
            if sha256 not in checked:
                checked.add(sha256)
                broken += _check_object(layout, name, source, sha256)
    if broken:
        raise ContractBroken(broken)
    return len(checked)


def _check_object(
    layout: Layout, dataset: str, source: str, sha256: str
) -> list[Reason]:
    path = layout.object(sha256)
    if path.is_file() and sha256_of_file(path) == sha256:
        return []
    problem = "was changed" if path.is_file() else "is gone"
    message = (
        f"the object {path.name}, taken from {source}, {problem}; restore it from a "
        f"backup."
    )
    return [Reason(code="object-broken", message=message, subject=dataset)]


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
