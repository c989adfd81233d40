"""A post as a value: the page, its files and what the gate needs to know of it.

And an edition of one: a post that was published once, with the address it keeps. What
was taken down keeps its address, too, where a tombstone says so.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.core.clock import show_instant
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDown:
    """One edition that a withdrawal takes down, and the run that it shows."""

    variant: str
    edition: str
    as_of: datetime
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A post, or one edition of it, that its authors took down.

    Attributes:
        at: When.
        why: Why, in their words; readers see it.
        seal: Terms on which the study stood; on these it is not published again.
        whole: Whether the post is down, and not an earlier edition alone.
        editions: What is taken down.
    """

    at: datetime
    why: str
    seal: str
    whole: bool
    editions: tuple[TakenDown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A post as it was published once.

    Attributes:
        edition: Its id.
        as_of: Date of its data.
        address: Name of its folder below the post's own, for good.
        files: SHA-256 of each file at that address, by name; empty until it is frozen,
            which is when it is first released.
        folder: Where they are kept; None until then.
        withdrawn: That it was taken down; its address shows a tombstone then.
    """

    edition: str
    as_of: datetime
    address: str
    files: Mapping[str, str]
    folder: Path | None
    withdrawn: Withdrawal | None = None

    @property
    def is_frozen(self) -> bool:
        """Whether its page is what it will always be."""
        return self.folder is not None

    def kept(self, name: str) -> Path:
        """Where one of its files is kept."""
        assert self.folder is not None  # noqa: S101 - only a frozen one has files
        page = self.folder / "frozen.html"
        return page if name == FROZEN_PAGE else self.folder / "assets" / name


@dataclass(frozen=True, slots=True, kw_only=True)
class Editions:
    """All editions of one post.

    Attributes:
        published: In the order of their publication, the current one among them.
        current: The one that the post shows; None when the post serves no longer.
        tombstone: What stands at the post's address once it was taken down.
    """

    published: tuple[Edition, ...]
    current: Edition | None
    tombstone: "Tombstone | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A post that was taken down, and how."""

    post: Post
    withdrawal: Withdrawal


FROZEN_PAGE = "index.html"


def address_for(as_of: datetime, taken: Collection[str]) -> str:
    """A new edition's address: the date of its data, numbered from the second on.

    `2024-03-01`, then `2024-03-01.2`; with a time of day `2024-03-01T083000Z`. No
    variant may be called a date, and no file of a post is.
    """
    date = show_instant(as_of).replace(":", "")
    address, number = date, 1
    while address in taken:
        number += 1
        address = f"{date}.{number}"
    return address
