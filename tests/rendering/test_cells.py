"""Prose and our own exhibits reach the page; everything else is named and left out."""

from pathlib import Path
from typing import Any

import pytest
from nbformat import v4

from tests.charts.figures import curve
from tests.rendering.folders import OURS, code, display, outputs, rendered, words
from workbench.core.runs import Output

SECRET = "customer 00421 spent 99.50"


def shown(data: dict[str, object]) -> Any:
    return v4.new_output("execute_result", data=data)


@pytest.mark.parametrize(
    ("output", "name"),
    [
        (v4.new_output("stream", text=SECRET), "stream"),
        (v4.new_output("error", ename=SECRET, evalue=SECRET, traceback=[]), "error"),
        (shown({"text/html": SECRET, "text/plain": SECRET}), "html"),
        (shown({"application/vnd.plotly.v1+json": {"data": SECRET}}), "plotly"),
        (shown({"image/png": "", "text/plain": SECRET}), "image"),
        (shown({"text/plain": SECRET}), "text"),
        (shown({"text/markdown": SECRET}), "markdown"),
        (shown({"application/x-odd": SECRET}), "unknown"),
        (shown({OURS: SECRET}), "unknown"),
        (shown({OURS: {"kind": "figure", "name": SECRET}}), "figure"),
    ],
)
def test_what_is_not_ours_is_left_out_and_named(
    tmp_path: Path, output: Any, name: str
) -> None:
    cells = [words("Prose."), code(tags=("injected-parameters",)), code(output)]
    post = rendered(tmp_path / "run", cells=cells)
    assert post.strays == (f"cell 2: {name}",)
    assert SECRET not in post.markdown
    assert all(SECRET.encode() not in data for data in post.assets.values())


def test_raw_cells_are_left_out_and_named(tmp_path: Path) -> None:
    cells = [v4.new_raw_cell(SECRET), v4.new_raw_cell(" ")]
    post = rendered(tmp_path / "run", cells=cells)
    assert post.strays == ("cell 1: raw cell",)
    assert SECRET not in post.markdown


def test_exhibits_stand_where_they_were_shown_and_once(tmp_path: Path) -> None:
    cells = [
        words("Before."),
        code(display("figure", "repeat_curve")),
        words("Between."),
        code(display("figure", "repeat_curve"), display("table", "by_cohort")),
    ]
    page = rendered(tmp_path / "run", cells=cells).markdown
    order = ["Before.", 'id="repeat_curve"', "Between.", 'id="by_cohort"']
    places = [page.index(each) for each in order]
    assert places == sorted(places)
    assert page.count('id="repeat_curve"') == 1


def test_a_figure_that_was_not_shown_is_known_but_not_on_the_page(
    tmp_path: Path,
) -> None:
    said = [*outputs(), Output(kind="figure", cell=9, figure=curve(name="hidden"))]
    post = rendered(tmp_path / "run", said=said)
    assert "hidden" in [figure.name for figure in post.figures]
    assert "hidden.light-wide.svg" not in post.markdown
    assert "hidden.light-wide.svg" in post.assets


def test_prose_keeps_the_numbers_of_its_cells_and_of_its_evidence(
    tmp_path: Path,
) -> None:
    cells = [
        code(tags=("parameters",)),
        code(tags=("injected-parameters",)),
        words("{gap.n:,} and {nobody.n}"),
        words("  "),
    ]
    post = rendered(tmp_path / "run", cells=cells)
    text = '<data value="gap.n">1,200</data> and {nobody.n}'
    assert post.prose == ((2, text),)
    assert text in post.markdown
