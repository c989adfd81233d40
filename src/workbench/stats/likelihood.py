"""The likelihood of BG/NBD in the logarithms of r, alpha, a, b, and its maximum.

Fader, Hardie and Lee (2005), as in `bgnbd`. Rows hold frequency, recency and age.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, psi

from workbench.stats.sums import Floats

LOG_BOUND = 12.0
LOG_STEP = 1e-5


def climb(start: Floats, rows: Floats, counts: NDArray[np.int64]) -> Floats | None:
    """The maximum: L-BFGS-B, then Newton to the last digits; None where there is none.

    Args:
        start: Four logarithms.
        rows: Distinct rows.
        counts: Units with each of them.
    """
    from scipy.optimize import minimize

    def loss(logs: Floats) -> tuple[float, Floats]:
        value, scores = log_likelihood(logs, rows)
        size = counts.sum()
        return -float(counts @ value) / size, -(counts @ scores) / size

    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * len(start),
        options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9},
    )
    return _newton(found.x, rows, counts)


def log_likelihood(logs: Floats, rows: Floats) -> tuple[Floats, Floats]:
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


def _newton(logs: Floats, rows: Floats, counts: NDArray[np.int64]) -> Floats | None:
    """The maximum near a point; None where the search leaves the region of one."""
    for _ in range(30):
        if not np.abs(logs).max() < LOG_BOUND:
            return None
        curvature = -hessian(logs, rows, counts)
        if not np.linalg.eigvalsh(curvature).min() > 0:
            return None
        _, scores = log_likelihood(logs, rows)
        step = np.linalg.solve(curvature, counts @ scores)
        logs = logs + step
        if np.abs(step).max() < 1e-9:  # noqa: PLR2004 - digits wanted of a logarithm
            return logs
    return None


def hessian(logs: Floats, rows: Floats, counts: NDArray[np.int64]) -> Floats:
    """Second derivatives, by central differences of the exact first ones."""
    columns = []
    for shift in np.eye(len(logs)) * LOG_STEP:
        above = counts @ log_likelihood(logs + shift, rows)[1]
        below = counts @ log_likelihood(logs - shift, rows)[1]
        columns.append((above - below) / (2 * LOG_STEP))
    square = np.array(columns)
    return (square + square.T) / 2
