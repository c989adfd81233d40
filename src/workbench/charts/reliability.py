"""How forecasts did, as a picture, and the frame that the record's pictures share."""

from typing import Any

from workbench.charts.looks import (
    FONT,
    FONT_SIZE,
    PALETTES,
    Frame,
    Palette,
    PaletteName,
    WidthName,
)
from workbench.charts.words import MOST_CHARACTERS
from workbench.core.scorecard import Track

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FRAMES: dict[WidthName, Frame] = {
    "wide": Frame(width=700, height=340, ticks=6, characters=95, label=34),
    "narrow": Frame(width=340, height=320, ticks=4, characters=46, label=18),
}
STATED, SEALED = "stated probabilities", "sealed intervals"


def reliability_spec(track: Track, *, palette: PaletteName, width: WidthName) -> Spec:
    """What was said beside what came, with the line on which the two are equal."""
    colours, frame = PALETTES[palette], FRAMES[width]
    rows = [
        {"kind": STATED, "said": r.said, "came": r.came.value}
        | {"low": r.came.low, "high": r.came.high}
        for r in track.reliability
    ]
    if track.hit_rate is not None and track.level is not None:
        hits = track.hit_rate
        rows.append(
            {"kind": SEALED, "said": track.level, "came": hits.value}
            | {"low": hits.low, "high": hits.high}
        )
    x = _share("said", "Probability that was stated", frame)
    y = _share("came", "Share that came true", frame)
    equal: Spec = {
        "data": {"values": [{"said": 0, "came": 0}, {"said": 1, "came": 1}]},
        "mark": {"type": "line", "strokeDash": [6, 4], "color": colours.axis},
        "encoding": {"x": x, "y": y},
    }
    whiskers: Spec = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "rule", "strokeWidth": 1.5},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    points: Spec = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
        "encoding": {"x": x, "y": y, "shape": _kinds(["circle", "square"])},
    }
    both: Spec = {
        "data": {"values": rows},
        "encoding": {"color": _kinds(list(colours.series[:2]))},
        "layer": [whiskers, points],
    }
    return framed(frame, colours, [equal, both])


def reliability_words(track: Track) -> str:
    """The same in words."""
    parts = [
        f"said {row.said:.0%}, came true {row.came.value:.0%} of {row.forecasts}"
        for row in track.reliability
    ]
    if track.hit_rate is not None and track.level is not None:
        parts.append(
            f"sealed intervals: meant to hold {track.level:.0%}, "
            f"held {track.hit_rate.value:.0%} of {track.settled}"
        )
    whole = "Points: what was stated beside what came true. " + "; ".join(parts) + "."
    return (
        whole
        if len(whole) <= MOST_CHARACTERS
        else f"{whole[: MOST_CHARACTERS - 1].rpartition(';')[0]}…"
    )


def _share(field: str, title: str, frame: Frame) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"title": title, "format": ".0%", "tickCount": frame.ticks},
    }


def _kinds(looks: list[str]) -> Spec:
    return {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": [STATED, SEALED], "range": looks},
        "legend": {"title": None},
    }


def framed(frame: Frame, colours: Palette, layers: list[Spec]) -> Spec:
    """Layers as one figure, in the measures and colours of a page."""
    both: Spec = {"labelColor": colours.ink, "titleColor": colours.ink}
    both |= {"labelFontSize": FONT_SIZE, "titleFontSize": FONT_SIZE}
    lines = {"domainColor": colours.axis, "tickColor": colours.axis}
    return {
        "$schema": SCHEMA,
        "width": frame.width,
        "height": frame.height,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": None,
        "padding": {"left": 4, "top": 4, "bottom": 4, "right": 10},
        "layer": layers,
        "config": {
            "aria": False,
            "font": FONT,
            "view": {"stroke": None},
            "text": {"fontSize": FONT_SIZE},
            "axis": {
                **both,
                **lines,
                "gridColor": colours.faint,
                "titleFontWeight": "normal",
                "labelPadding": 6,
                "tickCount": frame.ticks,
            },
            "legend": {**both, "orient": "top", "labelLimit": 0, "symbolOpacity": 1}
            | {"columns": 2 if frame.width > FRAMES["narrow"].width else 1},
        },
    }
