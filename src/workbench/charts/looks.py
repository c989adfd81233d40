"""Colours, marks and measures of the drawn figures.

Series differ by colour and by dash or shape, so that none relies on colour alone. The
colours begin from Okabe and Ito (2008) and are darkened or lightened until each has
3:1 against the page and stays apart from the others to red- and green-blind eyes; text
has 4.5:1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PaletteName = Literal["light", "dark"]
WidthName = Literal["wide", "narrow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of one scheme of the site.

    Attributes:
        page: Background of the page behind the transparent figure.
        ink: Text.
        axis: Lines of the axes, and the line at zero.
        faint: Lines that guide the eye.
        series: One colour per series, in order.
    """

    page: str
    ink: str
    axis: str
    faint: str
    series: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Measures of one width, in CSS pixels.

    Attributes:
        width: Of the whole figure.
        height: Of the whole figure where values stand upright.
        ticks: About as many ticks on the axis of values.
        characters: Letters that fit in one line of the figure.
        label: Letters that fit beside a lying bar.
    """

    width: int
    height: int
    ticks: int
    characters: int
    label: int


FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
FONT_SIZE = 13
LETTER = 6.6  # mean width of a letter of that size, in pixels

PALETTES: Mapping[PaletteName, Palette] = {
    "light": Palette(
        page="#fbfaf7",
        ink="#2b3138",
        axis="#767676",
        faint="#e4e4e4",
        series=("#0072b2", "#d55e00", "#109064", "#882255", "#5c4500", "#222222"),
    ),
    "dark": Palette(
        page="#15191d",
        ink="#e3e7ea",
        axis="#9a9aa4",
        faint="#343b42",
        series=("#56b4e9", "#e69f00", "#2fc08d", "#e79ac4", "#f0e442", "#d0d0d0"),
    ),
}
FRAMES: Mapping[WidthName, Frame] = {
    "wide": Frame(width=700, height=380, ticks=6, characters=95, label=34),
    "narrow": Frame(width=340, height=320, ticks=4, characters=46, label=18),
}
DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (6, 3), (2, 2), (9, 3, 2, 3))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
