"""Figures become SVG without a browser, equal byte for byte in any process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from workbench.charts import vega_lite
from workbench.charts.looks import PaletteName, WidthName
from workbench.core.exhibits import Figure

VEGA_LITE = "6.4"  # of the versions that vl-convert carries


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
    """Draw a figure in each palette and width."""
    import vl_convert

    files: dict[str, bytes] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for palette in get_args(PaletteName):
        for width in get_args(WidthName):
            spec = vega_lite(figure, palette=palette, width=width)
            svg = vl_convert.vegalite_to_svg(
                spec, vl_version=VEGA_LITE, allowed_base_urls=[]
            )
            files[f"{figure.name}.{palette}-{width}.svg"] = svg.encode()
            sizes[width] = (spec["width"], spec["height"])
    return Drawing(files, sizes)
