"""What a study measured: one estimate, its interval and what was counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Estimand = Literal[
    "mean",
    "difference_in_means",
    "proportion",
    "difference_in_proportions",
    "risk_ratio",
    "nps",
    "nps_difference",
    "quantile",
    "coefficient",
    "forecast",
    "count",
]

IntervalKind = Literal["confidence sequence", "fixed-sample", "none"]
CheckCode = Literal[
    "small-n", "rare-events", "skew", "unit-of-analysis", "look-ahead", "immature"
]

Scale = Literal["linear", "log"]
LEVELS: frozenset[Estimand] = frozenset({"mean", "proportion", "nps", "quantile"})

SHARE = "share"  # the measure of a proportion, between 0 and 1
MEASURES: Mapping[Estimand, str] = {  # the measure of every other is its author's word
    "proportion": SHARE,
    "difference_in_proportions": SHARE,
    "forecast": SHARE,
    "risk_ratio": "ratio",
    "nps": "NPS",
    "nps_difference": "NPS",
}
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
class Check:
    """Whether the data bear an interval of this kind: one rule and what it measured.

    Attributes:
        code: Of the gate's finding that it becomes when it fails.
        measured: What was found.
        threshold: What is asked.
        passed: Whether it holds.
    """

    code: CheckCode
    measured: float
    threshold: float
    passed: bool


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
        interval_kind: A `confidence sequence` holds for all looks together, however
            often the study runs again; `fixed-sample` for one look at a sample fixed
            beforehand, as at a settlement; `none` for a count.
        se: Standard error, in `measure`; None when there is none.
        centre: Middle of the interval before it is cut to what is possible; differs
            from the estimate where that is shrunk. None where the interval does not
            come from a standard error, or there is none.
        df: Degrees of freedom of the standard error; None where it counts as known.
        n: Occurrences counted, such as customer-months.
        units: Distinct units counted, such as customers; at most `n`.
        unit: Unit of analysis, as the contract names it: `customer`.
        occurrence: What one occurrence is: `customer-month`; equal to `unit` when each
            unit occurs once.
        measure: Unit of the estimate: `share`, `USD`, `log-odds`.
        groups: The groups compared, the reference last; empty where none are.
        method: Estimator and interval in the field's words.
        information: Independent occurrences that those counted are worth.
        window_effect: Design effect to expect of the occurrences that will settle the
            claim: 1 where no unit recurs among as many of the newest.
        scale: On which the estimate is normal: that of a ratio, or of a parameter above
            zero, on its logarithm.
        windows: Of a claim, estimate and standard error of each stretch of its past
            that would have settled it, for one look each, oldest first; none of a
            coefficient, whose model may not bear to be fitted to a part.
        planned: Information that the interval is sharpest at, from the registration.
        log_e: Logarithm of the e-value against the claim's margin: the evidence that
            the estimate lies beyond it. None without a claim or an interval.
        needed: More occurrences to plan for before the claim is likely decided; None
            without a claim.
        detectable: Distance from the margin that as many as were planned reveal in four
            cases of five; None without a claim, a standard error, or a mixture.
        began: When the first and the last occurrence began, as ISO instants; None where
            the study does not say.
        checks: Whether the data bear the interval; where one fails there is none.
    """

    name: str
    estimand: Estimand
    estimate: float | None
    low: float | None
    high: float | None
    level: float
    interval_kind: IntervalKind
    se: float | None
    centre: float | None = None
    df: float | None = None
    n: int
    units: int
    unit: str
    occurrence: str
    measure: str
    groups: tuple[Group, ...]
    method: str
    information: float
    window_effect: float = 1.0
    scale: Scale = "linear"
    windows: tuple[tuple[float, float], ...] = ()
    planned: int
    log_e: float | None
    needed: int | None
    detectable: float | None = None
    began: tuple[str, str] | None
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if not check.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLook:
    """The one look at the fresh occurrences that settle a claim.

    Attributes:
        claim: Name of the claim.
        opens: ISO instant; occurrences that began then or later are fresh.
        evidence: Their estimate with its fixed-sample standard error; without an
            estimate while too few are there, for then nothing but n was looked at.
    """

    claim: str
    opens: str
    evidence: Evidence
