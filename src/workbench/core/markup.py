"""Texts and verdicts as HTML that Markdown and templates leave alone."""

import re

from workbench.core.takeaway import Verdict

# What a page says of itself before it begins, as MkDocs reads it.
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_OPENERS = "`*_{}[]#|\\~^=$@"  # what Markdown or a template may read as more
_CONTROLS = {chr(code): "\ufffd" for code in (*range(32), 127)}
_INERT = str.maketrans(
    _CONTROLS | _NAMED | {mark: f"&#{ord(mark)};" for mark in _OPENERS}
)
_IN_ATTRIBUTE = str.maketrans(_NAMED)


def inert(text: str) -> str:
    """A text in one line that neither Markdown nor HTML nor a template reads as more.

    Marks that begin something are written as character references, which readers see
    as the marks they are; this also disarms `{{`, `{%`, `--8<--` and `[[`.
    """
    return " ".join(text.split()).translate(_INERT)


def in_attribute(text: str) -> str:
    """A text that themes put into HTML, attributes included, without escaping it."""
    return " ".join(text.split()).translate(_IN_ATTRIBUTE)


def badge(verdict: Verdict) -> str:
    """A verdict as every page shows it; the three differ in words, shape and colour."""
    slug = verdict.value.replace(" ", "-")
    words = verdict.value.capitalize()
    return f'<span class="verdict verdict--{slug}">{words}</span>'
