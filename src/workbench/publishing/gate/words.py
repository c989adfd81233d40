"""The author's words, each with its place: what rules about text look at."""

from collections.abc import Iterator

from workbench.core.posts import Post
from workbench.publishing.gate.draft import Draft, source_of

Words = Iterator[tuple[str, str]]  # place and text


def prose_written(draft: Draft) -> Words:
    """The Markdown cells as their author wrote them, numbers not yet bound."""
    for number, cell in enumerate(draft.run_cells, start=1):
        if cell["cell_type"] == "markdown":
            yield f"cell {number}", source_of(cell)


def prose_shown(draft: Draft) -> Words:
    """The Markdown cells as they stand in the page, numbers bound."""
    for number, text in draft.post.prose:
        yield f"cell {number}", text


def fixed(draft: Draft) -> Words:
    """Words of the registration, in which nothing is bound."""
    post = draft.post
    yield "title", post.title
    yield "question", post.question
    for tag in post.tags:
        yield "tags", tag


def templates(draft: Draft) -> Words:
    """All other words, numbers not yet bound."""
    yield from _of_exhibits(draft.post)
    for each in draft.post.evidence:
        for text in (each.measure, each.occurrence):
            yield f"evidence {each.name}", text
    for number, takeaway in enumerate(draft.post.takeaways, start=1):
        for case, words in takeaway.when.items():
            for part, text in words.items():
                yield f"takeaway {number}, {case}: {part}", text


def _of_exhibits(post: Post) -> Words:
    for figure in post.figures:
        for text in (figure.title, figure.x_label, figure.y_label, figure.finding):
            yield f"figure {figure.name}", text
    for table in post.tables:
        for text in (table.title, table.row_label, *(c.label for c in table.columns)):
            yield f"table {table.name}", text
