"""An exhibit as text and as CSV: the same numbers, rounded and not."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given

from tests.charts.figures import a_table, bars, curve, figures
from workbench.charts import (
    exhibit_table,
    figure_csv,
    figure_table,
    show_number,
    table_csv,
)
from workbench.core.exhibits import Column, Figure, Row, Table


def test_a_figures_table_shows_series_intervals_and_counts() -> None:
    table = figure_table(curve())
    assert table.header == (
        "months since the first purchase",
        "group",
        "share who bought again",
        "95% low",
        "95% high",
        "n",
        "customer count",
    )
    assert table.rows[0] == ("1", "came back", "41.2%", "39.2%", "43.2%", "120", "100")
    assert (len(table.rows), table.headings) == (6, 2)


def test_columns_that_would_say_nothing_are_left_out() -> None:
    figure = bars()
    (series,) = figure.series
    points = tuple(replace(point, units=point.n) for point in series.points)
    table = figure_table(replace(figure, series=(replace(series, points=points),)))
    assert table.header == ("size of the first order", "share who bought again", "n")
    assert (table.rows[0], table.headings) == (("one disc", "10.0%", "120"), 1)


def test_a_table_shows_each_column_at_its_format() -> None:
    table = exhibit_table(a_table())
    assert table.caption == "Repeat buyers by month of the first purchase"
    assert table.rows == (
        ("January", "35.1%", "35.50", "7,846"),
        ("February", "31.0%", "\u2013", "8,476"),
    )


@given(figures())
def test_every_number_shown_is_the_csv_number_at_the_figures_format(
    figure: Figure,
) -> None:
    table = figure_table(figure)
    rows = list(csv.DictReader(io.StringIO(figure_csv(figure))))
    assert len(rows) == len(table.rows)
    for text, row in zip(table.rows, rows, strict=True):
        for column in ("y", "low", "high"):
            value = float(row[column]) if row[column] else None
            bounded = "95% low" in table.header
            if column == "y" or bounded:
                assert show_number(value, figure.y_format) in text[table.headings :]
        assert f"{int(row['n']):,}" in text


@pytest.mark.parametrize(
    ("label", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+cmd", "'-2+cmd"),
        ("-5", "-5"),
        ("plain, text", "plain, text"),
    ],
)
def test_no_label_is_a_formula_to_a_spreadsheet(label: str, cell: str) -> None:
    table = Table(
        name="t",
        title="T",
        row_label="r",
        columns=(Column(label="c", format=""),),
        rows=(Row(label=label, cells=(1.5,), n=2, units=1),),
        unit="customer",
    )
    rows = list(csv.reader(io.StringIO(table_csv(table))))
    assert rows == [["r", "c", "n", "units"], [cell, "1.5", "2", "1"]]
