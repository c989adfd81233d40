"""Reading an author's frame: what may be counted in it, and what is refused.

n is counted, never typed: a frame holds the unit column, its units are the data's own,
and a unit has one row, or one row per occurrence where the author names the column that
tells its occurrences apart. All that is wrong with a frame is said at once, and no
message holds a value of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.contracts.mistakes import did_you_mean
from workbench.core.errors import Reason, UsageError
from workbench.core.registration import occurrence_name
from workbench.core.runs import View
from workbench.notebook.session import Session, listed
from workbench.notebook.tables import units_of
from workbench.stats.sums import Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """What was counted in a frame.

    Attributes:
        codes: One number per row; equal for rows of one unit.
        unit: Unit of analysis, as the contract names it.
        occurrence: What one row is: the unit, or `customer-month`.
        used: Newest instant that each row's arm or regressors use, in UTC; None where
            nobody says.
    """

    codes: NDArray[np.int64]
    unit: str
    occurrence: str
    used: NDArray[np.datetime64] | None = None

    @property
    def n(self) -> int:
        """Occurrences."""
        return len(self.codes)

    @property
    def units(self) -> int:
        """Distinct units."""
        return len(np.unique(self.codes))


@dataclass
class Reading:
    """One frame being read for one call; collects its mistakes.

    Attributes:
        session: The notebook's run.
        place: The call, such as `evidence repeat_gap`.
        frame: The author's frame.
        occurrence: Column that tells a unit's occurrences apart; None for one row each.
        cell: Columns within whose values a unit is counted: a figure's axes.
        wrong: Mistakes so far.
    """

    session: Session
    place: str
    frame: pd.DataFrame
    occurrence: str | None = None
    cell: Sequence[str] = ()
    wrong: list[Reason] = field(default_factory=list)
    checked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        given: object = self.frame  # authors run no type checker
        if not isinstance(given, pd.DataFrame):
            kind = type(given).__name__
            raise self.session.wrong(
                "not-a-frame",
                f"{kind} is no pandas DataFrame; n is counted from a frame's rows.",
                self.place,
            )

    def column(self, name: str) -> pd.Series | None:
        """A column without missing values; None, and a mistake, otherwise."""
        if name not in self.frame.columns:
            self._missing_column(name)
            return None
        found: pd.Series | pd.DataFrame = self.frame[name]
        if isinstance(found, pd.DataFrame):
            self._column_twice(name)
            return None
        empty = int(found.isna().sum())
        if empty and name not in self.checked:
            self.note(
                "value-missing",
                f"column {name!r} has {empty:,} missing of {len(found):,} values; drop "
                "the rows or fill them in, and say in the text which.",
            )
        self.checked.add(name)
        return None if empty else found

    def numbers(self, name: str) -> Floats:
        """A column as finite numbers."""
        found = self.column(name)
        if found is None or not len(found):
            return np.zeros(0)
        if not pd.api.types.is_numeric_dtype(found):
            self.note(
                "not-numeric",
                f"column {name!r} holds {found.dtype}, not numbers; convert it first.",
            )
            return np.zeros(0)
        values = found.to_numpy(dtype=np.float64)
        endless = int((~np.isfinite(values)).sum())
        if endless:
            self.note(
                "not-numeric",
                f"column {name!r} has {endless:,} values that are not finite; mend the "
                "division that made them.",
            )
        return values

    def forecasts(self, name: str) -> Floats:
        """`numbers`; but NaN where all are, for a model may have nothing to foresee."""
        found = self.frame.get(name)
        if isinstance(found, pd.Series) and len(found) and found.isna().all():
            return np.full(len(found), np.nan)
        return self.numbers(name)

    def truths(self, name: str) -> Floats:
        """A column of true and false, or of 1 and 0, as 1 and 0."""
        found = self.column(name)
        if found is None or not len(found):
            return np.zeros(0)
        if not holds_truths(found):
            self.note(
                "not-boolean",
                f"column {name!r} must hold only true and false, or 1 and 0; compare "
                "it with something first.",
            )
            return np.zeros(0)
        return found.to_numpy(dtype=np.float64)

    def arms(
        self, name: str, reference: str | None
    ) -> tuple[NDArray[np.bool_], tuple[str, str]]:
        """Which rows are treated, and the labels of treated and reference.

        A column of true and false (or 1 and 0) needs no reference: it is what is false.
        """
        found = self.column(name)
        nothing = np.zeros(0, dtype=np.bool_)
        if found is None or not len(found):
            return nothing, two_labels(name)
        if reference is None and holds_truths(found):
            return self.truths(name) == 1, two_labels(name)
        if reference is None:
            self.note(
                "arm",
                f"column {name!r} is not true and false; name the value that the other "
                'is compared with: reference="...".',
            )
            return nothing, two_labels(name)
        words = found.astype("str")
        others = sorted(set(words) - {reference})
        if len(others) > 1 or reference not in set(words):
            self.note(
                "arm",
                f"column {name!r} has {len(others):,} values beside the reference "
                f"{reference!r}"
                + ("" if reference in set(words) else ", which is not among them")
                + "; an arm has exactly two: keep the rows of two, or compare with one "
                "to make it true and false.",
            )
            return nothing, two_labels(name)
        other = others[0] if others else f"not {reference}"
        return (words != reference).to_numpy(dtype=np.bool_), (other, reference)

    def note(self, code: str, message: str) -> None:
        """Note a mistake."""
        self.wrong.append(self.session.reason(code, message, self.place))

    def finish(self, unit: str | None = None) -> Rows:
        """What was counted, or everything that is wrong.

        Args:
            unit: Unit of the registered claim; None for the frame's own.

        Raises:
            UsageError: With every mistake.
        """
        view = self._view(unit)
        keys = [self.column(name) for name in self._keys(view)]
        if view is not None and not self.wrong:
            self._check_units(view)
        if view is None or self.wrong or any(key is None for key in keys):
            raise UsageError(self.wrong)
        names = pd.Categorical(self.frame[view.unit_column])
        occurrence = occurrence_name(view.unit, self.occurrence or "")
        return Rows(names.codes.astype(np.int64), view.unit, occurrence)

    def _keys(self, view: View | None) -> list[str]:
        keys = [view.unit_column] if view else []
        keys += [self.occurrence] if self.occurrence else []
        return list(dict.fromkeys([*keys, *self.cell]))

    def _view(self, unit: str | None) -> View | None:
        views = [v for v in self.session.spec.views if unit in (None, v.unit)]
        if not views:
            self.note(
                "unit", f"no dataset of this study has the claim's unit {unit!r}."
            )
            return None
        for view in views:
            if view.unit_column in self.frame.columns:
                return view
        wanted = listed(dict.fromkeys(repr(v.unit_column) for v in views))
        index = [name for name in self.frame.index.names if isinstance(name, str)]
        hidden = [v.unit_column for v in views if v.unit_column in index]
        remedy = (
            "it is in the index: call .reset_index() first."
            if hidden
            else "keep it when grouping and merging: units are counted from it."
        )
        self.note("unit-missing", f"the frame lacks the unit column {wanted}; {remedy}")
        return None

    def _check_units(self, view: View) -> None:
        known = units_of(self.session.folder, view)
        strange = int((~self.frame[view.unit_column].isin(known)).sum())
        if strange:
            self.note(
                "unit-unknown",
                f"{strange:,} of {len(self.frame):,} rows are of no {view.unit} in the "
                f"data; leave {view.unit_column!r} as `wb.table` gave it.",
            )
        again = int(self.frame.duplicated(self._keys(view)).sum())
        if again and self.occurrence:
            self.note(
                "rows-replicated",
                f"{again:,} of {len(self.frame):,} rows repeat a {view.unit} and "
                f"{self.occurrence}; each occurrence has one row: aggregate first.",
            )
        elif again:
            self.note(
                "rows-replicated",
                f"{len(self.frame):,} rows, of which {again:,} repeat a {view.unit}; "
                f"aggregate to one row a {view.unit}, or name the column that tells "
                'its occurrences apart: occurrence="...".',
            )

    def _column_twice(self, name: str) -> None:
        if name not in self.checked:
            message = (
                f"the frame has several columns {name!r}; rename or drop all but one."
            )
            self.note("column-twice", message)
        self.checked.add(name)

    def _missing_column(self, name: str) -> None:
        if name in self.checked:
            return
        self.checked.add(name)
        columns = [str(column) for column in self.frame.columns]
        self.note(
            "column-missing",
            f"the frame has no column {name!r}; it has {listed(columns)}."
            f"{did_you_mean(name, columns)}",
        )


def holds_truths(column: pd.Series) -> bool:
    """Whether all is true or false, or 1 or 0."""
    if not pd.api.types.is_numeric_dtype(column):
        return False
    return bool(np.isin(column.to_numpy(dtype=np.float64), (0.0, 1.0)).all())


def two_labels(name: str) -> tuple[str, str]:
    """Readable labels of a column of true and false: `was early`, `not was early`."""
    return in_words(name), f"not {in_words(name)}"


def in_words(name: str) -> str:
    """A column's name as words."""
    return name.replace("_", " ")
