"""Figures are drawn without a browser, the same bytes anywhere, inert and to size."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import vl_convert
from hypothesis import given, settings

from tests.charts.figures import a_point, bars, curve, figures
from workbench.charts import vega_lite
from workbench.charts.looks import WidthName
from workbench.core.errors import StudyFailed
from workbench.core.exhibits import Figure, Series
from workbench.rendering.drawing import VEGA_LITE, draw

DATES = curve(
    kind="line",
    x_kind="date",
    series=(
        Series(
            label="",
            points=tuple(
                a_point(f"1997-{m:02}-01", m / 100, 0.01) for m in range(1, 9)
            ),
        ),
    ),
)
SCRIPT = """
import hashlib
from tests.charts.figures import bars, curve
from tests.rendering.test_drawing import DATES
from workbench.core.errors import StudyFailed
from workbench.rendering.drawing import draw
for figure in (bars(), curve(), curve(kind="line"), DATES):
    for name, svg in draw(figure).files.items():
        print(name, hashlib.sha256(svg).hexdigest())
"""


def in_a_process(**environment: str) -> str:
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.slow
def test_two_processes_draw_the_same_bytes_whatever_their_zone_or_hash_seed() -> None:
    one = in_a_process(TZ="Pacific/Auckland", PYTHONHASHSEED="1", LANG="C")
    other = in_a_process(TZ="America/Los_Angeles", PYTHONHASHSEED="2", LANG="C.UTF-8")
    assert one == other
    here = {
        name: hashlib.sha256(svg).hexdigest() for name, svg in draw(DATES).files.items()
    }
    assert all(f"{name} {digest}" in one for name, digest in here.items())


def test_a_figure_is_drawn_four_times_to_its_declared_size() -> None:
    drawing = draw(bars())
    assert sorted(drawing.files) == [
        "basket_bars.dark-narrow.svg",
        "basket_bars.dark-wide.svg",
        "basket_bars.light-narrow.svg",
        "basket_bars.light-wide.svg",
    ]
    for name, svg in drawing.files.items():
        root = ET.fromstring(svg)
        width = name.split("-")[-1].removesuffix(".svg")
        assert (float(root.get("width", 0)), float(root.get("height", 0))) == (
            drawing.sizes[width]
        )


@pytest.mark.slow
@given(figures())
@settings(max_examples=15)
def test_every_figure_is_well_formed_and_runs_and_fetches_nothing(
    figure: Figure,
) -> None:
    for svg in draw(figure).files.values():
        for element in ET.fromstring(svg).iter():
            assert element.tag.rpartition("}")[2] not in {
                "a",
                "foreignObject",
                "image",
                "script",
                "style",
                "use",
            }
            for name in element.attrib:
                plain = name.rpartition("}")[2]
                assert plain != "href"
                assert not plain.startswith("on")
        assert b"NaN" not in svg


@pytest.mark.parametrize("kind", ["line", "bars"])
@pytest.mark.parametrize("odd", ["\uffff", "\x00", "a\nb", "\U0001f600" * 60])
def test_odd_characters_in_labels_end_no_process(odd: str, kind: str) -> None:
    points = (a_point(odd, 0.5), a_point(f"{odd} b", 0.25))
    series = (Series(label=odd, points=points), Series(label="c", points=points))
    for svg in draw(bars(kind=kind, series=series)).files.values():
        ET.fromstring(svg)


def test_a_figure_that_cannot_be_drawn_is_a_failed_study() -> None:
    points = (a_point(0.0, 1.0), a_point(1e-310, 2.0))
    with pytest.raises(StudyFailed, match=r"figure repeat_curve.*figure-not-drawn"):
        draw(curve(series=(Series(label="", points=points),)))


@pytest.mark.parametrize("word", ["if", "constructor", "valueOf", "__proto__"])
def test_a_label_that_is_a_word_of_vegas_own_language_is_drawn(word: str) -> None:
    points = (a_point(word, 0.5), a_point("b", 0.25))
    series = (Series(label=word, points=points), Series(label="c", points=points))
    figure = bars(kind="line", series=series, x_label=word, y_label=word)
    for svg in draw(figure).files.values():
        assert svg.decode().count(f">{word}<") == 4


def test_a_label_of_markup_is_drawn_as_its_letters() -> None:
    label = '<script>alert("x")</script> & more'
    series = (Series(label="", points=(a_point(label, 0.5), a_point("b", 0.25))),)
    svg = draw(bars(series=series)).files["basket_bars.light-wide.svg"]
    texts = [
        "".join(element.itertext())
        for element in ET.fromstring(svg).iter()
        if element.tag.endswith("}text")
    ]
    assert any("script" in text for text in texts)
    assert b"<script" not in svg


def drawn_dark(figure: Figure, width: WidthName) -> bytes:
    spec = vega_lite(figure, palette="dark", width=width)
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    return svg.encode()


@settings(max_examples=8)
@given(figures())
def test_a_dark_picture_is_what_its_own_specification_comes_to(figure: Figure) -> None:
    files = draw(figure).files
    assert files[f"{figure.name}.dark-wide.svg"] == drawn_dark(figure, "wide")
    assert files[f"{figure.name}.dark-narrow.svg"] == drawn_dark(figure, "narrow")


@pytest.mark.parametrize("word", ["#0072b2", 'a="#0072b2"', "#e4e4e4 and #2b3138"])
def test_a_colour_in_words_stays_as_it_is(word: str) -> None:
    figure = replace(curve(), title=word)
    files = draw(figure).files
    assert files[f"{figure.name}.dark-wide.svg"] == drawn_dark(figure, "wide")
