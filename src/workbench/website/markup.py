"""One page of HTML or SVG, read for what it links to and what it must not hold."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from typing_extensions import override

_FETCHED: Mapping[str, tuple[str, ...]] = {
    "audio": ("src",),
    "embed": ("src",),
    "feimage": ("href", "xlink:href"),
    "frame": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "input": ("src",),
    "object": ("data",),
    "script": ("src", "href", "xlink:href"),
    "source": ("src", "srcset"),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
_UNFETCHED_RELATIONS = {"alternate", "author", "canonical", "license", "next", "prev"}
_ASKING = {"form", "input", "select", "textarea"}
_PRIVATE_INPUTS = {"email", "password", "tel"}
_GATE_WORDS = re.compile(
    r"\b(paywall|signup|sign-up|newsletter|subscribe|lead-?gate|gated|regwall)\b",
    re.IGNORECASE,
)
_TRACKING = re.compile(
    r"document\.cookie|cookieStore|sendBeacon|\bgtag\(|_paq\b|\bfbq\(|plausible\("
)
_CSS_OUTSIDE = re.compile(
    r"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s]+)""", re.IGNORECASE
)
_ARTICLE = "md-content__inner"
_UNSEEN = re.compile(r"[\x00-\x20]+")  # a browser reads over these in an address
_VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a page must not hold: line, code and what it is."""

    line: int
    code: str
    message: str


@dataclass(slots=True)
class Page:
    """What was read of one page.

    Attributes:
        anchors: Names that a link to this page may end in.
        links: Line and address of each link.
        resources: Line and address of each file that the page itself fetches.
        remarks: What it must not hold.
        canonical: Its canonical address; empty when it names none.
    """

    anchors: set[str] = field(default_factory=set)
    links: list[tuple[int, str]] = field(default_factory=list)
    resources: list[tuple[int, str]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    canonical: str = ""


def read_page(text: str, *, is_drawing: bool = False) -> Page:
    """Read one page.

    Args:
        text: HTML or SVG.
        is_drawing: It is SVG, all of it a post's own; in HTML only the article is.
    """
    reader = _Reader(is_drawing=is_drawing)
    reader.feed(text)
    reader.close()
    return reader.page


def read_article(text: str) -> Page:
    """Read what will stand in a page's article, before there is a page around it."""
    return read_page(f'<article class="{_ARTICLE}">\n{text}\n</article>')


def is_outside(address: str) -> bool:
    """Whether an address leaves the site: `https://...` and `//...` do."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme in {"http", "https", "ftp"}


def outside_in_css(text: str) -> list[str]:
    """Addresses beyond the site that a style sheet would fetch."""
    return _CSS_OUTSIDE.findall(text)


class TolerantParser(HTMLParser):
    """Python's parser, but what no parser can read is a comment, as in a browser."""

    @override
    def parse_marked_section(self, i: int, report: bool = True) -> int:
        return self.parse_bogus_comment(i)


class _Reader(TolerantParser):
    """Fills a `Page`; knows whether it stands in the article or in the theme."""

    def __init__(self, *, is_drawing: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._depth = 1 if is_drawing else 0
        self._raw = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._depth or (tag == "article" and _ARTICLE in given.get("class", "")):
            self._depth += tag not in _VOID
        self._raw = tag if tag in {"script", "style"} else ""
        if anchor := given.get("id") or (given.get("name") if tag == "a" else None):
            self.page.anchors.add(anchor)
        for rule in _RULES:
            rule(self, tag, given)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        self._raw = ""
        if self._depth and tag not in _VOID:
            self._depth -= 1

    @override
    def handle_data(self, data: str) -> None:
        if self._raw == "script" and (found := _TRACKING.search(data)):
            self.remark("tracker", f"a script on the page uses {found[0]}.")
        if self._raw == "style":
            self.style(data)

    @property
    def in_article(self) -> bool:
        return self._depth > 0

    def remark(self, code: str, message: str) -> None:
        self.page.remarks.append(Remark(self.getpos()[0], code, message))

    def style(self, text: str) -> None:
        for address in outside_in_css(text):
            self.remark("outside-resource", f"a style fetches {address}.")

    def fetch(self, tag: str, address: str) -> None:
        if is_outside(address):
            self.remark("outside-resource", f"<{tag}> fetches {address}.")
        elif not address.startswith(("data:", "#")):
            self.page.resources.append((self.getpos()[0], address))


def _links(reader: _Reader, tag: str, given: Attributes) -> None:
    address = _UNSEEN.sub("", given.get("href", ""))
    if tag not in {"a", "area"} or not address:
        return
    if address.lower().startswith(("javascript:", "data:", "vbscript:")):
        reader.remark("active-markup", f"a link runs {address.split(':')[0]}: code.")
    else:
        reader.page.links.append((reader.getpos()[0], address))
    if "ping" in given:
        reader.remark("tracker", "a link reports its click elsewhere (ping).")


def _resources(reader: _Reader, tag: str, given: Attributes) -> None:
    for name in _FETCHED.get(tag, ()):
        for part in given.get(name, "").split("," if name == "srcset" else None):
            if words := part.split():
                reader.fetch(tag, words[0])
    if "style" in given:
        reader.style(given["style"])


def _head(reader: _Reader, tag: str, given: Attributes) -> None:
    if tag == "link":
        relations = set(given.get("rel", "").lower().split())
        if "canonical" in relations:
            reader.page.canonical = given.get("href", "")
        elif not relations <= _UNFETCHED_RELATIONS:
            reader.fetch(tag, given.get("href", ""))
    if tag == "meta" and given.get("http-equiv", "").lower() == "set-cookie":
        reader.remark("tracker", "<meta> sets a cookie.")
    if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
        target = given.get("content", "").lower().partition("url=")[2]
        if is_outside(target):
            reader.remark("outside-resource", f"the page sends readers to {target}.")


def _scripts(reader: _Reader, tag: str, given: Attributes) -> None:
    if not reader.in_article:
        return
    if tag == "script" and not given.get("type", "").endswith("json"):
        reader.remark("active-markup", "the text of the page holds a script.")
    if "srcdoc" in given:
        reader.remark("active-markup", f"<{tag}> holds a page of its own (srcdoc).")
    for name in sorted(given):
        if name.startswith("on"):
            reader.remark("active-markup", f"<{tag}> runs code on an event ({name}).")


def _gates(reader: _Reader, tag: str, given: Attributes) -> None:
    themes_own = given.get("name") == "search" or (
        given.get("data-md-component") == "palette"
    )
    if reader.in_article and tag in _ASKING:
        reader.remark("lead-gate", f"the text of the page asks for input (<{tag}>).")
    elif tag == "form" and not themes_own:
        reader.remark("lead-gate", "the theme holds a form other than its search.")
    elif tag == "input" and given.get("type", "").lower() in _PRIVATE_INPUTS:
        reader.remark("lead-gate", f"the page asks for a reader's {given['type']}.")
    names = f"{given.get('class', '')} {given.get('id', '')}"
    # Headings carry ids made of their words; an honest heading may name a newsletter.
    is_heading = re.fullmatch(r"h[1-6]", tag)
    if reader.in_article and not is_heading and (found := _GATE_WORDS.search(names)):
        reader.remark("lead-gate", f"<{tag}> is marked as a gate ({found[0]}).")


_RULES: tuple[Callable[[_Reader, str, Attributes], None], ...] = (
    _links,
    _resources,
    _head,
    _scripts,
    _gates,
)
