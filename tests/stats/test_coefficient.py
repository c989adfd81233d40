"""A coefficient with our own standard error, against statsmodels' refitted one."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from workbench.stats.coefficient import (
    coefficient,
    influences,
    is_weighted,
    outcomes,
    row_labels,
    rows_fitted,
    terms,
)
from workbench.stats.looks import FixedSample

LOOK = FixedSample(0.05)


def frame(seed: int = 1, units: int = 30) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), 3)
    x = generator.normal(size=units)[unit] + generator.normal(size=3 * units)
    y = 0.5 * x + generator.normal(size=units)[unit] + generator.normal(size=3 * units)
    return pd.DataFrame({"unit": unit, "x": x, "y": y, "win": (y > 0).astype(int)})


MODELS = {
    "OLS": lambda data: smf.ols("y ~ x", data),
    "Logit": lambda data: smf.logit("win ~ x", data),
    "GLM": lambda data: smf.glm("win ~ x", data, family=sm.families.Binomial()),
}


@pytest.mark.parametrize("model", MODELS)
def test_it_is_statsmodels_cluster_robust_t(model) -> None:
    data = frame()
    quiet = {"disp": 0} if model == "Logit" else {}
    plain = MODELS[model](data).fit(**quiet)
    robust = MODELS[model](data).fit(
        cov_type="cluster", cov_kwds={"groups": data["unit"]}, use_t=True, **quiet
    )
    robust.df_resid_inference = data["unit"].nunique() - 1
    result = coefficient(plain, "x", data["unit"].to_numpy(), LOOK)
    assert result.se == pytest.approx(robust.bse["x"], rel=1e-6)
    assert (result.low, result.high) == pytest.approx(
        tuple(robust.conf_int().loc["x"]), rel=1e-6
    )


@pytest.mark.parametrize("model", MODELS)
def test_the_error_is_made_of_influences_that_add_up_to_nought(model) -> None:
    data = frame()
    quiet = {"disp": 0} if model == "Logit" else {}
    fitted, units = MODELS[model](data).fit(**quiet), data["unit"].to_numpy()
    moved, weights = influences(fitted, "x", units)
    assert moved.shape == weights.shape == (30,)
    assert abs(moved.sum()) < 1e-6 * np.abs(moved).sum()
    correction = 30 / 29 * 89 / 88
    error = coefficient(fitted, "x", units, LOOK).se
    assert error == pytest.approx((correction * np.sum(moved**2)) ** 0.5)


def test_an_influence_is_weight_times_residual() -> None:
    data = frame().drop_duplicates("unit")
    fitted = smf.ols("y ~ x", data).fit()
    moved, weights = influences(fitted, "x", data["unit"].to_numpy())
    away = data["x"] - data["x"].mean()
    assert weights == pytest.approx((away / np.sum(away**2)).to_numpy())
    assert moved == pytest.approx((weights * fitted.resid).to_numpy())


def test_the_weight_of_a_unit_is_that_of_its_rows() -> None:
    data = frame()
    fitted = smf.ols("y ~ x", data).fit()
    _, rows = influences(fitted, "x", np.arange(90))
    _, weights = influences(fitted, "x", data["unit"].to_numpy())
    of_first = rows[:3]
    assert weights[0] == pytest.approx(
        np.sign(of_first.sum()) * np.sum(of_first**2) ** 0.5
    )


def test_the_covariance_the_author_asked_for_is_not_used() -> None:
    data = frame()
    plain, asked = (
        smf.ols("y ~ x", data).fit(cov_type=c) for c in ("nonrobust", "HC3")
    )
    units = data["unit"].to_numpy()
    assert coefficient(plain, "x", units, LOOK) == coefficient(asked, "x", units, LOOK)


def test_the_order_of_rows_changes_no_digit() -> None:
    data = frame()
    shuffled = data.sample(frac=1, random_state=np.random.default_rng(3))
    one, other = (
        coefficient(smf.ols("y ~ x", d).fit(), "x", d["unit"].to_numpy(), LOOK)
        for d in (data, shuffled)
    )
    assert one == other


def test_one_unit_says_nothing() -> None:
    data = frame().assign(unit=1)
    result = coefficient(
        smf.ols("y ~ x", data).fit(), "x", data["unit"].to_numpy(), LOOK
    )
    assert (result.estimate, result.low) == (None, None)


def test_what_a_result_knows_of_its_rows() -> None:
    data = frame().set_index(np.arange(90) + 5)
    data.loc[7, "y"] = np.nan
    result = smf.ols("y ~ x", data).fit()
    assert terms(result) == ["Intercept", "x"]
    assert rows_fitted(result) == 89
    assert outcomes(result).tolist() == data["y"].dropna().tolist()
    assert row_labels(result) == [label for label in data.index if label != 7]
    assert row_labels(sm.OLS(data["x"].to_numpy(), np.ones(90)).fit()) is None


def test_typed_frequencies_are_seen() -> None:
    data = frame()
    family = sm.families.Poisson()
    typed = smf.glm("win ~ x", data, family=family, freq_weights=data["unit"] + 1)
    assert is_weighted(typed.fit())
    assert not is_weighted(smf.glm("win ~ x", data, family=family).fit())


@pytest.mark.parametrize("constant", [0.1, 0.3, 5.0, 19.99])
def test_an_outcome_that_does_not_vary_has_no_interval(constant) -> None:
    data = frame().assign(y=constant)
    result = coefficient(
        smf.ols("y ~ x", data).fit(), "x", data["unit"].to_numpy(), LOOK
    )
    assert result.estimate == pytest.approx(0, abs=1e-9)
    assert (result.low, result.high) == (None, None)
