"""The promises of a contract as questions to the table `delivery`."""
# ruff: noqa: S608 - values pass through engine.literal, the rest is ours

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from workbench.contracts.breaches import Breach, BreachKind
from workbench.contracts.columns import ContractColumn
from workbench.contracts.datasets import Contract
from workbench.core.errors import Reason, UsageError
from workbench.warehouse.csvfiles import NotCsv, header_of, mend
from workbench.warehouse.engine import instant_literal, is_full, literal
from workbench.warehouse.reading import SQL_TYPES, Loaded, instants, load
from workbench.warehouse.sources import Source

FIRST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: the rows where `broken` holds break it."""

    kind: BreachKind
    column: str
    broken: str


def checks(contract: Contract, now: datetime) -> Iterator[Check]:
    """Every promise of a contract that is a matter of single rows.

    One row that arrives after now would move the watermark, and all that is known
    with it, into the future.
    """
    for i, column in enumerate(contract.columns):
        cell = f"c{i}"
        yield Check("type-wrong", column.name, f"b{i}")
        if column.required:
            yield Check("value-missing", column.name, f"{cell} IS NULL AND NOT b{i}")
        yield from _value_checks(column, cell)
    arrival = contract.arrival_time or contract.event_time
    yield Check("time-unusable", arrival, f"arrived > {instant_literal(now)}")
    yield from _lateness(contract)


def _value_checks(column: ContractColumn, cell: str) -> Iterator[Check]:
    low, high = column.minimum, column.maximum
    if low is not None or high is not None:
        broken = [f"{cell} < {_bound(column, low)}"] if low is not None else []
        broken += [f"{cell} > {_bound(column, high)}"] if high is not None else []
        yield Check("out-of-range", column.name, " OR ".join(broken))
    fewest, most = column.min_length, column.max_length
    if fewest is not None or most is not None:
        broken = [f"length({cell}) < {fewest}"] if fewest is not None else []
        broken += [f"length({cell}) > {most}"] if most is not None else []
        yield Check("length-wrong", column.name, " OR ".join(broken))
    if column.pattern is not None:
        broken_by = f"NOT regexp_matches({cell}, {literal(column.pattern)})"
        yield Check("pattern-broken", column.name, broken_by)
    if column.choices:
        allowed = ", ".join(_bound(column, choice) for choice in column.choices)
        yield Check("not-a-choice", column.name, f"{cell} NOT IN ({allowed})")


def _bound(column: ContractColumn, value: float | str) -> str:
    if column.type == "timestamp":
        return f"CAST(CAST({literal(value)} AS TIMESTAMPTZ) AS TIMESTAMP)"
    return f"CAST({literal(value)} AS {SQL_TYPES[column.type]})"


def _lateness(contract: Contract) -> Iterator[Check]:
    """A row can be late only where it says itself when it arrived.

    Otherwise it arrives one lag after the event, as the contract says of all rows, and
    cannot break that; so the lag is not counted here either.
    """
    column = contract.arrival_time
    if column is None:
        return
    micros = contract.allowed_lateness // contract.allowed_lateness.resolution
    lag = contract.lag // contract.lag.resolution
    late = f"arrived > happened + to_microseconds({micros + lag})"
    yield Check("too-late", column, late)


def check_patterns(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Try each pattern once: DuckDB (RE2) knows fewer than Python.

    Raises:
        UsageError: With every pattern that it cannot use.
    """
    wrong = []
    for column in contract.columns:
        try:
            pattern = literal(column.pattern or "")
            con.execute(f"SELECT regexp_matches('', {pattern})").fetchall()
        except duckdb.Error:
            message = (
                "the pattern uses what RE2 has not, such as looking ahead; "
                "say it another way."
            )
            place = f"column {column.name}"
            wrong.append(
                Reason(
                    code="contract", message=message, subject=contract.file, place=place
                )
            )
    if wrong:
        raise UsageError(wrong)


def check(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    source: Source,
    now: datetime,
    scratch: Path,
) -> tuple[Loaded | None, list[Breach]]:
    """Load one source file and ask every question; all breaches, in columns' order.

    Args:
        con: Reads the file, and what is in `scratch`.
        contract: What it must keep.
        source: The file.
        now: No row may arrive later.
        scratch: For a copy that can be read, where the file as it is cannot.
    """
    malformed: list[int] = []
    loaded = _loaded(con, contract, source.paths, source.form)
    if loaded is None and source.form == "csv":
        loaded, malformed = _mended(con, contract, source, scratch)
    breaches = [_of_rows("row-malformed", source.name, "", malformed)] * bool(malformed)
    if loaded is None:
        return None, breaches or [_whole(source.name, "file-unreadable")]
    for name in loaded.missing:
        breaches.append(_whole(source.name, "column-missing", name))
    for name in loaded.mistyped:
        breaches.append(_whole(source.name, "type-wrong", name))
    absent = {*loaded.missing, *loaded.mistyped}
    asked = [c for c in checks(contract, now) if c.column not in absent]
    breaches += _ask(con, source.name, asked)
    if contract.key and not absent:
        breaches += _key_conflicts(con, contract, source.name)
    known = source.before.file.rows if source.before else 0
    if known and not loaded.rows:
        breaches.append(
            Breach(
                kind="rows-gone", source=source.name, column="", count=known, rows=()
            )
        )
    return loaded, breaches


