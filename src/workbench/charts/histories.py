"""A claim's interval over its looks, beside what fresh data made of it."""

import re
from collections.abc import Sequence

from workbench.charts.looks import PALETTES, Palette, PaletteName, WidthName
from workbench.charts.numbers import axis_format, evidence_format, show_number
from workbench.charts.reliability import FRAMES, Spec, framed
from workbench.core.clock import format_instant, show_instant
from workbench.core.evidence import POINTS
from workbench.core.track import LookRow, counted_once, newest_look

INSIDE, OUTSIDE = "won: inside its forecast", "lost: outside it"
_CROSS = "M-0.7,-0.7L0.7,0.7M-0.7,0.7L0.7,-0.7"
_DOTTED = [1.5, 3]
_PRECISION = re.compile(r"\.\d+")
_NEEDLESS = re.compile(r"\.0+(?!\d)|(?<=[1-9])0+(?!\d)(?<=\.\d{6})")
_ASIDE = 6  # pixels between a look and the fresh estimate that judged it
_MARGINS = 80  # pixels of a figure that are not its plot


def history_spec(
    looks: Sequence[LookRow],
    margins: Sequence[float],
    *,
    palette: PaletteName,
    width: WidthName,
) -> Spec:
    """The interval at each look, what all have in common, and what came.

    Args:
        looks: Of one question, all versions of its terms, at least one.
        margins: Where the registered margin lies, in the estimate's measure.
        palette: Scheme of the page behind the transparent background.
        width: `wide` for a column of text, `narrow` for a telephone.
    """
    colours, frame = PALETTES[palette], FRAMES[width]
    newest = max(look.version for look in looks)
    gap = (frame.width - _MARGINS) / max(len(looks), 1)
    layers = [
        *_band([k for k in looks if k.version == newest], colours),
        *_changes(looks, colours),
        *(_looks([k for k in looks if k.version < newest], colours, past=True)),
        *(_looks([k for k in looks if k.version == newest], colours, past=False)),
        *_fates(counted_once(looks), colours, aside=min(_ASIDE, 0.35 * gap)),
        *_margin(looks, margins, colours),
    ]
    return framed(frame, colours, layers)


def history_words(looks: Sequence[LookRow], margins: Sequence[float]) -> str:
    """The same in words, for those who cannot see it; at most 250 characters."""
    last = newest_look(looks)
    spec = evidence_format(last.evidence)
    own = [look for look in looks if look.version == last.version]
    until, first = (show_instant(k.as_of) for k in (last, own[0]))
    looked = (
        f"{len(own)} looks from {first} to" if len(own) > 1 else "one look, data to"
    )
    low, high = (
        show_number(end, spec) for end in (last.evidence.low, last.evidence.high)
    )
    shared = [show_number(end, spec) for end in (last.running_low, last.running_high)]
    common = (
        "the looks contradict each other"
        if last.contradicted
        else f"all have {shared[0]} to {shared[1]} in common"
    )
    lines = " and ".join(short_number(margin, spec) for margin in margins)
    fates = [look.fate for look in counted_once(looks)]
    return (
        f"Intervals at {looked} {until}. Newest: "
        f"{low} to {high}; {common}; margin {lines}. Fresh estimates: "
        f"{fates.count('won')} inside their forecast, {fates.count('lost')} outside."
    )


def short_number(value: float, spec: str) -> str:
    """A number that somebody chose: all of its decimals, and no zeros after them."""
    whole = _PRECISION.sub(".6", spec, count=1)
    return _NEEDLESS.sub("", show_number(value, whole))


def _factor(look: LookRow) -> float:
    """Differences of shares are drawn in percentage points."""
    return 100.0 if evidence_format(look.evidence).endswith(POINTS) else 1.0


def _rows(looks: Sequence[LookRow]) -> list[Spec]:
    rows = []
    for look in looks:
        factor = _factor(look)
        values = {
            "value": look.evidence.estimate,
            "low": look.evidence.low,
            "high": look.evidence.high,
            "shared_low": look.running_low,
            "shared_high": look.running_high,
        }
        scaled = {k: None if v is None else v * factor for k, v in values.items()}
        rows.append({"at": format_instant(look.as_of), **scaled})
    return rows


def _when() -> Spec:
    axis = {"title": "Data to", "format": "%b %Y", "labelOverlap": True, "grid": False}
    scale = {"type": "utc", "padding": 14}
    return {"field": "at", "type": "temporal", "scale": scale, "axis": axis}


