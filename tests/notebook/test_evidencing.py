"""Plan and alpha come from the sealed terms; a settlement is blind until it counts."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

import workbench as wb
from tests.notebook.conftest import CLAIM, outputs
from workbench.stats.sequences import critical_value

OPENS = datetime(1997, 1, 21, tzinfo=UTC)  # forty of the sixty customers begin then


def gap(customers: pd.DataFrame):
    return wb.evidence("gap").difference_in_proportions(
        customers, outcome="bought", arm="was_early", began="first"
    )


def test_the_interval_follows_the_registered_plan_and_its_share_of_alpha(
    run_of, customers: pd.DataFrame
) -> None:
    run_of(claims=(replace(CLAIM, planned_occurrences=500),), family=4)
    found = gap(customers)
    assert (found.planned, found.level) == (500, 1 - 0.1 / 4)
    assert found.low is not None
    centre = (30 + 1) / 42 - (5 + 1) / 22
    # 4 * 40 * 20 / 60 = 53.3 balanced occurrences of the 500 planned
    reach = critical_value(information=160 / 3, planned=500, alpha=0.025) * found.se
    assert found.low == pytest.approx(centre - reach, abs=1e-8)


def test_too_few_fresh_occurrences_are_counted_and_not_looked_at(
    run_of, customers: pd.DataFrame
) -> None:
    folder = run_of(claims=(replace(CLAIM, settlement_size=41),), settles=(OPENS,))
    gap(customers)
    look = outputs(folder)[-1].settlement
    assert look is not None
    seen = look.evidence
    assert (seen.n, seen.estimate, seen.se, seen.groups) == (40, None, None, ())
    assert seen.needed == 1


def test_enough_fresh_occurrences_are_estimated_alone_and_for_one_look(
    run_of, customers: pd.DataFrame
) -> None:
    folder = run_of(claims=(replace(CLAIM, settlement_size=40),), settles=(OPENS,))
    whole = gap(customers)
    look = outputs(folder)[-1].settlement
    assert look is not None
    # the 20 early ones from the 21st on: 10 buy; of the 20 others 5
    assert look.evidence.estimate == pytest.approx(10 / 20 - 5 / 20)
    assert (look.evidence.n, look.evidence.interval_kind) == (40, "fixed-sample")
    assert look.evidence.began == ("1997-01-21T00:00:00Z", "1997-03-01T00:00:00Z")
    assert whole.n == 60


def test_settling_an_earlier_claim_changes_no_word_of_the_evidence(
    run_of, run, customers: pd.DataFrame, monkeypatch
) -> None:
    folder = run_of(settles=(OPENS,))
    settling = gap(customers)
    assert [each.kind for each in outputs(folder)] == ["evidence", "settlement"]
    monkeypatch.setenv("WB_RUN", str(run))
    assert gap(customers) == settling


@pytest.mark.parametrize(("size", "effect"), [(120, 2.0), (5, 1.0)])
def test_the_newest_occurrences_say_how_much_units_will_recur(
    run_of, customers: pd.DataFrame, size: int, effect: float
) -> None:
    """Every unit twice and alike; of the newest each is there twice, or once."""
    later = customers.assign(first=customers["first"] + pd.Timedelta(days=60))
    twice = pd.concat([customers.assign(dollars=5), later.assign(dollars=7)])
    run_of(claims=(replace(CLAIM, occurrence="first", settlement_size=size),))
    found = wb.evidence("gap").difference_in_proportions(
        twice, outcome="bought", arm="was_early", occurrence="first"
    )
    assert found.window_effect == pytest.approx(effect, rel=0.05)  # less G / (G - 1)


def test_a_claim_says_how_it_would_have_settled_in_its_past(
    run_of, customers: pd.DataFrame
) -> None:
    """Of the first thirty all buy; of the others 3 of 15 large ones, 2 of 15 small."""
    run_of(claims=(replace(CLAIM, settlement_size=30),))
    found = wb.evidence("gap").difference_in_proportions(
        customers, outcome="bought", arm="size", reference="small", began="first"
    )
    assert [value for value, _ in found.windows] == [0, pytest.approx(1 / 15)]
    assert all(error > 0 for _, error in found.windows)
