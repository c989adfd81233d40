"""Rules about figures and tables: in the page, with words and numbers, large enough."""

from collections.abc import Iterator

from workbench.charts import (
    alternative_text,
    exhibit_table,
    figure_csv,
    figure_table,
    table_csv,
)
from workbench.core.exhibits import Figure, Table
from workbench.core.records import to_plain
from workbench.disclosure import small_cells
from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.reading import Element
from workbench.publishing.gate.rule import Hit, Rule
from workbench.rendering.page import bound_figure
from workbench.takeaways.grammar import plural

LONGEST_ALTERNATIVE = 250


def _lost(draft: Draft) -> Iterator[Hit]:
    shown = {
        element.attributes.get(name, "").partition("#")[0]
        for element in _pictures(draft)
        for name in ("src", "srcset")
    }
    for figure in draft.post.figures:
        files = {name for name in draft.post.assets if _svg_of(figure.name, name)}
        if not files or not files <= shown:
            yield f"figure {figure.name}", "it was made but is not in the page."
    for table in draft.post.tables:
        if draft.reader.body(table.name) is None:
            yield f"table {table.name}", "it was made but is not in the page."


def _wordless(draft: Draft) -> Iterator[Hit]:
    for figure in draft.post.figures:
        texts = _alternatives(draft, figure)
        if not all(text.strip() for text in texts):
            yield f"figure {figure.name}", "it has no alternative text."
        if any(len(text) > LONGEST_ALTERNATIVE for text in texts):
            yield (
                f"figure {figure.name}",
                f"its alternative text has over {LONGEST_ALTERNATIVE} characters.",
            )


def _alternatives(draft: Draft, figure: Figure) -> list[str]:
    return [
        element.attributes.get("alt", "")
        for element in _pictures(draft)
        if element.tag == "img"
        and _svg_of(figure.name, element.attributes.get("src", "").partition("#")[0])
    ]


def _pictures(draft: Draft) -> Iterator[Element]:
    """What figures are shown with; an image of an author's own is no figure."""
    for element in draft.elements:
        if element.tag == "picture":
            yield from element.walk()


def _tableless(draft: Draft) -> Iterator[Hit]:
    for figure in draft.post.figures:
        shown = _alternatives(draft, figure)
        if shown and draft.reader.body(f"{figure.name}-data") is None:
            yield f"figure {figure.name}", "it has no table of its numbers."


def _numbers_differ(draft: Draft) -> Iterator[Hit]:
    for figure in draft.post.figures:
        for message in _of_figure(draft, figure):
            yield f"figure {figure.name}", message
    for table in draft.post.tables:
        for message in _of_table(draft, table):
            yield f"table {table.name}", message
    shown = dict(draft.post.prose)
    for number in sorted(shown.keys() | draft.owed_prose.keys()):
        if shown.get(number) != draft.owed_prose.get(number):
            message = "it is not what the notebook that was run gives with result.json."
            yield f"cell {number}", message


def _of_figure(draft: Draft, figure: Figure) -> Iterator[str]:
    if draft.result.get("figures", {}).get(figure.name) != to_plain(figure):
        yield "result.json holds other numbers."
    if draft.reader.body(f"{figure.name}-data") not in (
        None,
        figure_table(figure).rows,
    ):
        yield "its table in the page holds other numbers."
    if not _same_lines(draft, figure.name, figure_csv(figure)):
        yield "its CSV file holds other numbers."
    owed = " ".join(alternative_text(bound_figure(figure, draft.names)).split())
    texts = [text for text in _alternatives(draft, figure) if text.strip()]
    if any(text != owed for text in texts if len(text) <= LONGEST_ALTERNATIVE):
        yield "its alternative text is not the one its numbers give."


def _of_table(draft: Draft, table: Table) -> Iterator[str]:
    if draft.result.get("tables", {}).get(table.name) != to_plain(table):
        yield "result.json holds other numbers."
    if draft.reader.body(table.name) not in (None, exhibit_table(table).rows):
        yield "its rows in the page hold other numbers."
    if not _same_lines(draft, table.name, table_csv(table)):
        yield "its CSV file holds other numbers."


def _same_lines(draft: Draft, name: str, owed: str) -> bool:
    """Whether the CSV file beside the post has these rows, whatever its heading."""
    given = draft.post.assets.get(f"{name}.csv", b"").decode()
    return given.splitlines()[1:] == owed.splitlines()[1:]


def _small(draft: Draft) -> Iterator[Hit]:
    post = draft.post
    cells = small_cells(
        evidence=post.evidence,
        figures=post.figures,
        tables=post.tables,
        minimum=post.minimum_units,
    )
    for cell in cells:
        fewest = f"{post.minimum_units} distinct {plural(cell.unit)}"
        yield f"{cell.exhibit}, {cell.cell}", f"it rests on fewer than {fewest}."


def _svg_of(figure: str, file: str) -> bool:
    return file.startswith(f"{figure}.") and file.endswith(".svg")


RULES = (
    Rule(
        "figure-missing",
        "A page without the figure its text speaks of is worse than no page.",
        "Let wb.figure or wb.exhibit be shown: do not clear or capture its output.",
        _lost,
    ),
    Rule(
        "figure-without-text",
        "Readers who do not see the figure are told what it shows.",
        "Give the figure a title and data; the engine writes the text from them.",
        _wordless,
    ),
    Rule(
        "figure-without-table",
        "Readers recompute numbers, and no one can read them off a line.",
        "Render the post again; the engine writes the table.",
        _tableless,
    ),
    Rule(
        "numbers-differ",
        "Words, figure, table, CSV file and result.json are one set of numbers.",
        "Run the study again; do not edit what a run left behind.",
        _numbers_differ,
    ),
    Rule(
        "small-cell",
        "A cell of few customers tells something about each of them.",
        "Merge cells, or leave the exhibit out; the minimum is in the contract.",
        _small,
    ),
)
