"""Evidence from frames: counted, recorded, and refused where it must be."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.notebook.conftest import CLAIM, CUSTOMERS, VIEW, outputs
from workbench import notebook as wb
from workbench.core.errors import UsageError
from workbench.core.evidence import Evidence, Group, SettlementLook
from workbench.notebook.session import current_session
from workbench.stats.bgnbd import Model, Summary, fit
from workbench.stats.sequences import critical_value

pytestmark = pytest.mark.usefixtures("run")


def test_a_difference_in_shares_is_worked_out_by_hand(customers) -> None:
    # 30/40 - 5/20 = .5; 31/42 and 6/22 with Agresti and Caffo; alpha .1 and plan of
    # the claim; 40 against 20 are worth 4 * 40 * 20 / 60 occurrences
    gap = wb.evidence("gap").difference_in_proportions(
        customers, outcome="bought", arm="was_early", began="first"
    )
    better = (31 / 42, 6 / 22)
    se = np.sqrt(better[0] * (1 - better[0]) / 42 + better[1] * (1 - better[1]) / 22)
    assert (gap.estimate, gap.level) == (0.5, 0.9)
    reach = critical_value(information=160 / 3, planned=60, alpha=0.1)
    assert gap.low == pytest.approx(better[0] - better[1] - reach * se)
    assert gap.information == pytest.approx(160 / 3)
    assert gap.planned == 60
    assert gap.interval_kind == "confidence sequence"
    assert gap.began == ("1997-01-01T00:00:00Z", "1997-03-01T00:00:00Z")
    # the whole interval lies beyond the margin, so the bet against it has won
    assert gap.low is not None
    assert gap.log_e is not None
    assert gap.low > CLAIM.margin
    assert gap.log_e > np.log(1 / 0.1)
    assert gap.groups == (
        Group(label="was early", n=40, units=40, estimate=0.75),
        Group(label="not was early", n=20, units=20, estimate=0.25),
    )
    assert (gap.n, gap.units, gap.unit, gap.occurrence) == (
        60,
        60,
        "customer",
        "customer",
    )


def test_it_is_on_record_as_it_was_returned(run, customers) -> None:
    share = wb.evidence("share").proportion(customers, "bought")
    spent = wb.evidence("spent").mean(customers, "spent", measure="USD")
    everyone = wb.count("everyone", customers)
    recorded = [output.evidence for output in outputs(run)]
    assert [e.name for e in recorded if e] == ["share", "spent", "everyone"]
    for output, shown in zip(recorded, (share, spent, everyone), strict=True):
        assert isinstance(shown, Evidence)
        assert output == Evidence(**{f: getattr(shown, f) for f in Evidence.__slots__})
    assert (share.level, share.measure, spent.measure) == (0.95, "share", "USD")
    assert (share.planned, share.log_e, share.needed) == (300, None, None)
    assert (everyone.estimate, everyone.interval_kind) == (60, "none")


def test_recurring_units_are_counted_and_clustered(months) -> None:
    share = wb.evidence("share").proportion(months, "bought", occurrence="month")
    assert (share.n, share.units, share.occurrence) == (180, 60, "customer-month")
    assert "clustered by unit" in share.method


def test_units_may_be_in_both_arms(run_of, months) -> None:
    run_of(claims=())
    gap = wb.evidence("gap").difference_in_means(
        months.assign(late=months["month"] > "1997-02"),
        "bought",
        "late",
        occurrence="month",
    )
    assert (gap.n, gap.units) == (180, 60)
    assert [group.units for group in gap.groups] == [60, 60]


def test_an_arm_of_two_values_names_its_reference(customers) -> None:
    gap = wb.evidence("gap").difference_in_proportions(
        customers, outcome="bought", arm="size", reference="small", began="first"
    )
    assert [group.label for group in gap.groups] == ["large", "small"]


def test_a_forecast_adds_up_per_unit(months) -> None:
    frame = months.assign(seen=2.0, foreseen=months.index % 3 + 1.0)
    miss = wb.evidence("miss").forecast(frame, "seen", "foreseen", occurrence="month")
    assert miss.estimate == pytest.approx(360 / frame["foreseen"].sum() - 1)
    assert miss.units == 60


def test_a_coefficient_is_robust_by_unit(months) -> None:
    result = smf.ols("spent ~ was_early", months.astype({"was_early": int})).fit()
    slope = wb.evidence("slope").coefficient(
        result, "was_early", months, occurrence="month", measure="USD"
    )
    robust = result.get_robustcov_results(
        "cluster", groups=months["customer_id"].to_numpy()
    )
    assert slope.estimate == pytest.approx(result.params["was_early"])
    assert slope.se == pytest.approx(robust.bse[1])


def test_a_customer_models_parameter_is_evidence_too(customers) -> None:
    generator = np.random.default_rng(8)
    pace = generator.gamma(0.6, 0.5, (60, 1))  # purchases a week
    days = np.cumsum(generator.exponential(1 / pace, (60, 40)), axis=1)
    stays = generator.geometric(generator.beta(1, 3, 60))[:, None]
    seen = (days < 40) & (np.arange(40) < stays)
    last = np.where(seen, days, 0.0).max(axis=1)
    counts = seen.sum(axis=1).astype(float)
    summary = Summary(np.arange(60), counts, last, np.full(60, 40.0))
    found = fit(summary, Model(1, 5, 1, 2))
    rate = wb.evidence("rate").coefficient(found, "r", customers)
    assert rate.estimate == pytest.approx(found.model.r)
    assert rate.n == 60
    skew = next(check for check in rate.checks if check.code == "skew")
    moved = found.influences("r")
    cube = np.mean(moved**3) / np.mean(moved**2) ** 1.5
    assert skew.threshold == pytest.approx(25 * cube**2, rel=1e-6)


def test_a_forecast_that_was_fitted_says_so_and_varies_with_the_fit(customers) -> None:
    frame = customers.assign(
        seen=2.0, foreseen=1.0 + customers.index % 3, moved=np.tile([0.5, -0.5], 30)
    )
    given = wb.evidence("given").forecast(frame, "seen", "foreseen")
    whole = wb.evidence("whole").forecast(frame, "seen", "foreseen", fitted="moved")
    assert given.estimate == whole.estimate == 0
    assert given.se is not None
    assert whole.se is not None
    # residuals 2 - f and 2 - f - c: sums of squares 40 and 40 + 60 / 4
    assert whole.se / given.se == pytest.approx((55 / 40) ** 0.5)
    assert "forecast taken as given" in given.method
    assert "fit included" in whole.method


def test_a_model_that_the_data_do_not_determine_ends_without_an_estimate(
    run, customers
) -> None:
    summary = Summary(np.arange(60), np.zeros(60), np.zeros(60), np.full(60, 9.0))
    nothing = fit(summary, Model(1, 5, 1, 2))
    rate = wb.evidence("rate").coefficient(nothing, "r", customers)
    frame = customers.assign(
        foreseen=nothing.model.expected_of(summary, 4.0),
        moved=nothing.influence(summary, 4.0),
    )
    miss = wb.evidence("miss").forecast(frame, "spent", "foreseen", fitted="moved")
    slope = wb.evidence("slope").coefficient(None, "x", customers[:0])
    for found, n in ((rate, 60), (miss, 60), (slope, 0)):
        assert (found.estimate, found.low, found.high, found.n) == (None, None, None, n)
        assert found.method
    assert [output.kind for output in outputs(run)] == ["evidence"] * 3


def test_too_little_data_is_no_error(customers) -> None:
    nobody = customers[:0]
    gap = wb.evidence("gap").difference_in_proportions(nobody, "bought", "was_early")
    assert (gap.estimate, gap.n, gap.units) == (None, 0, 0)
    one = wb.evidence("one").mean(customers[:1], "spent")
    assert (one.estimate, one.low, one.n) == (None, None, 1)
    early = wb.evidence("early").difference_in_means(
        customers[customers["was_early"]], "spent", "was_early"
    )
    assert (early.estimate, early.groups[1].n) == (None, 0)


def gap_of(frame: pd.DataFrame, **changes: Any) -> Evidence:
    """The registered claim's evidence, of a frame with a column `first`."""
    made = {"outcome": "bought", "arm": "was_early", "began": "first"} | changes
    return wb.evidence("gap").difference_in_proportions(frame, **made)


