"""Ledgers become rows and scores: three looks worked by hand, and a law for all."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.publishing.looks import NOT, TRADE, YET, Ledger, folded, remembered
from workbench.core.scorecard import Track
from workbench.core.track import LookRow
from workbench.publishing.track import holding_at
from workbench.takeaways.heads import id_of
from workbench.takeaways.record import Record, heads_of

JANUARY, FEBRUARY, MARCH = "1998-01-01", "1998-02-01", "1998-03-01"
E_OF_25 = math.log(25)


def three_looks(study: str = "early-birds") -> Ledger:
    """Undecided and won; then decided and lost; then at odds with the one before."""
    return (
        Ledger(study)
        .registered()
        .claimed(JANUARY, 0.05, 0.25, YET, probability=0.6, log_e=1.0)
        .settled(JANUARY, 0.18, "won")
        .claimed(FEBRUARY, 0.12, 0.22, TRADE, probability=0.7, log_e=E_OF_25)
        .settled(FEBRUARY, 0.30, "lost", on="1998-03-04")
        .claimed(MARCH, 0.23, 0.33, TRADE, probability=0.8, log_e=E_OF_25)
    )


def rows_of(*ledgers: Ledger) -> tuple[LookRow, ...]:
    return remembered(*ledgers).rows


def lives(*ledgers: Ledger) -> list[str]:
    return [row.life for row in rows_of(*ledgers)]


def test_three_looks_have_the_states_and_fates_worked_by_hand() -> None:
    rows = rows_of(three_looks())
    assert [row.life for row in rows] == ["new", "strengthened", "contradicted"]
    assert [row.fate for row in rows] == ["won", "lost", "open"]
    running = [(row.running_low, row.running_high) for row in rows]
    assert running == [(0.05, 0.25), (0.12, 0.22), (0.23, 0.22)]
    assert [row.contradicted for row in rows] == [False, False, True]
    assert [row.fresh and row.fresh.estimate for row in rows] == [0.18, 0.30, None]


@pytest.mark.parametrize(
    ("before", "now", "life"),
    [
        (YET, TRADE, "strengthened"),
        (YET, NOT, "strengthened"),
        (TRADE, YET, "weakened"),
        (NOT, YET, "weakened"),
        (TRADE, NOT, "reversed"),
        (NOT, TRADE, "reversed"),
        (YET, YET, "unchanged"),
        (TRADE, TRADE, "unchanged"),
    ],
)
def test_a_look_is_named_by_what_it_did_to_the_verdict(
    before: str, now: str, life: str
) -> None:
    ledger = Ledger().registered().claimed(JANUARY, 0.0, 0.5, before)
    assert lives(ledger.claimed(FEBRUARY, 0.0, 0.5, now)) == ["new", life]


def test_a_withdrawn_look_says_why_whatever_else_it_was() -> None:
    rows = rows_of(three_looks().withdrawn(MARCH, "the list was wrong"))
    assert (rows[2].life, rows[2].fate) == ("withdrawn", "withdrawn")
    assert rows[2].reason == "the list was wrong"


def test_a_new_version_begins_anew_and_pools_nothing() -> None:
    ledger = three_looks().registered("b" * 64).claimed(MARCH, 0.02, 0.08, NOT)
    row = rows_of(ledger)[-1]
    assert (row.version, row.newest, row.life) == (2, True, "new")
    assert (row.running_low, row.running_high) == (0.02, 0.08)
    assert not any(r.newest for r in rows_of(ledger)[:-1])


def test_a_claim_of_an_older_form_cannot_be_settled_and_is_not_called_open() -> None:
    memory = remembered(
        Ledger().registered().claimed(JANUARY, 0.1, 0.2, probability=None)
    )
    assert memory.rows[0].fate == "not settled"
    assert (memory.live.older, memory.live.open) == (1, 0)


def test_what_was_computed_again_stands_beside_what_was_claimed() -> None:
    row = rows_of(three_looks().recomputed(MARCH, 0.2, 0.3))[2]
    assert row.evidence.low == 0.23
    again = row.recomputed[0]
    assert (again.line, again.low, again.high, again.n) == (7, 0.2, 0.3, 4_300)


def test_the_p_value_is_one_over_the_most_evidence_so_far() -> None:
    """It holds at any look, so that a later and weaker look does not take it back."""
    ledger = Ledger().registered()
    for date, log_e in ((JANUARY, -1.0), (FEBRUARY, math.log(25)), (MARCH, 0.5)):
        ledger.claimed(date, 0.1, 0.3, log_e=log_e)
    found = [row.p_anytime for row in rows_of(ledger)]
    assert found == pytest.approx([1.0, 0.04, 0.04])


def test_of_two_registered_claims_one_holds_from_an_e_value_of_20() -> None:
    """K / (q k) = 2 / (0.1 * 1) = 20: an e-value of 25 is enough, e itself is not."""
    other = Ledger("late-comers").registered()
    assert [r.holds for r in rows_of(three_looks(), other)] == [False, True, True]


def test_of_three_registered_claims_one_needs_30_though_two_were_never_looked_at() -> (
    None
):
    other = Ledger("late-comers").registered(variants=("month",))
    memory = remembered(three_looks(), other)
    assert not any(row.holds for row in memory.rows)
    assert (memory.registered, memory.unpublished) == (3, 1)


def test_two_strong_claims_need_less_together() -> None:
    """With k = 2 of K = 4 the threshold is 4 / (0.1 * 2) = 20; alone it were 40."""
    silent = Ledger("silent").registered(variants=("month",))
    both = (three_looks(), three_looks("late-comers"), silent)
    assert [row.holds for row in rows_of(*both)] == [False, True, True] * 2
    assert not any(
        row.holds for row in rows_of(three_looks(), *both[2:], Ledger("x").registered())
    )


def test_whether_a_claim_holds_uses_nothing_later() -> None:
    """Withdrawn later, or on a later date, another claim changes no earlier look."""
    late = Ledger("late-comers").registered().claimed(MARCH, 0.2, 0.3, log_e=9.0)
    early = three_looks()
    records = folded(early, late)
    held = [
        len(holding_at(records, look, lambda study, line: records[study].until(line)))
        for look in records["early-birds"].claims
    ]
    assert held == [0, 1, 2]
    other = Ledger("third").registered().claimed(FEBRUARY, 0.2, 0.3, log_e=9.0)
    look = Ledger().registered().claimed(FEBRUARY, 0.2, 0.3, log_e=3.0, after=(other,))
    assert [row.holds for row in rows_of(look, other)] == [True, True]
    assert next(row.holds for row in rows_of(look, other.withdrawn(FEBRUARY, "why")))


def test_what_a_claim_knew_is_the_same_however_it_names_it() -> None:
    other = Ledger("late-comers").registered()
    ledger = Ledger().registered().claimed(JANUARY, 0.2, 0.3, log_e=3.0, after=(other,))
    then = heads_of(folded(other))
    (look,) = folded(ledger)["early-birds"].claims
    other.registered("b" * 64)  # which would take from it what it held
    records = folded(ledger, other)

    def until(study: str, line: int) -> Record:
        return records[study].until(line)

    by_hash = replace(look, heads=id_of(then))
    held = {id_of(then): then}
    assert holding_at(records, by_hash, until, held) == {look.series}
    assert holding_at(records, look, until) == {look.series}
    assert holding_at(records, replace(look, heads=None), until) == set()
    with pytest.raises(KeyError):
        holding_at(records, by_hash, until)


def test_a_replay_holds_nothing_since_its_terms_may_fit_the_data() -> None:
    ledger = Ledger().registered().claimed(JANUARY, 0.2, 0.3, log_e=9.0, replay=True)
    assert [row.holds for row in rows_of(ledger)] == [False]
    other = Ledger("third").registered().claimed(JANUARY, 0.2, 0.3, log_e=E_OF_25)
    assert [row.holds for row in rows_of(ledger, other)] == [False, True]
    more = Ledger("fourth").registered()  # the replay counts among the three asked
    assert not any(row.holds for row in rows_of(ledger, other, more))


def test_terms_that_were_sealed_later_take_nothing_from_what_held_before() -> None:
    """Alone 1 / (0.1 * 1) = 10 is enough; with three registered, 30 is wanted."""
    other = Ledger("late-comers").registered()
    ledger = Ledger().registered().claimed(JANUARY, 0.2, 0.3, log_e=3.0, after=(other,))
    assert [row.holds for row in rows_of(ledger, other)] == [True]  # 20 of 20.1
    other.registered("b" * 64)
    assert [row.holds for row in rows_of(ledger, other)] == [True]
    ledger.claimed(MARCH, 0.2, 0.3, log_e=3.0, after=(other,))
    assert [row.holds for row in rows_of(ledger, other)] == [True, False]


def test_renewed_terms_begin_anew_and_what_held_on_its_day_still_did() -> None:
    renewed = three_looks().registered("b" * 64)
    assert [row.holds for row in rows_of(renewed)] == [False, True, True]
    renewed.claimed(MARCH, 0.23, 0.33, log_e=1.0)
    assert [row.holds for row in rows_of(renewed)] == [False, True, True, False]
    gone = three_looks().withdrawn(MARCH, "why")
    assert [row.holds for row in rows_of(gone)] == [False, True, True]


def test_the_record_of_three_looks_is_the_one_worked_by_hand() -> None:
    """Wilson at 95 % for 1 of 2: [.095, .905]; (.16 + .09) / 2; (.24 + .21) / 2."""
    track = remembered(three_looks()).live
    assert (track.claims, track.open, track.won, track.lost) == (3, 1, 1, 1)
    assert track.hit_rate is not None
    assert track.hit_rate.value == 0.5
    assert track.hit_rate.low == pytest.approx(0.0945, abs=5e-4)
    assert track.hit_rate.high == pytest.approx(0.9055, abs=5e-4)
    assert track.hits_expected == pytest.approx(1.6)
    assert track.brier is not None
    assert track.brier.mean.value == pytest.approx(0.125)
    assert track.brier.expected == pytest.approx(0.225)
    assert track.brier.over_half == pytest.approx(0.5)
    assert track.brier.over_base_rate is None  # both came true: nothing to foresee
    assert track.log is not None
    assert track.log.mean.value == pytest.approx(-(math.log(0.6) + math.log(0.7)) / 2)
    assert (track.windows, track.calibration) == (2, "too few to judge")
    assert [(row.said, row.forecasts) for row in track.reliability] == [
        (0.6, 1),
        (0.7, 1),
    ]


def test_the_crps_is_held_against_what_a_forecast_expects_of_itself() -> None:
    """The CRPS of N(m, sd) at its own draws is sd / sqrt(pi) on average."""
    track = remembered(three_looks()).live
    sd = 0.05 / 1.2815515655446004
    assert track.crps_ratio is not None
    assert track.crps_ratio.value == pytest.approx(0.02 / (sd / math.sqrt(math.pi)))


def test_a_void_claim_is_counted_by_its_reason_and_once_as_lost() -> None:
    ledger = three_looks().settled(MARCH, None, "void", reason="insufficient-n")
    track = remembered(ledger).live
    assert track.void == {"insufficient-n": 1}
    assert track.hit_rate is not None
    assert track.hit_rate_strict is not None
    assert track.hit_rate.value == 0.5
    assert track.hit_rate_strict.value == pytest.approx(1 / 3)


def test_a_claim_left_open_past_its_deadline_is_overdue_and_counts_as_lost() -> None:
    ledger = Ledger().registered().claimed(JANUARY, 0.1, 0.3)
    memory = remembered(ledger.settled(JANUARY, 0.15, "won").claimed(MARCH, 0.1, 0.3))
    assert (memory.live.open, memory.live.overdue) == (1, 0)
    memory = remembered(ledger.claimed("1999-03-02", 0.1, 0.3))  # 366 days later
    assert [row.overdue for row in memory.rows] == [False, True, False]
    assert (memory.live.open, memory.live.overdue) == (2, 1)
    assert memory.live.hit_rate is not None
    assert memory.live.hit_rate_strict is not None
    rates = (memory.live.hit_rate.value, memory.live.hit_rate_strict.value)
    assert rates == (1.0, 0.5)


def test_a_withdrawn_claim_counts_as_lost_in_the_stricter_share() -> None:
    ledger = Ledger().registered().claimed(JANUARY, 0.1, 0.3)
    ledger.settled(JANUARY, 0.15, "won").claimed(MARCH, 0.1, 0.3)
    track = remembered(ledger.withdrawn(MARCH, "it looked bad")).live
    assert track.hit_rate is not None
    assert track.hit_rate_strict is not None
    assert (track.hit_rate.value, track.hit_rate_strict.value) == (1.0, 0.5)


@pytest.mark.parametrize("fate", ["lost", "void", "withdrawn", "won"])
def test_what_failed_stands_until_the_newest_terms_met_data(fate: str) -> None:
    """Else one could replay those dates alone, and leave them open."""
    ledger = Ledger().registered().claimed(JANUARY, 0.1, 0.3, replay=True)
    if fate == "withdrawn":
        ledger.withdrawn(JANUARY, "it looked bad")
    else:
        estimate = {"lost": 0.5, "won": 0.15}.get(fate)
        ledger.settled(JANUARY, estimate, fate, reason="insufficient-n")
    ledger.registered("b" * 64).claimed(JANUARY, 0.1, 0.3, replay=True)
    track = remembered(ledger).replayed
    counted = (track.won, track.lost, track.voided, track.withdrawn, track.open)
    expected = {
        "lost": ((0, 1, 0, 0, 0), {"open": 1}),
        "void": ((0, 0, 1, 0, 0), {"open": 1}),
        "withdrawn": ((0, 0, 0, 1, 0), {"open": 1}),
        "won": ((0, 0, 0, 0, 1), {"won": 1}),
    }
    assert (counted, track.superseded) == expected[fate]
    track = remembered(ledger.settled(JANUARY, 0.15, "won")).replayed
    assert (track.won, track.lost, track.superseded) == (1, 0, {fate: 1})


def test_a_withdrawn_claim_of_an_older_form_counts_as_lost_too() -> None:
    ledger = Ledger().registered().claimed(JANUARY, 0.1, 0.3)
    ledger.settled(JANUARY, 0.15, "won").claimed(MARCH, 0.1, 0.3, probability=None)
    track = remembered(ledger.withdrawn(MARCH, "it looked bad")).live
    assert track.hit_rate_strict is not None
    assert track.hit_rate_strict.value == 0.5


def test_windows_end_with_the_last_outcome_not_with_the_deadline() -> None:
    """Two claims a month apart wait for two months; each is settled a quarter later."""
    ledger = Ledger().registered()
    for date in (JANUARY, FEBRUARY):
        ledger.claimed(date, 0.1, 0.3)
        ledger.settled(date, 0.15, "won", on="1998-06-01")
    assert remembered(ledger).live.windows == 2


def test_one_forecast_alone_that_came_true_is_not_shown_as_false() -> None:
    """One batch has no interval; its share is known all the same."""
    ledger = Ledger().registered().claimed(JANUARY, 0.1, 0.3, probability=0.6)
    [row] = remembered(ledger.settled(JANUARY, 0.15, "won")).live.reliability
    assert (row.came.value, row.came.low, row.came.high) == (1.0, None, None)


def test_a_sure_thing_is_a_free_win_and_in_no_reliability_row() -> None:
    ledger = Ledger().registered().claimed(JANUARY, 0.2, 0.3, probability=0.96)
    track = remembered(ledger.settled(JANUARY, 0.15, "won")).live
    assert (track.free_wins, track.free_wins_came, track.reliability) == (1, 1, ())


def test_replayed_and_live_claims_are_never_in_one_record() -> None:
    ledger = three_looks().claimed("1998-04-01", 0.2, 0.3, replay=True)
    memory = remembered(ledger.settled("1998-04-01", 0.5, "lost"))
    assert (memory.live.claims, memory.live.lost) == (3, 1)
    assert (memory.replayed.claims, memory.replayed.lost) == (1, 1)
    assert remembered(three_looks()).replayed == Track(replay=True)


def test_history_replayed_again_on_newer_terms_counts_once() -> None:
    """The same months on two sets of terms are no two successes."""
    ledger = Ledger().registered().claimed(JANUARY, 0.1, 0.3, replay=True)
    ledger.settled(JANUARY, 0.15, "won").claimed(FEBRUARY, 0.1, 0.3, replay=True)
    ledger.settled(FEBRUARY, 0.15, "won").registered("b" * 64)
    ledger.claimed(JANUARY, 0.1, 0.3, replay=True).settled(JANUARY, 0.5, "lost")
    ledger.claimed(MARCH, 0.1, 0.3).registered("c" * 64).claimed(MARCH, 0.1, 0.3)
    memory = remembered(ledger)
    track = memory.replayed
    assert (track.claims, track.won, track.lost) == (3, 1, 1)
    assert track.superseded == {"won": 1}
    assert (memory.live.claims, memory.live.superseded) == (2, {})
    assert len(memory.rows) == 5


@pytest.mark.parametrize(
    ("change", "kept"),
    [({"margin": 0.2}, 1), ({"alpha": 0.1}, 1), ({"horizon": "P90D"}, 2)],
)
def test_terms_that_foresee_another_time_replace_no_forecast(
    change: dict[str, Any], kept: int
) -> None:
    ledger = Ledger().registered().claimed(JANUARY, 0.1, 0.3, replay=True)
    ledger.settled(JANUARY, 0.15, "won").registered("b" * 64)
    ledger.claimed(JANUARY, 0.1, 0.3, replay=True, terms=change)
    ledger.settled(JANUARY, 0.15, "won")
    assert remembered(ledger).replayed.won == kept


ends = st.floats(-1, 1, allow_nan=False)
looks = st.lists(st.tuples(ends, ends).map(sorted), min_size=1, max_size=12)


@given(looks, looks)
def test_the_running_interval_never_widens_over_the_looks_of_a_version(
    first: list[list[float]], second: list[list[float]]
) -> None:
    ledger = Ledger()
    for seal, intervals in (("a" * 64, first), ("b" * 64, second)):
        ledger.registered(seal)
        for number, (low, high) in enumerate(intervals, start=1):
            ledger.claimed(f"1998-{number:02}-01", low, high, YET)
    rows = rows_of(ledger)
    for version, intervals in ((1, first), (2, second)):
        own = [row for row in rows if row.version == version]
        lows, highs = [r.running_low for r in own], [r.running_high for r in own]
        assert lows == sorted(lows, key=lambda low: low or 0.0)
        assert highs == sorted(highs, key=lambda high: high or 0.0, reverse=True)
        assert (lows[0], highs[0]) == tuple(intervals[0])
        assert [row.contradicted for row in own] == [
            (row.running_low or 0.0) > (row.running_high or 0.0) for row in own
        ]


def test_withdrawing_a_weak_claim_or_renewing_its_terms_helps_no_other() -> None:
    """Three registered claims: 3 / (0.1 * 1) = 30, and 25 is not enough."""
    weak = Ledger("late-comers").registered().claimed(JANUARY, 0.05, 0.25, YET)
    third = Ledger("silent").registered()
    weak.withdrawn(JANUARY, "too weak")
    assert not any(row.holds for row in rows_of(three_looks(), weak, third))
    renewed = Ledger("late-comers").registered().registered("b" * 64)
    assert not any(row.holds for row in rows_of(three_looks(), renewed))
