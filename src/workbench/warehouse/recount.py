"""What the newest entries say of their objects, counted again from the objects.

An entry is sealed by the one after it; the newest by none. What it says decides the
watermark and which rows a view looks for, so `workbench data verify` counts it again.
"""
# ruff: noqa: S608 - names and values pass through engine.name and engine.literal

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import duckdb
import pyarrow.parquet as pq

from workbench.contracts.datasets import Contract
from workbench.core.errors import Reason
from workbench.warehouse.engine import connection, name
from workbench.warehouse.layout import Layout
from workbench.warehouse.manifest import Batch, Entry, Manifest, entry_broken
from workbench.warehouse.objects import content_id
from workbench.warehouse.reading import instants, scan

_SPANS = ("first_event", "last_event", "first_arrival", "last_arrival")


def differing(
    layout: Layout,
    memory_mb: int,
    manifests: Mapping[str, Manifest],
    contracts: Mapping[str, Contract],
) -> list[Reason]:
    """Every batch of which an entry says other than its object holds.

    Args:
        layout: Where the objects are, each as it was stored.
        memory_mb: What one query may use, in MiB.
        manifests: The entries, by dataset.
        contracts: How to tell when a row happened and arrived; where a dataset has
            none, or was read by another, its times are not looked at.
    """
    reasons = []
    with connection(layout, memory_mb, [layout.objects]) as con:
        for dataset, manifest in manifests.items():
            contract = contracts.get(dataset)
            for entry in manifest.entries:
                by = contract if _is_by(contract, entry) else None
                for file in entry.files:
                    for batch in file.batches:
                        wrong = ", ".join(_wrong(con, layout, batch, by))
                        problem = f"says of {file.source}, {batch.month}, another"
                        if wrong:
                            found = f"{problem} {wrong} than its object holds"
                            path = layout.manifest(dataset)
                            reasons.append(entry_broken(path, entry.sequence, found))
    return reasons


def _is_by(contract: Contract | None, entry: Entry) -> bool:
    return contract is not None and contract.contract_id == entry.contract_id


def _wrong(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    batch: Batch,
    contract: Contract | None,
) -> Iterator[str]:
    path = layout.object(batch.sha256)
    table = pq.read_table(path)
    if table.num_rows != batch.rows:
        yield "number of rows"
    if content_id(table) != batch.content:
        yield "content"
    if contract is None:
        return
    cells = ", ".join(f"{name(n)} AS c{i}" for i, n in enumerate(contract.names))
    happened, arrived = instants(contract)
    spans = con.execute(
        f"SELECT min({happened}), max({happened}), min({arrived}), max({arrived}) "
        f"FROM (SELECT {cells} FROM {scan([path])})"
    ).fetchall()[0]
    found: dict[str, datetime] = dict(
        zip(_SPANS, (instant.replace(tzinfo=UTC) for instant in spans), strict=True)
    )
    for field, instant in found.items():
        if getattr(batch, field) != instant:
            yield field.replace("_", " ")
    if batch.month != found["first_arrival"].strftime("%Y-%m"):
        yield "month"
