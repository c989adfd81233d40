"""A dataset described for its owner, so coarsely that it tells of nobody."""
# ruff: noqa: S608 - names and values pass through engine.name and engine.literal

import duckdb

from workbench.contracts.columns import TIMES, ContractColumn
from workbench.contracts.datasets import Contract
from workbench.warehouse.asof import known_paths, known_query
from workbench.warehouse.engine import connection, name
from workbench.warehouse.layout import Layout
from workbench.warehouse.manifest import Manifest
from workbench.warehouse.reports import ColumnProfile, Profile


def profile(
    layout: Layout, memory_mb: int, contract: Contract, manifest: Manifest
) -> Profile:
    """Counts of every column, small ones hidden; the first and last month of many."""
    query = known_query(
        contract,
        known_paths(layout, contract.dataset, manifest, None),
        contract.names,
        None,
    )
    with connection(layout, memory_mb, [layout.objects]) as con:
        con.execute(f"CREATE TEMP TABLE known AS {query}")
        unit = name(contract.unit_column)
        counted = f"SELECT count(*), count(DISTINCT {unit}) FROM known"
        rows, units = con.execute(counted).fetchall()[0]
        columns = tuple(
            _profile_column(con, contract, column) for column in contract.columns
        )
    least = contract.minimum_units
    return Profile(
        dataset=contract.dataset,
        rows=in_words(int(rows), least),
        units=in_words(int(units), least),
        columns=columns,
    )


def _profile_column(
    con: duckdb.DuckDBPyConnection, contract: Contract, column: ContractColumn
) -> ColumnProfile:
    cell, least = name(column.name), contract.minimum_units
    empty, distinct = con.execute(
        f"SELECT count(*) - count({cell}), count(DISTINCT {cell}) FROM known"
    ).fetchall()[0]
    told = column.identity == "none" and column.type in TIMES
    lowest, highest = _months(con, contract, cell) if told else (None, None)
    return ColumnProfile(
        name=column.name,
        type=column.type,
        identity=column.identity,
        empty=in_words(int(empty), least),
        distinct=in_words(int(distinct), least),
        lowest=lowest,
        highest=highest,
    )


def _months(
    con: duckdb.DuckDBPyConnection, contract: Contract, cell: str
) -> tuple[str | None, str | None]:
    """The first and the last month; None where fewer than the minimum of units are."""
    unit = name(contract.unit_column)
    found = con.execute(
        f"SELECT strftime({cell}, '%Y-%m') AS month, count(DISTINCT {unit}) "
        f"FROM known WHERE {cell} IS NOT NULL GROUP BY month ORDER BY month"
    ).fetchall()
    told = [month if n >= contract.minimum_units else None for month, n in found]
    return (told[0], told[-1]) if told else (None, None)


def in_words(count: int, least: int) -> str:
    """`none`, `fewer than 10`, or a count of two significant digits: `about 24,000`."""
    if count == 0:
        return "none"
    if count < least:
        return f"fewer than {least}"
    return f"about {int(float(f'{count:.2g}')):,}"
