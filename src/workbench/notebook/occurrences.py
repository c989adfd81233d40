"""Whether the occurrences of a frame's units happened, or were made by copying rows.

Equal rows prove nothing by themselves: in most months most customers buy nothing. So an
occurrence must be told apart by something that comes from the data: by a column of
theirs in which each unit has these very values, or by a time that lies among the data's
own. A counter, a label or a random number is neither, whatever else differs. Times are
easily typed, so a unit's rows must also differ in something beside them for more than
one recurring unit in twenty; of fewer than twenty nothing can be said, and nothing is.

What this is not: a proof. Whoever invents the values of a column, too, is not found
out here but by the reader of the notebook, which is published beside the post.
"""

from datetime import datetime

import pandas as pd

from workbench.core.clock import show_instant
from workbench.core.errors import UsageError
from workbench.notebook.reading import Reading, Rows
from workbench.notebook.tables import begin_of, read_view
from workbench.takeaways.grammar import plural

FEWEST_RECURRING = 20  # units that recur, below which none need differ
ONE_IN = 20  # units of which more than one must have rows that differ


def check_occurrences(reading: Reading, rows: Rows) -> None:
    """Whether what tells a unit's occurrences apart can be believed.

    Args:
        reading: A frame in which nothing else is wrong.
        rows: What was counted in it.

    Raises:
        UsageError: It comes from nowhere, has not happened yet, or rows are copies.
    """
    if reading.occurrence is None:
        return
    times = as_instants(reading.frame[reading.occurrence])
    timed = pd.api.types.is_datetime64_any_dtype(times)
    if timed:
        times = pd.to_datetime(times, utc=True)
        _check_ahead(reading, times)
    strange = _not_in_data(reading, rows.unit)
    if strange and timed:
        _check_begin(reading, times)
        _check_copies(reading, rows)
    elif strange:
        reading.note(
            "occurrence-unknown",
            f"{strange:,} of {rows.n:,} rows have a {reading.occurrence} that is "
            f"neither a time nor what the data say of their {rows.unit}; keep the date "
            "on which each happened, or a column as `wb.table` gave it, and name that.",
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


def _not_in_data(reading: Reading, unit: str) -> int:
    """Rows whose unit has no such value in the column of that name in the data."""
    fewest = len(reading.frame)
    for view in reading.session.spec.views:
        names = [view.unit_column, str(reading.occurrence)]
        shared = {*view.columns} & {*reading.frame.columns}
        if view.unit == unit and shared.issuperset(names):
            held = read_view(reading.session.folder, view, tuple(dict.fromkeys(names)))
            pairs = pd.MultiIndex.from_frame(reading.frame[held.columns])
            known = pairs.isin(pd.MultiIndex.from_frame(held))
            fewest = min(fewest, int((~known).sum()))
    return fewest


def _check_ahead(reading: Reading, times: pd.Series) -> None:
    """Nothing has happened at or after as-of."""
    as_of: datetime = reading.session.spec.as_of
    late = int((times >= as_of).sum())
    if late:
        reading.note(
            "occurrence-ahead",
            f"{late:,} of {len(times):,} rows have a {reading.occurrence} that is not "
            f"before the run's date, {show_instant(as_of)}; leave out what has not "
            "happened yet.",
        )


def _check_begin(reading: Reading, times: pd.Series) -> None:
    """Before the data begin lies one time at most: that of the period they begin in."""
    session = reading.session
    begins = [begin_of(session.folder, view) for view in session.spec.views]
    known = [begin for begin in begins if begin is not None]
    if not known:
        return
    before = times[times < min(known)]
    early = int((before < before.max()).sum())
    if early:
        reading.note(
            "occurrence-unknown",
            f"{early:,} of {len(times):,} rows have a {reading.occurrence} before the "
            "data begin; leave out what they cannot know of.",
        )


def _check_copies(reading: Reading, rows: Rows) -> None:
    """More than a few of the units that recur have rows that differ in something."""
    others = reading.frame.drop(columns=str(reading.occurrence))
    units = pd.Series(rows.codes, index=others.index)
    again = units.duplicated()
    recurring = units[again].nunique()
    if recurring < FEWEST_RECURRING or others.shape[1] == 1:
        return
    # lists and the like cannot be compared as they are
    plain = others.apply(lambda c: c.astype("str") if c.dtype == object else c)
    differing = units[again & ~plain.duplicated()].nunique()
    if differing * ONE_IN <= recurring:
        reading.note(
            "rows-replicated",
            f"{recurring - differing:,} of {recurring:,} recurring "
            f"{plural(rows.unit)} have only rows that are equal but for "
            f"{reading.occurrence!r}, as copies are; if they are none, keep a column "
            "of the data in the frame that tells them apart.",
        )
