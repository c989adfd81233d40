"""Figures: the author names a frame and columns, the engine aggregates and counts."""

from typing import Any, get_args

import numpy as np
import pandas as pd

from workbench.charts import alternative_text, figure_table
from workbench.core.exhibits import Figure, FigureKind, Point, Series, Statistic
from workbench.core.runs import Output
from workbench.notebook.cells import (
    FORMATS,
    Axis,
    Cell,
    Quantity,
    axis_of,
    cells_of,
    is_format,
    quantity_of,
)
from workbench.notebook.evidencing import ALPHA, PLANNED
from workbench.notebook.reading import Reading, Rows, in_words
from workbench.notebook.session import Session, current_session
from workbench.notebook.showing import bundle, display, table_html
from workbench.notebook.surroundings import cell_number
from workbench.stats.looks import Sequence

PLOTLY = "application/vnd.plotly.v1+json"
KINDS: tuple[str, ...] = get_args(FigureKind)
WHISKERS = Sequence(alpha=ALPHA, planned=PLANNED)  # they are looked at again, too


def figure(  # noqa: PLR0913 - named one by one by the author
    name: str,
    frame: pd.DataFrame,
    *,
    kind: FigureKind,
    by: str,
    value: str | None = None,
    split: str | None = None,
    statistic: Statistic | None = None,
    occurrence: str | None = None,
    title: str | None = None,
    x_label: str | None = None,
    y_label: str | None = None,
    y_format: str | None = None,
    finding: str = "",
) -> None:
    """Draw a statistic of a column by another, and put it on record.

    Args:
        name: Unique within the study.
        frame: The unit column, and one row per unit in each cell, or one per unit and
            occurrence.
        kind: `line`, `interval` (points with whiskers of 95 % coverage) or `bars`.
        by: Column of the horizontal axis.
        value: Column of which the statistic is taken; not needed for `units`.
        split: Column whose values have a line, or a colour, each.
        statistic: `mean`, `sum`, `share` or `units` (distinct units). By default a
            share where the value is true or false, else a mean.
        occurrence: Column that tells a unit's occurrences within a cell apart.
        title: What it shows, as a sentence without numbers.
        x_label: Name of the horizontal axis, with its unit.
        y_label: Name of the vertical axis, with its unit.
        y_format: Python format of the statistic, such as `.1%`.
        finding: The finding in words; binds numbers as texts do.

    Raises:
        UsageError: With everything that is wrong.
    """
    session = current_session()
    place = f"figure {name}"
    session.check_name(name, place)
    axes = [by, split] if split else [by]
    reading = Reading(session, place, frame, occurrence, axes)
    quantity = quantity_of(reading, value, statistic)
    _check_drawing(reading, kind, y_format, quantity)
    along = axis_of(reading, by)
    across = axis_of(reading, split) if split else None
    rows = reading.finish()
    y_words = y_label or quantity.label
    x_words = x_label or in_words(by)
    drawn = Figure(
        name=name,
        kind=kind,
        title=title or f"{y_words[:1].upper()}{y_words[1:]} by {x_words}",
        x_label=x_words,
        y_label=y_words,
        x_kind=along.kind,
        y_format=y_format or FORMATS[quantity.statistic],
        statistic=quantity.statistic,
        level=1 - ALPHA if kind == "interval" else None,
        unit=rows.unit,
        measure=quantity.measure,
        series=_series(along, across, quantity, rows, whiskers=kind == "interval"),
        finding=finding,
    )
    session.say(name, Output(kind="figure", cell=cell_number(), figure=drawn))
    display(shown(session, drawn))


def shown(session: Session, drawn: Figure) -> dict[str, Any]:
    """A figure's bundle: Plotly for a person, words and a table always."""
    table = table_html(figure_table(drawn))
    found = bundle("figure", drawn.name, alternative_text(drawn), table)
    if not session.batch:
        from workbench.charts import plotly_figure

        found[PLOTLY] = plotly_figure(drawn)
    return found


def _check_drawing(
    reading: Reading, kind: str, y_format: str | None, quantity: Quantity
) -> None:
    if y_format is not None and not is_format(y_format):
        reading.note("format", f"{y_format!r} is no format of a number, as '.1%' is.")
    if kind not in KINDS:
        reading.note("kind", f"{kind!r} is no kind; there are {', '.join(KINDS)}.")
    if kind == "interval" and quantity.statistic not in ("mean", "share"):
        reading.note(
            "statistic",
            f"a {quantity.statistic} has no interval; draw it as a line or as bars.",
        )


def _series(
    along: Axis, across: Axis | None, quantity: Quantity, rows: Rows, *, whiskers: bool
) -> tuple[Series, ...]:
    everything = np.arange(rows.n)
    if across is None:
        parts = [("", everything)]
    else:
        split = cells_of(across, everything, rows.codes)
        parts = [(across.labels[part.place], part.rows) for part in split]
    return tuple(
        Series(
            label=label,
            points=tuple(
                _point(along, cell, quantity, whiskers=whiskers)
                for cell in cells_of(along, part, rows.codes)
            ),
        )
        for label, part in parts
    )


def _point(along: Axis, cell: Cell, quantity: Quantity, *, whiskers: bool) -> Point:
    low, high = cell.whiskers(quantity, WHISKERS) if whiskers else (None, None)
    return Point(
        x=along.places[cell.place],
        y=cell.value(quantity),
        low=low,
        high=high,
        n=cell.n,
        units=cell.units,
    )
