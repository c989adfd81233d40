"""The promises of a contract as questions to the table `delivery`."""
# ruff: noqa: S608 - values pass through engine.literal, the rest is ours

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from workbench.contracts.breaches import Breach, BreachKind
from workbench.contracts.columns import ContractColumn
from workbench.contracts.datasets import Contract
from workbench.core.errors import Reason, UsageError
from workbench.warehouse.engine import is_full, literal
from workbench.warehouse.reading import SQL_TYPES, Loaded, load

FIRST_ROWS = 5
_END_OF_TIME = "TIMESTAMP '9999-12-31'"


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: the rows where `broken` holds break it."""

    kind: BreachKind
    column: str
    broken: str


def checks(contract: Contract) -> Iterator[Check]:
    """Every promise of a contract that is a matter of single rows."""
    for i, column in enumerate(contract.columns):
        cell = f"c{i}"
        yield Check("type-wrong", column.name, f"b{i}")
        if column.required:
            yield Check("value-missing", column.name, f"{cell} IS NULL AND NOT b{i}")
        yield from _value_checks(column, cell)
    yield Check("time-unusable", contract.event_time, f"arrived > {_END_OF_TIME}")
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
    source: str,
    paths: list[Path],
    form: str,
) -> tuple[Loaded | None, list[Breach]]:
    """Load one source file and ask every question; all breaches, in columns' order."""
    try:
        loaded = load(con, contract, paths, form)
    except duckdb.Error as error:
        if is_full(error):
            raise
        return None, [_whole(source, "file-unreadable")]
    columns = [_whole(source, "column-missing", name) for name in loaded.missing]
    columns += [_whole(source, "type-wrong", name) for name in loaded.mistyped]
    absent = {*loaded.missing, *loaded.mistyped}
    asked = [c for c in checks(contract) if c.column not in absent]
    breaches = columns + list(_ask(con, source, asked))
    if not breaches and contract.key:
        breaches += _key_conflicts(con, contract, source)
    return loaded, breaches


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
    cells = [f"c{i}" for i in range(len(contract.columns))]
    keys = [f"c{contract.names.index(name)}" for name in contract.key]
    listed = ", ".join(keys)
    rows = con.execute(
        f"SELECT row FROM delivery SEMI JOIN (SELECT {listed} FROM "
        f"(SELECT DISTINCT {', '.join(cells)} FROM delivery) GROUP BY {listed} "
        f"HAVING count(*) > 1) USING ({listed}) ORDER BY row"
    ).fetchall()
    if not rows:
        return []
    first = tuple(int(row[0]) for row in rows[:FIRST_ROWS])
    column = ", ".join(contract.key)
    return [
        Breach(
            kind="key-conflict",
            source=source,
            column=column,
            count=len(rows),
            rows=first,
        )
    ]
