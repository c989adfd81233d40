"""Rows as known at an instant: the query, their identity, the file for a run."""
# ruff: noqa: S608 - names and values pass through engine.name and engine.literal

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from workbench.contracts.datasets import Contract
from workbench.core import disk
from workbench.core.runs import View
from workbench.warehouse.engine import connection, instant_literal, name
from workbench.warehouse.inspection import check_objects
from workbench.warehouse.layout import Layout
from workbench.warehouse.manifest import Manifest
from workbench.warehouse.objects import as_parquet, content_id, schema_of
from workbench.warehouse.pseudonyms import pseudonym
from workbench.warehouse.reading import instants, scan
from workbench.warehouse.views import Question, direct_of, remember


def known_paths(
    layout: Layout, dataset: str, manifest: Manifest, as_of: datetime | None
) -> list[Path]:
    """Objects that may hold a row known at as-of; all of them without one.

    Raises:
        ContractBroken: One of them is gone or was changed since it was stored.
    """
    state = manifest.state
    objects = {
        batch.sha256: source
        for source in sorted(state)
        for batch in state[source].file.batches
        if as_of is None or (batch.first_event < as_of and batch.first_arrival <= as_of)
    }
    check_objects(layout, dataset, objects)
    return [layout.object(sha256) for sha256 in objects]


def known_query(
    contract: Contract,
    paths: Sequence[Path],
    columns: Sequence[str],
    as_of: datetime | None,
) -> str:
    """SQL of the columns as known at as-of, each key once.

    Of rows with one key the earliest arrival wins. Two that arrived together are told
    apart by the declared columns alone: what is not declared decides nothing.
    """
    cells = {n: f"c{i}" for i, n in enumerate(contract.names)}
    renamed = ", ".join(f"{name(n)} AS {cell}" for n, cell in cells.items())
    happened, arrived = instants(contract)
    wanted = ", ".join(f"{cells[n]} AS {name(n)}" for n in columns)
    order = ", ".join(f"{cells[n]} NULLS FIRST" for n in columns)
    query = f"SELECT {wanted} FROM (SELECT {renamed} FROM {scan(paths)})"
    if as_of is not None:
        instant = instant_literal(as_of)
        query += f" WHERE {happened} < {instant} AND {arrived} <= {instant}"
    if contract.key:
        key = ", ".join(cells[n] for n in contract.key)
        query += (
            f" QUALIFY row_number() OVER (PARTITION BY {key} "
            f"ORDER BY {arrived}, {order}) = 1"
        )
    return f"{query} ORDER BY {order}"


def read_view(
    layout: Layout, memory_mb: int, manifest: Manifest, question: Question
) -> tuple[View, pa.Table]:
    """A view and its rows, raw, sorted by all declared columns."""
    table = _known_table(layout, memory_mb, manifest, question)
    view = question.answer(content_id(table), table.num_rows)
    remember(layout, question, manifest.head, view)
    return view, table


def _known_table(
    layout: Layout, memory_mb: int, manifest: Manifest, question: Question
) -> pa.Table:
    contract, columns = question.contract, question.columns
    schema = schema_of(contract.column(n) for n in columns)
    paths = known_paths(layout, contract.dataset, manifest, question.as_of)
    if not paths:
        return schema.empty_table()
    with connection(layout, memory_mb, [layout.objects]) as con:
        query = known_query(contract, paths, columns, question.as_of)
        return con.sql(query).to_arrow_table().cast(schema)


def write_for_run(
    table: pa.Table, contract: Contract, key: bytes, purpose: str, path: Path
) -> None:
    """Write a view as a run may see it.

    Direct identifiers become pseudonyms, dates become midnights, so that pandas reads
    them as times. Rows are sorted by what identifies nobody first: the order of the
    rows must not give away the order of the identifiers, nor depend on the key.
    """
    direct = direct_of(contract, table.column_names)
    for i, column in enumerate(table.column_names):
        if column in direct:
            hidden = _pseudonyms(table[column], key, purpose)
            table = table.set_column(i, column, hidden)
        elif table[column].type == pa.date32():
            midnights = table[column].cast(pa.timestamp("us"))
            table = table.set_column(i, column, midnights)
    order = [n for n in table.column_names if n not in direct] + direct
    table = table.sort_by([(n, "ascending") for n in order])
    disk.write_bytes(path, as_parquet(table), mode=0o600)


def _pseudonyms(column: pa.ChunkedArray, key: bytes, purpose: str) -> pa.Array:
    coded = column.combine_chunks().dictionary_encode()
    texts = coded.dictionary.cast(pa.string()).to_pylist()
    names = pa.array([pseudonym(key, purpose, t) for t in texts], pa.string())
    return pc.take(names, coded.indices)