def _loaded(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    paths: Sequence[Path],
    form: str,
) -> Loaded | None:
    """What the files hold; None where they cannot be read."""
    try:
        return load(con, contract, paths, form)
    except (duckdb.Error, NotCsv) as error:
        if isinstance(error, duckdb.Error) and is_full(error):
            raise
        return None


def _mended(
    con: duckdb.DuckDBPyConnection, contract: Contract, source: Source, scratch: Path
) -> tuple[Loaded | None, list[int]]:
    """What the sound rows of a CSV file hold, if any; and the numbers of the others."""
    (path,) = source.paths
    copy = scratch / "sound.csv"
    try:
        header = header_of(path, contract.delimiter)
    except NotCsv:
        return None, []
    malformed = mend(path, contract.delimiter, len(header), copy)
    loaded = _loaded(con, contract, [copy], "csv") if malformed else None
    copy.unlink()
    if loaded is not None:
        numbers = ", ".join(map(str, malformed))
        con.execute(f"DELETE FROM delivery WHERE row IN ({numbers})")
        if not con.execute("SELECT 1 FROM delivery LIMIT 1").fetchall():
            return None, malformed  # most likely the names are not where they belong
    return loaded, malformed


def _whole(source: str, kind: BreachKind, column: str = "") -> Breach:
    return Breach(kind=kind, source=source, column=column, count=0, rows=())


def _ask(
    con: duckdb.DuckDBPyConnection, source: str, asked: list[Check]
) -> Iterator[Breach]:
    if not asked:
        return
    counts = ", ".join(f"count(*) FILTER (WHERE {c.broken})" for c in asked)
    found = con.execute(f"SELECT {counts} FROM delivery").fetchall()[0]
    for question, count in zip(asked, found, strict=True):
        if count:
            rows = con.execute(
                f"SELECT row FROM delivery WHERE {question.broken} "
                f"ORDER BY row LIMIT {FIRST_ROWS}"
            ).fetchall()
            yield Breach(
                kind=question.kind,
                source=source,
                column=question.column,
                count=int(count),
                rows=tuple(int(row[0]) for row in rows),
            )


def _key_conflicts(
    con: duckdb.DuckDBPyConnection, contract: Contract, source: str
) -> list[Breach]:
    """Rows whose key another row, here or in `held`, has with other content.

    Where rows say themselves when they arrived, only those that arrived together
    conflict: of others the first is read, whichever was delivered first.
    """
    keys = _keys(contract)
    cells = ", ".join(f"c{i}" for i in range(len(contract.columns)))
    rows = con.execute(
        f"WITH {_keyed(contract)} SELECT row FROM sound SEMI JOIN ("
        f"SELECT {keys}, came FROM (SELECT DISTINCT {cells}, came FROM keyed) "
        f"GROUP BY {keys}, came HAVING count(*) > 1) USING ({keys}, came) ORDER BY row"
    ).fetchall()
    if not rows:
        return []
    numbers = [int(row[0]) for row in rows]
    return [_of_rows("key-conflict", source, ", ".join(contract.key), numbers)]


def later_rows(con: duckdb.DuckDBPyConnection, contract: Contract) -> int:
    """Different rows that arrived later than another of their key."""
    if not contract.key:
        return 0
    found = con.execute(
        f"WITH {_keyed(contract)} SELECT count(*) FROM (SELECT fresh, came > min(came) "
        f"OVER (PARTITION BY {_keys(contract)}) AS later FROM keyed) "
        f"WHERE fresh AND later"
    ).fetchall()
    return int(found[0][0])


def _keys(contract: Contract) -> str:
    return ", ".join(f"c{contract.names.index(name)}" for name in contract.key)


def _keyed(contract: Contract) -> str:
    """SQL of the delivered rows, and of them and the held ones of the same keys.

    Rows with a bad cell, or without their key, are told already and left out.
    """
    each = range(len(contract.columns))
    cells, keys = ", ".join(f"c{i}" for i in each), _keys(contract)
    bad = [f"b{i}" for i in each] + [f"{key} IS NULL" for key in keys.split(", ")]
    at = instants(contract)[1] if contract.arrival_time else "TIMESTAMP 'epoch'"
    return (
        f"sound AS (SELECT *, {at} AS came FROM delivery "
        f"WHERE NOT ({' OR '.join(bad)})), "
        f"keyed AS (SELECT {cells}, came, true AS fresh FROM sound UNION "
        f"SELECT {cells}, {at}, false FROM held SEMI JOIN sound USING ({keys}))"
    )


def _of_rows(kind: BreachKind, source: str, column: str, rows: list[int]) -> Breach:
    first = tuple(rows[:FIRST_ROWS])
    return Breach(kind=kind, source=source, column=column, count=len(rows), rows=first)
