"""How far an interval reaches from its estimate: for one look, or for all looks.

The estimators know an estimate, its standard error and what it rests on. A look turns
these into an interval: `FixedSample` by Student's quantile, right for one look at a
sample whose size was fixed beforehand; `Sequence` by a confidence sequence, right for
all looks together, however often the data grow and the study runs again.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from scipy.special import stdtrit

from workbench.core.canonical import rounded
from workbench.core.evidence import IntervalKind, Scale
from workbench.core.registration import Boundary
from workbench.stats.sequences import critical_value, log_e_value, robbins_siegmund

FIRST_LOOK = 30  # occurrences; where a study has no plan its sequence begins here
LARGEST_LOG_E = math.log(1e4)  # of a standard error; its tail is not known further out

LogE = Callable[[float], float]
"""Logarithm of the e-value against a hypothesis, in the estimate's measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate with its interval, rounded to ten digits.

    Attributes:
        estimate: Point estimate; None when there is too little to say.
        low: Lower end; None when there is no interval.
        high: Upper end; None when there is no interval.
        se: Standard error; None when there is none.
        level: Coverage promised, one minus alpha.
        method: Estimator and interval in the field's words.
        kind: What the coverage is promised for.
        information: Independent occurrences it rests on; 0 when there is no interval.
        centre: Middle of the interval before it is cut; None where it does not come
            from the standard error.
        df: Degrees of freedom of the standard error; None where it counts as known.
        scale: On which the estimate is normal.
        log_e: Evidence against a hypothesis; None where the interval has no such dual.
    """

    estimate: float | None
    low: float | None
    high: float | None
    se: float | None
    level: float
    method: str
    kind: IntervalKind
    information: float = 0.0
    centre: float | None = None
    df: float | None = None
    scale: Scale = "linear"
    log_e: LogE | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FixedSample:
    """One look at a sample whose size was fixed beforehand.

    Attributes:
        alpha: One minus the coverage.
    """

    alpha: float
    kind: ClassVar[IntervalKind] = "fixed-sample"

    def reach(self, df: float, information: float) -> float:  # noqa: ARG002 - as `Sequence`
        """Standard errors on each side: Student's quantile."""
        return float(stdtrit(df, 1 - self.alpha / 2))

    def log_e(self, z: float, df: float, information: float) -> float | None:  # noqa: ARG002 - as `Sequence`
        """None: one look has no bet that could go on."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """All looks together; plan and alpha come from the sealed registration alone.

    Attributes:
        alpha: One minus the coverage over all looks.
        planned: Information at which the interval is sharpest.
        boundary: Which confidence sequence; `exact` and `betting` have no standard
            errors and are worked out by their estimators.
    """

    alpha: float
    planned: int
    boundary: Boundary = "mixture"
    kind: ClassVar[IntervalKind] = "confidence sequence"

    def reach(self, df: float, information: float) -> float:
        """Standard errors on each side; infinite where there is too little."""
        if self.boundary == "robbins-siegmund":
            return robbins_siegmund(
                information=information, first=FIRST_LOOK, alpha=self.alpha
            )
        return critical_value(
            information=information, planned=self.planned, alpha=self.alpha, df=df
        )

    def log_e(self, z: float, df: float, information: float) -> float | None:
        """Evidence against what is z standard errors away, as far as it is known.

        None for the Robbins-Siegmund boundary, whose mixture has no finite stake.
        """
        if self.boundary == "robbins-siegmund":
            return None
        found = log_e_value(
            z, information=information, planned=self.planned, alpha=self.alpha, df=df
        )
        return min(found, LARGEST_LOG_E)


Look = FixedSample | Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An estimate before anybody said for how many looks its interval is to hold.

    Attributes:
        estimate: Point estimate.
        centre: Middle of the interval; differs from the estimate where it is shrunk.
        se: Standard error.
        df: Degrees of freedom of the standard error.
        information: Independent occurrences it rests on.
        method: Estimator in the field's words.
        limits: Smallest and largest value that the truth can have.
        fixed: What the interval for one look is called in the field.
    """

    estimate: float
    se: float
    df: float
    information: float
    method: str
    centre: float | None = None
    limits: tuple[float, float] = (-math.inf, math.inf)
    fixed: str = "Student t"


def seen(measured: Measured, look: Look) -> Estimate:
    """An estimate with the interval of a look.

    A standard error of zero says that the data do not vary, not that the truth is
    known: then there is no interval.
    """
    m = measured
    method = f"{m.method}, {_name(m, look)}"
    if not m.se > 0:
        return stated(look, method, m.estimate)
    centre = m.estimate if m.centre is None else m.centre
    reach = look.reach(m.df, m.information) * m.se
    if not math.isfinite(reach):
        return stated(look, method, m.estimate, se=m.se)
    # a shrunk centre at a large alpha can leave the plain estimate outside
    low = max(min(centre - reach, m.estimate), m.limits[0])
    high = min(max(centre + reach, m.estimate), m.limits[1])

    def log_e(null: float) -> float:
        return look.log_e((centre - null) / m.se, m.df, m.information) or 0.0

    dual = look.log_e(0.0, m.df, m.information) is not None
    return stated(
        look,
        method,
        m.estimate,
        (low, high),
        m.se,
        information=m.information,
        centre=centre,
        df=m.df if math.isfinite(m.df) else None,
        log_e=log_e if dual else None,
    )


def exponentiated(log: Estimate) -> Estimate:
    """A ratio from its logarithm: ends turned back, the error by the delta method."""
    value = None if log.estimate is None else math.exp(log.estimate)
    ends = None
    if log.low is not None and log.high is not None:
        ends = (math.exp(log.low), math.exp(log.high))
    on_log = log.log_e

    def log_e(null: float) -> float:
        return on_log(math.log(null)) if on_log and null > 0 else 0.0

    return Estimate(
        estimate=rounded(value),
        low=rounded(ends[0]) if ends else None,
        high=rounded(ends[1]) if ends else None,
        se=rounded(log.se * value) if log.se and value else None,
        level=log.level,
        method=log.method,
        kind=log.kind,
        information=log.information,
        centre=None if log.centre is None else rounded(math.exp(log.centre)),
        df=log.df,
        scale="log",
        log_e=log_e if on_log else None,
    )


def stated(  # noqa: PLR0913 - what an estimate consists of
    look: Look,
    method: str,
    estimate: float | None = None,
    ends: tuple[float, float] | None = None,
    se: float | None = None,
    *,
    information: float = 0.0,
    centre: float | None = None,
    df: float | None = None,
    log_e: LogE | None = None,
) -> Estimate:
    """An estimate, rounded; without one there is too little to say, which is no error.

    Args:
        look: What the coverage is promised for.
        method: Estimator and interval in the field's words.
        estimate: Point estimate.
        ends: Lower and upper end of the interval.
        se: Standard error.
        information: Independent occurrences it rests on.
        centre: Middle of the interval before it is cut.
        df: Degrees of freedom of the standard error.
        log_e: Evidence against a hypothesis.
    """
    low, high = ends or (None, None)
    return Estimate(
        estimate=rounded(estimate),
        low=rounded(low),
        high=rounded(high),
        se=rounded(se),
        level=round(1 - look.alpha, 10),
        method=method,
        kind=look.kind,
        information=rounded(information) or 0.0,
        centre=rounded(centre),
        df=rounded(df),
        log_e=log_e,
    )


def _name(measured: Measured, look: Look) -> str:
    if isinstance(look, FixedSample):
        return measured.fixed
    rs = look.boundary == "robbins-siegmund"
    return "Robbins-Siegmund boundary" if rs else "Student mixture"
