"""The face for Jupyter: plain Plotly, with points and counts and nothing else."""

import json

from hypothesis import given

from tests.charts.figures import bars, curve, figures
from workbench.charts import plotly_figure
from workbench.core.exhibits import Figure, Series


def test_points_whiskers_and_counts_are_there() -> None:
    plot = plotly_figure(curve())
    first = plot["data"][0]
    assert first["name"] == "came back"
    assert first["y"] == [0.4123, 0.35, 0.2817]
    assert first["customdata"] == [120, 120, 120]
    assert [round(up, 6) for up in first["error_y"]["array"]] == [0.02, 0.02, 0.021]
    assert "template" not in plot["layout"]


def test_bars_stand_on_zero() -> None:
    plot = plotly_figure(bars())
    assert plot["layout"]["yaxis"]["rangemode"] == "tozero"
    assert plot["data"][0]["type"] == "bar"


def test_labels_are_no_markup_to_plotly() -> None:
    points = bars().series[0].points
    label = '<a href="https://example.org">x</a>'
    plot = plotly_figure(bars(series=(Series(label=label, points=points),)))
    assert "<a" not in json.dumps(plot)


@given(figures())
def test_no_trace_holds_more_than_the_figures_points(figure: Figure) -> None:
    plot = plotly_figure(figure)
    for trace, series in zip(plot["data"], figure.series, strict=True):
        assert trace["y"] == [point.y for point in series.points]
        lists = [value for value in trace.values() if isinstance(value, list)]
        assert all(len(each) == len(series.points) for each in lists)
        assert not {"text", "ids", "meta", "hovertext"} & trace.keys()
    json.dumps(plot, allow_nan=False)


def test_plotly_itself_accepts_it() -> None:
    import plotly.graph_objects as go

    for figure in (curve(), curve(kind="line"), bars()):
        go.Figure(plotly_figure(figure))
