"""The axes of a drawn figure: what runs along them and how it is labelled."""

import math
import re
import textwrap
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from workbench.charts.looks import LETTER, Frame, Palette
from workbench.charts.numbers import axis_format, show_position
from workbench.core.exhibits import Figure, Point, Series

_MONTHS_SPAN = 4  # fewer first-of-month dates than this are labelled by the day
_LINE = 17  # pixels of height for a line of text, or for one series of a lying bar
_GAP = 12  # pixels between lying categories
_SURROUNDINGS = 96  # pixels of height for heading, axis and its title
_NOT_IN_XML = re.compile(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE_WORD = re.compile(r"[A-Za-z_$][\w$]*")
HYPHEN = "\u2010"
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
        lines = [line for label in self.labels for line in label.split("\n")]
        longest = max(map(len, lines), default=0)
        return max(1, self.frame.characters // (longest + 4))

    @cached_property
    def height(self) -> int:
        """Height of the picture in pixels; each row of the legend adds to it."""
        rows = math.ceil(len(self.labels) / self.legend_columns)
        legend = _LINE * rows * max((_lines(each) for each in self.labels), default=0)
        if not self.lying:
            return self.frame.height + legend
        lines = max(map(_lines, self.places))
        row = _LINE * max(lines, len(self.figure.series)) + _GAP
        return _SURROUNDINGS + legend + row * len(self.places)

    @property
    def heading(self) -> list[str]:
        """Name of what runs upright, in lines; it stands above the plot."""
        figure = self.figure
        return self.lines(figure.x_label if self.lying else figure.y_label)

    def lines(self, text: str) -> list[str]:
        """A text in lines as wide as the picture."""
        lines = textwrap.wrap(text, self.frame.characters)
        return [as_text(line) for line in lines] or [""]

    def place(self, x: str | float) -> str | float:
        """A position as drawn: a category as text, in lines unless it is short."""
        if not self.discrete:
            return x
        text = show_position(x)
        beside = self.lying or self.angle
        return as_text(broken(text, self.frame.label) if beside else text)

    @property
    def angle(self) -> int:
        """Of the labels of categories; numbers are left out rather than turned."""
        turned = self.figure.x_kind == "category" and not self.lying and not self._fits
        return -45 if turned else 0


def drawable(figure: Figure, frame: Frame) -> Figure:
    """The figure with labels that can be drawn.

    A mark stands for line breaks and for characters that XML has no place for: Python
    and Parquet allow them, but a drawing that holds one ends the process. Labels of
    series are broken in lines as wide as the picture.
    """
    return replace(
        figure,
        x_label=_drawable(figure.x_label),
        y_label=_drawable(figure.y_label),
        series=tuple(
            Series(
                label=as_text(broken(_drawable(series.label), frame.characters - 6)),
                points=tuple(
                    replace(point, x=_drawable(point.x))
                    if isinstance(point.x, str)
                    else point
                    for point in series.points
                ),
            )
            for series in figure.series
        ),
    )


def as_text(text: str) -> str:
    """A text that Vega does not take for code: a single word gets a space after it.

    Vega fails on a label such as `if` or `constructor`, the names in its own language.
    """
    return f"{text} " if _BARE_WORD.fullmatch(text) else text


def _lines(text: str) -> int:
    return text.count("\n") + 1


def _drawable(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def position_axis(sheet: Sheet) -> dict[str, Any]:
    """The channel of the categories, numbers or dates."""
    figure = sheet.figure
    title = None if sheet.lying else sheet.lines(figure.x_label)
    axis: dict[str, Any] = {"title": title, "grid": False}
    if sheet.discrete:
        axis |= {"labelLimit": 0, "ticks": False, "labelOverlap": not sheet.lying}
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
    values = whole_ticks(int(min(xs)), int(max(xs)), 2 * sheet.frame.ticks)
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


def broken(text: str, characters: int) -> str:
    """A text with line breaks in place of some of its spaces, and inside long words.

    Vega would cut a long label, and in the middle of a character that takes two halves.
    """
    pieces = [part for word in text.split(" ") for part in _pieces(word, characters)]
    lines = pieces[:1]
    for piece in pieces[1:]:
        if len(lines[-1]) + 1 + len(piece) <= characters:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return "\n".join(lines)


def _pieces(word: str, characters: int) -> list[str]:
    """A word in parts that fit, hyphens between them."""
    ends = range(characters, len(word), characters)
    parts = [word[end - characters : end] + HYPHEN for end in ends]
    return [*parts, word[len(parts) * characters :]]
