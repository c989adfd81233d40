"""A figure as a Vega-Lite specification, from which the site's pictures are drawn.

Where categories stand on the axis and their labels do not fit side by side, the whole
figure is turned: categories run down, values run to the right.
"""

from collections.abc import Sequence
from itertools import cycle, islice
from typing import Any

from workbench.charts.axes import Sheet, drawable, position_axis, value_axis
from workbench.charts.looks import (
    DASHES,
    FONT,
    FONT_SIZE,
    FRAMES,
    LETTER,
    PALETTES,
    SHAPES,
    PaletteName,
    WidthName,
)
from workbench.charts.numbers import show_number
from workbench.core.exhibits import Figure, Point, Series

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_TURNED = {"x": "y", "y": "x", "x2": "y2", "y2": "x2"}
_TURNED |= {"xOffset": "yOffset", "yOffset": "xOffset"}
_STEP = 8  # pixels between the whiskers of two series at one place
_MOST_DOTS = 40  # points of a line that are marked one by one
_MOST_LABELLED = 12  # bars with their value written at the end
_LABEL_ROOM = 46  # pixels a written value needs


def vega_lite(figure: Figure, *, palette: PaletteName, width: WidthName) -> Spec:
    """The specification of one picture; its numbers are exactly the figure's.

    Args:
        figure: What is drawn.
        palette: Scheme of the page behind the transparent background.
        width: `wide` for a column of text, `narrow` for a telephone.
    """
    frame = FRAMES[width]
    sheet = Sheet(drawable(figure, frame), PALETTES[palette], frame)
    layers = _bars(sheet) if figure.kind == "bars" else _marks(sheet)
    if sheet.lying:
        layers = [_turned(layer) for layer in layers]
    return {
        "$schema": SCHEMA,
        "width": sheet.frame.width,
        "height": sheet.height,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": None,
        "padding": {"left": 4, "top": 4, "bottom": 4, "right": _right(sheet)},
        "title": sheet.heading,
        "layer": layers,
        "config": _config(sheet),
    }


def _marks(sheet: Sheet) -> list[Spec]:
    """Lines through points, or points with whiskers, one layer per series."""
    draw = _line if sheet.figure.kind == "line" else _interval
    return [
        {
            "data": {"values": _rows(sheet, series)},
            "encoding": {
                "x": position_axis(sheet),
                "y": value_axis(sheet),
                **_look(sheet, series),
            },
            "layer": draw(sheet, series, number),
        }
        for number, series in enumerate(sheet.figure.series)
    ]


def _line(sheet: Sheet, series: Series, number: int) -> list[Spec]:
    dash = DASHES[number % len(DASHES)]
    line: Spec = {"mark": {"type": "line", "strokeWidth": 2.5, "strokeDash": dash}}
    layers = [line]
    if any(point.low is not None for point in series.points):
        band = {"type": "area", "opacity": 0.18, "line": False}
        layers.insert(0, {"mark": band, "encoding": _bounds(sheet)})
    if len(series.points) <= _MOST_DOTS:
        layers.append({"mark": _dot(sheet, 55), "encoding": _shape(sheet, series)})
    return layers


def _interval(sheet: Sheet, series: Series, number: int) -> list[Spec]:
    """Whiskers and a point, moved aside so that series do not hide each other."""
    middle = (len(sheet.figure.series) - 1) / 2
    aside = {"xOffset": (number - middle) * _STEP}
    whisker = {"type": "rule", "strokeWidth": 2, **aside}
    return [
        {"mark": whisker, "encoding": _bounds(sheet)},
        {"mark": {**_dot(sheet, 70), **aside}, "encoding": _shape(sheet, series)},
    ]


def _bars(sheet: Sheet) -> list[Spec]:
    """Bars from zero, side by side where there are several series."""
    figure = sheet.figure
    encoding: Spec = {"x": position_axis(sheet), "y": value_axis(sheet)}
    if sheet.labels:
        encoding["xOffset"] = {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": sheet.labels, "paddingInner": 0.12},
        }
    colour = {"color": _colour(sheet, {"field": "series"})} if sheet.labels else {}
    bar: Spec = {"type": "bar", "color": sheet.palette.series[0]}
    layers: list[Spec] = [{"mark": bar, "encoding": colour}]
    if sheet.bounded:
        rule = {"type": "rule", "color": sheet.palette.ink, "strokeWidth": 2}
        layers.append({"mark": rule, "encoding": _bounds(sheet)})
    elif _values_fit(sheet):
        layers.append(_written_values(sheet))
    rows = [row for series in figure.series for row in _rows(sheet, series)]
    return [{"data": {"values": rows}, "encoding": encoding, "layer": layers}]