def failed(evidence: Evidence) -> list[str]:
    return [check.code for check in evidence.failed]


# ----------------------------------------------------------- what bears no interval


def test_an_occurrence_whose_outcome_is_not_known_yet_leaves_no_interval(
    customers,
) -> None:
    # the horizon is P30D and the run's date 1998-07-01: the edge is 1998-06-01
    ripe = customers.assign(first=pd.Timestamp("1998-06-01"))
    assert failed(gap_of(ripe)) == []
    young = ripe.copy()
    young.loc[0, "first"] += pd.Timedelta(seconds=1)
    current_session().said.clear()
    gap = gap_of(young)
    assert failed(gap) == ["immature"]
    assert (gap.estimate, gap.low, gap.high, gap.log_e) == (0.5, None, None, None)
    assert "no interval: immature" in gap.method
    [check] = gap.failed
    assert (check.measured, check.threshold) == (1, 0)


def test_an_occurrence_that_begins_on_the_runs_date_leaves_no_interval(
    run_of, customers
) -> None:
    # without a horizon an outcome is known at once, and only the beginning counts
    run_of(claims=(replace(CLAIM, horizon="PT0S"),))
    ahead = customers.copy()
    ahead.loc[0, "first"] = pd.Timestamp("1998-07-01") - pd.Timedelta(seconds=1)
    assert failed(gap_of(ahead)) == []
    ahead.loc[0, "first"] = pd.Timestamp("1998-07-01")
    current_session().said.clear()
    gap = gap_of(ahead)
    assert failed(gap) == ["look-ahead"]
    assert (gap.estimate, gap.low, gap.high) == (0.5, None, None)
    share = wb.evidence("share").proportion(ahead, "bought", began="first")
    assert (failed(share), share.low) == (["look-ahead"], None)


