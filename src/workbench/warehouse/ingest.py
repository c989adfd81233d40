"""A delivery: every source file is checked, then all are taken in or none."""
# ruff: noqa: S608 - names and values pass through engine.name and engine.literal

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from workbench.contracts.breaches import Breach
from workbench.contracts.datasets import Contract
from workbench.core import disk
from workbench.core.canonical import pretty_json, sha256_of_value
from workbench.core.errors import ContractBroken, Reason, TryLater
from workbench.core.records import to_plain
from workbench.warehouse.checks import check, check_patterns, later_rows
from workbench.warehouse.engine import connection, instant_literal, literal, name
from workbench.warehouse.layout import Layout
from workbench.warehouse.manifest import Batch, SourceFile
from workbench.warehouse.objects import content_id, schema_of, write_object
from workbench.warehouse.reading import SQL_TYPES, Loaded, scan
from workbench.warehouse.reports import FileReport
from workbench.warehouse.sources import Delivery, Source

_MONTH = "strftime(arrived, '%Y-%m')"


def take_in(
    layout: Layout,
    memory_mb: int,
    contract: Contract,
    delivery: Delivery,
    now: datetime,
) -> list[tuple[SourceFile, FileReport]]:
    """Check and store the rows of every source; the manifest is the caller's.

    Args:
        layout: Where to store them.
        memory_mb: What one query may use, in MiB.
        contract: What they must keep.
        delivery: Files to read, and what is known of the others.
        now: No row may arrive later.

    Raises:
        ContractBroken: With every breach of every file; the broken ones are in
            quarantine.
        TryLater: The disk is full.
    """
    taken: list[tuple[SourceFile, FileReport]] = []
    broken: list[tuple[Source, list[Breach]]] = []
    others = [layout.object(sha256) for sha256 in delivery.others]
    readable = [path for source in delivery.to_read for path in source.paths]
    with (
        disk.scratch_folder(layout.scratch, "sound") as scratch,
        connection(layout, memory_mb, [*readable, *others, scratch]) as con,
    ):
        check_patterns(con, contract)
        _hold(con, contract, others)
        for source in delivery.to_read:
            loaded, breaches = check(con, contract, source, now, scratch)
            if loaded is None or breaches:
                broken.append((source, breaches))
            else:
                taken.append(_store(con, layout, contract, source, loaded))
                con.execute(f"INSERT INTO held SELECT {_cells(contract)} FROM delivery")
    if broken:
        raise ContractBroken(_put_aside(layout, contract, broken))
    return taken


def _hold(
    con: duckdb.DuckDBPyConnection, contract: Contract, others: Sequence[Path]
) -> None:
    """The table `held`: rows of the files that this delivery leaves as they are."""
    columns = [
        f"c{i} {SQL_TYPES[column.type]}" for i, column in enumerate(contract.columns)
    ]
    con.execute(f"CREATE TEMP TABLE held ({', '.join(columns)})")
    if others and contract.key:
        names = ", ".join(name(n) for n in contract.names)
        con.execute(f"INSERT INTO held SELECT {names} FROM {scan(others)}")


def _cells(contract: Contract) -> str:
    return ", ".join(f"c{i}" for i in range(len(contract.columns)))


def _put_aside(
    layout: Layout,
    contract: Contract,
    broken: Sequence[tuple[Source, Sequence[Breach]]],
) -> list[Reason]:
    """Every breach told; a disk too full for the quarantine hides none of them."""
    reasons = [b.as_reason(contract.file) for _, breaches in broken for b in breaches]
    for source, breaches in broken:
        try:
            _quarantine(layout, contract, source, breaches)
        except TryLater as full:
            reasons += full.reasons
    return reasons


