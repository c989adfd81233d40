"""Figures become SVG without a browser, equal byte for byte in any process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, get_args

from workbench.charts import vega_lite
from workbench.charts.looks import PaletteName, WidthName
from workbench.core.errors import Reason, StudyFailed
from workbench.core.exhibits import Figure

VEGA_LITE = "6.4"  # of the versions that vl-convert carries


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
    for palette in get_args(PaletteName):
        for width in get_args(WidthName):
            spec = spec_of(palette=palette, width=width)
            files[f"{name}.{palette}-{width}.svg"] = _svg(spec, name)
            sizes[width] = (spec["width"], spec["height"])
    return Drawing(files, sizes)


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
