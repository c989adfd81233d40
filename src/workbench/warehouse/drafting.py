"""A contract drafted from a file, for a person to finish."""
# ruff: noqa: S608 - names and values pass through engine.name and engine.literal

import json
import re
from pathlib import Path

import duckdb

from workbench.core.errors import Reason, UsageError
from workbench.warehouse.csvfiles import NotCsv
from workbench.warehouse.engine import QueryFailed, connection, name
from workbench.warehouse.layout import Layout
from workbench.warehouse.reading import Raw, raw_of, reader

_GUESSES = ("integer", "number", "boolean", "date", "timestamp", "string")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2}")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def draft_contract(layout: Layout, memory_mb: int, path: Path) -> str:
    """A contract to be finished by a person, from a CSV or Parquet file.

    Types and `required` are read off the file. Every column is taken for a direct
    identifier, and what only a person knows is left empty, so that the draft is refused
    until it is filled in.

    Raises:
        UsageError: The file cannot be read, or its first line is no header.
    """
    form = "csv" if path.suffix.lower() in {".csv", ".txt"} else "parquet"
    try:
        with connection(layout, memory_mb, [path]) as con:
            raw = raw_of(con, [path], form, ",")
            if form == "csv":
                _check_names(path, list(raw.columns))
            columns = [
                (column, *_guess(con, raw, column, is_text=form == "csv"))
                for column in raw.columns
            ]
    except (QueryFailed, NotCsv):
        message = f"{path} cannot be read as {form}; give a CSV or a Parquet file."
        raise UsageError(Reason(code="file-unreadable", message=message)) from None
    return _draft(layout, path, form, columns)


def _check_names(path: Path, columns: list[str]) -> None:
    """Refuse a first line of data: a draft of it would carry a customer's values."""
    wrong = [str(i) for i, n in enumerate(columns, start=1) if _is_data(n)]
    if wrong:
        message = (
            f"the first line of {path} must name the columns, and the names "
            f"{', '.join(wrong)} look like data; add a header line."
        )
        raise UsageError(Reason(code="file-unreadable", message=message))


def _is_data(column: str) -> bool:
    """Whether a name holds an address or a date, or has no letter."""
    no_letter = not any(c.isalpha() for c in column)
    return no_letter or "@" in column or _DATE.search(column) is not None


def _guess(
    con: duckdb.DuckDBPyConnection, raw: Raw, column: str, *, is_text: bool
) -> tuple[str, bool]:
    """The narrowest type that reads every cell, and whether no cell is empty."""
    inner, sql_type = raw.columns[column]
    cell = name(inner)
    for kind in _GUESSES:
        read = reader(kind, sql_type, cell, is_text=is_text)
        if read is None:
            continue
        rows, full, readable = con.execute(
            f"SELECT count(*), count({cell}), count({read}) FROM {raw.scan}"
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
