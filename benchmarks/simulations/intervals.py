"""Intervals looked at again and again: what they promise, cost, and do not cure.

The designs are sums of independent normal batches of equal size, so a path is a random
walk and a look its value over its standard deviation. S7 draws counts instead. What is
expected where one stops (S3) is from longer runs, of 400,000 paths and of a million.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from benchmarks.simulations import Row, Simulation
from benchmarks.simulations.settlement import row_of
from workbench.stats.binomial import concentration, log_e_values
from workbench.stats.sequences import critical_value, robbins_siegmund

Anything = NDArray[Any]
ALPHA = 0.05
LOOKS = 100
ONE_LOOK = 1.959964
BATCH = 100
FIRST = np.arange(1, LOOKS + 1)


def mixture(planned: float, looks: Anything = FIRST) -> Anything:
    """Critical values of the normal mixture at each look, plan in looks."""
    return np.array(
        [critical_value(information=k, planned=planned, alpha=ALPHA) for k in looks]
    )


def without_plan(looks: Anything = FIRST) -> Anything:
    """Critical values of Robbins and Siegmund, the first look at one."""
    return np.array(
        [robbins_siegmund(information=k, first=1, alpha=ALPHA) for k in looks]
    )


BOUNDARIES: Mapping[str, Anything] = {
    "95 % interval, looked at each time": np.full(LOOKS, ONE_LOOK),
    "Bonferroni over 100 looks": np.full(LOOKS, norm.isf(ALPHA / LOOKS / 2)),
    "Robbins-Siegmund, no plan": without_plan(),
    "mixture, plan at look 10": mixture(10),
    "mixture, plan at look 50": mixture(50),
    "Pocock for 100 looks": np.full(LOOKS, 2.875),
    "O'Brien-Fleming for 100 looks": 2.186 * np.sqrt(LOOKS / FIRST),
}


def ever(held: Anything) -> Anything:
    """Whether something held at any look, for each path."""
    return np.asarray(held.any(axis=1))


def walks(paths: int, seed: list[int], looks: int = LOOKS) -> Anything:
    """Sums of standard normal batches at each look, one path a row."""
    steps = np.random.default_rng(seed).standard_normal((paths, looks))
    return np.cumsum(steps, axis=1)


def type_one(paths: int = 40_000, seed: int = 1) -> list[Row]:
    """S1: how often a true nothing is ever "found" in 100 looks."""
    z = np.abs(walks(paths, [seed])) / np.sqrt(FIRST)
    expected: list[float | tuple[float, float]]
    expected = [0.370, 0.0086, 0.021, 0.0233, (0.01, 0.05), 0.0504, 0.0516]
    return [
        row_of(
            "S1", name, "found although nothing is there", expected[place], ever(z >= c)
        )
        for place, (name, c) in enumerate(BOUNDARIES.items())
    ]


def coverage(paths: int = 40_000, seed: int = 3) -> list[Row]:
    """S3: whether all looks together cover the truth, and after something was found."""
    z = walks(paths, [seed]) / np.sqrt(FIRST)
    rows = []
    for name, together, each in (
        ("95 % interval, looked at each time", (0.62, 0.63), 0.950),
        ("Robbins-Siegmund, no plan", (0.977, 0.980), (0.998, 0.999)),
        ("mixture, plan at look 10", (0.975, 0.979), (0.998, 0.999)),
    ):
        inside = np.abs(z) < BOUNDARIES[name]
        rows.append(
            row_of(
                "S3", name, "all 100 looks cover the truth", together, ~ever(~inside)
            )
        )
        rows.append(row_of("S3", name, "a look covers the truth", each, inside.mean(1)))
    for name, effects in _AT_STOP.items():
        for effect, (always, once_found) in effects.items():
            moved = z + effect * np.sqrt(BATCH * FIRST)
            found = np.abs(moved) >= BOUNDARIES[name]
            stopped = ever(found)
            at = np.where(stopped, found.argmax(1), LOOKS - 1)
            covered = np.abs(z[np.arange(paths), at]) < BOUNDARIES[name][at]
            design = f"{name}, true effect {effect:g} standard deviations"
            quantity = "covers at the look where one stops"
            rows.append(row_of("S3", design, quantity, always, covered))
            if effect:  # of nothing found to be something, no interval covers it
                quantity = "covers when something is found (not controlled)"
                rows.append(
                    row_of("S3", design, quantity, once_found, covered[stopped])
                )
    return rows


# by true effect: coverage where one stops (at the first look that finds something, or
# at the last one), and of those who found something
_AT_STOP: Mapping[str, Mapping[float, tuple[float, float]]] = {
    "95 % interval, looked at each time": {
        0.0: (0.6256, 0.0),
        0.005: (0.7689, 0.446),
        0.02: (0.8746, 0.858),
        0.2: (0.9622, 0.963),
    },
    "mixture, plan at look 10": {
        0.0: (0.9771, 0.0),
        0.005: (0.9890, 0.644),
        0.02: (0.9963, 0.9856),
        0.2: (0.9993, 0.9993),
    },
}


def width() -> list[Row]:
    """S4: how much wider than an interval for one look; nothing is drawn."""
    wide = {1.0: 1.55, 0.1: 1.95, 10.0: 1.66, 100.0: 1.82}
    rows = [
        _exact("S4", f"mixture at {share:g} of the plan", ratio, c)
        for share, ratio in wide.items()
        for c in mixture(1, np.array([share]))
    ]
    bare = {1.0: 1.43, 10.0: 1.62, 100.0: 1.80}
    return rows + [
        _exact("S4", f"Robbins-Siegmund at {share:g} first looks", ratio, c)
        for share, ratio in bare.items()
        for c in without_plan(np.array([share]))
    ]


def _exact(name: str, design: str, expected: float, critical: float) -> Row:
    return Row(
        id=name,
        design=design,
        quantity="times as wide as for one look",
        expected=(expected - 0.006, expected + 0.006),
        measured=float(critical / ONE_LOOK),
        se=0.0,
    )


def power(paths: int = 40_000, seed: int = 5) -> list[Row]:
    """S5: one look has 80 % power at look 50; power, time and exaggeration by 100."""
    drift = (ONE_LOOK + norm.ppf(0.8)) / 50**0.5
    sums = walks(paths, [seed]) + drift * FIRST
    known = {
        "Bonferroni over 100 looks": (0.765, 65, 1.41),
        "Robbins-Siegmund, no plan": (0.764, 62, 1.57),
        "mixture, plan at look 10": (0.842, 55, 1.46),
        "mixture, plan at look 50": (0.877, 54, 1.34),
        "Pocock for 100 looks": (0.914, 47, 1.50),
        "O'Brien-Fleming for 100 looks": (0.972, 57, 1.13),
    }
    rows = []
    for name, (found, looks, exaggerated) in known.items():
        crossed = np.abs(sums) / np.sqrt(FIRST) >= BOUNDARIES[name]
        hit, first = ever(crossed), crossed.argmax(1)
        time = np.where(hit, first + 1, LOOKS)
        estimate = sums[hit, first[hit]] / (first[hit] + 1) / drift
        near = (looks - 0.6, looks + 0.6)
        close = (exaggerated - 0.006, exaggerated + 0.006)
        rows += [
            row_of("S5", name, "found by look 100", found, hit),
            row_of("S5", name, "looks until then", near, time.astype(float)),
            row_of("S5", name, "estimate over the truth when found", close, estimate),
        ]
    crossed = np.abs(sums) / np.sqrt(FIRST) >= BOUNDARIES["mixture, plan at look 50"]
    return rows + _times(np.maximum.accumulate(crossed, axis=1).mean(0), paths)


def _times(reached: Anything, paths: int) -> list[Row]:
    """Looks until so many of the paths have found it, in samples of the single look."""
    rows = []
    for quantity, share, expected in (
        ("sample for 80 % power, in single looks' samples", 0.8, (1.66, 1.72)),
        ("sample when half have found it, in single looks' samples", 0.5, (0.96, 1.0)),
    ):
        at = int(np.argmax(reached >= share))
        slope = (reached[at + 5] - reached[at - 5]) / 10
        error = (share * (1 - share) / paths) ** 0.5 / slope
        rows.append(
            Row(
                id="S5",
                design="mixture, plan at look 50",
                quantity=quantity,
                expected=expected,
                measured=(at + 1) / 50,
                se=float(error) / 50,
            )
        )
    return rows


def exact_shares(paths: int = 20_000, seed: int = 7) -> list[Row]:
    """S7: exact sequences of a share, of 100 looks at 100 occurrences each."""
    kappa = concentration(planned=10 * BATCH, alpha=ALPHA)
    rows = []
    for place, p in enumerate((0.01, 0.05, 0.3)):
        generator = np.random.default_rng([seed, place])
        hits = np.cumsum(generator.binomial(BATCH, p, (paths, LOOKS)), axis=1)
        n = (FIRST * BATCH).astype(float)
        won = log_e_values(hits.astype(float), n, np.array(p), kappa)
        missed = ever(won >= -np.log(ALPHA))
        rows.append(
            row_of(
                "S7", f"share of {p:g}", "missed at some look", (0.020, 0.028), missed
            )
        )
    return rows


def retuned(paths: int = 4_000, seed: int = 12) -> list[Row]:
    """S12: a plan that follows the data looks fine for a while, and is not."""
    constant = float(mixture(1, np.array([1.0]))[0])
    z = np.abs(walks(10 * paths, [seed, 0])) / np.sqrt(FIRST)
    rows = [
        row_of(
            "S12",
            "plan set to n at each of 100 equal looks",
            "found although nothing is there",
            0.032,
            ever(z >= constant),
        )
    ]
    times = np.geomspace(1, 1e6, 2_000)
    generator = np.random.default_rng([seed, 1])
    steps = np.sqrt(np.diff(times, prepend=0.0))
    found: dict[str, list[Anything]] = {"set to n": [], "frozen": [], "none": []}
    bounds = {
        "set to n": np.full(len(times), constant),
        "frozen": mixture(1_000, times),
        "none": without_plan(times),
    }
    for _ in range(0, paths, 500):
        walk = np.cumsum(generator.standard_normal((500, len(times))) * steps, axis=1)
        apart = np.abs(walk) / np.sqrt(times)
        for name, bound in bounds.items():
            found[name].append(ever(apart >= bound))
    expected = {"set to n": 0.13, "frozen": 0.043, "none": 0.047}
    designs = {
        "set to n": "plan set to n, looking all the time from 1 to a million",
        "frozen": "plan frozen at 1,000, the same",
        "none": "Robbins-Siegmund, the same",
    }
    return rows + [
        row_of(
            "S12",
            designs[name],
            "found although nothing is there",
            expected[name],
            np.concatenate(found[name]),
        )
        for name in found
    ]


def contradiction(paths: int = 500, seed: int = 13) -> list[Row]:
    """S13: the mean steps at 500 of 2,000; the running intersection notices."""
    n = np.arange(50, 2_001, 50)
    critical = mixture(500, n) / np.sqrt(n)
    rows = []
    for place, (step, expected) in enumerate(((0.0, 0.0), (0.5, 1.0), (1.0, 1.0))):
        generator = np.random.default_rng([seed, place])
        batches = generator.standard_normal((paths, len(n))) * 50**0.5
        batches += np.where(n > 500, 50 * step, 0.0)
        mean = np.cumsum(batches, axis=1) / n
        low, high = (mean - critical).max(1), (mean + critical).min(1)
        design = f"the mean steps by {step:g} standard deviations"
        within = (0.0, 0.05) if expected == 0 else (0.99, 1.0)
        rows.append(
            row_of(
                "S13", design, "all looks have nothing in common", within, low > high
            )
        )
    return rows


SIMULATIONS: list[Simulation] = [
    type_one,
    coverage,
    width,
    power,
    exact_shares,
    retuned,
    contradiction,
]