@pytest.mark.parametrize(("after", "short"), [(1, ["look-ahead"]), (0, []), (-9, [])])
def test_an_arm_that_knows_what_came_after_its_row_began_leaves_no_interval(
    customers, after, short
) -> None:
    told = customers.assign(told=customers["first"])
    told.loc[7, "told"] += pd.Timedelta(seconds=after)
    told["bought"] = told["bought"].astype(int)
    slope = smf.ols("spent ~ bought", told).fit()
    found = (
        wb.evidence("gap", known="told").difference_in_proportions(
            told, outcome="bought", arm="was_early", began="first"
        ),
        wb.evidence("money", known="told").difference_in_means(
            told, "spent", "size", reference="small", began="first"
        ),
        wb.evidence("slope", known="told").coefficient(
            slope, "bought", told, began="first"
        ),
    )
    for each in found:
        assert failed(each) == short
        assert (each.low is None) is bool(short)


def test_what_was_known_is_compared_with_when_a_row_began(customers) -> None:
    text = refusal(lambda: wb.evidence("m", known="first").mean(customers, "spent"))
    assert "whether 'first' looks ahead is told by when each row began" in text
    text = refusal(
        lambda: wb.evidence("m", known="size").mean(customers, "spent", began="first")
    )
    assert "column 'size' holds str, not dates" in text


@pytest.mark.parametrize(("units", "short"), [(29, ["small-n"]), (30, [])])
def test_fewer_than_thirty_units_leave_no_interval(customers, units, short) -> None:
    spent = wb.evidence("spent").mean(customers[:units], "spent")
    assert failed(spent) == short
    assert (spent.low is None) is bool(short)
    assert spent.estimate is not None


