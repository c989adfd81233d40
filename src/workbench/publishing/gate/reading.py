"""A page's HTML as the gate reads it: elements, and the rows of its tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Self

from typing_extensions import override

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Element:
    """One start tag of the page's HTML."""

    tag: str
    attributes: Mapping[str, str]


class Reader(HTMLParser):
    """Reads a page once.

    Attributes:
        elements: Every start tag, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._in_cell = False

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a text to its end."""
        reader = cls()
        reader.feed(text)
        reader.close()
        return reader

    def body(self, table: str) -> Rows | None:
        """The texts of a table's body by the table's id; None where there is none."""
        rows = self._tables.get(table)
        return None if rows is None else tuple(map(tuple, rows))

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append(Element(tag, attributes))
        if tag == "table":
            self._rows = self._tables.setdefault(attributes.get("id", ""), [])
        elif tag == "tbody":
            self._rows.clear()  # what came before was the head
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append("")
            self._in_cell = True

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    @override
    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self._rows[-1][-1] += data
