"""BG/NBD: when customers buy again, and when they have silently left for good.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science
24(2), 275-284. While active a customer buys at a Poisson rate that is gamma distributed
over customers (shape r, rate alpha); after each repeat purchase the customer leaves
with a probability that is beta distributed over customers (a, b). Time is in weeks.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, hyp2f1

from workbench.stats.intervals import FEWEST_UNITS
from workbench.stats.likelihood import LOG_STEP, climb, hessian, log_likelihood
from workbench.stats.looks import (
    Estimate,
    Look,
    Measured,
    exponentiated,
    seen,
    stated,
)
from workbench.stats.sums import Floats

PARAMETERS = ("r", "alpha", "a", "b")
DAYS_A_WEEK = 7
NEAR_ONE = 1e-4
Matrix = tuple[tuple[float, ...], ...]
UNKNOWN: Matrix = ((math.nan,) * len(PARAMETERS),) * len(PARAMETERS)


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What the model needs of each unit, in the order of sorted identifiers.

    Attributes:
        units: Identifiers.
        frequency: Days with a repeat purchase (x in the paper).
        recency: Weeks from the first to the last purchase (t_x); 0 without a repeat.
        age: Weeks from the first purchase to the end of observation (T).
    """

    units: NDArray[np.generic]
    frequency: Floats
    recency: Floats
    age: Floats


def summarise(
    units: NDArray[np.generic],
    days: NDArray[np.datetime64],
    end: np.datetime64,
) -> Summary:
    """Summary of purchases, several on one day counted once.

    Args:
        units: Unit of each purchase.
        days: Day of each purchase.
        end: Last day observed; later purchases are left out, and with them the units
            that bought only later.
    """
    final = np.datetime64(str(end), "D")
    seen = days.astype("datetime64[D]") <= final
    ids, codes = np.unique(units[seen], return_inverse=True)
    dates = days[seen].astype("datetime64[D]").astype(np.int64)
    pairs = np.unique(np.column_stack([codes, dates]), axis=0)
    starts = np.searchsorted(pairs[:, 0], np.arange(len(ids)))
    stops = np.searchsorted(pairs[:, 0], np.arange(len(ids)), side="right")
    first, last = pairs[starts, 1], pairs[stops - 1, 1]
    return Summary(
        ids,
        (stops - starts - 1).astype(np.float64),
        (last - first) / DAYS_A_WEEK,
        (final.astype(np.int64) - first) / DAYS_A_WEEK,
    )


@dataclass(frozen=True, slots=True)
class Model:
    """The four parameters, and what they foresee; without them, NaN everywhere."""

    r: float = math.nan
    alpha: float = math.nan
    a: float = math.nan
    b: float = math.nan

    def expected(self, weeks: Floats) -> Floats:
        """Repeat purchases of a random new unit in its first weeks (eq. 9)."""
        chance = self.a + self.b - 1
        return chance * self._drop(self.r, chance, np.asarray(weeks) / self.alpha)

    def expected_of(self, summary: Summary, weeks: float) -> Floats:
        """Repeat purchases of each unit in the weeks after its age (eq. 10)."""
        x, shape = summary.frequency, self.r + summary.frequency
        chance = self.a + self.b + x - 1
        if_active = chance * self._drop(
            shape, chance, weeks / (self.alpha + summary.age)
        )
        return if_active * self.active(summary)

    def active(self, summary: Summary) -> Floats:
        """Chance that each unit has not left; 1 without a repeat purchase."""
        x = summary.frequency
        repeat = x > 0
        silence = (self.alpha + summary.age) / (self.alpha + summary.recency)
        odds = np.log(self.a / np.where(repeat, self.b + x - 1, 1.0))
        return np.where(repeat, expit(-odds - (self.r + x) * np.log(silence)), 1.0)

    def _drop(self, shape: Floats | float, chance: Floats | float, w: Floats) -> Floats:
        """(1 - 2F1(shape, a - 1; chance; -w)) / (a - 1).

        Pfaff's transformation of the paper's 2F1, whose own factor overflows for many
        purchases. At a = 1 it is 0 / 0 with a smooth limit: the mean of both sides.
        """
        if abs(self.a - 1) >= NEAR_ONE:
            return _drop_at(self.a - 1, shape, chance, w)
        below = _drop_at(-NEAR_ONE, shape, chance, w)
        return (below + _drop_at(NEAR_ONE, shape, chance, w)) / 2


