"""Rules about figures and tables: in the page, with words and numbers, large enough."""

from collections.abc import Iterator

from workbench.core.records import to_plain
from workbench.disclosure import small_cells
from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.rule import Hit, Rule

LONGEST_ALTERNATIVE = 250


def _lost(draft: Draft) -> Iterator[Hit]:
    for figure in draft.post.figures:
        files = [name for name in draft.post.assets if _svg_of(figure.name, name)]
        if not files or not all(name in draft.page for name in files):
            yield f"figure {figure.name}", "it was made but is not in the page."
    for table in draft.post.tables:
        if f'id="{table.name}"' not in draft.page:
            yield f"table {table.name}", "it was made but is not in the page."


def _wordless(draft: Draft) -> Iterator[Hit]:
    for figure in draft.post.figures:
        texts = [
            element.attributes.get("alt", "").strip()
            for element in draft.elements
            if element.tag == "img"
            and _svg_of(figure.name, element.attributes.get("src", ""))
        ]
        if texts and not all(texts):
            yield f"figure {figure.name}", "it has no alternative text."
        if any(len(text) > LONGEST_ALTERNATIVE for text in texts):
            yield (
                f"figure {figure.name}",
                f"its alternative text has over {LONGEST_ALTERNATIVE} characters.",
            )


def _tableless(draft: Draft) -> Iterator[Hit]:
    for figure in draft.post.figures:
        if f'id="{figure.name}-data"' not in draft.page:
            yield f"figure {figure.name}", "it has no table of its numbers."


def _numbers_differ(draft: Draft) -> Iterator[Hit]:
    for kind, exhibits in (
        ("figures", draft.post.figures),
        ("tables", draft.post.tables),
    ):
        published = draft.result.get(kind, {})
        for exhibit in exhibits:
            if published.get(exhibit.name) != to_plain(exhibit):  # type: ignore[attr-defined]
                yield f"{kind[:-1]} {exhibit.name}", "result.json holds other numbers."


def _small(draft: Draft) -> Iterator[Hit]:
    post = draft.post
    cells = small_cells(
        evidence=post.evidence,
        figures=post.figures,
        tables=post.tables,
        minimum=post.minimum_units,
    )
    for cell in cells:
        yield (
            f"{cell.exhibit}, {cell.cell}",
            f"it rests on fewer than {post.minimum_units} distinct customers.",
        )


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
        "The figure, its table and result.json are one set of numbers.",
        "Render the post again; do not edit rendered files.",
        _numbers_differ,
    ),
    Rule(
        "small-cell",
        "A cell of few customers tells something about each of them.",
        "Merge cells, or leave the exhibit out; the minimum is in the contract.",
        _small,
    ),
)
