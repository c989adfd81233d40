"""Tables: aggregated by the engine like figures, or made of evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.charts import evidence_format, exhibit_table
from workbench.core.errors import UsageError
from workbench.core.evidence import Evidence
from workbench.core.exhibits import Column, Row, Statistic, Table
from workbench.core.runs import Output
from workbench.notebook.cells import FORMATS, axis_of, cells_of, is_format, quantity_of
from workbench.notebook.reading import Reading, in_words
from workbench.notebook.session import Session, current_session, listed
from workbench.notebook.showing import bundle, display, table_html, table_text
from workbench.notebook.surroundings import cell_number

Cell = str | tuple[str | None, Statistic]
EVIDENCE_COLUMNS = ("estimate", "low", "high")


def exhibit(  # noqa: PLR0913 - named one by one by the author
    name: str,
    frame: pd.DataFrame | None = None,
    *,
    title: str,
    by: str | None = None,
    values: Mapping[str, Cell] | None = None,
    evidence: Sequence[Evidence | str] | None = None,
    row_label: str | None = None,
    formats: Mapping[str, str] | None = None,
    occurrence: str | None = None,
) -> None:
    """Show a table and put it on record: rows of a frame's groups, or of evidence.

    Args:
        name: Unique within the study.
        frame: The unit column, and one row per unit in each group, or one per unit and
            occurrence.
        title: What it shows, as a sentence without numbers.
        by: Column with a row for each of its values.
        values: Heading -> column, or (column, statistic) with `mean`, `sum`, `share` or
            `units`.
        evidence: Instead of frame, by and values: evidence, or its names, a row each.
        row_label: Heading of the first column.
        formats: Heading -> Python format, where the usual one does not suit.
        occurrence: Column that tells a unit's occurrences within a group apart.

    Raises:
        UsageError: With everything that is wrong.
    """
    session = current_session()
    place = f"table {name}"
    session.check_name(name, place)
    table: Table
    if evidence is not None and frame is None and by is None and values is None:
        table = _of_evidence(session, name, title, evidence, row_label)
    elif evidence is None and frame is not None and by is not None and values:
        reading = Reading(session, place, frame, occurrence, [by])
        table = _of_frame(reading, name, title, by, values, row_label)
    else:
        message = "give frame, by and values, or evidence=[...] alone."
        raise session.wrong("table", message, place)
    table = _formatted(session, table, formats or {})
    session.say(name, Output(kind="table", cell=cell_number(), table=table))
    text = exhibit_table(table)
    display(bundle("table", name, table_text(text), table_html(text)))


def _of_frame(
    reading: Reading,
    name: str,
    title: str,
    by: str,
    values: Mapping[str, Cell],
    row_label: str | None,
) -> Table:
    quantities = {
        heading: quantity_of(reading, *_column_and_statistic(cell))
        for heading, cell in values.items()
    }
    axis = axis_of(reading, by)
    counted = reading.finish()
    rows = tuple(
        Row(
            label=axis.labels[cell.place],
            cells=tuple(cell.value(quantity) for quantity in quantities.values()),
            n=cell.n,
            units=cell.units,
        )
        for cell in cells_of(axis, np.arange(counted.n), counted.codes)
    )
    return Table(
        name=name,
        title=title,
        row_label=row_label or in_words(by),
        columns=tuple(
            Column(label=heading, format=FORMATS[q.statistic])
            for heading, q in quantities.items()
        ),
        rows=rows,
        unit=counted.unit,
    )


def _column_and_statistic(cell: Cell) -> tuple[str | None, str | None]:
    return (cell, None) if isinstance(cell, str) else cell


def _of_evidence(
    session: Session,
    name: str,
    title: str,
    evidence: Sequence[Evidence | str],
    row_label: str | None,
) -> Table:
    known = session.evidence
    names = [one if isinstance(one, str) else one.name for one in evidence]
    chosen = [known[one] for one in names if one in known]
    kinds = {(one.unit, one.measure) for one in chosen}
    if len(kinds) != 1 or len(chosen) < len(names):
        message = (
            "evidence must list evidence of this run, all of one unit and one measure "
            f"since a column has one format; there is {listed(known)}."
        )
        raise session.wrong("table", message, f"table {name}")
    # the format with the most decimals, so that no interval loses a digit
    spec = max(map(evidence_format, chosen), key=lambda spec: spec.partition(".")[2])
    return Table(
        name=name,
        title=title,
        row_label=row_label or "estimate of",
        columns=tuple(Column(label=label, format=spec) for label in EVIDENCE_COLUMNS),
        rows=tuple(
            Row(
                label=in_words(e.name),
                cells=(e.estimate, e.low, e.high),
                n=e.n,
                units=e.units,
            )
            for e in chosen
        ),
        unit=chosen[0].unit,
    )


def _formatted(session: Session, table: Table, formats: Mapping[str, str]) -> Table:
    headings = [column.label for column in table.columns]
    problems = [
        f"there is no heading {heading!r} to format; there are {listed(headings)}."
        for heading in formats
        if heading not in headings
    ]
    problems += [
        f"{spec!r} is no format of a number, as '.1%' is."
        for spec in formats.values()
        if not is_format(spec)
    ]
    place = f"table {table.name}"
    wrong = [session.reason("format", problem, place) for problem in problems]
    if wrong:
        raise UsageError(wrong)
    columns = tuple(
        Column(label=column.label, format=formats.get(column.label, column.format))
        for column in table.columns
    )
    return replace(table, columns=columns)
