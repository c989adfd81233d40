"""What was found broken in a delivery: counts and row numbers, never a value."""

from dataclasses import dataclass
from typing import Literal

from workbench.core.errors import Reason

BreachKind = Literal[
    "file-unreadable",
    "row-malformed",
    "column-missing",
    "type-wrong",
    "value-missing",
    "out-of-range",
    "length-wrong",
    "pattern-broken",
    "not-a-choice",
    "key-conflict",
    "rows-gone",
    "time-unusable",
    "too-late",
]

EXPLANATIONS: dict[BreachKind, str] = {
    "file-unreadable": "cannot be read in the contract's format, names first",
    "row-malformed": "more or fewer cells than there are names, or a stray quote",
    "column-missing": "the file has no such column, or two of that name",
    "type-wrong": "cannot be read as the type that the contract names",
    "value-missing": "empty, where the contract requires a value",
    "out-of-range": "outside the contract's minimum and maximum",
    "length-wrong": "shorter or longer than the contract allows",
    "pattern-broken": "not of the contract's pattern",
    "not-a-choice": "none of the contract's choices",
    "key-conflict": "the same key with different content, here or in another file, and "
    "no other arrival; its own file may correct a row",
    "rows-gone": "known from it before, and none is left; should that be meant, delete "
    "the dataset's folder in .workbench/data/manifests and add it anew",
    "time-unusable": "says that it arrives later than now",
    "too-late": "arrived longer after the event than the declared lateness",
}


def counted(number: int, noun: str) -> str:
    """`1 row` or `1,200 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One promise of a contract that one file did not keep.

    Attributes:
        kind: Which promise.
        source: The file, relative to the root.
        column: The column; empty when it is the file, or its key, as a whole.
        count: Rows that break it; 0 when it is not a matter of rows.
        rows: Numbers of the first of them, counted from 1 below any header.
    """

    kind: BreachKind
    source: str
    column: str
    count: int
    rows: tuple[int, ...]

    def as_reason(self, contract_file: str) -> Reason:
        """The breach in one sentence, with what to do next."""
        rows = ""
        if self.count:
            listed = ", ".join(str(row) for row in self.rows)
            more = ", ..." if self.count > len(self.rows) else ""
            noun = "row" if self.count == 1 else "rows"
            first = f" ({noun} {listed}{more})" if self.rows else ""
            rows = f"{counted(self.count, 'row')}{first}: "
        return Reason(
            code=self.kind,
            message=f"{rows}{EXPLANATIONS[self.kind]}. Mend the file or change "
            f"{contract_file}; nothing was taken in.",
            subject=self.source,
            place=f"column {self.column}" if self.column else "",
        )
