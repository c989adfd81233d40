"""The author's words, each with its place: what rules about text look at."""

import re
from collections.abc import Iterator

from workbench.core.posts import Post
from workbench.publishing.gate.authored import Authored
from workbench.publishing.gate.draft import Draft, source_of
from workbench.publishing.gate.reading import Element, Nodes
from workbench.takeaways.binding import NOT_WORDS

Words = Iterator[tuple[str, str]]  # place and text
_INLINE = ("a", "em", "strong", "code", "data", "sup", "span", "img", "br")
_BACK = re.compile(r"Jump back to footnote \d+ in the text")


def prose_written(draft: Draft) -> Words:
    """The Markdown cells as their author wrote them, numbers not yet bound."""
    for number, cell in enumerate(draft.run_cells, start=1):
        if cell["cell_type"] == "markdown":
            yield f"cell {number}", source_of(cell)


def prose_shown(draft: Draft) -> Words:
    """What readers see of the Markdown cells, block by block.

    `NOT_WORDS` stands for code, for bound numbers and for the marks of footnotes.
    """
    for region in draft.authored.regions:
        for text in passages(region.nodes, draft.authored):
            yield region.place, text


def notes_shown(draft: Draft) -> frozenset[str]:
    """The texts of `prose_shown` that stand in footnotes."""
    notes = [region for region in draft.authored.regions if region.is_note]
    return frozenset(
        text for note in notes for text in passages(note.nodes, draft.authored)
    )


def passages(nodes: Nodes, authored: Authored) -> list[str]:
    """The texts of a stretch of the page: of each block, and in tags."""
    texts = [""]
    aside: list[str] = []

    def add(node: Element | str) -> None:
        if isinstance(node, str):
            texts[-1] += node
            return
        aside.extend(_aside(node))
        if _is_read_otherwise(node, authored):
            texts[-1] += NOT_WORDS
            return
        if node.tag not in _INLINE:
            texts.append("")
        for child in node.children:
            add(child)
        if node.tag not in _INLINE:
            texts.append("")

    for node in nodes:
        add(node)
    return [text for text in (*texts, *aside) if text.strip()]


def _is_read_otherwise(node: Element, authored: Authored) -> bool:
    if node.tag in ("code", "pre") or authored.marks.is_bound(node):
        return True
    if node.tag == "a" and node.attributes.get("class") == "footnote-ref":
        note = node.attributes.get("href", "").removeprefix("#")
        return authored.notes.get(note) == node.text
    return False


def _aside(node: Element) -> Iterator[str]:
    """Words that are shown or read out though they stand in a tag."""
    for name in ("alt", "title"):
        text = node.attributes.get(name, "")
        is_back = node.attributes.get("class") == "footnote-backref"
        if not (is_back and _BACK.fullmatch(text)):
            yield text


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
