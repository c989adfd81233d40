"""A dataset described for its owner, so coarsely that it tells of nobody."""
# ruff: noqa: S608 - names and values pass through engine.name and engine.literal

import re
from datetime import UTC, date, datetime

import duckdb

from workbench.contracts.columns import ContractColumn
from workbench.contracts.datasets import Contract
from workbench.core.clock import show_instant
from workbench.warehouse.asof import known_paths, known_query
from workbench.warehouse.engine import connection, name
from workbench.warehouse.layout import Layout
from workbench.warehouse.manifest import Manifest
from workbench.warehouse.reports import ColumnProfile, Profile

_ORDERED = ("integer", "number", "date", "timestamp")
_GUESSES = ("integer", "number", "boolean", "date", "timestamp", "string")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def profile(
    layout: Layout, memory_mb: int, contract: Contract, manifest: Manifest
) -> Profile:
    """Counts of every column, small ones hidden; extremes where nobody is in them."""
    query = known_query(
        contract, known_paths(layout, manifest, None), contract.names, None
    )
    with connection(layout.scratch, memory_mb, [layout.objects]) as con:
        con.execute(f"CREATE TEMP TABLE known AS {query}")
        unit = name(contract.unit_column)
        counted = f"SELECT count(*), count(DISTINCT {unit}) FROM known"
        rows, units = con.execute(counted).fetchall()[0]
        columns = tuple(
            _profile_column(con, column, contract.minimum_units, int(units))
            for column in contract.columns
        )
    least = contract.minimum_units
    return Profile(
        dataset=contract.dataset,
        rows=in_words(int(rows), least),
        units=in_words(int(units), least),
        columns=columns,
    )


def _profile_column(
    con: duckdb.DuckDBPyConnection, column: ContractColumn, least: int, units: int
) -> ColumnProfile:
    cell = name(column.name)
    empty, distinct, low, high = con.execute(
        f"SELECT count(*) - count({cell}), count(DISTINCT {cell}), min({cell}), "
        f"max({cell}) FROM known"
    ).fetchall()[0]
    told = column.identity == "none" and column.type in _ORDERED and units >= least
    return ColumnProfile(
        name=column.name,
        type=column.type,
        identity=column.identity,
        empty=in_words(int(empty), least),
        distinct=in_words(int(distinct), least),
        lowest=_spelt(low) if told else None,
        highest=_spelt(high) if told else None,
    )


def _spelt(value: float | date | None) -> str | None:
    if isinstance(value, datetime):
        return show_instant(value.replace(tzinfo=UTC))
    return None if value is None else str(value)


def in_words(count: int, least: int) -> str:
    """`none`, `fewer than 10`, or a count of two significant digits: `about 24,000`."""
    if count == 0:
        return "none"
    if count < least:
        return f"fewer than {least}"
    return f"about {int(float(f'{count:.2g}')):,}"