def _drop_at(
    less_one: float, shape: Floats | float, chance: Floats | float, w: Floats
) -> Floats:
    value: Floats = (1 - hyp2f1(shape, less_one, chance, -w)) / less_one
    return value


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model; `wb.evidence(...).coefficient` takes it like a regression.

    Where the data determine no model it is not `found`: its parameters and all that it
    foresees are NaN, and evidence made of it is without an estimate.

    Attributes:
        units: Units it was to be fitted to.
        model: The parameters at the maximum.
        log_likelihood: There; minus infinity where there is none.
        bread: Covariance of the parameters' logarithms, were the model true: the
            inverse of what curves the likelihood; in the order r, alpha, a, b.
        log_covariance: Their sandwich covariance, one unit one contribution, times
            G / (G - 1).
        moved: Each unit's influence on the logarithms, its scores times the bread: one
            row per unit, in the order of those it was fitted to.
    """

    units: int
    model: Model = Model()
    log_likelihood: float = -math.inf
    bread: Matrix = UNKNOWN
    log_covariance: Matrix = UNKNOWN
    moved: Floats = field(default_factory=lambda: np.zeros((0, len(PARAMETERS))))

    @property
    def params(self) -> dict[str, float]:
        """Parameters by name."""
        return {name: getattr(self.model, name) for name in PARAMETERS}

    @property
    def found(self) -> bool:
        """Whether the data determine a model."""
        return math.isfinite(self.log_likelihood)

    def influence(self, summary: Summary, weeks: float) -> Floats:
        """Each unit's influence, through the fit, on the total forecast of all units.

        Its influence on the logarithms times the slope of the forecast's total along
        them, which is taken by central differences. Adds up to nought.

        Args:
            summary: What the model was fitted to.
            weeks: Weeks ahead, as in `expected_of`.
        """
        if not self.found:
            return np.full(len(summary.units), np.nan)
        logs = np.log(list(self.params.values()))

        def total(logs: Floats) -> float:
            foreseen = Model(*np.exp(logs).tolist()).expected_of(summary, weeks)
            return math.fsum(foreseen.tolist())

        slope = np.array(
            [
                (total(logs + shift) - total(logs - shift)) / (2 * LOG_STEP)
                for shift in np.eye(len(PARAMETERS)) * LOG_STEP
            ]
        )
        moved = self.moved @ slope
        # at the rounded maximum the scores add up to nought but for the last digits
        centred: Floats = moved - math.fsum(moved.tolist()) / max(len(moved), 1)
        return centred

    def influences(self, term: str) -> Floats:
        """Each unit's influence on the logarithm of a parameter; none if not found."""
        return np.asarray(self.moved[:, PARAMETERS.index(term)])

    def coefficient(self, term: str, look: Look) -> Estimate:
        """One parameter with Student's interval on its logarithm, turned back.

        Args:
            term: `r`, `alpha`, `a` or `b`.
            look: For one look, or for all.
        """
        place = PARAMETERS.index(term)
        method = "BG/NBD parameter, maximum likelihood, robust by unit, log scale"
        if not self.found:
            return stated(look, f"{method}; the likelihood has no maximum")
        log = Measured(
            estimate=math.log(self.params[term]),
            se=self.log_covariance[place][place] ** 0.5,
            df=self.units - 1,
            information=self.units,
            method=method,
        )
        return exponentiated(seen(log, look))


def fit(summary: Summary, start: Model) -> Fit:
    """Maximum likelihood from one start: L-BFGS-B, then Newton to the last digits.

    Too little data is no error. With fewer than two units, or where the search finds no
    maximum inside (as when nobody came back), the fit is one that is not `found`.
    """
    units = len(summary.units)
    if units < FEWEST_UNITS:
        return Fit(units)
    rows, place, counts = np.unique(
        _rows(summary), axis=0, return_inverse=True, return_counts=True
    )
    start_logs = np.log([start.r, start.alpha, start.a, start.b])
    top = climb(start_logs, rows, counts)
    if top is None:
        return Fit(units)
    # the last bits depend on the start; what is published must not
    logs = np.round(top, 10)
    bread = np.linalg.inv(-hessian(logs, rows, counts))
    value, scores = log_likelihood(logs, rows)
    meat = (scores * counts[:, None]).T @ scores
    sandwich = bread @ meat @ bread * units / (units - 1)
    return Fit(
        units,
        Model(*np.exp(logs).tolist()),
        float(counts @ value),
        tuple(map(tuple, bread.tolist())),
        tuple(map(tuple, sandwich.tolist())),
        (scores @ bread)[place],
    )


def _rows(summary: Summary) -> Floats:
    """One row per unit, as the likelihood reads it."""
    return np.column_stack([summary.frequency, summary.recency, summary.age])
