"""What the warehouse tells about data: counts and dates, never a customer's value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.contracts.breaches import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one source file.

    Attributes:
        source: The file, relative to the root.
        outcome: `new`; `same` content as before; `extended` by later rows only;
            `revised`, where the past of the file changed; `absent`: known from before
            and no longer there, kept as it was.
        rows: Rows taken from it.
        duplicates: Rows left out because an equal row has the same key.
        later: Rows kept and never read, because one of the same key arrived earlier.
        dropped_columns: Columns of the file that the contract does not list.
        revised: Months of arrival whose past changed, such as `1997-03`.
    """

    source: str
    outcome: Literal["new", "same", "extended", "revised", "absent"]
    rows: int
    duplicates: int = 0
    later: int = 0
    dropped_columns: int = 0
    revised: tuple[str, ...] = ()

    def as_line(self) -> str:
        """The same in words."""
        notes = [counted(self.rows, "row")]
        if self.duplicates:
            notes.append(f"{self.duplicates:,} delivered twice")
        if self.later:
            notes.append(f"{counted(self.later, 'row')} of a known key left unread")
        if self.dropped_columns:
            left_out = counted(self.dropped_columns, "column")
            notes.append(f"{left_out} not in the contract left out")
        if self.revised:
            notes.append(f"past changed in {', '.join(self.revised)}")
        return f"{self.source}: {self.outcome}, {', '.join(notes)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What became of one delivery.

    Attributes:
        dataset: Name of the dataset.
        sequence: Number of the manifest entry made; None when nothing changed.
        files: Each source file.
        watermark: By then everything is known; the default as-of.
    """

    dataset: str
    sequence: int | None
    files: tuple[FileReport, ...]
    watermark: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSummary:
    """One dataset as the manifest knows it.

    Attributes:
        dataset: Name of the dataset.
        entries: Deliveries recorded.
        files: Source files known.
        rows: Rows in them.
        first_event: Earliest event; None when there are no rows.
        last_event: Latest event.
        last_arrival: Latest arrival.
        head: Hash of the newest entry.
    """

    dataset: str
    entries: int
    files: int
    rows: int
    first_event: datetime | None
    last_event: datetime | None
    last_arrival: datetime | None
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """One column, described so coarsely that it tells of nobody.

    Attributes:
        name: Name of the column.
        type: Logical type.
        identity: Identity class of the contract.
        empty: How many values are empty, in words.
        distinct: How many different values, in words.
        lowest: First month of a date, `1997-01`; None where it might tell of somebody.
        highest: Last month of a date; None where it might tell of somebody.
    """

    name: str
    type: str
    identity: str
    empty: str
    distinct: str
    lowest: str | None
    highest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One dataset for its owner, on the terminal.

    Attributes:
        dataset: Name of the dataset.
        rows: How many rows, in words.
        units: How many different units, in words.
        columns: Each column of the contract.
    """

    dataset: str
    rows: str
    units: str
    columns: tuple[ColumnProfile, ...]
