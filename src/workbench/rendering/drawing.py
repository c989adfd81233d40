"""Figures become SVG without a browser, equal byte for byte in any process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, get_args

from workbench.charts import vega_lite
from workbench.charts.looks import PALETTES, PaletteName, WidthName
from workbench.core.errors import Reason, StudyFailed
from workbench.core.exhibits import Figure

VEGA_LITE = "6.4"  # of the versions that vl-convert carries
_COLOURS = {
    name: (each.page, each.ink, each.axis, each.faint, *each.series)
    for name, each in PALETTES.items()
}
_DARK_OF = dict(zip(_COLOURS["light"], _COLOURS["dark"], strict=True))


class SpecOf(Protocol):
    """A Vega-Lite specification for each palette and width."""

    def __call__(self, *, palette: PaletteName, width: WidthName) -> dict[str, Any]:
        """The specification of one picture."""
        ...


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure drawn four times.

    Attributes:
        files: SVG by file name, `<figure>.<palette>-<width>.svg`.
        sizes: Width and height in CSS pixels, by width name.
    """

    files: Mapping[str, bytes]
    sizes: Mapping[str, tuple[int, int]]


def draw(figure: Figure) -> Drawing:
    """Draw a figure in each palette and width.

    Raises:
        StudyFailed: Its numbers cannot stand on one axis.
    """
    return draw_spec(figure.name, partial(vega_lite, figure))


def draw_spec(name: str, spec_of: SpecOf) -> Drawing:
    """Draw what a Vega-Lite specification says, in each palette and width.

    Args:
        name: Begins the names of the files.
        spec_of: Gives the specification for a palette and a width.

    Raises:
        StudyFailed: Its numbers cannot stand on one axis.
    """
    files: dict[str, bytes] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for width in get_args(WidthName):
        spec = spec_of(palette="light", width=width)
        dark = spec_of(palette="dark", width=width)
        light = files[f"{name}.light-{width}.svg"] = _svg(spec, name)
        recoloured = _recoloured(light, spec, dark)
        files[f"{name}.dark-{width}.svg"] = recoloured or _svg(dark, name)
        sizes[width] = (spec["width"], spec["height"])
    return Drawing(dict(sorted(files.items())), sizes)


def _recoloured(drawn: bytes, light: dict[str, Any], dark: dict[str, Any]) -> bytes:
    """The dark picture from the light one, where they differ in colours alone.

    That saves half of all drawing. Empty where a specification names a colour of the
    palette in any other way than as a value whole, as a title might: then it is drawn.
    """
    text = json.dumps(light)
    if any(colour in text.replace(f'"{colour}"', "") for colour in _DARK_OF):
        return b""
    if _exchanged(text, '"{}"') != json.dumps(dark):
        return b""
    return _exchanged(drawn.decode(), '="{}"').encode()


def _exchanged(text: str, form: str) -> str:
    """A text with each colour, in its form, that of the dark palette."""
    for light, dark in _DARK_OF.items():
        text = text.replace(form.format(light), form.format(dark))
    return text


def _svg(spec: dict[str, Any], name: str) -> bytes:
    import vl_convert

    try:
        svg: str = vl_convert.vegalite_to_svg(
            spec, vl_version=VEGA_LITE, allowed_base_urls=[]
        )
    except ValueError as error:
        message = (
            "it cannot be drawn; look at its numbers for ones so far apart, or so "
            "close, that no axis holds them."
        )
        reason = Reason(
            code="figure-not-drawn", message=message, place=f"figure {name}"
        )
        raise StudyFailed(reason) from error
    return svg.encode()
