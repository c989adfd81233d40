"""A page's HTML as the gate reads it: a tree of elements and texts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from typing_extensions import override

from workbench.website.markup import TolerantParser

Nodes = Sequence["Element | str"]
Rows = tuple[tuple[str, ...], ...]
_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr")


@dataclass
class Element:
    """One element of the page.

    What is no element stands among them under a name that none has: `!--` for a
    comment, `!` for a declaration, `/div` for an end that ends nothing.
    """

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        """This element and all below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(
            child.text if isinstance(child, Element) else child
            for child in self.children
        )


class Reader(TolerantParser):
    """Reads HTML once.

    Attributes:
        root: Holds what stands at the top of the page.
        elements: Every element, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.elements: list[Element] = []
        self._open = [self.root]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a text to its end."""
        reader = cls()
        reader.feed(text)
        reader.close()
        return reader

    def body(self, table: str) -> Rows | None:
        """The texts of a table's body by the table's id; None where there is none."""
        for each in self.elements:
            if each.tag == "table" and each.attributes.get("id") == table:
                return tuple(_rows(each))
        return None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, {name: value or "" for name, value in attrs})
        if not _VOID.fullmatch(tag):
            self._open.append(element)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # `<p/>` opens a paragraph, as in a browser

    @override
    def handle_endtag(self, tag: str) -> None:
        if self._open[-1].tag == tag:
            self._open.pop()
        else:
            self._add(f"/{tag}", {})

    @override
    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    @override
    def handle_comment(self, data: str) -> None:
        self._add("!--", {})

    @override
    def handle_decl(self, decl: str) -> None:
        self._add("!", {})

    @override
    def unknown_decl(self, data: str) -> None:
        self._add("!", {})

    @override
    def handle_pi(self, data: str) -> None:
        self._add("?", {})

    def _add(self, tag: str, attributes: Mapping[str, str]) -> Element:
        element = Element(tag, attributes)
        self._open[-1].children.append(element)
        self.elements.append(element)
        return element


def below(nodes: Nodes) -> Iterator[Element]:
    """All elements of a stretch of the page."""
    for each in nodes:
        if isinstance(each, Element):
            yield from each.walk()


def _rows(table: Element) -> Iterator[tuple[str, ...]]:
    for body in table.walk():
        if body.tag == "tbody":
            for row in body.walk():
                if row.tag == "tr":
                    cells = [cell for cell in row.walk() if cell.tag in ("td", "th")]
                    yield tuple(cell.text for cell in cells)
