"""What a study measured: one estimate, its interval and what was counted."""

from dataclasses import dataclass
from typing import Literal

Estimand = Literal[
    "mean",
    "difference_in_means",
    "proportion",
    "difference_in_proportions",
    "coefficient",
    "forecast",
    "count",
]

SHARE = "share"  # the measure of a proportion, between 0 and 1
POINTS = "pp"  # ends a format that shows a share's difference in percentage points


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group that an estimate compares.

    Attributes:
        label: Name of the group as in the author's column.
        n: Occurrences counted in it.
        units: Distinct units counted in it.
        estimate: Its own mean or share, in `measure`; None when it is empty.
    """

    label: str
    n: int
    units: int
    estimate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One estimate with its interval; holds no row of data.

    Attributes:
        name: Unique within the study; texts bind `{name.estimate}`.
        estimand: What is estimated.
        estimate: Point estimate in `measure`; None when there is too little to say.
        low: Lower end of the interval, in `measure`; None when there is none.
        high: Upper end of the interval, in `measure`; None when there is none.
        level: Coverage promised of the interval, such as 0.95.
        interval_kind: `fixed-sample` holds for one look at a sample fixed beforehand;
            `none` for a count.
        se: Standard error, in `measure`; None when there is none.
        n: Occurrences counted, such as customer-months.
        units: Distinct units counted, such as customers; at most `n`.
        unit: Unit of analysis, as the contract names it: `customer`.
        occurrence: What one occurrence is: `customer-month`; equal to `unit` when each
            unit occurs once.
        measure: Unit of the estimate: `share`, `USD`, `log-odds`.
        groups: The groups compared, the reference last; empty where none are.
        method: Estimator and interval in the field's words.
    """

    name: str
    estimand: Estimand
    estimate: float | None
    low: float | None
    high: float | None
    level: float
    interval_kind: Literal["fixed-sample", "none"]
    se: float | None
    n: int
    units: int
    unit: str
    occurrence: str
    measure: str
    groups: tuple[Group, ...]
    method: str
