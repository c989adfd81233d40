"""Addresses of a page that moves one folder down, so that they lead where they led."""

import re
from collections.abc import Set
from html import escape, unescape
from urllib.parse import unquote, urlsplit

from typing_extensions import override

from workbench.website.markup import TolerantParser

_ADDRESS = re.compile(
    r"""(?P<head>\s(?P<name>href|src|srcset|poster|data)\s*=\s*)"""
    r"""(?P<mark>["'])(?P<value>.*?)(?P=mark)""",
    re.IGNORECASE | re.DOTALL,
)


def one_folder_down(html: str, beside: Set[str]) -> str:
    """A piece of a page for a folder below the page's own; all else stays as it is.

    Args:
        html: The piece.
        beside: Names of the files that move with it.
    """
    reader = _StartTags(html)
    pieces, done = [], 0
    for start, tag in reader.found:
        pieces += [html[done:start], _moved_tag(tag, beside)]
        done = start + len(tag)
    return "".join([*pieces, html[done:]])


class _StartTags(TolerantParser):
    """Every start tag of a page as it is written, with its place."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._begins = [0]
        for line in html.split("\n"):
            self._begins.append(self._begins[-1] + len(line) + 1)
        self.feed(html)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, column = self.getpos()
        text = self.get_starttag_text() or ""
        self.found.append((self._begins[line - 1] + column, text))


def _moved_tag(tag: str, beside: Set[str]) -> str:
    def moved(match: re.Match[str]) -> str:
        value = unescape(match["value"])
        if match["name"].lower() == "srcset":
            new = ", ".join(_moved_source(part, beside) for part in value.split(","))
        else:
            new = _moved(value, beside)
        if new == value:
            return match[0]
        return f"{match['head']}{match['mark']}{escape(new)}{match['mark']}"

    return _ADDRESS.sub(moved, tag)


def _moved_source(part: str, beside: Set[str]) -> str:
    address, _, size = part.strip().partition(" ")
    return f"{_moved(address, beside)} {size}".strip()


def _moved(address: str, beside: Set[str]) -> str:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address.startswith("/"):
        return address
    if parts.path in ("", ".", "./") or unquote(parts.path) in beside:
        return address  # the page itself, or a file that moves with it
    return f"../{address}"
