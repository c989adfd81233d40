"""A finished run becomes a post: looked at whole, and by its laws."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import markdown  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given as over
from hypothesis import settings
from typing_extensions import override

from tests.charts.figures import bars, curve, figures
from tests.rendering.folders import (
    REGISTRATION,
    cells,
    code,
    display,
    outputs,
    record,
    rendered,
    takeaway,
    words,
)
from tests.rendering.test_markup import NASTY
from workbench.charts import show_number
from workbench.core.errors import StudyFailed
from workbench.core.exhibits import Figure, Series
from workbench.core.records import from_plain
from workbench.core.registration import Status
from workbench.core.runs import Output
from workbench.rendering import render_post

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("WB_UPDATE_GOLDEN") == "1"
HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)


class Elements(HTMLParser):
    """Start tags with their attributes, and the text of table cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.cells.append("")

    @override
    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.cells.append("")


def elements(page: str) -> Elements:
    """The page as MkDocs would make it, parsed."""
    body = page.split("\n---\n", 1)[1]
    html = markdown.markdown(
        body, extensions=["attr_list", "footnotes", "md_in_html", "tables", "toc"]
    )
    parser = Elements()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("name", ["page.md", "result.json"])
def test_the_post_looks_as_it_did(tmp_path: Path, name: str) -> None:
    """WB_UPDATE_GOLDEN=1 writes the files anew; read the difference first."""
    post = rendered(tmp_path / "run")
    made = post.markdown.encode() if name == "page.md" else post.assets[name]
    if UPDATE:
        (GOLDEN / name).write_bytes(made)
    assert made.decode() == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.slow
def test_equal_inputs_give_equal_bytes_in_another_process(tmp_path: Path) -> None:
    script = (
        "import hashlib, sys\n"
        "from pathlib import Path\n"
        "from tests.rendering.folders import rendered\n"
        "post = rendered(Path(sys.argv[1]))\n"
        "whole = post.markdown.encode() + b''.join(post.assets.values())\n"
        "print(hashlib.sha256(whole).hexdigest(), list(post.assets))\n"
    )

    def hashed(name: str, seed: str, zone: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / name)],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "PYTHONHASHSEED": seed,
                "TZ": zone,
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    one = hashed("one", "1", "Pacific/Auckland")
    assert one == hashed("two", "2", "America/Los_Angeles")


def test_one_h1_and_the_takeaway_is_the_last_h2(tmp_path: Path) -> None:
    page = rendered(tmp_path / "run").markdown
    headings = HEADING.findall(re.sub(r"```.*?```", "", page, flags=re.DOTALL))
    assert [text for marks, text in headings if marks == "#"] == [REGISTRATION.title]
    assert headings[-1] == ("##", "Tradable takeaway { #tradable-takeaway }")
    after = page.split("#tradable-takeaway }")[1]
    assert after.rstrip().splitlines()[-1].startswith('<p class="small">')


def test_every_figure_has_pictures_words_a_table_and_its_numbers(
    tmp_path: Path,
) -> None:
    post = rendered(tmp_path / "run")
    found = elements(post.markdown).tags
    images = [given for tag, given in found if tag == "img"]
    assert len(images) == 4
    assert all(given["alt"] and given["width"] and given["height"] for given in images)
    sources = [str(given["srcset"]) for tag, given in found if tag == "source"]
    for file in [*sources, *(str(given["src"]).split("#")[0] for given in images)]:
        assert file in post.assets
    for figure in post.figures:
        assert f'id="{figure.name}-data"' in post.markdown
        assert f"({figure.name}.csv)" in post.markdown
        assert f"{figure.name}.csv" in post.assets
    scopes = [given.get("scope") for tag, given in found if tag == "th"]
    assert set(scopes) == {"col", "row"}


