"""A post as a value: the page, its files and what the gate needs to know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from workbench.core.evidence import Evidence
from workbench.core.exhibits import Figure, Table
from workbench.core.takeaway import Takeaway


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One rendered post; stored as a folder and published as one.

    Attributes:
        study: Name of the study.
        variant: Registered variant; None for an exploratory run.
        run_id: Run it was rendered from.
        as_of: Date of the data.
        title: Title.
        question: What was asked.
        authors: Names as printed.
        tags: Tags.
        registered: Whether the study was registered when it was rendered.
        reading_minutes: Minutes of reading, rounded up.
        markdown: The page, front matter included.
        prose: The author's Markdown cells as they stand in the page: number of the cell
            counted from 1 over all cells, and text, every bound number in a `<data>`
            element (see `workbench.takeaways.binding`).
        assets: Files beside the page by name: SVG, CSV, `result.json`, the notebook.
        evidence: Estimates and counts, in order.
        figures: Figures of the run, in order.
        tables: Tables of the run, in order.
        takeaways: Takeaways, in order.
        aliases: Notebook variables that name evidence.
        strays: Outputs of the notebook that are not ours and so were left out, as
            `cell 3: stream`.
        minimum_units: Fewest distinct units a cell may rest on.
    """

    study: str
    variant: str | None
    run_id: str
    as_of: datetime
    title: str
    question: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    registered: bool
    reading_minutes: int
    markdown: str
    prose: tuple[tuple[int, str], ...]
    assets: Mapping[str, bytes]
    evidence: tuple[Evidence, ...]
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    takeaways: tuple[Takeaway, ...]
    aliases: Mapping[str, str]
    strays: tuple[str, ...]
    minimum_units: int
