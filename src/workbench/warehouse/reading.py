"""One source file as a table of typed columns, bad cells marked and kept apart.

The table `delivery` has, for the contract's column number i: `c<i>` the value as the
contract's type, empty where it cannot be read, and `b<i>` whether it could not; `row`
is the row's number, `happened` and `arrived` are its instants in UTC.
"""
# ruff: noqa: S608 - names and values pass through engine.name and engine.literal

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from workbench.contracts.datasets import Contract
from workbench.warehouse.csvfiles import header_of, scan_csv
from workbench.warehouse.engine import literal, name

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
_PATTERNS = {
    "integer": "[+-]?[0-9]+",
    "number": "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?",
    "date": _DAY,
    "timestamp": f"{_DAY}([T ]{_CLOCK}(Z|[+-][0-9]{{2}}(:[0-9]{{2}})?)?)?",
}
_WHOLE = frozenset(
    f"{sign}{size}INT"
    for sign in ("", "U")
    for size in ("TINY", "SMALL", "BIG", "HUGE")
) | {"INTEGER", "UINTEGER"}
_TEXT = frozenset({"VARCHAR", "UUID"})
SQL_TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


@dataclass(frozen=True, slots=True)
class Raw:
    """The cells of one source file before they are read as types.

    Attributes:
        scan: SQL of the table function that reads them.
        columns: Name of each column in the scan, and its SQL type, by its name in the
            file; names that the file has twice are left out.
    """

    scan: str
    columns: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What of the contract's columns the file holds.

    Attributes:
        missing: Columns that it lacks, or has twice.
        mistyped: Columns of a type that cannot be the contract's.
        dropped: Columns of the file that the contract does not list.
        rows: Rows in the file.
    """

    missing: tuple[str, ...]
    mistyped: tuple[str, ...]
    dropped: int
    rows: int


def load(
    con: duckdb.DuckDBPyConnection, contract: Contract, paths: Sequence[Path], form: str
) -> Loaded:
    """Fill the table `delivery` from files of one form, `csv` or `parquet`.

    A column that is missing or of another type is empty throughout.

    Raises:
        duckdb.Error: The files cannot be read at all.
        NotCsv: A CSV file has no names in its first line.
    """
    raw = raw_of(con, paths, form, contract.delimiter)
    readers = {
        column.name: reader(
            column.type, raw.columns[column.name][1], f"r{i}", is_text=form == "csv"
        )
        for i, column in enumerate(contract.columns)
        if column.name in raw.columns
    }
    con.execute("DROP TABLE IF EXISTS delivery")
    con.execute(f"CREATE TEMP TABLE delivery AS {_select(contract, readers, raw)}")
    found = con.execute("SELECT count(*) FROM delivery").fetchall()
    return Loaded(
        missing=tuple(n for n in contract.names if n not in raw.columns),
        mistyped=tuple(n for n, how in readers.items() if how is None),
        dropped=len(raw.columns.keys() - set(contract.names)),
        rows=int(found[0][0]),
    )


def raw_of(
    con: duckdb.DuckDBPyConnection, paths: Sequence[Path], form: str, delimiter: str
) -> Raw:
    """How to read the cells of Parquet files, or of one CSV file.

    Raises:
        duckdb.Error: A Parquet file cannot be read.
        NotCsv: A CSV file has no names in its first line.
    """
    if form == "parquet":
        source = scan(paths)
        rows = con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        return Raw(source, {str(row[0]): (str(row[0]), str(row[1])) for row in rows})
    (path,) = paths
    header = header_of(path, delimiter)
    times = Counter(header)
    columns = {n: (f"h{i}", "VARCHAR") for i, n in enumerate(header) if times[n] == 1}
    return Raw(scan_csv(path, delimiter, len(header)), columns)


def scan(paths: Sequence[Path]) -> str:
    """The table function that reads Parquet files."""
    listed = ", ".join(literal(str(path)) for path in paths)
    return f"read_parquet([{listed}], union_by_name = true)"


def _select(contract: Contract, readers: dict[str, str | None], source: Raw) -> str:
    raw, values, marks = [], [], []
    for i, column in enumerate(contract.columns):
        how = readers.get(column.name)
        sql_type = SQL_TYPES[column.type]
        if how is None:
            values.append(f"CAST(NULL AS {sql_type}) AS c{i}")
            marks.append(f"false AS b{i}")
        else:
            raw.append(f"{name(source.columns[column.name][0])} AS r{i}")
            values.append(f"{how} AS c{i}, r{i}")
            marks.append(f"(r{i} IS NOT NULL AND c{i} IS NULL) AS b{i}")
    cells = ", ".join(f"c{i}" for i in range(len(contract.columns)))
    happened, arrived = instants(contract)
    return (
        f"WITH source AS (SELECT {', '.join(['row_number() OVER () AS row', *raw])} "
        f"FROM {source.scan}), read AS (SELECT row, {', '.join(values)} FROM source) "
        f"SELECT row, {cells}, {', '.join(marks)}, "
        f"{happened} AS happened, {arrived} AS arrived FROM read"
    )


def instants(contract: Contract) -> tuple[str, str]:
    """SQL of a row's event and arrival instants over the cells `c<i>`."""
    at = {column: f"CAST(c{i} AS TIMESTAMP)" for i, column in enumerate(contract.names)}
    micros = contract.lag // contract.lag.resolution
    arrival = at[contract.arrival_time or contract.event_time]
    return at[contract.event_time], f"{arrival} + to_microseconds({micros})"


def reader(kind: str, sql_type: str, cell: str, *, is_text: bool) -> str | None:
    """SQL that reads a cell as a logical type, or NULL; None if its type cannot be."""
    if not is_text:
        cast = f"TRY_CAST({cell} AS {SQL_TYPES[kind]})"
        return _bounded(kind, cast) if _may_be(kind, sql_type) else None
    if kind == "string":
        return cell
    if kind == "boolean":
        yes, no, low = (
            "('true', 't', '1')",
            "('false', 'f', '0')",
            f"lower(trim({cell}))",
        )
        return f"CASE WHEN {low} IN {yes} THEN true WHEN {low} IN {no} THEN false END"
    spelt = f"regexp_full_match(trim({cell}), {literal(_PATTERNS[kind])})"
    cast = "TIMESTAMPTZ" if kind == "timestamp" else SQL_TYPES[kind]
    value = f"CASE WHEN {spelt} THEN TRY_CAST(trim({cell}) AS {cast}) END"
    return _bounded(kind, f"CAST({value} AS {SQL_TYPES[kind]})")


def _may_be(kind: str, sql_type: str) -> bool:
    base = sql_type.split("(", maxsplit=1)[0]
    times = base == "DATE" or base.startswith("TIMESTAMP")
    return {
        "integer": base in _WHOLE,
        "number": base in _WHOLE | {"FLOAT", "DOUBLE", "DECIMAL"},
        "string": base in _TEXT or base == "ENUM",
        "boolean": base == "BOOLEAN",
        "date": base == "DATE",
        "timestamp": times,
    }[kind]


def _bounded(kind: str, value: str) -> str:
    """Leave out what is no number, what no calendar holds, and the sign of zero."""
    if kind == "number":
        return f"CASE WHEN {value} = 0 THEN 0.0 WHEN isfinite({value}) THEN {value} END"
    if kind in {"date", "timestamp"}:
        low, high = f"{kind} '0001-01-01'", f"{kind} '9999-12-31'"
        return f"CASE WHEN {value} BETWEEN {low} AND {high} THEN {value} END"
    return value
