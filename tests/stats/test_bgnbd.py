"""BG/NBD against the paper's numbers, from the raw rows of the published sample."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln
from statsmodels.tools.numdiff import approx_fprime, approx_hess

from workbench.stats import intervals, minimums
from workbench.stats.bgnbd import PARAMETERS, Fit, Model, Summary, fit, summarise
from workbench.stats.likelihood import log_likelihood
from workbench.stats.looks import FixedSample
from workbench.stats.sums import Floats, Moments

SAMPLE = Path(__file__).parents[2] / "research/data/cdnow_sample.parquet"
LAST_DAY = np.datetime64("1997-09-30")
WEEKS = 39.0
PAPER = Model(0.243, 4.414, 0.793, 2.426)


def unit_of(x: float, recency: float, age: float) -> Summary:
    return Summary(np.array(["a"]), *(np.array([v]) for v in (x, recency, age)))


@pytest.fixture(scope="module")
def cdnow() -> Summary:
    table = pq.read_table(SAMPLE)
    days = table["date"].to_numpy().astype("datetime64[D]")
    return summarise(table["customer_id"].to_numpy(), days, LAST_DAY)


@pytest.fixture(scope="module")
def happened(cdnow) -> Floats:
    """Purchase days of each customer in the 39 weeks that follow."""
    table = pq.read_table(SAMPLE)
    days = table["date"].to_numpy().astype("datetime64[D]")
    later = summarise(table["customer_id"].to_numpy(), days, LAST_DAY + 39 * 7)
    assert later.units.tolist() == cdnow.units.tolist()
    return np.asarray(later.frequency - cdnow.frequency)


@pytest.fixture(scope="module")
def fits(cdnow):
    generator = np.random.default_rng(20050424)
    starts = np.exp(generator.uniform(-2, 2, (3, 4)))
    return [fit(cdnow, Model(*start)) for start in starts.tolist()]


def test_a_unit_is_summed_up_as_worked_out_by_hand() -> None:
    # two purchases on the first day are one; the one after the end is not seen
    days = ["1997-01-01", "1997-01-01", "1997-01-15", "1997-01-08", "1997-02-01"]
    summary = summarise(
        np.array(["a"] * 5 + ["late"]),
        np.array([*days, "1997-03-01"], dtype="datetime64[D]"),
        np.datetime64("1997-01-22"),
    )
    assert summary.units.tolist() == ["a"]
    assert (summary.frequency[0], summary.recency[0], summary.age[0]) == (2, 2, 3)


def test_three_random_starts_find_the_papers_parameters(fits) -> None:
    for found in fits:
        assert found.model.r == pytest.approx(0.243, abs=5e-4)
        assert found.model.alpha == pytest.approx(4.414, abs=5e-4)
        assert found.model.a == pytest.approx(0.793, abs=5e-4)
        assert found.model.b == pytest.approx(2.426, abs=5e-4)
        assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)
        assert found.units == 2357


def test_the_starts_agree_to_a_millionth(fits) -> None:
    values = np.array([list(found.params.values()) for found in fits])
    assert np.ptp(values, axis=0).max() < 1e-6
    assert len({found.coefficient("a", FixedSample(0.05)) for found in fits}) == 1


def test_the_papers_customer_is_expected_to_buy_1_226_times(fits) -> None:
    customer = unit_of(2, 30.43, 38.86)
    assert fits[0].model.expected_of(customer, 39.0)[0] == pytest.approx(
        1.226, abs=5e-4
    )


def test_the_summary_of_the_sample_is_the_papers(cdnow) -> None:
    # 2,357 customers, 1,411 of them without a repeat purchase in the first 39 weeks
    assert len(cdnow.units) == 2357
    assert int((cdnow.frequency == 0).sum()) == 1411
    assert cdnow.age.max() == pytest.approx(38.857, abs=1e-3)


def test_standard_errors_are_the_sandwich_of_numerical_derivatives(fits, cdnow) -> None:
    found = fits[0]
    rows = np.column_stack([cdnow.frequency, cdnow.recency, cdnow.age])
    top = np.log(list(found.params.values()))
    scores = approx_fprime(top, lambda at: log_likelihood(at, rows)[0], centered=True)
    bread = np.linalg.inv(
        approx_hess(top, lambda at: log_likelihood(at, rows)[0].sum())
    )
    oracle = bread @ (scores.T @ scores) @ bread * 2357 / 2356
    assert np.array(found.log_covariance) == pytest.approx(oracle, rel=1e-3)


def test_a_parameter_has_an_interval_above_nought(fits) -> None:
    r = fits[0].coefficient("r", FixedSample(0.05))
    assert 0 < r.low < 0.243 < r.high
    assert r.se == pytest.approx(0.243 * fits[0].log_covariance[0][0] ** 0.5, rel=1e-2)


positive = st.floats(-1.5, 1.5).map(np.exp).map(float)
models = st.builds(Model, positive, positive, positive, positive)


@given(models, st.integers(0, 30), st.floats(0, 1), st.floats(0.5, 80))
@settings(max_examples=60)
def test_the_gradient_is_that_of_the_likelihood(model, x, share, age) -> None:
    rows = np.array([[x, share * age if x else 0.0, age]])
    logs = np.log([model.r, model.alpha, model.a, model.b])
    _, gradient = log_likelihood(logs, rows)
    for place, shift in enumerate(np.eye(4) * 1e-5):
        slope = (
            log_likelihood(logs + shift, rows)[0]
            - log_likelihood(logs - shift, rows)[0]
        ) / 2e-5
        assert gradient[0, place] == pytest.approx(slope[0], rel=1e-4, abs=1e-4)


@given(models, st.integers(0, 8), st.floats(0.1, 1), st.floats(1, 40))
@settings(max_examples=30)
def test_the_likelihood_is_the_integral_over_rates_and_chances(
    model, x, share, age
) -> None:
    """Equation 3 of the paper: rates mixed numerically, chances exactly."""
    recency = share * age if x else 0.0

    def over_rates(time: float) -> float:
        logs = np.linspace(-120, 10, 13_001)  # of the rate
        density = (
            model.r * np.log(model.alpha)
            + (model.r + x) * logs
            - (model.alpha + time) * np.exp(logs)
            - gammaln(model.r)
        )
        return float(np.trapezoid(np.exp(density), logs))

    def beta(a: float, b: float) -> float:
        return float(np.exp(gammaln(a) + gammaln(b) - gammaln(a + b)))

    whole = beta(model.a, model.b)
    expected = beta(model.a, model.b + x) / whole * over_rates(age)
    if x:
        expected += beta(model.a + 1, model.b + x - 1) / whole * over_rates(recency)
    logs = np.log([model.r, model.alpha, model.a, model.b])
    value, _ = log_likelihood(logs, np.array([[x, recency, age]]))
    assert np.exp(value[0]) == pytest.approx(expected, rel=1e-6)


@given(models, st.floats(0.1, 60))
def test_a_unit_just_born_is_expected_to_buy_like_a_new_one(model, weeks) -> None:
    newborn = model.expected_of(unit_of(0, 0, 0), weeks)[0]
    assert newborn == pytest.approx(model.expected(np.array([weeks]))[0], rel=1e-9)


@given(models, st.floats(0.1, 60), st.floats(0.1, 60))
def test_more_weeks_never_mean_fewer_purchases(model, weeks, more) -> None:
    early, late = model.expected(np.array([weeks, weeks + more]))
    assert 0 <= early <= late + 1e-12


@pytest.mark.parametrize("x", [0, 3])
def test_nothing_jumps_where_the_formula_divides_by_nought(x) -> None:
    unit = unit_of(x, 5.0 * (x > 0), 10.0)
    below, at, above = (
        Model(0.3, 4, a, 2).expected_of(unit, 20.0)[0] for a in (0.999, 1.0, 1.001)
    )
    assert at == pytest.approx((below + above) / 2, rel=1e-5)


def test_a_unit_of_very_many_purchases_does_not_overflow() -> None:
    busy = PAPER.expected_of(unit_of(400, 38.86, 38.86), 39.0)[0]
    assert 100 < busy < 400
    assert PAPER.expected_of(unit_of(400, 1, 38.86), 39.0)[0] == pytest.approx(
        0, abs=1e-9
    )


@pytest.mark.slow
def test_simulated_customers_buy_as_often_as_the_model_expects() -> None:
    generator = np.random.default_rng(6)
    size, weeks = 40_000, 30.0
    rate = generator.gamma(PAPER.r, 1 / PAPER.alpha, size)
    chance = generator.beta(PAPER.a, PAPER.b, size)
    lasts = generator.geometric(chance)  # repeat purchases until the unit leaves
    bought = np.minimum(generator.poisson(rate * weeks), lasts)
    expected = PAPER.expected(np.array([weeks]))[0]
    assert bought.mean() == pytest.approx(expected, abs=4 * bought.std() / size**0.5)


# ---------------------------------------------------------------- the fit's own error


def test_the_forecast_of_the_papers_customers_misses_with_the_fit_included(
    fits, cdnow, happened
) -> None:
    foreseen = fits[0].model.expected_of(cdnow, WEEKS)
    moved = fits[0].influence(cdnow, WEEKS)
    given = intervals.forecast(
        Moments.of(foreseen, happened), FixedSample(0.05), fitted=False
    )
    whole = intervals.forecast(
        Moments.of(foreseen + moved, happened), FixedSample(0.05), fitted=True
    )
    assert given.estimate == whole.estimate == pytest.approx(0.138, abs=5e-4)
    assert given.se == pytest.approx(0.0476, abs=5e-5)
    assert whole.se == pytest.approx(0.0753, abs=5e-5)
    assert given.method.endswith("forecast taken as given, Student t")
    assert whole.method.endswith("fit included, Student t")


def test_an_influence_is_what_a_unit_moves_the_forecast_by(fits, cdnow) -> None:
    # a customer counted twice moves the total by his influence, to first order
    moved = fits[0].influence(cdnow, WEEKS)
    total = fits[0].model.expected_of(cdnow, WEEKS).sum()
    for place in (int(moved.argmax()), int(moved.argmin())):
        once = np.append(np.arange(len(moved)), place)
        again = Summary(
            np.arange(len(once)),
            *(x[once] for x in (cdnow.frequency, cdnow.recency, cdnow.age)),
        )
        model = fit(again, fits[0].model).model
        assert model.expected_of(cdnow, WEEKS).sum() - total == pytest.approx(
            moved[place], rel=0.1
        )


@pytest.mark.parametrize(
    ("term", "asked"), [("r", 984), ("alpha", 4902), ("a", 85), ("b", 35)]
)
def test_the_error_of_a_parameter_is_made_of_influences_as_skewed_as_they_are(
    fits, term: str, asked: int
) -> None:
    """Of 2,357 customers: too few for alpha alone."""
    moved, place = fits[0].influences(term), PARAMETERS.index(term)
    assert abs(moved.sum()) < 1e-6 * np.abs(moved).sum()
    variance = np.sum(moved**2) * 2357 / 2356
    assert variance == pytest.approx(fits[0].log_covariance[place][place])
    check = minimums.skewed_little(moved)
    assert (round(check.threshold), check.passed) == (asked, term != "alpha")


def test_influences_add_up_to_nought(fits, cdnow) -> None:
    moved = fits[0].influence(cdnow, WEEKS)
    assert abs(moved.sum()) < 1e-12 * np.abs(moved).sum()


@pytest.mark.slow
def test_refitting_resampled_customers_gives_the_standard_error(
    fits, cdnow, happened
) -> None:
    generator = np.random.default_rng(11)
    ratios = []
    for _ in range(120):
        drawn = generator.integers(0, len(happened), len(happened))
        again = Summary(
            np.arange(len(drawn)),
            *(x[drawn] for x in (cdnow.frequency, cdnow.recency, cdnow.age)),
        )
        foreseen = fit(again, fits[0].model).model.expected_of(again, WEEKS)
        ratios.append(happened[drawn].sum() / foreseen.sum())
    spread = float(np.std(ratios, ddof=1))
    band = 4 * spread / (2 * (len(ratios) - 1)) ** 0.5
    assert pytest.approx(spread, abs=band) == 0.0753
    assert pytest.approx(spread, abs=band) != 0.0476


# ------------------------------------------------------------------------ too little


def nobody_came_back() -> Summary:
    return Summary(np.arange(50), np.zeros(50), np.zeros(50), np.linspace(1, 20, 50))


@pytest.mark.parametrize(
    "summary",
    [
        summarise(np.array([], object), np.array([], "datetime64[D]"), LAST_DAY),
        unit_of(1, 2, 3),
        nobody_came_back(),
        Summary(np.arange(9), np.full(9, 2.0), np.full(9, 3.0), np.full(9, 4.0)),
    ],
    ids=["nobody", "one", "nobody came back", "all alike"],
)
def test_data_that_determine_no_model_say_nothing_and_go_on(summary) -> None:
    found = fit(summary, Model(1, 1, 1, 1))
    assert not found.found
    assert found.units == len(summary.units)
    assert found.coefficient("a", FixedSample(0.05)).estimate is None
    assert "no maximum" in found.coefficient("a", FixedSample(0.05)).method
    for foreseen in (
        found.model.expected_of(summary, WEEKS),
        found.influence(summary, WEEKS),
        found.model.expected(summary.age),
    ):
        assert foreseen.shape == summary.age.shape
        assert np.isnan(foreseen).all()
    moments = Moments.of(found.model.expected_of(summary, WEEKS), summary.frequency)
    assert intervals.forecast(moments, FixedSample(0.05), fitted=False).estimate is None


def test_a_start_that_found_nothing_is_never_the_best(fits) -> None:
    nothing = Fit(2357)
    assert max([nothing, fits[0]], key=lambda fit: fit.log_likelihood) is fits[0]
