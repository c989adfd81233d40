"""BG/NBD: when customers buy again, and when they have silently left for good.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science
24(2), 275-284. While active a customer buys at a Poisson rate that is gamma distributed
over customers (shape r, rate alpha); after each repeat purchase the customer leaves
with a probability that is beta distributed over customers (a, b). Time is in weeks.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, hyp2f1, psi

from workbench.core.errors import Reason, StudyFailed
from workbench.stats.intervals import FEWEST_UNITS, Estimate, stated, student
from workbench.stats.sums import Floats

PARAMETERS = ("r", "alpha", "a", "b")
DAYS_A_WEEK = 7
LOG_BOUND = 12.0
NEAR_ONE = 1e-4


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
    """The four parameters, and what they foresee."""

    r: float
    alpha: float
    a: float
    b: float

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

    Attributes:
        model: The parameters at the maximum.
        log_likelihood: There.
        log_covariance: Sandwich covariance of the parameters' logarithms, one unit one
            contribution, times G / (G - 1); in the order r, alpha, a, b.
        units: Units fitted.
    """

    model: Model
    log_likelihood: float
    log_covariance: tuple[tuple[float, ...], ...]
    units: int

    @property
    def params(self) -> dict[str, float]:
        """Parameters by name."""
        return {name: getattr(self.model, name) for name in PARAMETERS}

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Covariance of the parameters by the delta method."""
        scale = np.array(list(self.params.values()))
        return np.array(self.log_covariance) * np.outer(scale, scale)

    def coefficient(self, term: str, alpha: float) -> Estimate:
        """One parameter with Student's interval on its logarithm, turned back.

        Args:
            term: `r`, `alpha`, `a` or `b`.
            alpha: One minus the coverage.
        """
        place = PARAMETERS.index(term)
        value, se = self.params[term], self.log_covariance[place][place] ** 0.5
        method = "BG/NBD parameter, maximum likelihood, robust by unit, log scale"
        if self.units < FEWEST_UNITS:
            return stated(alpha, method)
        log = student(math.log(value), se, self.units - 1, alpha, method)
        if log.low is None or log.high is None:
            return stated(alpha, method, value)
        ends = (math.exp(log.low), math.exp(log.high))
        return stated(alpha, method, value, ends, se * value)


def fit(summary: Summary, start: Model) -> Fit:
    """Maximum likelihood from one start: L-BFGS-B, then Newton to the last digits.

    Raises:
        StudyFailed: There is no maximum inside, or the search did not reach it.
    """
    from scipy.optimize import minimize

    rows, counts = np.unique(
        np.column_stack([summary.frequency, summary.recency, summary.age]),
        axis=0,
        return_counts=True,
    )
    if len(summary.units) < FEWEST_UNITS:
        raise _no_maximum("fewer than two units")

    def loss(logs: Floats) -> tuple[float, Floats]:
        value, scores = log_likelihood(logs, rows)
        size = counts.sum()
        return -float(counts @ value) / size, -(counts @ scores) / size

    found = minimize(
        loss,
        np.log([start.r, start.alpha, start.a, start.b]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * len(PARAMETERS),
        options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9},
    )
    # the last bits depend on the start; what is published must not
    logs = np.round(_newton(found.x, rows, counts), 10)
    bread = np.linalg.inv(-_hessian(logs, rows, counts))
    value, scores = log_likelihood(logs, rows)
    meat = (scores * counts[:, None]).T @ scores
    units = int(counts.sum())
    sandwich = bread @ meat @ bread * units / (units - 1)
    return Fit(
        Model(*np.exp(logs).tolist()),
        float(counts @ value),
        tuple(map(tuple, sandwich.tolist())),
        units,
    )


def log_likelihood(logs: Floats, rows: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """Log-likelihood of each row (eq. 6), and its gradient in the log parameters.

    Args:
        logs: Logarithms of r, alpha, a, b.
        rows: One row per unit: frequency, recency, age.

    Returns:
        One value per row; one row of four derivatives per row.
    """
    r, alpha, a, b = np.exp(logs)
    x, recency, age = rows.T
    repeat = x > 0
    last = np.where(repeat, b + x - 1, 1.0)
    stayed = -(r + x) * np.log(alpha + age)
    left = np.where(
        repeat, np.log(a / last) - (r + x) * np.log(alpha + recency), -np.inf
    )
    value = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + (gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x))
        + np.logaddexp(stayed, left)
    )
    gone = np.where(repeat, expit(left - stayed), 0.0)
    here = 1 - gone
    both = psi(a + b) - psi(a + b + x)
    gradient = np.column_stack(
        [
            psi(r + x)
            - psi(r)
            + np.log(alpha)
            - here * np.log(alpha + age)
            - gone * np.log(alpha + recency),
            r / alpha - (r + x) * (here / (alpha + age) + gone / (alpha + recency)),
            both + gone / a,
            both + psi(b + x) - psi(b) - gone / last,
        ]
    )
    return value, gradient * np.exp(logs)


def _newton(logs: Floats, rows: Floats, counts: NDArray[np.int64]) -> Floats:
    """The maximum near a point."""
    for _ in range(30):
        if np.abs(logs).max() >= LOG_BOUND:
            break
        curvature = -_hessian(logs, rows, counts)
        if np.linalg.eigvalsh(curvature).min() <= 0:
            break
        _, scores = log_likelihood(logs, rows)
        step = np.linalg.solve(curvature, counts @ scores)
        logs = logs + step
        if np.abs(step).max() < 1e-9:  # noqa: PLR2004 - digits wanted of a logarithm
            return logs
    raise _no_maximum("the search left the region where it has one")


def _hessian(
    logs: Floats, rows: Floats, counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Second derivatives, by central differences of the exact first ones."""
    width = 1e-5
    columns = []
    for shift in np.eye(len(PARAMETERS)) * width:
        above = counts @ log_likelihood(logs + shift, rows)[1]
        below = counts @ log_likelihood(logs - shift, rows)[1]
        columns.append((above - below) / (2 * width))
    hessian = np.array(columns)
    return (hessian + hessian.T) / 2


def _no_maximum(why: str) -> StudyFailed:
    message = (
        f"the BG/NBD likelihood has no maximum here ({why}); use a longer window, more "
        "units or another start."
    )
    return StudyFailed(Reason(code="no-convergence", message=message))
