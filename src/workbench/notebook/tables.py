"""The data of a study, as a notebook sees them: declared columns, as of the run."""

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from typing_extensions import override

from workbench.contracts.mistakes import did_you_mean
from workbench.core.errors import Reason, UsageError
from workbench.core.runs import View
from workbench.notebook.session import Session, current_session


class UndeclaredColumn(UsageError, KeyError):  # noqa: N818 - the name is the sentence
    """A column the study does not declare; a `KeyError`, as pandas expects."""

    @override
    def __str__(self) -> str:
        return Exception.__str__(self)


class DeclaredFrame(pd.DataFrame):
    """A frame that knows which file declares its columns.

    Only the frame that `table` returns is one: whatever pandas makes of it is a plain
    frame, and asking that for a missing column is an ordinary `KeyError`.
    """

    _metadata = ["_refusal"]  # noqa: RUF012 - the name and the form are pandas's
    _refusal: Any = None

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    @override
    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)
        except KeyError:
            wanted = key if isinstance(key, list) else [key]
            missing = [w for w in wanted if isinstance(w, str) and w not in self]
            if not missing or self._refusal is None:
                raise
            raise self._refusal(missing, list(self.columns)) from None


def table(name: str) -> pd.DataFrame:
    """The declared columns of one dataset, as known at the run's as-of.

    Dates and instants are `datetime64`, instants in UTC without a zone; the unit column
    is text.

    Args:
        name: A dataset under `data` in the study's registration.

    Raises:
        UsageError: The study does not declare it. A column the study does not declare
            raises when it is asked for.
    """
    session = current_session()
    view = session.view(name)
    frame = DeclaredFrame(read_view(session.folder, view, view.columns))

    def refusal(missing: list[str], present: list[str]) -> UndeclaredColumn:
        return UndeclaredColumn(
            [_undeclared(session, name, column, present) for column in missing]
        )

    frame._refusal = refusal  # noqa: SLF001 - a frame's constructor is pandas's
    return frame


@cache
def units_of(folder: Path, view: View) -> frozenset[str]:
    """Every unit of a view."""
    return frozenset(read_view(folder, view, (view.unit_column,))[view.unit_column])


@cache
def begin_of(folder: Path, view: View) -> pd.Timestamp | None:
    """The earliest time in any declared column of a view; None where there is none."""
    times = read_view(folder, view, view.columns).select_dtypes("datetime")
    found = [column.min() for _, column in times.items() if column.notna().any()]
    return min(found).tz_localize("UTC") if found else None


def read_view(folder: Path, view: View, columns: tuple[str, ...]) -> pd.DataFrame:
    """Some columns of a view, afresh."""
    file = folder / "in" / f"{view.dataset}.parquet"
    stored = pq.read_table(file, columns=list(columns))
    frame: pd.DataFrame = stored.to_pandas(date_as_object=False, ignore_metadata=True)
    for field in stored.schema:
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            frame[field.name] = frame[field.name].dt.tz_convert(None)
    if view.unit_column in frame:
        frame[view.unit_column] = frame[view.unit_column].astype("str")
    return frame


def _undeclared(
    session: Session, dataset: str, column: str, present: list[str]
) -> Reason:
    message = (
        f"no column {column!r} in {dataset!r}; there are {', '.join(present)}."
        f"{did_you_mean(column, present)} A column of the dataset is added under "
        f"`data: {dataset}: columns` in {session.registration}."
    )
    return session.reason("column-undeclared", message, f"table {dataset}")
