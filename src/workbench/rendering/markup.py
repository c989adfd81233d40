"""Text from data stays text: nothing in it is read as Markdown, HTML or a template."""

import re
from collections.abc import Mapping

from workbench.core.markup import inert
from workbench.takeaways.binding import Name, bind_markdown

_NUMBER = re.compile(r"(<data value=\"[^\"<>]*\">[^<>]*</data>)")


def inert_bound(template: str, names: Mapping[str, Name]) -> str:
    """An author's plain text with its numbers in place, each marked with its source."""
    parts = _NUMBER.split(bind_markdown(template, names).text)
    return "".join(
        part if place % 2 else _inert_between(part) for place, part in enumerate(parts)
    )


def _inert_between(text: str) -> str:
    """`inert`, but keeping the space that parts the text from a number beside it."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{inert(text)}{after}"
