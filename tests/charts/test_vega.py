"""The drawn face of a figure: its numbers, its colours, its measures."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.charts.figures import LABELS, a_point, bars, curve, figures
from workbench.charts import vega_lite
from workbench.charts.axes import broken, whole_ticks
from workbench.charts.looks import PALETTES, PaletteName, WidthName
from workbench.core.exhibits import Figure, Series

PALETTE_NAMES = get_args(PaletteName)
WIDTHS = get_args(WidthName)
# Machado, Oliveira and Fernandes 2009, severity 1.0
COLOUR_BLIND = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


def linear(colour: str) -> tuple[float, ...]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )


def contrast(one: str, other: str) -> float:
    """WCAG 2: (L1 + 0.05) / (L2 + 0.05), the lighter above."""
    weights = (0.2126, 0.7152, 0.0722)
    lights = sorted(
        sum(w * c for w, c in zip(weights, linear(each), strict=True))
        for each in (one, other)
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def seen(colour: str, kind: str) -> tuple[float, ...]:
    rgb = linear(colour)
    return tuple(
        max(0.0, sum(m * c for m, c in zip(row, rgb, strict=True))) ** (1 / 2.2)
        for row in COLOUR_BLIND[kind]
    )


def values(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every row of data anywhere in a specification."""
    if "data" in spec:
        yield from spec["data"]["values"]
    for layer in spec.get("layer", ()):
        yield from values(layer)


@given(figures(), st.sampled_from(PALETTE_NAMES), st.sampled_from(WIDTHS))
def test_the_numbers_drawn_are_exactly_the_figures(
    figure: Figure, palette: PaletteName, width: WidthName
) -> None:
    spec = vega_lite(figure, palette=palette, width=width)
    assert json.loads(json.dumps(spec, allow_nan=False)) is not None
    drawn = [(r["y"], r["low"], r["high"], r["n"]) for r in values(spec)]
    assert drawn == [
        (point.y, point.low, point.high, point.n)
        for series in figure.series
        for point in series.points
    ]


def test_bars_stand_on_zero_and_others_need_not() -> None:
    def zero(figure: Figure) -> object:
        layer = vega_lite(figure, palette="light", width="wide")["layer"][0]
        return layer["encoding"]["y"]["scale"]["zero"]

    assert zero(bars()) is True
    assert zero(curve()) is False


def test_long_labels_turn_the_figure_on_a_telephone() -> None:
    wide = vega_lite(bars(), palette="light", width="wide")
    narrow = vega_lite(bars(), palette="light", width="narrow")
    assert wide["layer"][0]["encoding"]["x"]["field"] == "x"
    assert narrow["layer"][0]["encoding"]["y"]["field"] == "x"
    assert narrow["title"] == ["size of the first order"]
    assert narrow["width"] == 340


@pytest.mark.parametrize("name", PALETTE_NAMES)
def test_text_and_marks_stand_out_from_the_page(name: PaletteName) -> None:
    palette = PALETTES[name]
    assert contrast(palette.ink, palette.page) >= 4.5
    assert contrast(palette.axis, palette.page) >= 3
    assert all(contrast(colour, palette.page) >= 3 for colour in palette.series)


@pytest.mark.parametrize("kind", COLOUR_BLIND)
@pytest.mark.parametrize("name", PALETTE_NAMES)
def test_the_colours_differ_to_every_eye(name: PaletteName, kind: str) -> None:
    for one, other in combinations(PALETTES[name].series, 2):
        a, b = seen(one, kind), seen(other, kind)
        distance = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        assert distance > 0.15, (one, other)


def test_series_differ_by_more_than_colour() -> None:
    points = (a_point(1.0, 0.1), a_point(2.0, 0.2))
    many = tuple(Series(label=c, points=points) for c in "abc")
    spec = vega_lite(curve(kind="line", series=many), palette="dark", width="wide")
    dashes = [layer["layer"][0]["mark"]["strokeDash"] for layer in spec["layer"]]
    assert len(set(dashes)) == 3
    shapes = spec["layer"][0]["layer"][-1]["encoding"]["shape"]["scale"]["range"]
    assert len(set(shapes)) == 3


@given(st.lists(LABELS, unique=True), st.integers(5, 40))
def test_broken_labels_fit_their_lines_and_stay_apart(
    labels: list[str], characters: int
) -> None:
    texts = [broken(label, characters) for label in labels]
    assert len(set(texts)) == len(labels)
    assert all(len(line) <= characters + 1 for t in texts for line in t.split("\n"))


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (1, 3, 6, [1, 2, 3]),
        (1, 12, 6, [2, 4, 6, 8, 10, 12]),
        (0, 100, 4, [0, 50, 100]),
        (5, 5, 4, [5]),
        (-3, 3, 6, [-3, -2, -1, 0, 1, 2, 3]),
    ],
)
def test_whole_numbers_are_labelled_once_each(
    low: int, high: int, most: int, ticks: list[int]
) -> None:
    assert whole_ticks(low, high, most) == ticks