def _store(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    contract: Contract,
    source: Source,
    loaded: Loaded,
) -> tuple[SourceFile, FileReport]:
    old = {b.month: b for b in source.before.file.batches} if source.before else {}
    batches = {
        month: _store_month(con, layout, contract, month, old.get(month))
        for month in _months(con)
    }
    revised = _revised(con, contract, old, batches)
    file = SourceFile(
        source=source.name,
        sha256=source.sha256,
        batches=tuple(batches.values()),
        revised=revised,
    )
    report = FileReport(
        source=source.name,
        outcome="revised" if revised else _outcome(old, batches),
        rows=file.rows,
        duplicates=loaded.rows - file.rows,
        later=later_rows(con, contract),
        dropped_columns=loaded.dropped,
        revised=revised,
    )
    return file, report


def _outcome(
    old: dict[str, Batch], new: dict[str, Batch]
) -> Literal["new", "same", "extended"]:
    if not old:
        return "new"
    return "same" if old == new else "extended"


def _months(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(f"SELECT DISTINCT {_MONTH} FROM delivery ORDER BY 1").fetchall()
    return [str(row[0]) for row in rows]


def _store_month(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    contract: Contract,
    month: str,
    before: Batch | None,
) -> Batch:
    """One month as an object; content that is there already is not written again."""
    table = _rows_of(con, contract, month)
    content = content_id(table)
    kept = before.sha256 if before and before.content == content else None
    happened = "min(happened), max(happened), min(arrived), max(arrived)"
    spans = con.execute(
        f"SELECT {happened} FROM delivery WHERE {_MONTH} = {literal(month)}"
    ).fetchall()[0]
    first_event, last_event, first_arrival, last_arrival = (
        instant.replace(tzinfo=UTC) for instant in spans
    )
    return Batch(
        month=month,
        sha256=kept or write_object(layout, table),
        content=content,
        rows=table.num_rows,
        first_event=first_event,
        last_event=last_event,
        first_arrival=first_arrival,
        last_arrival=last_arrival,
    )


def _rows_of(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    month: str,
    until: datetime | None = None,
) -> pa.Table:
    """Rows that arrived in a month, in canonical order; equal ones once if keyed."""
    cells = [f"c{i} AS {name(n)}" for i, n in enumerate(contract.names)]
    order = [f"{i} NULLS FIRST" for i in range(1, len(cells) + 1)]
    distinct = "DISTINCT " if contract.key else ""
    past = f" AND arrived <= {instant_literal(until)}" if until else ""
    table = con.sql(
        f"SELECT {distinct}{', '.join(cells)} FROM delivery "
        f"WHERE {_MONTH} = {literal(month)}{past} ORDER BY {', '.join(order)}"
    ).to_arrow_table()
    return table.cast(schema_of(contract.columns))


def _revised(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    old: dict[str, Batch],
    new: dict[str, Batch],
) -> tuple[str, ...]:
    """Months in which the rows known before are not the rows of then."""
    if not old:
        return ()
    last = max(batch.last_arrival for batch in old.values())
    found = []
    for month in sorted(old.keys() | new.keys()):
        before, after = old.get(month), new.get(month)
        if before and after and before.content == after.content:
            continue
        past = _rows_of(con, contract, month, until=last)
        if past.num_rows == 0 and before is None:
            continue
        if before is None or content_id(past) != before.content:
            found.append(month)
    return tuple(found)


def _quarantine(
    layout: Layout, contract: Contract, source: Source, breaches: Sequence[Breach]
) -> None:
    """Keep a broken delivery and what is wrong with it, closed to others."""
    key = sha256_of_value([source.name, source.sha256, contract.contract_id])
    with disk.scratch_folder(layout.scratch, "quarantine") as scratch:
        folder = scratch / key
        with disk.full_disk_is_try_later("a delivery put in quarantine"):
            folder.mkdir(mode=0o700)
            for path in source.paths:
                shutil.copyfile(path, folder / path.name)
            report = {
                "dataset": contract.dataset,
                "source": source.name,
                "sha256": source.sha256,
                "contract_id": contract.contract_id,
                "breaches": to_plain(tuple(breaches)),
            }
            disk.write_text(folder / "report.json", pretty_json(report))
            for path in folder.iterdir():
                path.chmod(0o600)
        disk.adopt_tree(folder, layout.quarantine(contract.dataset, key))
