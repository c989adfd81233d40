"""A contract drafted from a file, for a person to finish."""
# ruff: noqa: S608 - names and values pass through engine.name and engine.literal

import json
import re
from pathlib import Path

import duckdb

from workbench.core.errors import Reason, UsageError
from workbench.warehouse.engine import QueryFailed, connection, name
from workbench.warehouse.layout import Layout
from workbench.warehouse.reading import columns_of, reader, scan

_GUESSES = ("integer", "number", "boolean", "date", "timestamp", "string")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def draft_contract(layout: Layout, memory_mb: int, path: Path) -> str:
    """A contract to be finished by a person, from a CSV or Parquet file.

    Types and `required` are read off the file. Every column is taken for a direct
    identifier, and what only a person knows is left empty, so that the draft is refused
    until it is filled in.

    Raises:
        UsageError: The file cannot be read.
    """
    form = "csv" if path.suffix.lower() in {".csv", ".txt"} else "parquet"
    try:
        with connection(layout.scratch, memory_mb, [path]) as con:
            columns = [
                (column, kind, full)
                for column, types in columns_of(con, scan([path], form)).items()
                for kind, full in [_guess(con, path, form, column, types)]
            ]
    except QueryFailed:
        message = f"{path} cannot be read as {form}; give a CSV or a Parquet file."
        raise UsageError(Reason(code="file-unreadable", message=message)) from None
    return _draft(layout, path, form, columns)


def _guess(
    con: duckdb.DuckDBPyConnection, path: Path, form: str, column: str, sql_type: str
) -> tuple[str, bool]:
    """The narrowest type that reads every cell, and whether no cell is empty."""
    cell = name(column)
    for kind in _GUESSES:
        read = reader(kind, sql_type, cell, is_text=form == "csv")
        if read is None:
            continue
        rows, full, readable = con.execute(
            f"SELECT count(*), count({cell}), count({read}) FROM {scan([path], form)}"
        ).fetchall()[0]
        if full == readable and (full or kind == "string"):
            return kind, rows == full
    return "string", False


_HEAD = """\
# A draft made from the file. Fill in what is empty; nothing is read before.
apiVersion: v3.1.0
kind: DataContract
id: {dataset}
name: {dataset}
version: 1.0.0
status: draft
servers:
  - server: local
    type: local
    path: {path}
    format: {form}
schema:
  - name: {dataset}
    logicalType: object
    properties:
"""
_COLUMN = """\
      - name: {name}
        logicalType: {kind}
        required: {required}
        customProperties:
          - property: wb.identity
            value: direct # decide: direct, quasi or none
"""
_TAIL = """\
customProperties:
  - property: wb.unit
    value: # decide: what is counted, such as customer
  - property: wb.unitColumn
    value: # decide: the column that tells one from another
  - property: wb.eventTime
    value: {event_time} # decide: the date or timestamp when it happened
  - property: wb.arrivalLag
    value: PT0S # decide: how long after the event a row is known
  - property: wb.lateness
    value: PT0S # decide: by how much a row may be later than that
  - property: wb.purposes
    value: [] # decide: what these data may be used for
  - property: wb.minimumUnits
    value: 10
"""


def _draft(
    layout: Layout, path: Path, form: str, columns: list[tuple[str, str, bool]]
) -> str:
    dataset = re.sub(r"[^a-z0-9_-]+", "_", path.stem.lower()).strip("_-") or "dataset"
    inside = path.resolve().is_relative_to(layout.root.resolve())
    shown = path.resolve().relative_to(layout.root.resolve()) if inside else path
    times = [n for n, kind, _ in columns if kind in {"date", "timestamp"}]
    head = _HEAD.format(dataset=dataset, path=_yaml(str(shown)), form=form)
    body = "".join(
        _COLUMN.format(name=_yaml(n), kind=kind, required=str(full).lower())
        for n, kind, full in columns
    )
    event_time = _yaml(times[0]) if times else ""
    return head + body + _TAIL.format(event_time=event_time)


def _yaml(text: str) -> str:
    """Text as a YAML scalar; JSON's quotes are YAML's."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
