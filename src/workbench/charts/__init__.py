"""One description of an exhibit, and every face it has: drawing, words, table, CSV."""

from workbench.charts.interactive import plotly_figure
from workbench.charts.numbers import evidence_format, show_number
from workbench.charts.tables import (
    TextTable,
    exhibit_table,
    figure_csv,
    figure_table,
    table_csv,
)
from workbench.charts.vega import vega_lite
from workbench.charts.words import alternative_text

__all__ = [
    "TextTable",
    "alternative_text",
    "evidence_format",
    "exhibit_table",
    "figure_csv",
    "figure_table",
    "plotly_figure",
    "show_number",
    "table_csv",
    "vega_lite",
]
