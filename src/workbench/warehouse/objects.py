"""Tables as bytes: a hash of what they mean, and Parquet files named by content."""

import hashlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.contracts.columns import ContractColumn
from workbench.core import disk
from workbench.core.canonical import canonical_json, sha256_of_bytes
from workbench.warehouse.layout import Layout

ARROW_TYPES = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
_WIDTHS = {
    pa.int64(): (pa.int64(), "<i8"),
    pa.float64(): (pa.float64(), "<f8"),
    pa.bool_(): (pa.uint8(), "u1"),
    pa.date32(): (pa.int32(), "<i4"),
    pa.timestamp("us"): (pa.int64(), "<i8"),
}


def schema_of(columns: Iterable[ContractColumn]) -> pa.Schema:
    """The Arrow schema in which rows of these columns are kept."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in columns])


def content_id(table: pa.Table) -> str:
    """SHA-256 of names, types, which cells are empty, and every value, in order.

    The layout is ours: numbers little-endian, strings as lengths and UTF-8, empty cells
    as zeros. It does not depend on chunks, on what lies under an empty cell, or on the
    version of any library.
    """
    columns = [[field.name, str(field.type)] for field in table.schema]
    digest = hashlib.sha256(canonical_json([columns, table.num_rows]).encode())
    for column in table.columns:
        digest.update(_numpy(pc.cast(pc.is_null(column), pa.uint8()), "u1"))
        if column.type == pa.string():
            _update_with_strings(digest, column)
        else:
            plain, layout = _WIDTHS[column.type]
            digest.update(_numpy(pc.fill_null(_as(column, plain), 0), layout))
    return digest.hexdigest()


def _as(column: pa.ChunkedArray, plain: pa.DataType) -> pa.ChunkedArray:
    return column if column.type == plain else column.cast(plain)


def _numpy(column: pa.ChunkedArray, layout: str) -> bytes:
    values: np.ndarray[tuple[int], np.dtype[np.generic]] = column.to_numpy()
    return np.ascontiguousarray(values.astype(layout, copy=False)).tobytes()


def _update_with_strings(digest: "hashlib._Hash", column: pa.ChunkedArray) -> None:
    filled = pc.fill_null(column, "")
    lengths = pc.cast(pc.binary_length(filled), pa.int64())
    digest.update(_numpy(lengths, "<i8"))
    for chunk in filled.chunks:
        _, offsets, data = chunk.buffers()
        if len(chunk) and data is not None:
            ends = np.frombuffer(offsets, dtype="<i4")
            first, last = ends[chunk.offset], ends[chunk.offset + len(chunk)]
            digest.update(memoryview(data)[int(first) : int(last)])


def as_parquet(table: pa.Table) -> bytes:
    """A Parquet file; equal tables make equal bytes with one version of pyarrow."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.combine_chunks(), sink, compression="zstd", row_group_size=1 << 20
    )
    return bytes(sink.getvalue())


def write_object(layout: Layout, table: pa.Table) -> str:
    """Keep a table under the hash of its bytes, which is returned.

    Raises:
        TryLater: The disk is full.
    """
    data = as_parquet(table)
    sha256 = sha256_of_bytes(data)
    path = layout.object(sha256)
    if not path.exists():
        disk.write_bytes(path, data, mode=0o600)
    else:
        disk.sync_folder(path.parent)  # whoever wrote it may have been killed before
    return sha256