def test_result_json_holds_every_quantity_and_exhibit(tmp_path: Path) -> None:
    post = rendered(tmp_path / "run")
    result = json.loads(post.assets["result.json"])
    gap = result["quantities"]["repeat_gap"]
    assert (gap["value"], gap["low"], gap["high"]) == (0.1234, 0.1, 0.15)
    assert (gap["n"], gap["units"], gap["unit"]) == (1200, 300, "customer")
    assert gap["groups"] == [
        {"label": "came back", "value": 0.25, "n": 200, "units": 150}
    ]
    for figure in post.figures:
        assert from_plain(Figure, result["figures"][figure.name]) == figure
    assert result["claims"][0]["name"] == "repeat_gap"
    assert result["claims"][0]["verdict"] == "trade"
    assert result["takeaways"][0]["text"] == dict(takeaway().text)


@pytest.mark.slow
@over(figures())
@settings(max_examples=15)
def test_every_number_in_a_figures_table_is_result_jsons_at_the_format(
    figure: Figure,
) -> None:
    said = [*outputs()[:1], Output(kind="figure", cell=1, figure=figure)]
    with TemporaryDirectory() as folder:
        cells = [code(display("figure", figure.name))]
        post = rendered(Path(folder) / "run", cells=cells, said=said)
    published = json.loads(post.assets["result.json"])["figures"][figure.name]
    numbers = [
        [point[field] for field in ("y", "low", "high", "n")]
        for series in published["series"]
        for point in series["points"]
    ]
    rows = re.findall(r"<tr><th scope=\"row\">.*</tr>", post.markdown)
    bounded = "95% low" in post.markdown
    shown = [re.findall(r'<td class="number">([^<]*)</td>', row) for row in rows]
    assert len(shown) == len(numbers)
    for texts, (y, low, high, n) in zip(shown, numbers, strict=True):
        values = [y, low, high] if bounded else [y]
        wanted = [show_number(value, figure.y_format) for value in values]
        assert texts[: len(wanted) + 1] == [*wanted, f"{n:,}"]


@pytest.mark.parametrize("label", NASTY)
def test_labels_with_markup_stay_inert(tmp_path: Path, label: str) -> None:
    points = bars().series[0].points
    nasty = (replace(points[0], x=label), *points[1:])
    figure = bars(series=(Series(label=label, points=nasty),))
    said = [*outputs()[:1], Output(kind="figure", cell=1, figure=figure)]
    cells = [code(display("figure", figure.name))]
    post = rendered(tmp_path / "run", cells=cells, said=said)
    found = elements(post.markdown)
    assert not {"script", "iframe", "form"} & {tag for tag, _ in found.tags}
    for tag, given in found.tags:
        assert not [name for name in given if name.startswith("on")]
        assert tag != "img" or not str(given["src"]).startswith(("x", "http"))
        assert tag != "a" or not str(given["href"]).startswith(("javascript", "http"))
    assert found.cells.count(label) == 5  # its own, and that of its series
    for trace in ("{{", "{%", "--8<--", "[["):
        assert trace not in post.markdown.replace(json.dumps(label), "")


@pytest.mark.parametrize(
    ("margin", "verdict", "absent"),
    [
        (0.05, "trade", None),
        (0.2, "do-not-trade", "<dt>Entry</dt>"),
        (0.12, "no-trade-yet", "<dt>Entry</dt>"),
    ],
)
def test_each_verdict_has_the_same_place_and_form(
    tmp_path: Path, margin: float, verdict: str, absent: str | None
) -> None:
    page = rendered(tmp_path / "run", said=outputs(margin=margin)).markdown
    section = page.split("#tradable-takeaway }")[1]
    assert f'<p class="takeaway-verdict"><span class="verdict verdict--{verdict}">' in (
        section
    )
    assert "<dt>Action</dt>" in section
    assert "+12.3 pp" in section
    assert "</data> confidence sequence; n = " in section
    assert "The interval holds at every look" in section
    assert absent is None or absent not in section


def test_an_interval_that_shares_its_alpha_says_with_how_many(tmp_path: Path) -> None:
    said = "It shares its <data"
    assert said not in rendered(tmp_path / "one").markdown
    page = rendered(tmp_path / "six", run=record(family=6)).markdown
    assert f'{said} value="repeat_gap.alpha">5%</data> with the other' in page
    assert '<data value="family">6</data> in all.' in page


