"""Which parts of an executed notebook reach the page, and which are left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.rendering.prose import place_headings
from workbench.rendering.said import Said
from workbench.takeaways.binding import Mark, Name, bind_markdown, mark_number

OUR_TYPE = "application/vnd.workbench+json"
INJECTED = "injected-parameters"
_STRAY_NAMES = (
    ("application/vnd.plotly.v1+json", "plotly"),
    ("application/vnd.jupyter.widget-view+json", "widget"),
    ("application/javascript", "javascript"),
    ("text/html", "html"),
    ("text/markdown", "markdown"),
    ("image/", "image"),
    ("text/plain", "text"),
)

Notebook = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One exhibit where it was displayed."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a notebook.

    Attributes:
        parts: Prose (text, numbers bound) and exhibits, in order.
        prose: The prose again, with the number of its cell, from 1 over all cells.
        strays: What was left out, as `cell 3: stream`.
    """

    parts: tuple[str | Shown, ...]
    prose: tuple[tuple[int, str], ...]
    strays: tuple[str, ...]


def keep(notebook: Notebook, said: Said, names: Mapping[str, Name], title: str) -> Kept:
    """Prose and our own exhibits; everything else is a stray.

    Cells are numbered as in the source: the cell papermill adds is not counted. An
    exhibit shown twice stands where it was shown first.
    """
    prose = bound_prose(notebook, names, title)
    cells = _numbered(notebook)
    known = _known(said)
    parts: list[str | Shown] = []
    strays: list[str] = []
    for number, cell in cells:
        if number in prose:
            parts.append(prose[number])
            continue
        for output in _outputs(cell):
            shown = output if isinstance(output, Shown) else None
            if shown is None or shown not in known:
                strays.append(f"cell {number}: {shown.kind if shown else output}")
            elif shown.kind == "evidence" or shown not in parts:
                parts.append(shown)
    return Kept(tuple(parts), tuple(prose.items()), tuple(strays))


def bound_prose(
    notebook: Notebook,
    names: Mapping[str, Name],
    title: str,
    mark: Mark = mark_number,
) -> dict[int, str]:
    """The Markdown cells as they stand in the page, by number.

    Args:
        notebook: Executed or not.
        names: What the author's words may name.
        title: Title of the post.
        mark: How a bound number is written.
    """
    numbered = [
        (n, cell["source"]) for n, cell in _numbered(notebook) if _is(cell, "markdown")
    ]
    placed = place_headings([source for _, source in numbered], title)
    return {
        number: bind_markdown(text, names, mark).text.strip()
        for (number, _), text in zip(numbered, placed, strict=True)
        if text.strip()
    }


def _numbered(notebook: Notebook) -> list[tuple[int, dict[str, Any]]]:
    own = [
        {**cell, "source": "".join(cell.get("source", ""))}
        for cell in notebook["cells"]
        if INJECTED not in cell.get("metadata", {}).get("tags", ())
    ]
    return list(enumerate(own, start=1))


def _known(said: Said) -> set[Shown]:
    return {
        *(Shown("evidence", each.name) for each in said.evidence),
        *(Shown("figure", each.name) for each in said.figures),
        *(Shown("table", each.name) for each in said.tables),
        *(Shown("takeaway", str(i)) for i in range(1, len(said.takeaways) + 1)),
    }


def _outputs(cell: Mapping[str, Any]) -> Iterator[Shown | str]:
    """Our exhibits, and names for everything else."""
    if _is(cell, "raw") and cell["source"].strip():
        yield "raw cell"
    for output in cell.get("outputs", ()):
        if output["output_type"] in ("stream", "error"):
            yield output["output_type"]
        else:
            yield _display(output.get("data", {}))


def _display(data: Mapping[str, Any]) -> Shown | str:
    ours = data.get(OUR_TYPE)
    if isinstance(ours, Mapping):
        return Shown(str(ours.get("kind")), str(ours.get("name")))
    return next(
        (name for kind, name in _STRAY_NAMES if any(t.startswith(kind) for t in data)),
        "unknown",
    )


def _is(cell: Mapping[str, Any], kind: str) -> bool:
    return bool(cell["cell_type"] == kind)
