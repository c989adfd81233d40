"""What the author's cells come to in the page, and which numbers in it were bound.

The page is converted once more with a marker before and after every cell and another in
every number that binding put in. They are made of the page's own hash, so that no text
can hold its own: what stands between them is the author's, and a `<data>` element that
has none was typed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from workbench.core.canonical import sha256_of_bytes
from workbench.publishing.gate.reading import Element, Nodes, Reader, below
from workbench.website.converting import Converter

_OPEN_END = (
    "a block that it begins does not end in it, such as HTML, a comment or a list that "
    "the next cell would go on with; end it, or leave it out."
)
_RUN_ON = (
    "Markdown reads its cells together otherwise than one by one, or moves a part of "
    "one elsewhere; begin and end each with a paragraph or a heading."
)
_NOTES_GO_HERE = "///Footnotes Go Here///"  # taken by the footnotes where there are any
Fault = tuple[str, str]  # place and message
_FLOWING = ("", "p", "li", "ul", "ol")  # a marker may stand between two of these


class Marks:
    """Markers for one page.

    Attributes:
        shown: How each bound number is shown, by its marker.
    """

    def __init__(self, page: str) -> None:
        self.word = f"w{sha256_of_bytes(page.encode())}"
        self.shown: dict[str, str] = {}

    def number(self, source: str, shown: str) -> str:
        """A bound number, marked as such."""
        key = f"{self.word}n{len(self.shown)}"
        self.shown[key] = shown
        return f'<data value="{escape(source)} {key}">{escape(shown)}</data>'

    def around(self, number: int, text: str) -> str:
        """A cell between its markers."""
        return f"{self.word}b{number}\n\n{text}\n\n{self.word}e{number}"

    def is_bound(self, element: Element) -> bool:
        """Whether binding alone put in this element and all that is in it."""
        key = element.attributes.get("value", "").rpartition(" ")[2]
        return element.tag == "data" and self.shown.get(key) == element.text


@dataclass(frozen=True)
class Region:
    """A stretch of the page that an author wrote."""

    place: str
    nodes: Nodes
    is_note: bool = False

    @property
    def elements(self) -> Iterator[Element]:
        """Every element of it."""
        return below(self.nodes)


@dataclass(frozen=True)
class Authored:
    """All that the author's cells come to.

    Attributes:
        regions: Cells and footnotes, in the order of the page.
        marks: Which numbers were bound.
        notes: The number under which each footnote is shown, by its id.
        faults: Cells whose end could not be found.
    """

    regions: tuple[Region, ...]
    marks: Marks
    notes: Mapping[str, str]
    faults: tuple[Fault, ...]


def read_authored(
    page: str, prose: Sequence[tuple[int, str, str]], marks: Marks, site: Converter
) -> Authored:
    """Tell the author's part of a page from the engine's.

    Args:
        page: The page's Markdown without front matter.
        prose: Number of each cell, its text as it stands in the page, and the same
            text with its bound numbers marked.
        marks: What the numbers were marked with.
        site: How the site reads Markdown.
    """
    numbers = [number for number, *_ in prose]
    marked, lost = _marked(page, prose, marks)
    root = Reader.of(site.html(marked, with_starts=True)).root
    regions, rest, faults = _cells(root, numbers, marks)
    notes = list(_notes(root, prose))
    if not faults:
        bare, _ = _marked(page, [(n, text, "") for n, text, _ in prose], marks)
        alone = Reader.of(site.html(bare.replace(_NOTES_GO_HERE, ""))).root
        whole = Reader.of(site.html(page)).root
        is_apart = _stream(rest, marks) == _stream(
            _cells(alone, numbers, marks)[1], marks
        )
        if not is_apart or _stream(root, marks) != _stream(whole, marks):
            faults = [("post", _RUN_ON)]
    return Authored(
        regions=(*regions, *(note for _, note in notes)),
        marks=marks,
        notes={name: f"{at}" for at, (name, _) in enumerate(notes, start=1)},
        faults=(*lost, *faults),
    )


def _marked(
    page: str, prose: Sequence[tuple[int, str, str]], marks: Marks
) -> tuple[str, list[Fault]]:
    pieces: list[str] = []
    lost: list[Fault] = []
    end = 0
    for number, text, marked in prose:
        at = page.find(f"\n\n{text}\n", end)
        if at < 0:
            lost.append((f"cell {number}", "its words are not in the page."))
            continue
        pieces += [page[end : at + 2], marks.around(number, marked)]
        end = at + 2 + len(text)
    return "".join((*pieces, page[end:])), lost


def _cells(
    root: Element, numbers: Sequence[int], marks: Marks
) -> tuple[list[Region], Element, list[Fault]]:
    """What stands between each cell's two markers at the top of the page; the rest."""
    at = {
        child.text: place
        for place, child in enumerate(root.children)
        if isinstance(child, Element) and child.tag == "p"
    }
    regions: list[Region] = []
    faults: list[Fault] = []
    rest: list[Element | str] = []
    end = 0
    for number in numbers:
        first, last = (at.get(f"{marks.word}{side}{number}") for side in "be")
        if first is None or last is None:
            faults.append((f"cell {number}", _OPEN_END))
        else:
            regions.append(Region(f"cell {number}", root.children[first + 1 : last]))
            rest += root.children[end:first]
            end = last
    rest += root.children[end:]
    engines = [each for each in rest if not _is_notes(each)]
    return regions, Element("", {}, engines), faults[:1]  # one hides later markers


def _is_notes(node: Element | str) -> bool:
    return isinstance(node, Element) and node.attributes.get("class") == "footnote"


def _notes(
    root: Element, prose: Sequence[tuple[int, str, str]]
) -> Iterator[tuple[str, Region]]:
    """The footnotes, wherever they stand, each with the cell that holds its text."""
    for block in root.walk():
        if not _is_notes(block):
            continue
        for each in block.walk():
            name = each.attributes.get("id", "")
            if each.tag == "li" and name.startswith("fn:"):
                written = f"[^{name.removeprefix('fn:')}]:"
                cells = [f"cell {n}" for n, text, _ in prose if written in text]
                place = (*cells, "post")[0]
                yield name, Region(place, [each], is_note=True)


def _stream(root: Element, marks: Marks) -> list[object]:
    """A page without its markers: elements and texts, however they are parted."""
    found: list[object] = [""]

    def add(node: Element | str) -> None:
        if isinstance(node, str):
            text = "".join(node.split())
            if isinstance(found[-1], str):
                found[-1] += text
            else:
                found.append(text)
        elif not (node.tag == "p" and node.text.startswith(marks.word)):
            if node.tag not in _FLOWING:
                found.append((node.tag, _unmarked(node, marks)))
            for child in node.children:
                add(child)

    add(root)
    return [each for each in found if each]


def _unmarked(node: Element, marks: Marks) -> dict[str, str]:
    return {
        name: value.rpartition(" ")[0] if marks.word in value else value
        for name, value in node.attributes.items()
    }