def test_a_draft_and_an_exploratory_run_carry_a_watermark(tmp_path: Path) -> None:
    assert "watermark" not in rendered(tmp_path / "a").markdown
    draft = rendered(tmp_path / "b", run=record(status=Status.DRAFT))
    assert not draft.registered
    assert '<p class="watermark" role="note"><strong>Draft.' in draft.markdown
    assert ">DRAFT<" in draft.markdown
    wild = rendered(tmp_path / "c", run=record(variant=None))
    assert "<strong>Exploratory.</strong>" in wild.markdown
    assert "-p early_days=60" in wild.markdown


def test_a_run_on_other_terms_than_those_sealed_now_is_a_draft(tmp_path: Path) -> None:
    post = rendered(tmp_path / "run", run=record(seal="0" * 64))
    assert not post.registered


def test_a_run_without_a_takeaway_is_rendered_for_the_gate_to_refuse(
    tmp_path: Path,
) -> None:
    post = rendered(tmp_path / "run", cells=[words("Only prose.")], said=[])
    assert post.takeaways == ()
    assert "tradable-takeaway" not in post.markdown
    assert REGISTRATION.question in post.markdown


def test_axis_labels_and_titles_bind_numbers_too(tmp_path: Path) -> None:
    figure = curve(y_label="share within {early_days} days")
    said = [*outputs()[:1], Output(kind="figure", cell=1, figure=figure)]
    post = rendered(
        tmp_path / "run", cells=[code(display("figure", "repeat_curve"))], said=said
    )
    assert "share within 60 days" in post.markdown
    assert b"share within 60 days" in post.assets["repeat_curve.dark-narrow.svg"]
    assert post.figures == (figure,)


def test_the_strictest_contract_sets_the_smallest_cell(tmp_path: Path) -> None:
    views = record().spec.views
    strict = replace(views[0], dataset="visits", minimum_units=50)
    two = record(views=(views[0], strict))
    assert rendered(tmp_path / "a", run=two).minimum_units == 50
    assert rendered(tmp_path / "b", run=record(views=())).minimum_units == 10


def test_an_executed_notebook_that_is_none_is_a_failed_study(tmp_path: Path) -> None:
    rendered(tmp_path / "run")
    (tmp_path / "run" / "executed.ipynb").write_text("{")
    with pytest.raises(StudyFailed, match="notebook-unreadable"):
        render_post(folder=tmp_path / "run", record=record(), registration=REGISTRATION)


def test_the_notebook_beside_the_post_carries_no_trace_of_the_run(
    tmp_path: Path,
) -> None:
    rendered(tmp_path / "run")
    source = tmp_path / "run" / "notebook.ipynb"
    notebook = json.loads(source.read_text())
    notebook["metadata"] = {"papermill": {"input_path": "/home/somebody/x.ipynb"}}
    notebook["cells"][1] |= {"execution_count": 3, "outputs": [{"text": "row 00421"}]}
    source.write_text(json.dumps(notebook))
    post = render_post(
        folder=tmp_path / "run", record=record(), registration=REGISTRATION
    )
    clean = post.assets["notebook.ipynb"].decode()
    assert "somebody" not in clean
    assert "00421" not in clean
    assert json.loads(clean)["cells"][1]["metadata"] == {"tags": ["parameters"]}


@pytest.mark.slow
def test_rendering_loads_no_library_that_reads_customer_rows(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.rendering.folders import rendered\n"
        "assert not {'nbconvert', 'vl_convert'} & sys.modules.keys()\n"
        "rendered(Path(sys.argv[1]))\n"
        "rows = {'pandas', 'pyarrow', 'duckdb', 'polars', 'plotly', 'altair'}\n"
        "print(sorted(rows & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "run")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_footnotes_stand_before_the_takeaway_and_not_below_it(tmp_path: Path) -> None:
    marker = "///Footnotes Go Here///"
    noted = [words("A thing.[^1]\n\n[^1]: Its source."), *cells()]
    page = rendered(tmp_path / "noted", cells=noted).markdown
    assert page.index(marker) < page.index("tradable-takeaway }")
    assert marker not in rendered(tmp_path / "plain").markdown
