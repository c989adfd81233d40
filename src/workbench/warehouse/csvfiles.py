"""A CSV file as it is: names in the first line, then rows of as many cells.

DuckDB would guess where the names stand, and pass over lines that do not fit. So the
names are read here, and it is told the rest; nothing of a file is passed over.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.warehouse.engine import literal

_Record = list[str]


class NotCsv(Exception):  # noqa: N818 - the name is the sentence
    """The text is no CSV with names in its first line."""


@contextmanager
def _records(path: Path, delimiter: str) -> Iterator[Iterator[_Record]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield csv.reader(file, delimiter=delimiter, strict=True)


def header_of(path: Path, delimiter: str) -> tuple[str, ...]:
    """The names in the first line.

    Raises:
        NotCsv: There are none.
    """
    try:
        with _records(path, delimiter) as records:
            header = next(records, [])
    except (csv.Error, UnicodeError):
        header = []
    if not header:
        raise NotCsv
    return tuple(header)


def scan_csv(path: Path, delimiter: str, cells: int) -> str:
    """The table function that reads the rows as texts `h0`, `h1`, ...; it may fail."""
    columns = ", ".join(f"'h{i}': 'VARCHAR'" for i in range(cells))
    return (
        f"read_csv({literal(str(path))}, auto_detect = false, header = true, skip = 0, "
        f"columns = {{{columns}}}, delim = {literal(delimiter)}, quote = '\"', "
        f"escape = '\"', comment = '', strict_mode = true, null_padding = false)"
    )


def mend(path: Path, delimiter: str, cells: int, copy: Path) -> list[int]:
    """Write a copy that can be read, so that one broken row hides no other mistake.

    A stray quote ends the copy: what follows cannot be told apart. Empty lines are no
    rows.

    Returns:
        Numbers of the rows that have not so many cells, counted from 1 below the names;
        they hold nothing in the copy. Empty where the trouble is another, such as the
        encoding.
    """
    found: list[int] = []
    number = 0
    nothing = ["-", *[""] * (cells - 1)]  # not empty, or it would be no row
    with copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        try:
            with _records(path, delimiter) as records:
                writer.writerow(next(records, []))
                for record in filter(None, records):
                    number += 1
                    sound = len(record) == cells
                    found += [] if sound else [number]
                    writer.writerow(record if sound else nothing)
        except csv.Error:
            found.append(number + 1)
        except UnicodeError:
            return []
    return found
