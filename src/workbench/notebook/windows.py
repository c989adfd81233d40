"""When occurrences began: which are ripe, and which are fresh enough to settle a claim.

Which rows settle is decided by when they began and by nothing else, so that the number
of them cannot depend on how they came out.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.core.registration import Claim
from workbench.notebook.occurrences import as_instants
from workbench.notebook.reading import Reading

Starts = NDArray[np.datetime64]
MOST_STRETCHES = 24


@dataclass(frozen=True, slots=True)
class Fresh:
    """The occurrences that settle a claim, or how many there are so far.

    Attributes:
        rows: Which rows they are; none while they are too few.
        count: Ripe and fresh occurrences so far.
    """

    rows: NDArray[np.bool_]
    count: int


def starts_of(reading: Reading, column: str | None) -> Starts | None:
    """When each row began, in UTC; None where nothing says so.

    Args:
        reading: The frame.
        column: As the author names it; by default the column that tells occurrences
            apart, where that is a date.
    """
    if column is not None:
        return instants_of(reading, column, "began")
    found = reading.column(reading.occurrence) if reading.occurrence else None
    return None if found is None else _in_utc(found)


def instants_of(reading: Reading, column: str, code: str) -> Starts | None:
    """A column of dates, in UTC; None, and a mistake of this code, where it is none."""
    found = reading.column(column)
    moments = None if found is None else _in_utc(found)
    if found is not None and moments is None:
        message = f"column {column!r} holds {found.dtype}, not dates; convert it first."
        reading.note(code, message)
    return moments


def ripe(starts: Starts, claim: Claim, as_of: datetime) -> NDArray[np.bool_]:
    """Which outcomes are known at as-of: the horizon is over."""
    return starts + np.timedelta64(claim.waits) <= _instant(as_of)


def known(starts: Starts, used: Starts | None, as_of: datetime) -> NDArray[np.bool_]:
    """Which occurrences began before as-of, and use nothing that came after they began.

    Windows are half-open: what is used up to the instant at which a row began may end
    there.
    """
    begun = starts < _instant(as_of)
    return begun if used is None else begun & (used <= starts)


def fresh(
    starts: Starts,
    units: NDArray[np.int64],
    claim: Claim,
    opens: datetime,
    as_of: datetime,
) -> Fresh:
    """The first ripe occurrences that began at `opens` or later, whole instants only.

    All that began at one instant count together: no order among them could be told to
    a reader who does not see the units.

    Args:
        starts: When each row began.
        units: Unit of each row.
        claim: Says how many settle it, and whether known units count.
        opens: As-of of the claim.
        as_of: What is known now.
    """
    later = starts >= _instant(opens)
    if claim.settles_on == "new units":
        later &= ~np.isin(units, units[~later])
    later &= ripe(starts, claim, as_of)
    moments, counts = np.unique(starts[later], return_counts=True)
    enough = np.cumsum(counts) >= claim.settlement_size
    total = int(counts.sum())
    if not enough.any():
        return Fresh(np.zeros(len(starts), dtype=np.bool_), total)
    last = moments[int(np.argmax(enough))]
    return Fresh(later & (starts <= last), total)


def stretches(starts: Starts, count: int) -> list[NDArray[np.bool_]]:
    """The past in consecutive parts of at least so many, whole instants, oldest first.

    What is left at the end is in none; of very many parts the newest `MOST_STRETCHES`.
    """
    moments, counts = np.unique(starts, return_counts=True)
    ends: list[int] = []
    held = 0
    for place, size in enumerate(counts.tolist()):
        held += size
        if held >= count:
            ends.append(place)
            held = 0
    firsts = [0, *(end + 1 for end in ends)]
    return [
        np.asarray((starts >= moments[first]) & (starts <= moments[last]))
        for first, last in list(zip(firsts, ends, strict=False))[-MOST_STRETCHES:]
    ]


def newest(starts: Starts, count: int) -> NDArray[np.bool_]:
    """The last occurrences that are at least so many, whole instants; or all."""
    moments, counts = np.unique(starts, return_counts=True)
    enough = np.flatnonzero(np.cumsum(counts[::-1]) >= count)
    first = len(moments) - 1 - int(enough[0]) if len(enough) else 0
    return np.asarray(starts >= moments[first])


def span_of(starts: Starts | None) -> tuple[str, str] | None:
    """The first and the last of them, as ISO instants."""
    if starts is None or not len(starts):
        return None
    first, last = starts.min(), starts.max()
    return _written(first), _written(last)


def _in_utc(found: pd.Series) -> Starts | None:
    moments = as_instants(found)
    if not pd.api.types.is_datetime64_any_dtype(moments):
        return None
    utc = pd.to_datetime(moments, utc=True).dt.tz_localize(None)
    return utc.to_numpy(dtype="datetime64[us]")


def _instant(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.replace(tzinfo=None), "us")


def _written(moment: np.datetime64) -> str:
    text = str(np.datetime_as_string(moment, unit="s"))
    return f"{text}Z"
