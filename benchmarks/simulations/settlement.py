"""Settlement: what claims predict for fresh samples, and whether they are calibrated.

S9 draws a field of true effects, publishes by a rule on the data, and settles what was
published on a fresh sample of equal size; standard errors are 1 throughout. What is
expected of it are integrals over the published estimates, to four digits; of an
estimated tau, or an estimated drift, a longer run.

S10 draws sealed probabilities and their outcomes and watches the calibration monitor.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri

from benchmarks.simulations import Row, Simulation
from workbench.stats import intervals
from workbench.stats.calibration import (
    Forecast,
    calibration_e_process,
    spiegelhalter_z,
)
from workbench.stats.design import design_effect, implied_icc, mean_size_seen
from workbench.stats.looks import FixedSample
from workbench.stats.predictive import FEWEST_STUDIES, drift, predict, shrinkage_scale
from workbench.stats.sums import Floats, Sample

Booleans = NDArray[np.bool_]

NORMAL = 1.959964
UNSHRUNK = 1e9  # a tau at which nothing is shrunk

# a field: standard deviation of true effects, and what |z| is published
FIELDS = {
    "all published": (1.0, 0.0),
    "published if |z| > 1.96": (1.0, NORMAL),
    "published if |z| > 3": (1.0, 3.0),
    "weak field (tau = se / 2), published if |z| > 1.96": (0.5, NORMAL),
}
SETTLED = {  # what is expected in each field
    "confidence interval covers the new estimate": (0.8342, 0.6958, 0.5648, 0.5128),
    "confidence interval covers the truth": (0.9500, 0.8077, 0.6118, 0.5417),
    "new estimate has the same sign": (0.6667, 0.8501, 0.9206, 0.6696),
    "unshrunk prediction covers": (0.9500, 0.8781, 0.7929, 0.7709),
    "unshrunk probability of the sign": (0.7500, 0.9586, 0.9915, 0.9503),
    "prediction by the known tau covers": (0.95, 0.95, 0.95, 0.95),
    "probability of the sign by the known tau": (0.6667, 0.8501, 0.9206, 0.6696),
    "prediction by a fixed half covers": (0.9500, 0.9500, 0.9500, 0.9336),
    "probability of the sign by a fixed half": (0.6667, 0.8501, 0.9206, 0.8343),
    "prediction below 20 studies covers": (0.9494, 0.9648, 0.9246, 0.9409),
    "probability of the sign below 20 studies": (0.6482, 0.8637, 0.9637, 0.8408),
}


def selection(paths: int = 20_000, seed: int = 9) -> list[Row]:
    """S9: four rules of publication, four ways to predict what will settle a claim."""
    rows = []
    for place, (design, (tau, threshold)) in enumerate(FIELDS.items()):
        generator = np.random.default_rng([seed, place])
        estimates = _published(generator, paths, tau, threshold)
        believed = tau**2 / (tau**2 + 1)
        truths = generator.normal(believed * estimates, believed**0.5)
        fresh = generator.normal(truths)
        columns = (
            abs(fresh - estimates) < NORMAL,
            abs(truths - estimates) < NORMAL,
            fresh > 0,
            *_predicted(estimates, fresh, UNSHRUNK),
            *_predicted(estimates, fresh, tau),
            *_predicted(estimates, fresh, 1.0),
            *_predicted(estimates, fresh, None),
        )
        for (quantity, expected), found in zip(SETTLED.items(), columns, strict=True):
            rows.append(row_of("S9", design, quantity, expected[place], found))
    return rows


def large_effect(paths: int = 20_000, seed: int = 9) -> list[Row]:
    """S9: a truth that is sixty standard errors away from nought."""
    generator = np.random.default_rng(seed)
    estimates, fresh = 60 + generator.normal(size=(2, paths))
    ways = {
        "prediction below 20 studies covers": (None, 0.9499),
        "prediction by a fixed half covers": (1.0, 0.0),
    }
    return [
        row_of(
            "S9", "truth at 60", name, expected, _predicted(estimates, fresh, tau)[0]
        )
        for name, (tau, expected) in ways.items()
    ]


def estimated_scale(paths: int = 2_000, seed: int = 9) -> list[Row]:
    """S9: tau estimated from as few studies as it may be, nulls included."""
    generator = np.random.default_rng(seed)
    covered: list[bool] = []
    for _ in range(paths):
        truths = generator.normal(size=FEWEST_STUDIES)
        estimates, fresh = generator.normal(truths, size=(2, FEWEST_STUDIES))
        tau = shrinkage_scale(estimates.tolist(), [1.0] * FEWEST_STUDIES)
        shown = abs(estimates) > NORMAL
        covered += _predicted(estimates[shown], fresh[shown], tau)[0].tolist()
    design = "tau from 20 registered claims, published if |z| > 1.96"
    quantity = "prediction by the estimated tau covers"
    return [row_of("S9", design, quantity, 0.938, covered)]


RECUR, WITHIN = 3, 0.5  # rows of a unit, and the correlation between two of them


def recurring(paths: int = 4_000, seed: int = 9) -> list[Row]:
    """S9: units that recur, in the claim and among the new ones that will settle it."""
    generator = np.random.default_rng(seed)
    aware: list[bool] = []
    blind: list[bool] = []
    for _ in range(paths):
        truth = generator.normal(scale=0.2)
        units, values = _recurring(generator, 400, truth)
        found = intervals.mean(Sample.of(units, values), FixedSample(0.05))
        assert found.estimate is not None and found.se is not None  # noqa: PT018
        size_seen = mean_size_seen(units, np.zeros_like(units))
        alike = implied_icc(effect=len(units) / found.information, mean_size=size_seen)
        effect = design_effect(mean_size=size_seen, icc=alike)
        _, fresh = _recurring(generator, 100, truth)
        for covers, size in ((aware, len(fresh) / effect), (blind, len(fresh))):
            claim = predict(
                found.estimate,
                found.se,
                sd=found.se * found.information**0.5,
                settlement_size=round(size),
                tau=0.2,
            )
            low, high = claim.interval(0.95)
            covers.append(bool(low <= fresh.mean() <= high))
    design = "units three times each, correlation 1/2"
    return [
        row_of("S9", design, "prediction that knows of it covers", 0.95, aware),
        row_of("S9", design, "prediction that does not covers", 0.87, blind),
    ]


def _recurring(
    generator: np.random.Generator, count: int, truth: float
) -> tuple[NDArray[np.int64], Floats]:
    units = np.repeat(np.arange(count), RECUR)
    own = np.repeat(generator.normal(size=count), RECUR)
    noise = generator.normal(size=len(units))
    return units, truth + WITHIN**0.5 * own + (1 - WITHIN) ** 0.5 * noise


STRETCHES = {3: 0.826, 8: 0.792}  # seen, and what an 80 % forecast then covers


def moving(paths: int = 10_000, seed: int = 9) -> list[Row]:
    """S9: a truth that moves from stretch to stretch by as much as one look errs."""
    rows = []
    for past, expected in STRETCHES.items():
        generator = np.random.default_rng([seed, past])
        seen = generator.normal(generator.normal(size=(paths, past + 1)))
        aware: list[bool] = []
        blind: list[bool] = []
        for *each, new in seen.tolist():
            moves = drift(each, [1.0] * past)
            for covers, moved in ((aware, moves), (blind, 0.0)):
                claim = predict(
                    float(np.mean(each)),
                    past**-0.5,
                    sd=1.0,
                    settlement_size=1,
                    tau=UNSHRUNK,
                    drift=moved,
                )
                low, high = claim.interval(0.8)
                covers.append(low <= new <= high)
        design = f"the truth moves by one error, {past} stretches seen"
        rows += [
            row_of("S9", design, "80% forecast by them holds", expected, aware),
            row_of("S9", design, "80% forecast without holds", 0.6352, blind),
        ]
    return rows


SIZES = (20, 50, 100, 200)
TRUTHS: dict[str, Callable[[Floats], Floats]] = {
    "calibrated": lambda p: p,
    "overconfident, slope 1/2": lambda p: expit(logit(p) / 2),
    "10 points too high": lambda p: p - 0.1,
}
ALARMED = "alarm at some settlement"
ONE_LOOK = "Spiegelhalter's |z| > 1.96 at the last settlement"
PEEKED = "|z| > 1.96 at some settlement from the tenth on"
WATCHED = {  # what is expected when so many as in SIZES are settled
    ("calibrated", ALARMED): (0.001, 0.010, 0.021, 0.034),
    ("calibrated", PEEKED): (0.130, 0.211, 0.277, 0.345),
    ("overconfident, slope 1/2", ALARMED): (0.04, 0.24, 0.57, 0.90),
    ("overconfident, slope 1/2", ONE_LOOK): (0.31, 0.57, 0.82, 0.98),
    ("10 points too high", ALARMED): (0.03, 0.17, 0.43, 0.78),
    ("10 points too high", ONE_LOOK): (0.25, 0.43, 0.67, 0.92),
}


def monitor(paths: int = 2_000, seed: int = 10) -> list[Row]:
    """S10: forecasts of 55 to 95 %, each sealed when the one before has settled."""
    rows = []
    for place, (design, truth) in enumerate(TRUTHS.items()):
        p, y = _drawn(np.random.default_rng([seed, place]), paths, SIZES[-1], truth)
        for at, size in enumerate(SIZES):
            found = _watched(p[:, :size], y[:, :size])
            for (of, quantity), expected in WATCHED.items():
                if of == design:
                    name = f"{design}, {size} settled"
                    rows.append(
                        row_of("S10", name, quantity, expected[at], found[quantity])
                    )
    return rows


def brier_spread(paths: int = 20_000, seed: int = 10) -> list[Row]:
    """S10: how far the mean Brier score of calibrated forecasts moves by luck."""
    p, y = _drawn(np.random.default_rng(seed), paths, SIZES[-1], TRUTHS["calibrated"])
    scores = (p - y) ** 2
    rows = []
    for size, expected in zip(SIZES, (0.0461, 0.0291, 0.0206, 0.0146), strict=True):
        spread = float(scores[:, :size].mean(axis=1).std())
        rows.append(
            Row(
                id="S10",
                design=f"calibrated, {size} settled",
                quantity="standard deviation of the mean Brier score",
                expected=expected,
                measured=spread,
                se=spread / (2 * paths) ** 0.5,
            )
        )
    return rows


def batches(paths: int = 2_000, seed: int = 10) -> list[Row]:
    """S10: twenty batches of ten; each batch is sealed when the one before settles.

    The monitor does not take the ten for independent. Where a normal shock is common to
    them (latent correlation .3) that keeps its promise; where they are independent it
    costs nearly all its power.
    """
    generator = np.random.default_rng(seed)
    shocked = _drawn(generator, paths, 200, TRUTHS["calibrated"], shock=0.3)
    wrong = _drawn(generator, paths, 200, TRUTHS["overconfident, slope 1/2"])
    in_turn = "alarm, each forecast taken as the next in turn"
    return [
        row_of("S10", f"{design}, 20 batches of 10", quantity, expected, found)
        for design, quantity, expected, found in (
            ("calibrated, common shock", in_turn, 0.28, _alarms(*shocked)),
            (
                "calibrated, common shock",
                ALARMED,
                (0.0, 0.05),
                _alarms(*shocked, batch=10),
            ),
            ("overconfident, slope 1/2", in_turn, 0.90, _alarms(*wrong)),
            ("overconfident, slope 1/2", ALARMED, 0.012, _alarms(*wrong, batch=10)),
        )
    ]


SIMULATIONS: list[Simulation] = [
    selection,
    large_effect,
    estimated_scale,
    recurring,
    moving,
    monitor,
    brier_spread,
    batches,
]


def _published(
    generator: np.random.Generator, paths: int, tau: float, threshold: float
) -> Floats:
    """Estimates above a threshold from truths N(0, tau^2), signs turned positive."""
    scale = (tau**2 + 1) ** 0.5
    tail = generator.random(paths) * ndtr(-threshold / scale)
    estimates: Floats = -scale * ndtri(tail)
    return estimates


def _predicted(
    estimates: Floats, fresh: Floats, tau: float | None
) -> tuple[Booleans, Floats]:
    """Whether each 95 % prediction covers the fresh estimate; chance that it is > 0."""
    claims = [predict(z, 1.0, sd=1.0, settlement_size=1, tau=tau) for z in estimates]
    ends = [claim.interval(0.95) for claim in claims]
    low, high = np.reshape(ends, (-1, 2)).T
    above = np.array([claim.probability_above(0) for claim in claims])
    return (low <= fresh) & (fresh <= high), above


def _drawn(
    generator: np.random.Generator,
    paths: int,
    size: int,
    truth: Callable[[Floats], Floats],
    shock: float = 0.0,
) -> tuple[Floats, Booleans]:
    """Probabilities and outcomes; each ten in turn share a latent normal shock."""
    p = generator.uniform(0.55, 0.95, size=(paths, size))
    common = np.repeat(generator.normal(size=(paths, size // 10)), 10, axis=1)
    own = generator.normal(size=p.shape)
    return p, shock**0.5 * common + (1 - shock) ** 0.5 * own < ndtri(truth(p))


def _watched(p: Floats, y: Booleans) -> dict[str, Booleans]:
    """Per path: what the monitor, one look and an impatient reader make of it."""
    looks = [
        abs(spiegelhalter_z(_record(*path)) or 0.0) for path in zip(p, y, strict=True)
    ]
    z = np.cumsum(y - p, axis=1) / np.sqrt(np.cumsum(p * (1 - p), axis=1))
    return {
        ALARMED: _alarms(p, y),
        ONE_LOOK: np.array(looks) > NORMAL,
        PEEKED: np.any(abs(z[:, 9:]) > NORMAL, axis=1),
    }


def _alarms(p: Floats, y: Booleans, *, batch: int = 1) -> Booleans:
    records = (_record(*path, batch=batch) for path in zip(p, y, strict=True))
    return np.array([calibration_e_process(record).alarm for record in records])


def _record(p: Floats, y: Booleans, *, batch: int = 1) -> list[Forecast]:
    """Forecasts in batches, each sealed as a whole when the one before settles."""
    return [
        Forecast(
            probability=chance,
            outcome=outcome,
            sealed=place // batch,
            settled=place // batch + 1,
        )
        for place, (chance, outcome) in enumerate(
            zip(p.tolist(), y.tolist(), strict=True)
        )
    ]


def row_of(
    name: str,
    design: str,
    quantity: str,
    expected: float | tuple[float, float],
    found: Sequence[bool] | NDArray[np.generic],
) -> Row:
    """A mean over paths; a share's error counts one path more with and one without."""
    values = np.asarray(found)
    count, spread = len(values), values.std()
    if values.dtype == np.bool_:  # a share of nought has an error all the same
        share = (values.sum() + 1) / (count + 2)
        spread = (share * (1 - share)) ** 0.5
    return Row(
        id=name,
        design=design,
        quantity=quantity,
        expected=expected,
        measured=float(values.mean()),
        se=float(spread / count**0.5),
    )
