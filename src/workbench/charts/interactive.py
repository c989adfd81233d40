"""A figure as plain Plotly JSON, for people in Jupyter; it never reaches a page."""

from html import escape
from typing import Any

from workbench.charts.looks import FONT, PALETTES
from workbench.charts.numbers import axis_format
from workbench.core.exhibits import Figure, Series

_MARKS = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
_LINES = ("solid", "dash", "dot", "dashdot")
_COLOURS = PALETTES["light"].series


def plotly_figure(figure: Figure) -> dict[str, Any]:
    """Data and layout for `application/vnd.plotly.v1+json`.

    Holds the figure's points and their n, nothing else: no template, no row of data.
    Plotly reads some markup in texts, so labels are escaped.
    """
    values = {
        "title": {"text": escape(figure.y_label)},
        "tickformat": axis_format(figure.y_format),
        "rangemode": "tozero" if figure.kind == "bars" else "normal",
    }
    places: dict[str, Any] = {"title": {"text": escape(figure.x_label)}}
    if figure.x_kind == "category" or figure.kind == "bars":
        places["type"] = "category"
    return {
        "data": [_trace(figure, *numbered) for numbered in enumerate(figure.series)],
        "layout": {
            "title": {"text": escape(figure.title)},
            "font": {"family": FONT},
            "xaxis": places,
            "yaxis": values,
            "legend": {"orientation": "h", "y": 1.12},
            "showlegend": any(series.label for series in figure.series),
            "barmode": "group",
        },
    }


def _trace(figure: Figure, number: int, series: Series) -> dict[str, Any]:
    y = axis_format(figure.y_format)
    trace: dict[str, Any] = {
        "name": escape(series.label),
        "x": [escape(p.x) if isinstance(p.x, str) else p.x for p in series.points],
        "y": [point.y for point in series.points],
        "customdata": [point.n for point in series.points],
        "hovertemplate": f"%{{x}}: %{{y:{y}}}, n = %{{customdata:,}}",
        **_mark(figure, number),
    }
    if any(point.low is not None for point in series.points):
        trace["error_y"] = _whiskers(series)
    return trace


def _mark(figure: Figure, number: int) -> dict[str, Any]:
    colour = _COLOURS[number % len(_COLOURS)]
    if figure.kind == "bars":
        return {"type": "bar", "marker": {"color": colour}}
    marker = {"color": colour, "symbol": _MARKS[number % len(_MARKS)], "size": 8}
    line = {"color": colour, "dash": _LINES[number % len(_LINES)]}
    mode = "lines+markers" if figure.kind == "line" else "markers"
    return {"type": "scatter", "mode": mode, "marker": marker, "line": line}


def _whiskers(series: Series) -> dict[str, Any]:
    """Lengths up and down from each point, as Plotly wants them."""
    known = [
        (0.0, 0.0)
        if point.y is None or point.low is None or point.high is None
        else (point.high - point.y, point.y - point.low)
        for point in series.points
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [up for up, _ in known],
        "arrayminus": [down for _, down in known],
    }