def _values_fit(sheet: Sheet) -> bool:
    bars = len(sheet.points)
    roomy = (sheet.frame.width - 60) / max(bars, 1) >= _LABEL_ROOM
    upward = all((point.y or 0) >= 0 for point in sheet.points)
    few = bars <= _MOST_LABELLED
    return few and upward and not sheet.bounded and (sheet.lying or roomy)


def _written_values(sheet: Sheet) -> Spec:
    place = {"align": "left", "dx": 5} if sheet.lying else {"dy": -9}
    return {
        "mark": {"type": "text", "color": sheet.palette.ink, **place},
        "encoding": {"text": {"field": "shown", "type": "nominal"}},
    }


def _right(sheet: Sheet) -> int:
    """Room at the right for the values written at the ends of lying bars."""
    if sheet.figure.kind != "bars" or not sheet.lying or not _values_fit(sheet):
        return 10
    longest = max(len(_shown(sheet, point)) for point in sheet.points)
    return 10 + round(LETTER * longest)


def _shown(sheet: Sheet, point: Point) -> str:
    return "" if point.y is None else show_number(point.y, sheet.y_format)


def _rows(sheet: Sheet, series: Series) -> list[Spec]:
    return [
        {
            "series": series.label,
            "x": sheet.place(point.x),
            "y": point.y,
            "low": point.low,
            "high": point.high,
            "n": point.n,
            "shown": _shown(sheet, point),
        }
        for point in series.points
    ]


def _bounds(sheet: Sheet) -> Spec:
    return {"y": value_axis(sheet, field="low"), "y2": {"field": "high"}}


def _dot(sheet: Sheet, size: int) -> Spec:
    """A filled point, ringed by the page so that it stands off its line."""
    ring = {"stroke": sheet.palette.page, "strokeWidth": 0.8}
    return {"type": "point", "filled": True, "size": size, "opacity": 1, **ring}


def _look(sheet: Sheet, series: Series) -> Spec:
    if not sheet.labels:
        return {"color": {"value": sheet.palette.series[0]}}
    return {"color": _colour(sheet, {"datum": series.label})}


def _colour(sheet: Sheet, of: Spec) -> Spec:
    colours = list(islice(cycle(sheet.palette.series), len(sheet.labels)))
    scale = {"domain": sheet.labels, "range": colours}
    return {**of, "type": "nominal", "scale": scale, "legend": _legend(sheet)}


def _shape(sheet: Sheet, series: Series) -> Spec:
    if not sheet.labels:
        return {}
    shapes = list(islice(cycle(SHAPES), len(sheet.labels)))
    scale = {"domain": sheet.labels, "range": shapes}
    legend = _legend(sheet)
    return {
        "shape": {
            "datum": series.label,
            "type": "nominal",
            "scale": scale,
            "legend": legend,
        }
    }


def _legend(sheet: Sheet) -> Spec:
    columns = sheet.legend_columns
    return {"title": None, "columns": columns, "symbolOpacity": 1}


def _turned(layer: Spec) -> Spec:
    """The same layer with its channels and offsets exchanged."""
    turned = dict(layer)
    for part in ("encoding", "mark"):
        if part in layer:
            turned[part] = {_TURNED.get(k, k): v for k, v in layer[part].items()}
    if "layer" in layer:
        turned["layer"] = [_turned(inner) for inner in layer["layer"]]
    return turned


def _config(sheet: Sheet) -> Spec:
    ink, axis = sheet.palette.ink, sheet.palette.axis
    text: Sequence[str] = ("labelColor", "titleColor")
    sizes: Sequence[str] = ("labelFontSize", "titleFontSize")
    both = {**dict.fromkeys(text, ink), **dict.fromkeys(sizes, FONT_SIZE)}
    return {
        "aria": False,
        "font": FONT,
        "lineBreak": "\n",
        "view": {"stroke": None},
        "text": {"fontSize": FONT_SIZE},
        "axis": {
            **both,
            "titleFontWeight": "normal",
            "domainColor": axis,
            "tickColor": axis,
            "labelOverlap": True,
        },
        "legend": {**both, "orient": "top", "labelLimit": 0, "symbolSize": 90},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": ink,
            "fontSize": FONT_SIZE,
            "fontWeight": "normal",
            "offset": 8,
        },
    }