def _value(field: str, look: LookRow) -> Spec:
    spec = evidence_format(look.evidence)
    is_points = spec.endswith(POINTS)
    plain = f"{spec.removesuffix(POINTS)}f" if is_points else spec
    measure = "" if look.evidence.measure == "share" else look.evidence.measure
    title = "percentage points" if is_points else measure or None
    axis = {
        "title": title,
        "format": axis_format(plain),
        "domain": False,
        "ticks": False,
    }
    scale = {"zero": False, "nice": True}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def _band(looks: Sequence[LookRow], colours: Palette) -> list[Spec]:
    """What the looks have in common; it ends where they contradict each other."""
    kept = [look for look in looks if not look.contradicted]
    if not kept:
        return []
    area = {"type": "area", "interpolate": "step-after", "opacity": 0.2, "line": False}
    encoding = {
        "x": _when(),
        "y": _value("shared_low", kept[0]),
        "y2": {"field": "shared_high"},
    }
    mark = {**area, "color": colours.series[0]}
    return [{"data": {"values": _rows(kept)}, "mark": mark, "encoding": encoding}]


def _margin(
    looks: Sequence[LookRow], margins: Sequence[float], colours: Palette
) -> list[Spec]:
    """A dashed line at each margin, named at its right end."""
    right = max(look.as_of for look in looks)
    last = newest_look(looks)
    spec, factor = evidence_format(last.evidence), _factor(last)
    rows = [
        {"at": format_instant(right), "value": m * factor}
        | {"words": f"margin {short_number(m, spec)}"}
        for m in margins
    ]
    data: Spec = {"values": rows}
    y = _value("value", last)
    rule = {"type": "rule", "strokeDash": [7, 4], "strokeWidth": 1.5}
    text = {"type": "text", "align": "right", "dy": -8, "dx": 10}
    named = {"x": _when(), "y": y, "text": {"field": "words"}}
    halo = {"color": colours.page, "stroke": colours.page, "strokeWidth": 5}
    return [
        {
            "data": data,
            "mark": {**rule, "color": colours.ink},
            "encoding": {"y": y},
        },
        {
            "data": data,
            "mark": {**text, **halo},
            "encoding": named,
        },
        {"data": data, "mark": {**text, "color": colours.ink}, "encoding": named},
    ]


def _changes(looks: Sequence[LookRow], colours: Palette) -> list[Spec]:
    """A dotted upright where newer terms took over from older ones."""
    rows = []
    for number in sorted({look.version for look in looks})[1:]:
        first = min(look.as_of for look in looks if look.version == number)
        older = [look.as_of for look in looks if look.version < number]
        if max(older) < first:  # history replayed on new terms begins before old looks
            rows.append({"at": format_instant(first), "words": f"version {number}"})
    if not rows:
        return []
    rule = {"type": "rule", "strokeDash": _DOTTED, "strokeWidth": 2, "xOffset": -9}
    text = {"type": "text", "align": "right", "baseline": "top", "dx": -13, "y": 2}
    data: Spec = {"values": rows}
    return [
        {
            "data": data,
            "mark": {**rule, "color": colours.axis},
            "encoding": {"x": _when()},
        },
        {
            "data": data,
            "mark": {**text, "color": colours.ink},
            "encoding": {"x": _when(), "text": {"field": "words"}},
        },
    ]


def _looks(looks: Sequence[LookRow], colours: Palette, *, past: bool) -> list[Spec]:
    """A thin line for each interval, dotted on terms that no longer hold."""
    if not looks:
        return []
    colour = colours.axis if past else colours.series[0]
    aside = {"xOffset": -5} if past else {}
    dash = {"strokeDash": _DOTTED} if past else {}
    rule = {"type": "rule", "strokeWidth": 1.5, "color": colour, **aside, **dash}
    dot = {"type": "point", "filled": True, "size": 22, "opacity": 1, "color": colour}
    x, data = _when(), {"values": _rows(looks)}
    ends = {"x": x, "y": _value("low", looks[0]), "y2": {"field": "high"}}
    return [
        {"data": data, "mark": rule, "encoding": ends},
        {
            "data": data,
            "mark": {**dot, **aside},
            "encoding": {"x": x, "y": _value("value", looks[0])},
        },
    ]


def _fates(looks: Sequence[LookRow], colours: Palette, *, aside: float) -> list[Spec]:
    """A ring where fresh data came out as foreseen, a cross where they did not."""
    rows = [
        {
            "at": format_instant(look.as_of),
            "value": look.fresh.estimate * _factor(look),
            "fate": INSIDE if look.fate == "won" else OUTSIDE,
        }
        for look in looks
        if look.fresh is not None and look.fresh.estimate is not None
    ]
    if not rows:
        return []

    def told(looks: list[str]) -> Spec:
        scale = {"domain": [INSIDE, OUTSIDE], "range": looks}
        legend = {"title": None}
        return {"field": "fate", "type": "nominal", "scale": scale, "legend": legend}

    mark = {"type": "point", "filled": False, "size": 75, "strokeWidth": 2.2}
    return [
        {
            "data": {"values": rows},
            "mark": {**mark, "opacity": 1, "xOffset": aside},
            "encoding": {
                "x": _when(),
                "y": _value("value", looks[0]),
                "shape": told(["circle", _CROSS]),
                "color": told([colours.series[2], colours.series[1]]),
            },
        }
    ]
