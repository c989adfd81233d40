"""The rule about links: each leads to a page, a file or a heading that is there."""

import re
from collections.abc import Iterator
from functools import lru_cache

from workbench.core.registration import BASE_VARIANT
from workbench.publishing.gate.draft import Draft, without_front_matter
from workbench.publishing.gate.reading import Reader
from workbench.publishing.gate.rule import Hit, Rule
from workbench.website.converting import Converter

_SCRIPTED = re.compile(r"(?:javascript|vbscript|data:text/html)", re.IGNORECASE)
_SCHEMES = ("http:", "https:", "mailto:", "doi:")
_UNSEEN = re.compile(r"[\x00-\x20]+")  # a browser reads over these in an address


@lru_cache(maxsize=256)
def anchors(markdown: str, site: Converter) -> frozenset[str]:
    """What a link into a page may name after `#`."""
    return _ids(Reader.of(site.html(without_front_matter(markdown))))


def is_scripted(target: str) -> bool:
    """Whether following a link would run code."""
    return bool(_SCRIPTED.match(_UNSEEN.sub("", target)))


def _ids(reader: Reader) -> frozenset[str]:
    return frozenset(
        element.attributes["id"]
        for element in reader.elements
        if "id" in element.attributes
    )


def _broken(draft: Draft) -> Iterator[Hit]:
    own = _ids(draft.reader)
    for target in draft.links:
        if target.startswith(_SCHEMES) or is_scripted(target):
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
