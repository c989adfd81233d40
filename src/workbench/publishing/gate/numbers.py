"""Rules about numbers in words: each is bound to evidence or marked as a constant."""

import re
from collections.abc import Iterator
from typing import cast

from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.rule import Hit, Rule
from workbench.takeaways.binding import loose_numbers, unresolved


def _prose(draft: Draft) -> Iterator[Hit]:
    """Place and text of the author's Markdown cells, numbers bound."""
    for number, text in draft.post.prose:
        yield f"cell {number}", text


def _templates(draft: Draft) -> Iterator[Hit]:
    """Place and text of an author's other words, numbers not yet bound."""
    post = draft.post
    yield "title", post.title
    yield "question", post.question
    for figure in post.figures:
        for text in (figure.title, figure.x_label, figure.y_label, figure.finding):
            yield f"figure {figure.name}", text
    for table in post.tables:
        for text in (table.title, table.row_label, *(c.label for c in table.columns)):
            yield f"table {table.name}", text
    for number, takeaway in enumerate(post.takeaways, start=1):
        for case, words in takeaway.when.items():
            for part, text in words.items():
                yield f"takeaway {number}, {case}: {part}", text


def _unbound(draft: Draft) -> Iterator[Hit]:
    for place, text in (*_templates(draft), *_prose(draft)):
        for number in loose_numbers(text):
            yield place, f"the number {number!r} was typed, not bound."


def _unknown(draft: Draft) -> Iterator[Hit]:
    parameters = cast("dict[str, object]", draft.result.get("parameters", {}))
    known = {each.name for each in draft.post.evidence}
    known |= {"as_of", "constant", *draft.post.aliases, *parameters}
    for place, text in _prose(draft):
        for written in unresolved(text):
            yield place, f"{written} names nothing that this study measured."
    for place, text in _templates(draft):
        for written in unresolved(text):
            if re.split(r"[.\[:}]", written[1:])[0] not in known:
                yield place, f"{written} names nothing that this study measured."


RULES = (
    Rule(
        "number-unbound",
        "A typed number stays when the data move on, and nobody can recompute it.",
        "Bind it, as in {gap.estimate:+.1%}, or mark a constant: {constant:10}.",
        _unbound,
    ),
    Rule(
        "number-unknown",
        "A name that the study never measured would be printed as it stands.",
        "Correct the name, or measure it with wb.evidence or wb.count.",
        _unknown,
    ),
)
