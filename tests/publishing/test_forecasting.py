"""What a claim seals: shrunk toward its null, on the scale on which it is normal."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims import CLAIM
from tests.settlement import ledgers
from workbench.core.evidence import Evidence, Group
from workbench.core.forecasts import Forecast
from workbench.core.registration import Claim
from workbench.publishing.forecasting import (
    Known,
    basis_of,
    learnt_by,
    sealed_forecast,
)
from workbench.takeaways.ledger import chain
from workbench.takeaways.record import fold

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
SERIES = ("late", "a" * 64, "base", "gap")


def forecast(claim: Claim, **changes: Any) -> Forecast:
    found: Evidence = replace(ledgers.evidence(), **changes)
    basis = basis_of(claim, found)
    assert basis is not None
    learnt = learnt_by(basis, claim, SERIES, Known(AS_OF, {}))
    return sealed_forecast(claim, basis, learnt, AS_OF)


ratio = replace(CLAIM, estimand="risk_ratio", margin=1.2)
LOG: dict[str, Any] = {"scale": "log"}


@given(st.floats(0.05, 20), st.floats(0.01, 0.5))
def test_a_ratio_turned_round_foresees_the_same_turned_round(
    value: float, error: float
) -> None:
    """Whichever arm is called the reference, no effect is a ratio of one."""
    one = forecast(ratio, estimate=value, se=value * error, **LOG)
    turned = replace(ratio, direction="less", margin=1 / 1.2)
    other = forecast(turned, estimate=1 / value, se=error / value, **LOG)
    assert (other.low, other.high) == pytest.approx((1 / one.high, 1 / one.low))
    assert other.mean == pytest.approx(-one.mean, abs=1e-9)
    assert other.probability == pytest.approx(one.probability, rel=1e-6, abs=1e-9)
    assert abs(one.mean) <= abs(math.log(value))  # nearer to one than what was seen


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_a_level_is_shrunk_toward_its_margin_wherever_nought_lies(
    value: float, shift: float
) -> None:
    level = replace(CLAIM, estimand="mean", margin=0.5)
    here = forecast(level, estimate=value, centre=value)
    moved = replace(level, margin=0.5 + shift)
    there = forecast(moved, estimate=value + shift, centre=value + shift)
    ends = (here.mean + shift, here.low + shift, here.high + shift)
    assert (there.mean, there.low, there.high) == pytest.approx(ends, abs=1e-8)
    assert there.probability == pytest.approx(here.probability, abs=1e-6)
    assert min(0.5, value) - 1e-9 <= here.mean <= max(0.5, value) + 1e-9


def test_where_units_recur_the_fresh_ones_are_worth_less_by_hand() -> None:
    """sd^2 of one is .03^2 * 1,000 = .9; 100 fresh are worth 25, or 24 of two arms."""
    plain, wide = forecast(CLAIM), forecast(CLAIM, window_effect=4.0)
    assert wide.sd**2 - plain.sd**2 == pytest.approx(0.9 / 25 - 0.9 / 100, rel=1e-6)
    groups = tuple(Group(label=str(n), n=n, units=n, estimate=0.1) for n in (600, 400))
    apart = forecast(CLAIM, window_effect=4.0, groups=groups)
    assert apart.sd**2 - plain.sd**2 == pytest.approx(0.9 / 24 - 0.9 / 100, rel=1e-6)


def test_effects_learn_of_effects_and_levels_of_levels() -> None:
    known = Known(AS_OF.replace(year=2027), {"early": fold("early", ledgers.ledger())})
    for claim, count in ((CLAIM, 1), (replace(CLAIM, estimand="mean"), 2)):
        basis = basis_of(claim, ledgers.evidence())
        assert basis is not None
        assert learnt_by(basis, claim, SERIES, known).known == count


def test_older_terms_of_a_question_teach_nothing_twice() -> None:
    """Two versions of another question count once, and the own older one not at all."""
    lines = ledgers.ledger()
    renewed = [*lines, chain(lines, {**lines[0], "seal": "b" * 64})]
    key = {**lines[1]["key"], "seal": "b" * 64}
    renewed.append(chain(renewed, {**lines[1], "key": key}))
    records = {"early": fold("early", renewed)}
    level = replace(CLAIM, estimand="mean")
    basis = basis_of(level, ledgers.evidence())
    assert basis is not None
    known = Known(AS_OF.replace(year=2027), records)
    assert learnt_by(basis, level, SERIES, known).known == 2
    own = ("early", "c" * 64, "base", "gap")
    assert learnt_by(basis, level, own, known).known == 1


def test_stretches_of_the_past_that_differ_widen_the_forecast_by_hand() -> None:
    """Errors .1, scatter 4 * .2^2: DL (16 - 3) / (400 - 100), times 5/4, and t_2."""
    apart = tuple((value, 0.1) for value in (0.0, 0.4, 0.0, 0.4))
    plain, wide = forecast(CLAIM), forecast(CLAIM, windows=apart)
    student = 1.8856180831641 / 1.2815515655446  # two degrees of freedom, at .9
    assert wide.drift == pytest.approx(math.sqrt(13 / 300 * 1.25) * student, rel=1e-6)
    assert wide.sd**2 - plain.sd**2 == pytest.approx(wide.drift**2, rel=1e-6)
    assert forecast(CLAIM, windows=apart[:2]).drift == 0  # too few to tell
    alike = tuple((0.2, 0.1) for _ in range(9))
    assert forecast(CLAIM, windows=alike) == plain
