"""One DuckDB connection: bounded, shut off from the rest of the machine, discreet.

Code here keeps to the calls that DuckDB 1.5 and 2.0 share. DuckDB's own words may quote
a cell, so they go no further than this module.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from workbench.core import disk
from workbench.core.errors import Reason, UsageError
from workbench.warehouse.layout import Layout

THREADS = 4
_NO_SPACE = os.strerror(errno.ENOSPC)


class QueryFailed(Exception):  # noqa: N818 - the name is the sentence
    """DuckDB refused a query; says which kind of failure, and no value."""


@contextmanager
def connection(
    layout: Layout, memory_mb: int, readable: Iterable[Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the given files and folders and nothing else.

    Whoever reads rows comes through here, so the store is closed to others first.

    Raises:
        UsageError: A query needs more memory than it may take.
        TryLater: The disk is full.
        QueryFailed: Anything else that DuckDB refuses.
    """
    layout.prepare()
    with disk.scratch_folder(layout.scratch, "query") as spill, discreet():
        con = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{memory_mb}MiB",
                "threads": min(THREADS, os.cpu_count() or 1),
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        try:
            con.execute("SET TimeZone = 'UTC'")
            paths = list(readable)
            folders = ", ".join(literal(str(p)) for p in paths if p.is_dir())
            files = ", ".join(literal(str(p)) for p in paths if not p.is_dir())
            con.execute(f"SET allowed_directories = [{folders}]")
            con.execute(f"SET allowed_paths = [{files}]")
            con.execute("SET enable_external_access = false")
            con.execute("SET lock_configuration = true")
            yield con
        finally:
            con.close()


@contextmanager
def discreet() -> Iterator[None]:
    """Foreign errors stop here, and their words with them.

    Raises:
        UsageError: A query needs more memory than it may take.
        TryLater: The disk is full.
        QueryFailed: Anything else that DuckDB refuses.
    """
    with disk.full_disk_is_try_later("a data query"):
        try:
            yield
        except duckdb.OutOfMemoryException:
            message = "a data query needs more memory; raise query_memory_mb."
            raise UsageError(Reason(code="query-memory", message=message)) from None
        except duckdb.Error as error:
            if is_full(error):
                raise OSError(errno.ENOSPC, _NO_SPACE) from None
            raise QueryFailed(type(error).__name__) from None


def is_full(error: duckdb.Error) -> bool:
    """Whether the disk or the memory is full, which is nobody's data's fault."""
    return isinstance(error, duckdb.OutOfMemoryException) or _NO_SPACE in str(error)


def name(text: str) -> str:
    """A column's name as SQL."""
    return '"' + text.replace('"', '""') + '"'


def literal(value: bool | int | float | str) -> str:  # noqa: FBT001 - a value, no switch
    """A scalar as SQL."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"


def instant_literal(instant: datetime) -> str:
    """A UTC instant as SQL."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return f"TIMESTAMP '{utc.isoformat(sep=' ', timespec='microseconds')}'"
