"""Text from data stays text: nothing in it is read as Markdown, HTML or a template."""

import re
from collections.abc import Mapping

from workbench.core.takeaway import Verdict
from workbench.takeaways.binding import Name, bind_markdown

_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_OPENERS = "`*_{[#|\\~^$"  # what begins something in Markdown or in a template
_CONTROLS = {chr(code): "\ufffd" for code in (*range(32), 127)}
_INERT = str.maketrans(
    _CONTROLS | _NAMED | {mark: f"&#{ord(mark)};" for mark in _OPENERS}
)
_IN_ATTRIBUTE = str.maketrans(_NAMED)
_NUMBER = re.compile(r"(<data value=\"[^\"<>]*\">[^<>]*</data>)")


def inert(text: str) -> str:
    """A text in one line that neither Markdown nor HTML nor a template reads as more.

    Marks that begin something are written as character references, which readers see
    as the marks they are; this also disarms `{{`, `{%`, `--8<--` and `[[`.
    """
    return " ".join(text.split()).translate(_INERT)


def for_front_matter(text: str) -> str:
    """A text that themes put into HTML, attributes included, without escaping it."""
    return " ".join(text.split()).translate(_IN_ATTRIBUTE)


def inert_bound(template: str, names: Mapping[str, Name]) -> str:
    """An author's plain text with its numbers in place, each marked with its source."""
    parts = _NUMBER.split(bind_markdown(template, names).text)
    return "".join(
        part if place % 2 else _inert_between(part) for place, part in enumerate(parts)
    )


def badge(verdict: Verdict) -> str:
    """A verdict as every page shows it; the three differ in words, shape and colour."""
    slug = verdict.value.replace(" ", "-")
    words = verdict.value.capitalize()
    return f'<span class="verdict verdict--{slug}">{words}</span>'


def _inert_between(text: str) -> str:
    """`inert`, but keeping the space that parts the text from a number beside it."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{inert(text)}{after}"
