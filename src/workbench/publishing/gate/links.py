"""The rule about links: each leads to a page, a file or a heading that is there."""

import re
import unicodedata
from collections.abc import Iterator

from workbench.core.registration import BASE_VARIANT
from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.reading import Reader
from workbench.publishing.gate.rule import Hit, Rule
from workbench.takeaways.binding import without_code

SCRIPTED = re.compile(
    r"^\s*(?:javascript|vbscript|data\s*:\s*text/html)", re.IGNORECASE
)
_SCHEMES = ("http:", "https:", "mailto:", "doi:")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_OWN_ID = re.compile(r"\{:?[^{}]*#([\w-]+)[^{}]*\}")
_MARKS = re.compile(r"[*`]|<[^>]+>|\]\([^)]*\)|\[")


def anchors(markdown: str) -> frozenset[str]:
    """What a link into a page may name after `#`."""
    text = without_code(markdown)
    elements = Reader.of(text).elements
    ids = {each.attributes["id"] for each in elements if "id" in each.attributes}
    ids |= set(_OWN_ID.findall(text))
    titles = (_MARKS.sub("", _OWN_ID.sub("", t)) for t in _HEADING.findall(text))
    return frozenset(ids | {_slug(title) for title in titles})


def _slug(title: str) -> str:
    """The id that Python-Markdown's `toc` extension gives a heading."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^\w\s-]", "", ascii_only).strip().lower()
    return re.sub(r"[-\s]+", "-", words)


def _broken(draft: Draft) -> Iterator[Hit]:
    own = anchors(draft.page)
    for target in draft.links:
        if target.startswith(_SCHEMES) or SCRIPTED.match(target):
            continue
        path, _, anchor = target.partition("#")
        there = _leads_somewhere(draft, path, anchor) if path else anchor in own
        if not there:
            yield "post", f"the link to {target!r} leads nowhere."


def _leads_somewhere(draft: Draft, path: str, anchor: str) -> bool:
    """Whether it is a file beside the post, or a page of the site and its anchor."""
    if path in draft.post.assets:
        return True
    page = _page_of(draft, path)
    return page in draft.pages and (not anchor or anchor in draft.pages[page])


def _page_of(draft: Draft, path: str) -> str:
    """The page that a relative path leads to, as MkDocs reads it; or an empty text."""
    parts = ["posts", draft.post.study]
    if draft.post.variant not in (BASE_VARIANT, None):
        parts.append(str(draft.post.variant))
    for part in path.split("/"):
        if part == ".." and not parts:
            return ""
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


RULES = (
    Rule(
        "link-broken",
        "A link that leads nowhere costs the reader's trust, and stops the whole site.",
        "Correct the link; a page of this site is named by its file, as in "
        "../../method.md.",
        _broken,
    ),
)
