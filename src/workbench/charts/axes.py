"""The axes of a drawn figure: what runs along them and how it is labelled."""

import math
import textwrap
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workbench.charts.looks import LETTER, Frame, Palette
from workbench.charts.numbers import axis_format, show_position
from workbench.core.exhibits import Figure, Point

_MONTHS_SPAN = 4  # fewer first-of-month dates than this are labelled by the day
_LINE = 17  # pixels of height for a line of text, or for one series of a lying bar
_GAP = 12  # pixels between lying categories
_SURROUNDINGS = 96  # pixels of height for heading, axis and its title
_COMMA_FROM = 10_000  # smaller whole numbers, such as years, have no comma


@dataclass(frozen=True)
class Sheet:
    """One figure on one palette and width, and what follows from them."""

    figure: Figure
    palette: Palette
    frame: Frame

    @property
    def y_format(self) -> str:
        """Python format specification of the values."""
        return self.figure.y_format

    @cached_property
    def points(self) -> list[Point]:
        """All points of all series."""
        return [point for series in self.figure.series for point in series.points]

    @cached_property
    def labels(self) -> list[str]:
        """Labels of the series; empty when there is nothing to tell apart."""
        labels = [series.label for series in self.figure.series]
        return labels if any(labels) else []

    @cached_property
    def bounded(self) -> bool:
        """Whether any point has an interval."""
        return any(p.low is not None or p.high is not None for p in self.points)

    @cached_property
    def discrete(self) -> bool:
        """Whether places are categories; bars always stand on some."""
        return self.figure.x_kind == "category" or self.figure.kind == "bars"

    @cached_property
    def places(self) -> list[str]:
        """The categories in order of appearance, as drawn."""
        return list(dict.fromkeys(str(self.place(p.x)) for p in self.points))

    @cached_property
    def lying(self) -> bool:
        """Whether categories run down the side, for want of room beneath."""
        upright = self.figure.kind == "line" or self.figure.x_kind != "category"
        return self.discrete and not upright and not self._fits

    @property
    def _fits(self) -> bool:
        names = [show_position(point.x) for point in self.points]
        longest = max((len(name) for name in names), default=0)
        each = (self.frame.width - 70) / max(len(dict.fromkeys(names)), 1)
        return (longest + 1) * LETTER <= each

    @property
    def legend_columns(self) -> int:
        """As many labels side by side as fit."""
        longest = max((len(label) for label in self.labels), default=0)
        return max(1, self.frame.characters // (longest + 4))

    @cached_property
    def height(self) -> int:
        """Height of the picture in pixels; each row of the legend adds to it."""
        legend = _LINE * math.ceil(len(self.labels) / self.legend_columns)
        if not self.lying:
            return self.frame.height + legend
        lines = max(place.count("\n") + 1 for place in self.places)
        row = _LINE * max(lines, len(self.figure.series)) + _GAP
        return _SURROUNDINGS + legend + row * len(self.places)

    @property
    def heading(self) -> list[str]:
        """Name of what runs upright, in lines; it stands above the plot."""
        figure = self.figure
        return self.lines(figure.x_label if self.lying else figure.y_label)

    def lines(self, text: str) -> list[str]:
        """A text in lines as wide as the picture."""
        return textwrap.wrap(text, self.frame.characters) or [""]

    def place(self, x: str | float) -> str | float:
        """A position as drawn: a category as text, broken in lines where it lies."""
        if not self.discrete:
            return x
        text = show_position(x)
        return _broken(text, self.frame.label) if self.lying else text

    @property
    def angle(self) -> int:
        """Of the labels of categories; numbers are left out rather than turned."""
        turned = self.figure.x_kind == "category" and not self.lying and not self._fits
        return -45 if turned else 0


def position_axis(sheet: Sheet) -> dict[str, Any]:
    """The channel of the categories, numbers or dates."""
    figure = sheet.figure
    title = None if sheet.lying else sheet.lines(figure.x_label)
    axis: dict[str, Any] = {"title": title, "grid": False}
    if sheet.discrete:
        axis |= {"labelLimit": sheet.frame.width // 2, "ticks": False}
        axis |= {"labelPadding": 6, "labelAngle": sheet.angle}
        scale: dict[str, Any] = {"domain": sheet.places, **_spacing(figure)}
        kind = "ordinal"
    elif figure.x_kind == "date":
        axis |= {"format": _date_format(sheet), "tickCount": sheet.frame.ticks}
        scale = {"type": "utc", "padding": 12}
        kind = "temporal"
    else:
        axis |= _number_ticks(sheet)
        scale = {"zero": False, "nice": False, "padding": 12}
        kind = "quantitative"
    return {"field": "x", "type": kind, "axis": axis, "scale": scale}


def value_axis(sheet: Sheet, field: str = "y") -> dict[str, Any]:
    """The channel of the values; bars stand on zero."""
    figure = sheet.figure
    at_zero = {"test": "datum.value === 0", "value": sheet.palette.axis}
    axis = {
        "title": sheet.lines(figure.y_label) if sheet.lying else None,
        "format": axis_format(figure.y_format),
        "tickCount": sheet.frame.ticks,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "gridColor": {"condition": at_zero, "value": sheet.palette.faint},
    }
    scale = {"zero": figure.kind == "bars", "nice": sheet.frame.ticks}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def _spacing(figure: Figure) -> dict[str, float]:
    if figure.kind != "bars":
        return {}
    return {"paddingInner": 0.35 if figure.x_kind == "category" else 0.08}


def _number_ticks(sheet: Sheet) -> dict[str, Any]:
    xs = [point.x for point in sheet.points if not isinstance(point.x, str)]
    if not xs or not all(float(x).is_integer() for x in xs):
        return {"format": "~g", "tickCount": sheet.frame.ticks}
    comma = "," if max(map(abs, xs)) >= _COMMA_FROM else ""
    values = whole_ticks(int(min(xs)), int(max(xs)), sheet.frame.ticks)
    return {"format": f"{comma}d", "values": values}


def whole_ticks(low: int, high: int, most: int) -> list[int]:
    """Whole numbers to label between two others, evenly, no more than `most` + 1.

    Vega divides short spans into halves and rounds these to the same label twice.
    """
    sizes = (base * 10**power for power in range(20) for base in (1, 2, 5))
    step = next(size for size in sizes if size * most >= high - low)
    return list(range(-(-low // step) * step, high + 1, step))


def _date_format(sheet: Sheet) -> str:
    days = {str(point.x)[:10] for point in sheet.points}
    monthly = all(day.endswith("-01") for day in days)
    return "%b %Y" if monthly and len(days) >= _MONTHS_SPAN else "%Y-%m-%d"


def _broken(text: str, characters: int) -> str:
    """A text with line breaks in place of some of its spaces."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if len(longer) <= characters or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)
