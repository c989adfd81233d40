"""Which source files there are, and which of them must be read."""

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.contracts.datasets import Contract
from workbench.core.canonical import sha256_of_file
from workbench.core.errors import Reason, UsageError
from workbench.warehouse.inspection import check_objects
from workbench.warehouse.layout import Layout
from workbench.warehouse.manifest import Known, Manifest
from workbench.warehouse.reports import FileReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to take in.

    Attributes:
        name: What the manifest calls it.
        sha256: Hash of its bytes, taken before it is read.
        paths: Where its rows are: the file, or its old objects where it is gone.
        form: `csv` or `parquet`.
        before: What the manifest knows of it; None for a new file.
    """

    name: str
    sha256: str
    paths: tuple[Path, ...]
    form: str
    before: Known | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one call of `add` finds.

    Attributes:
        same: Reports of the files that need no reading.
        to_read: Files that do.
        others: Objects of the files that do not, and the file of each; their rows
            stay known beside those that are read.
    """

    same: tuple[FileReport, ...]
    to_read: tuple[Source, ...]
    others: Mapping[str, str]


def find_sources(layout: Layout, contract: Contract, manifest: Manifest) -> Delivery:
    """Files that need no reading, and files that do.

    A file that is gone stays known. When the contract changed, its old objects are read
    in its place, so that all of a dataset is checked by one contract.

    Raises:
        UsageError: The contract's path leads to no file, and none is known.
        ContractBroken: An old object that must be read is gone or was changed.
    """
    state = manifest.state
    present = _present(layout, contract)
    if not present and not state:
        message = (
            f"{contract.file} names {contract.path!r}, where there is no file; "
            f"correct servers[0].path."
        )
        raise UsageError(
            Reason(code="no-data", message=message, subject=contract.dataset)
        )
    same: list[FileReport] = []
    to_read: list[Source] = []
    for name in sorted(state.keys() | present.keys()):
        before = state.get(name)
        source = _source(layout, contract, name, present.get(name), before)
        if before and _is_current(before, source, contract):
            same.append(
                FileReport(
                    source=name,
                    outcome="same" if name in present else "absent",
                    rows=before.file.rows,
                )
            )
        else:
            to_read.append(source)
    read = {source.name for source in to_read}
    others = {
        batch.sha256: name
        for name, known in state.items()
        if to_read and contract.key and name not in read
        for batch in known.file.batches
    }
    check_objects(layout, contract.dataset, others)
    return Delivery(same=tuple(same), to_read=tuple(to_read), others=others)


def _present(layout: Layout, contract: Contract) -> dict[str, Path]:
    """Files of the contract's glob, by the name the manifest gives them."""
    found = glob.glob(contract.path, root_dir=layout.root, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
    paths = {Path(name).as_posix(): layout.root / name for name in sorted(found)}
    return {name: path for name, path in paths.items() if path.is_file()}


def _source(
    layout: Layout,
    contract: Contract,
    name: str,
    path: Path | None,
    before: Known | None,
) -> Source:
    if path is None:
        assert before is not None  # noqa: S101 - a name is of the state or of the disk
        objects = {batch.sha256: name for batch in before.file.batches}
        if before.contract_id != contract.contract_id:  # else they are not read
            check_objects(layout, contract.dataset, objects)
        return Source(
            name=name,
            sha256=before.file.sha256,
            paths=tuple(layout.object(sha256) for sha256 in objects),
            form="parquet",
            before=before,
        )
    return Source(
        name=name,
        sha256=sha256_of_file(path),
        paths=(path,),
        form=contract.format,
        before=before,
    )


def _is_current(before: Known, source: Source, contract: Contract) -> bool:
    return (
        before.file.sha256 == source.sha256
        and before.contract_id == contract.contract_id
    )