EXACT: dict[str, tuple[Any, dict[str, Any]]] = {
    "share": (
        lambda few: wb.evidence("gap").proportion(few, "bought", began="first"),
        {"estimand": "proportion"},
    ),
    "share that is registered as exact": (
        lambda few: wb.evidence("gap").proportion(few, "bought", began="first"),
        {"estimand": "proportion", "sequence": "exact"},
    ),
    "difference": (
        lambda few: gap_of(few, arm="size", reference="small"),
        {"sequence": "exact"},
    ),
    "quantile": (
        lambda few: wb.evidence("gap").quantile(few, "spent", began="first"),
        {"estimand": "quantile", "sequence": "exact", "quantile": 0.5},
    ),
    "betting on a mean": (
        lambda few: wb.evidence("gap").mean(few, "spent", began="first"),
        {"estimand": "mean", "sequence": "betting", "bounds": (0.0, 100.0)},
    ),
    "betting on a score": (
        lambda few: wb.evidence("gap").nps(few, "answer", began="first"),
        {"estimand": "nps", "sequence": "betting"},
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_an_exact_interval_needs_no_number_of_units_and_is_wide(
    run_of, customers, name
) -> None:
    call, terms = EXACT[name]
    run_of(claims=(replace(CLAIM, **terms),))
    found = call(customers.assign(answer=customers.index % 11)[19:48])  # 29 of them
    assert (found.units, failed(found)) == (29, [])
    assert found.low is not None
    assert found.high is not None
    assert "exact" in found.method or "betting" in found.method


@pytest.mark.parametrize(
    ("sequence", "short"), [("mixture", []), ("robbins-siegmund", ["rare-events"])]
)
def test_a_share_without_a_plan_rests_on_a_standard_error(
    run_of, customers, sequence, short
) -> None:
    run_of(claims=(replace(CLAIM, estimand="proportion", sequence=sequence),))
    rare = customers.assign(bought=customers.index < 24)
    share = wb.evidence("gap").proportion(rare, "bought", began="first")
    assert failed(share) == short
    assert ("exact" in share.method) is (not short)


def test_a_share_of_recurring_units_is_not_exact(months) -> None:
    few = months[months["customer_id"].isin(CUSTOMERS[:29])]
    share = wb.evidence("share").proportion(few, "bought", occurrence="month")
    assert "exact" not in share.method
    codes = [check.code for check in share.checks]
    assert codes == ["unit-of-analysis", "rare-events", "look-ahead"]


@pytest.mark.parametrize(("bought", "short"), [(24, ["rare-events"]), (25, [])])
def test_an_outcome_of_two_arms_must_not_be_too_rare(customers, bought, short) -> None:
    for buys in (np.arange(60) % 60 < bought, np.arange(60) >= bought):
        current_session().said.clear()
        gap = gap_of(customers.assign(bought=buys, was_early=np.arange(60) % 2 == 0))
        assert failed(gap) == short
        assert (gap.low is None) is bool(short)


def test_too_skewed_a_sum_leaves_no_interval(customers) -> None:
    skewed = customers.assign(spent=np.where(customers.index == 0, 1e6, 1.0))
    spent = wb.evidence("spent").mean(skewed, "spent")
    assert (failed(spent), spent.low) == (["skew"], None)


def test_a_coefficient_that_a_long_tail_carries_leaves_no_interval(customers) -> None:
    frame = customers.assign(
        spent=np.where(customers.index == 59, 1e4, customers["spent"]),
        few=(customers.index < 6).astype(int),
    )
    result = smf.ols("spent ~ few", frame).fit()
    slope = wb.evidence("slope").coefficient(result, "few", frame)
    assert (failed(slope), slope.low, slope.high) == (["small-n", "skew"], None, None)
    assert slope.estimate == pytest.approx(result.params["few"])
    even = smf.ols("spent ~ few", customers.assign(few=frame["few"])).fit()
    found = wb.evidence("even").coefficient(even, "few", customers)
    assert failed(found) == ["small-n"]  # six carry it
    half = smf.ols("spent ~ half", customers.assign(half=customers.index % 2)).fit()
    assert failed(wb.evidence("half").coefficient(half, "half", customers)) == []


@pytest.mark.parametrize(("bought", "short"), [(24, ["rare-events"]), (26, [])])
def test_a_modelled_outcome_must_not_be_too_rare(customers, bought, short) -> None:
    frame = customers.assign(
        bought=(np.arange(60) % 2 * 30 + np.arange(60) // 2 < bought).astype(int),
        small=np.tile([0, 0, 1, 1], 15),
    )
    result = smf.logit("bought ~ small", frame).fit(disp=0)
    odds = wb.evidence("odds").coefficient(result, "small", frame)
    assert failed(odds) == short
    assert (odds.low is None) is bool(short)


def test_a_forecast_that_one_unit_carries_leaves_no_interval(customers) -> None:
    frame = customers.assign(
        seen=np.where(customers.index == 0, 1e4, 2.0), foreseen=2.0
    )
    miss = wb.evidence("miss").forecast(frame, "seen", "foreseen")
    assert (failed(miss), miss.low, miss.high) == (["skew"], None, None)
    assert miss.estimate is not None


@pytest.mark.parametrize(("units", "short"), [(19, ["unit-of-analysis"]), (20, [])])
def test_few_units_do_not_become_more_by_recurring(months, units, short) -> None:
    few = months[months["customer_id"].isin(CUSTOMERS[:units])]
    spent = wb.evidence("spent").mean(few, "spent", occurrence="month")
    assert (spent.n, failed(spent)) == (3 * units, short)
    assert (spent.low is None) is bool(short)


def test_the_number_needed_is_of_the_registered_effect_and_not_of_the_seen_one(
    run_of, customers
) -> None:
    run_of(claims=(replace(CLAIM, smallest_effect=0.1),))
    gap = gap_of(customers)
    assert gap.se is not None
    worth, sd = 160 / 3, gap.se * (160 / 3) ** 0.5
    # what is missing makes just enough: z of the sequence there plus z of power 80 %
    assert gap.needed is not None
    enough = int(worth) + int(gap.needed * worth / 60)
    for n, decided in ((enough, True), (enough - 1, False)):
        reach = critical_value(information=n, planned=60, alpha=0.1)
        assert bool(0.1 * n**0.5 / sd >= reach + 0.8416212) is decided
    current_session().said.clear()
    larger = gap_of(customers.assign(bought=~customers["bought"]))  # -.5 for +.5
    assert (larger.estimate, larger.needed) == (-0.5, gap.needed)


def test_what_the_plan_can_reveal_stands_beside_what_must_not_be_missed(
    run_of, customers
) -> None:
    """60 customers in arms of 40 and 20 are worth 53.3, and so are the 60 planned."""
    run_of()
    gap = gap_of(customers)
    assert gap.se is not None
    assert gap.n == 60
    sd = gap.se * (160 / 3) ** 0.5
    reach = critical_value(information=53, planned=60, alpha=0.1)
    assert gap.detectable == pytest.approx((reach + 0.8416212) * sd / 53**0.5)


def test_without_a_standard_error_the_plan_is_the_number(run_of, customers) -> None:
    run_of(claims=(replace(CLAIM, planned_occurrences=1000),))
    gap = gap_of(customers[customers["was_early"]])
    assert (gap.n, gap.se, gap.needed, gap.detectable) == (40, None, 960, None)


def test_all_claims_in_all_variants_share_one_alpha(run_of, customers) -> None:
    run_of(family=4)
    gap = gap_of(customers)
    assert gap.level == pytest.approx(1 - 0.1 / 4)
    reach = critical_value(information=160 / 3, planned=60, alpha=0.1 / 4)
    assert gap.high is not None
    assert gap.low is not None
    assert gap.se is not None
    assert gap.high - gap.low == pytest.approx(2 * reach * gap.se)


# -------------------------------------------------------------------- what settles


AFTER = datetime(1997, 2, 1, tzinfo=UTC)  # 29 of the customers come later, or on it


def settled(folder: Path) -> SettlementLook:
    found = [output.settlement for output in outputs(folder) if output.settlement]
    assert len(found) == 1
    return found[0]


def test_a_run_that_settles_looks_once_at_what_began_since(run_of, customers) -> None:
    claim = replace(CLAIM, settlement_size=20)
    folder = run_of(claims=(claim,), settles=(AFTER,), family=4)
    gap_of(customers)
    look = settled(folder)
    assert (look.claim, look.opens) == ("gap", "1997-02-01T00:00:00Z")
    found = look.evidence
    # customers 31 to 50, the first twenty: 9 of them early and none of these buys
    assert (found.n, found.units, found.needed, found.planned) == (20, 20, 0, 20)
    assert [(g.n, g.estimate) for g in found.groups] == [(9, 0.0), (11, 0.0)]
    assert (found.interval_kind, found.level) == ("fixed-sample", 0.9)
    assert found.began == ("1997-02-01T00:00:00Z", "1997-02-20T00:00:00Z")


def test_too_little_that_is_fresh_is_only_counted(run_of, customers) -> None:
    folder = run_of(settles=(AFTER,))  # 29 of the 30 that settle
    gap_of(customers)
    found = settled(folder).evidence
    assert (found.n, found.needed, found.estimate, found.se) == (29, 1, None, None)
    assert found.groups == ()


@pytest.mark.parametrize(
    ("settles_on", "n"), [("new units", 0), ("fresh occurrences", 60)]
)
def test_who_was_known_before_settles_only_where_none_can_be_new(
    run_of, months, settles_on, n
) -> None:
    # of those who are fresh all of the first month that has 30 settle, not March
    claim = replace(CLAIM, occurrence="month", settles_on=settles_on)
    folder = run_of(claims=(claim,), settles=(AFTER.replace(month=1, day=15),))
    gap_of(months, began=None, occurrence="month")
    assert settled(folder).evidence.n == n


# ------------------------------------------------------------------- what is refused


def refusal(call) -> str:
    with pytest.raises(UsageError) as caught:
        call()
    text = str(caught.value)
    assert not any(customer in text for customer in CUSTOMERS)
    return text


def test_a_claim_that_does_not_say_when_its_occurrences_began_is_refused(
    run_of, customers, months
) -> None:
    text = refusal(lambda: gap_of(customers, began=None))
    assert 'name the column that says when each began, began="..."' in text
    text = refusal(lambda: gap_of(customers, began="frist"))
    assert "no column 'frist'" in text
    assert "Did you mean 'first'?" in text
    text = refusal(lambda: gap_of(customers, began="size"))
    assert "column 'size' holds str, not dates" in text
    run_of(claims=(replace(CLAIM, occurrence="month"),))
    dated = gap_of(months, began=None, occurrence="month")  # a date says it itself
    assert dated.began == ("1997-01-01T00:00:00Z", "1997-03-01T00:00:00Z")
    numbered = months.assign(month=months["month"].dt.month)
    current_session().said.clear()
    text = refusal(lambda: gap_of(numbered, began=None, occurrence="month"))
    assert 'began="..."' in text


def test_a_claimed_coefficient_is_a_function_of_its_rows(run_of, customers) -> None:
    folder = run_of(
        claims=(replace(CLAIM, estimand="coefficient", settlement_size=20),),
        settles=(AFTER,),
    )
    frame = customers.astype({"was_early": int})

    def fitted(rows: pd.DataFrame) -> Any:
        return smf.ols("spent ~ was_early", rows).fit()

    text = refusal(
        lambda: wb.evidence("gap").coefficient(
            fitted(frame), "was_early", frame, began="first"
        )
    )
    assert "give a function of the rows that returns the fitted model" in text
    slope = wb.evidence("gap").coefficient(fitted, "was_early", frame, began="first")
    assert slope.estimate == pytest.approx(fitted(frame).params["was_early"])
    fresh = settled(folder).evidence
    assert fresh.n == 20
    assert fresh.estimate == pytest.approx(fitted(frame[31:51]).params["was_early"])


def test_replicated_rows_are_refused_with_their_number(customers, months) -> None:
    doubled = pd.concat([customers, customers])
    text = refusal(lambda: wb.count("all", doubled))
    assert "120 rows, of which 60 repeat a customer" in text
    again = pd.concat([months, months[:5]])
    text = refusal(lambda: wb.evidence("m").mean(again, "spent", occurrence="month"))
    assert "5 of 185 rows repeat a customer and month" in text


@pytest.mark.parametrize(
    "convert",
    [
        pd.Series,
        lambda column: column.dt.date,
        lambda column: column.dt.to_period("M"),
        lambda column: column.dt.tz_localize("UTC"),
    ],
    ids=["instants", "dates", "periods", "zoned"],
)
def test_what_has_not_happened_yet_is_refused(months, convert) -> None:
    ahead = months.assign(month=months["month"] + pd.DateOffset(months=16))  # from May
    ahead["month"] = convert(ahead["month"])
    text = refusal(
        lambda: wb.evidence("share").proportion(ahead, "bought", occurrence="month")
    )
    assert "60 of 180 rows have a month that is not before" in text
    assert "1998-07-01" in text


@pytest.mark.parametrize(("registered", "given"), [("month", None), ("", "month")])
def test_a_claims_occurrence_is_the_registered_one(
    run_of, months, registered, given
) -> None:
    run_of(claims=(replace(CLAIM, occurrence=registered),))
    frame = months if given else months.drop_duplicates("customer_id")
    text = refusal(
        lambda: wb.evidence("gap").difference_in_proportions(
            frame, "bought", "was_early", occurrence=given
        )
    )
    assert "`occurrence` of the claim in research/back-again.yaml" in text
    assert ('pass occurrence="month"' in text) == (registered == "month")


def test_influences_that_do_not_add_up_to_nought_are_refused(customers) -> None:
    frame = customers.assign(foreseen=1.0, moved=0.1)
    text = refusal(
        lambda: wb.evidence("m").forecast(frame, "spent", "foreseen", fitted="moved")
    )
    assert "column 'moved' does not add up to nought" in text


def test_a_forecast_with_holes_is_refused(customers) -> None:
    frame = customers.assign(foreseen=np.where(customers.index % 2, 1.0, np.nan))
    text = refusal(lambda: wb.evidence("m").forecast(frame, "spent", "foreseen"))
    assert "column 'foreseen' has 30 missing of 60 values" in text


def test_a_column_that_is_there_twice_is_refused(customers) -> None:
    twice = pd.concat([customers, customers[["spent", "customer_id"]]], axis=1)
    text = refusal(lambda: wb.evidence("m").mean(twice, "spent"))
    assert "several columns 'spent'" in text
    assert "several columns 'customer_id'" in text
    text = refusal(lambda: wb.evidence("f").forecast(twice, "spent", "spent"))
    assert "several columns 'spent'" in text


def test_made_up_units_are_refused(customers) -> None:
    strange = customers.assign(customer_id=[f"x{i}" for i in range(60)])
    assert "60 of 60 rows are of no customer" in refusal(lambda: wb.count("x", strange))


def test_a_frame_without_its_units_is_refused(customers) -> None:
    text = refusal(lambda: wb.count("x", customers.drop(columns="customer_id")))
    assert "lacks the unit column 'customer_id'" in text
    text = refusal(lambda: wb.count("x", customers.set_index("customer_id")))
    assert ".reset_index()" in text


def test_a_typed_count_is_no_frame() -> None:
    assert "int is no pandas DataFrame" in refusal(lambda: wb.count("x", 60))  # type: ignore[arg-type]


def test_everything_wrong_with_a_frame_is_said_at_once(customers) -> None:
    frame = pd.concat([customers, customers]).astype({"spent": "float"})
    frame.iloc[:7, frame.columns.get_loc("spent")] = np.nan
    text = refusal(
        lambda: wb.evidence("gap").difference_in_means(
            frame, "spent", "wasearly", occurrence="mnth"
        )
    )
    assert "column 'spent' has 7 missing of 120 values" in text
    assert "no column 'wasearly'" in text
    assert "Did you mean 'was_early'?" in text
    assert "no column 'mnth'" in text
    assert "the registered claim is a difference_in_proportions" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bought": 2}, "must hold only true and false"),
        ({"bought": "yes"}, "must hold only true and false"),
        ({"was_early": "early"}, 'reference="..."'),
    ],
)
def test_outcomes_and_arms_are_what_they_must_be(customers, changes, words) -> None:
    text = refusal(
        lambda: wb.evidence("gap").difference_in_proportions(
            customers.assign(**changes), "bought", "was_early"
        )
    )
    assert words in text


def test_three_arms_are_too_many(customers) -> None:
    three = customers.assign(size=["small", "large", "huge"] * 20)
    text = refusal(
        lambda: wb.evidence("gap").difference_in_proportions(
            three, "bought", "size", reference="small"
        )
    )
    assert "2 values beside the reference" in text
    assert "huge" not in text


def test_values_that_are_not_finite_are_refused(customers) -> None:
    endless = customers.assign(spent=np.inf)
    assert "60 values that are not finite" in refusal(
        lambda: wb.evidence("m").mean(endless, "spent")
    )


def test_a_claim_of_another_estimand_or_unit_is_refused(run_of, customers) -> None:
    run_of()
    text = refusal(lambda: wb.evidence("gap").proportion(customers, "bought"))
    assert ".difference_in_proportions(...)" in text
    assert "back-again.yaml" in text
    text = refusal(lambda: wb.count("gap", customers))
    assert "not a count" in text


def test_a_model_of_other_rows_is_refused(customers) -> None:
    result = smf.ols("spent ~ was_early", customers.astype({"was_early": int})).fit()
    text = refusal(
        lambda: wb.evidence("b").coefficient(result, "early", customers[:50])
    )
    assert "fitted on 60 rows, the frame has 50" in text
    assert "no term 'early'; it has Intercept, was_early" in text
    upside = customers[::-1]
    text = refusal(lambda: wb.evidence("b").coefficient(result, "was_early", upside))
    assert "not in the order" in text


def test_typed_frequencies_are_refused(customers) -> None:
    frame = customers.assign(bought=customers["bought"].astype(int))
    result = sm.GLM(
        frame["bought"],
        np.ones(60),
        family=sm.families.Binomial(),
        freq_weights=np.full(60, 3),
    ).fit()
    text = refusal(lambda: wb.evidence("b").coefficient(result, "const", frame))
    assert "frequency weights" in text


def test_the_claims_unit_chooses_the_view(run_of, customers) -> None:
    run_of(views=(replace(VIEW, unit="shop"), VIEW))
    gap = wb.evidence("gap").difference_in_proportions(
        customers, "bought", "was_early", began="first"
    )
    assert gap.unit == CLAIM.unit == "customer"


# ---------------------------------------------------------------------------- as laws


@given(st.randoms(use_true_random=False))
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_order_of_rows_changes_nothing(months, random) -> None:
    order = list(range(len(months)))
    random.shuffle(order)
    session = current_session()
    session.spec = replace(session.spec, claims=(replace(CLAIM, occurrence="month"),))
    results = []
    for frame in (months, months.iloc[order]):
        session.said.clear()
        made = wb.evidence("gap").difference_in_proportions(
            frame, "bought", "was_early", occurrence="month"
        )
        results.append(made)
    assert results[0] == results[1]
