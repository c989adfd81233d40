"""Rules about numbers in words: each is bound to evidence or marked as a constant."""

import re
from collections.abc import Iterator

from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.rule import Hit, Rule
from workbench.publishing.gate.words import (
    fixed,
    notes_shown,
    prose_shown,
    prose_written,
    templates,
)
from workbench.takeaways.binding import (
    NOT_WORDS,
    bind_text,
    loose_numbers,
    unresolved,
)

# A width or a fill could write digits of its own: `{gap.n:9>8}`.
# Volume and issue, and pages: `24(2), 275-284`.
_VOLUME = re.compile(
    r"\b\d{1,4}\(\d{1,4}\)(?:[,:]\s*(?:pp?\.\s?)?\d+[-\u2013]\d+)?"
    r"|\b(?:[Vv]ol|[Nn]o|[Pp]p?)\.\s?\d+(?:[-\u2013]\d+)?"
)
_PLAIN_FORMAT = re.compile(r"[+-]?[,_]?(?:\.\d{1,2})?(?:pp|[%defg])?")


def _unbound(draft: Draft) -> Iterator[Hit]:
    notes = notes_shown(draft)
    for place, text in (*fixed(draft), *templates(draft), *prose_shown(draft)):
        cited = _VOLUME.sub(NOT_WORDS, text) if text in notes else text
        for number in loose_numbers(cited):
            yield place, f"the number {number!r} was typed, not bound."
    yield from _begun_by_lists(draft)
    yield from _written_by_formats(draft)


def _begun_by_lists(draft: Draft) -> Iterator[Hit]:
    """`47. percent of them came` is a list, and `47.` is not what readers see."""
    for region in draft.authored.regions:
        for element in region.elements:
            if start := element.attributes.get("start", ""):
                message = f"a list begins with {start!r} here; begin it with 1, or "
                yield region.place, f"{message}keep the number off the line's start."


def _written_by_formats(draft: Draft) -> Iterator[Hit]:
    for place, text in (*templates(draft), *prose_written(draft)):
        for written in unresolved(text):
            name, _, spec = written[1:-1].partition(":")
            if name != "constant" and not _PLAIN_FORMAT.fullmatch(spec):
                yield place, f"the format of {written} could write digits of its own."
    for place, spec in _formats(draft):
        if not _PLAIN_FORMAT.fullmatch(spec):
            yield place, f"the format {spec!r} could write digits of its own."


def _formats(draft: Draft) -> Iterator[tuple[str, str]]:
    for figure in draft.post.figures:
        yield f"figure {figure.name}", figure.y_format
    for table in draft.post.tables:
        for column in table.columns:
            yield f"table {table.name}", column.format


def _unknown(draft: Draft) -> Iterator[Hit]:
    for place, text in fixed(draft):
        for written in unresolved(text):
            yield place, f"{written} stands in words where nothing is bound."
    for place, text in prose_shown(draft):
        for written in unresolved(text):
            yield place, f"{written} names nothing that this study measured."
    for place, text in templates(draft):
        for problem in bind_text(text, draft.names).unknown:
            yield place, problem


RULES = (
    Rule(
        "number-unbound",
        "A typed number stays when the data move on, and nobody can recompute it.",
        "Bind it, as in {gap.estimate:+.1%}, or mark a constant: {constant:10}. "
        "A year stands after a word that says so, as in 1997, or in brackets.",
        _unbound,
    ),
    Rule(
        "number-unknown",
        "A name that the study never measured would be printed as it stands.",
        "Correct the name, or measure it with wb.evidence or wb.count; write a title "
        "without numbers.",
        _unknown,
    ),
)
