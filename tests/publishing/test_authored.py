"""What the gate sees of a cell is what the site's own Markdown makes of it."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from workbench.publishing.gate.allowed import foreign
from workbench.publishing.gate.authored import Authored, Marks, read_authored
from workbench.publishing.gate.words import passages
from workbench.takeaways.binding import loose_numbers
from workbench.website.converting import converter_of

SITE = converter_of(Path(__file__).resolve().parents[2] / "mkdocs.yml")
PIECES = (
    *("7", "7%", " ", "\n", "\n\n", "    ", "`", "``", "```", "~~~", "*", "_", "|"),
    *("[", "]", "(", ")", "!", ":", "^", "[^7]: ", "[^7]", "{", "}", "#", "> ", "- "),
    *("<b>", "</b>", "<pre>", "</pre>", "<code>", "</code>", "<p>", "</p>", "<div>"),
    *("<!--", "-->", "&", ";", '"', "<", ">", "\\", "=", "7. ", "!!! note\n", "$$"),
    *("<data>", "</data>", "---", "](7)", "<table>", "<br>", "<details>", "&#55;"),
)


def page_of(text: str) -> str:
    return f"# Title\n\n<p>Before.</p>\n\n{text}\n\n<p>After.</p>\n\n## End\n"


def authored(text: str) -> Authored:
    page = page_of(text)
    return read_authored(page, [(1, text, text)], Marks(page), SITE)


def is_reported(read: Authored) -> bool:
    return bool(read.faults) or any(
        list(foreign(region, read.marks))
        or any(map(loose_numbers, passages(region.nodes, read)))
        or any("start" in element.attributes for element in region.elements)
        for region in read.regions
    )


def shows_a_number(text: str) -> bool:
    """By another parser, and of the page as readers get it."""
    soup = BeautifulSoup(SITE.html(page_of(text)), "html.parser")
    for code in soup.find_all(["code", "pre"]):
        code.decompose()
    return "7" in soup.get_text()


@given(st.lists(st.sampled_from(PIECES), max_size=16).map(lambda p: "".join(p).strip()))
def test_each_number_that_the_site_shows_outside_code_is_reported(text: str) -> None:
    assert not text or is_reported(authored(text)) or not shows_a_number(text)


@pytest.mark.parametrize(
    "text",
    ["Words, `7`, and *more*.\n\n- a\n- b", "```\n7\n```", "    7", "> It is so.[^a]"],
)
def test_what_is_code_or_holds_no_number_is_not(text: str) -> None:
    read = authored(text)
    assert not is_reported(read)
    assert [region.place for region in read.regions] == ["cell 1"]


def test_cells_that_run_into_one_another_are_a_fault() -> None:
    page = page_of("> It is.\n\n> So it is.")
    prose = [(1, "> It is.", "> It is."), (2, "> So it is.", "> So it is.")]
    read = read_authored(page, prose, Marks(page), SITE)
    assert "together otherwise" in read.faults[0][1]


def test_what_markdown_moves_out_of_its_cell_is_a_fault() -> None:
    """Text after a raw block that is a reference only comes out after the next cell."""
    assert "elsewhere" in authored("<pre></pre>&#55;").faults[0][1]


def test_a_footnote_is_read_where_it_stands_and_placed_where_it_was_written() -> None:
    read = authored("So.[^a]\n\n[^a]: A source.")
    note = read.regions[-1]
    assert (note.place, note.is_note, read.notes) == ("cell 1", True, {"fn:a": "1"})
    assert not is_reported(read)
