"""Whether the occurrences of a frame's units happened, or were made by copying rows."""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.core.clock import show_instant
from workbench.core.errors import UsageError
from workbench.notebook.reading import Reading, Rows


def check_occurrences(reading: Reading, rows: Rows) -> None:
    """Whether what tells a unit's occurrences apart can be believed.

    Args:
        reading: A frame in which nothing else is wrong.
        rows: What was counted in it.

    Raises:
        UsageError: Something has not happened yet, or all rows look like copies.
    """
    if reading.occurrence is None:
        return
    as_of = reading.session.spec.as_of
    late = _later(reading.frame[reading.occurrence], as_of)
    if late:
        reading.note(
            "occurrence-ahead",
            f"{late:,} of {rows.n:,} rows have a {reading.occurrence} that is not "
            f"before the run's date, {show_instant(as_of)}; leave out what has not "
            "happened yet.",
        )
    if _are_copies(reading.frame.drop(columns=reading.occurrence), rows.codes):
        reading.note(
            "rows-replicated",
            f"the rows of every recurring {rows.unit} are equal but for "
            f"{reading.occurrence!r}, as copies are; if they are none, keep a column "
            "of the data in the frame that tells them apart.",
        )
    if reading.wrong:
        raise UsageError(reading.wrong)


def as_instants(found: pd.Series) -> pd.Series:
    """Periods and Python dates as instants; all else as it is."""
    if isinstance(found.dtype, pd.PeriodDtype):
        return pd.Series(found.dt.to_timestamp())
    if pd.api.types.infer_dtype(found) in {"date", "datetime"}:
        return pd.to_datetime(found)
    return found


def _later(occurrences: pd.Series, as_of: datetime) -> int:
    """How many are dates, and not before as-of."""
    moments = as_instants(occurrences)
    if not pd.api.types.is_datetime64_any_dtype(moments):
        return 0
    return int((pd.to_datetime(moments, utc=True) >= as_of).sum())


def _are_copies(others: pd.DataFrame, codes: NDArray[np.int64]) -> bool:
    """Whether no unit that recurs has two rows that differ in any other column.

    Args:
        others: All columns but the one that tells occurrences apart.
        codes: Unit of each row.
    """
    units = pd.Series(codes, index=others.index)
    recurs = units.duplicated(keep=False)
    if not recurs.any() or others.shape[1] == 1:
        return False
    # lists and the like cannot be compared as they are
    plain = others.apply(lambda c: c.astype("str") if c.dtype == object else c)
    return not (units.duplicated() & ~plain.duplicated()).any()
