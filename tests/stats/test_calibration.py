"""The calibration monitor: by hand, by counting all outcomes, and as laws."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from workbench.stats.calibration import (
    ALTERNATIVES,
    Forecast,
    calibration_e_process,
    disjoint_windows,
    reliability,
    spiegelhalter_z,
)

OPEN = math.inf


def forecast(
    probability: float,
    outcome: bool | None = True,
    sealed: float = 0,
    settled: float = 1,
) -> Forecast:
    return Forecast(
        probability=probability, outcome=outcome, sealed=sealed, settled=settled
    )


def in_turn(record) -> list[Forecast]:
    return [forecast(p, y, i, i + 1) for i, (p, y) in enumerate(record)]


def winnings(*record: tuple[float, bool]) -> float:
    """Capital of one stream: mean over the alternatives of the likelihood ratio."""
    capital = []
    for a, b in ALTERNATIVES:
        product = 1.0
        for p, y in record:
            q = expit(a + b * logit(p))
            product *= q / p if y else (1 - q) / (1 - p)
        capital.append(product)
    return float(np.mean(capital))


spans = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 8)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=9,
)
records = st.lists(
    st.tuples(st.floats(0.02, 0.98), st.booleans()), min_size=1, max_size=15
)


# ------------------------------------------------------------------------- by hand


def test_one_forecast_pays_the_mean_of_eight_likelihood_ratios() -> None:
    # of one half: four say 1/2, and the others two pairs that add to 1
    paid = calibration_e_process([forecast(0.5)])
    assert paid.log_e_value == pytest.approx(0, abs=1e-12)
    # .8 failed: odds 4, 4^.5, 4^.75, 4^1.5, 4^2 and 4 times e^(+-.5), e^(+-1)
    odds = [4**0.5, 4**0.75, 4**1.5, 4**2]
    odds += [4 * math.exp(a) for a in (0.5, -0.5, 1, -1)]
    by_hand = np.mean([5 / (1 + o) for o in odds])
    failed = calibration_e_process([forecast(0.8, False)])
    assert failed.log_e_value == pytest.approx(math.log(by_hand))


@given(records)
def test_forecasts_in_turn_are_one_stream(record) -> None:
    found = calibration_e_process(in_turn(record))
    assert (found.streams, found.settled, found.left_out) == (1, len(record), 0)
    assert found.log_e_value == pytest.approx(math.log(winnings(*record)), abs=1e-9)
    best = max(winnings(*record[:k]) for k in range(len(record) + 1))
    assert found.log_assured == pytest.approx(math.log(best), abs=1e-9)


def test_two_that_overlap_are_averaged_and_not_multiplied() -> None:
    found = calibration_e_process(
        [forecast(0.9, False, 0, 2), forecast(0.8, False, 1, 3)]
    )
    both = (winnings((0.9, False)) + winnings((0.8, False))) / 2
    assert found.streams == 2
    assert found.log_e_value == pytest.approx(math.log(both))


def test_what_is_sealed_when_another_settles_follows_it() -> None:
    follows = [forecast(0.9, False, 0, 2), forecast(0.8, False, 2, 3)]
    found = calibration_e_process(follows)
    assert found.streams == 1
    both = winnings((0.9, False), (0.8, False))
    assert found.log_e_value == pytest.approx(math.log(both))
    assert calibration_e_process(follows[::-1]) == found


def test_a_fixed_number_of_streams_leaves_out_what_overlaps() -> None:
    record = [forecast(0.9, False, 0, 2), forecast(0.8, False, 1, 3)]
    found = calibration_e_process(record, streams=1)
    assert (found.settled, found.left_out) == (1, 1)
    assert found.log_e_value == pytest.approx(math.log(winnings((0.9, False))))


def test_streams_that_wait_hold_their_stake() -> None:
    found = calibration_e_process([forecast(0.9, False)], streams=4)
    assert found.log_e_value == pytest.approx(
        math.log((3 + winnings((0.9, False))) / 4)
    )


# ---------------------------------------------------------------- what is still open


def test_an_open_forecast_counts_as_lost() -> None:
    misses = [forecast(0.95, False, i, i + 1) for i in range(5)]
    found = calibration_e_process([*misses, forecast(0.7, None, 0.5, OPEN)])
    worst = min(winnings((0.7, True)), winnings((0.7, False)))
    capital = winnings(*[(0.95, False)] * 5)
    assert found.log_e_value == pytest.approx(math.log((capital + 1) / 2))
    assert found.log_assured == pytest.approx(math.log((capital + worst) / 2))


def test_an_alarm_waits_until_nothing_open_could_take_it_back() -> None:
    first = [forecast(0.95, False, i, i + 1) for i in range(4)]
    second = [forecast(0.95, False, *t) for t in ((0.5, 2.2), (2.2, 4.2), (4.2, 6))]
    bet = {"probability": 0.95, "sealed": 4.0}
    waits = calibration_e_process(
        [*first, *second, Forecast(outcome=None, settled=OPEN, **bet)]
    )
    assert waits.log_e_value > math.log(20) > waits.log_assured
    assert not waits.alarm
    lost, won = (
        calibration_e_process(
            [*first, *second, Forecast(outcome=outcome, settled=7, **bet)]
        )
        for outcome in (False, True)
    )
    assert lost.alarm
    assert not won.alarm


def test_an_alarm_once_raised_stays() -> None:
    record = [(0.95, False)] * 5 + [(0.95, True)] * 80
    found = calibration_e_process(in_turn(record))
    assert found.log_e_value < math.log(20)
    assert found.alarm
    assert found.verdict == "not calibrated"


# ------------------------------------------------------- fair bets win nothing


def averages(outcomes, chances, times) -> float:
    record = [
        forecast(p, y, *time)
        for p, y, time in zip(chances, outcomes, times, strict=True)
    ]
    return math.exp(calibration_e_process(record).log_e_value)


@given(
    st.lists(st.floats(0.05, 0.95), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), min_size=5, max_size=5),
)
def test_calibrated_independent_forecasts_win_nothing_on_average(chances, when) -> None:
    times = [(start, start + length) for start, length in when[: len(chances)]]
    total = 0.0
    for outcomes in itertools.product([False, True], repeat=len(chances)):
        weight = math.prod(
            p if y else 1 - p for p, y in zip(chances, outcomes, strict=True)
        )
        total += weight * averages(outcomes, chances, times)
    assert total == pytest.approx(1)


@given(st.floats(0.05, 0.95), st.integers(2, 6))
def test_forecasts_of_one_and_the_same_event_win_nothing_either(p, copies) -> None:
    """Multiplied, they would: this is what the streams are for."""
    times = [(i, 10 + i) for i in range(copies)]
    fair = sum(
        weight * averages([y] * copies, [p] * copies, times)
        for y, weight in ((True, p), (False, 1 - p))
    )
    assert fair == pytest.approx(1)
    multiplied = sum(
        weight * winnings(*[(p, y)] * copies)
        for y, weight in ((True, p), (False, 1 - p))
    )
    assert multiplied > 1


@given(st.lists(st.floats(0.3, 0.7), min_size=4, max_size=4))
def test_a_bet_may_follow_what_was_seen_when_it_was_sealed(chances) -> None:
    """The second pair's probability depends on how the first came out; none wins."""
    times = [(0, 2), (1, 3), (2, 5), (3, 6)]
    total = 0.0
    for outcomes in itertools.product([False, True], repeat=4):
        said = [*chances[:2]]
        said += [p + 0.2 if outcomes[0] else p - 0.2 for p in chances[2:]]
        weight = math.prod(
            p if y else 1 - p for p, y in zip(said, outcomes, strict=True)
        )
        total += weight * averages(outcomes, said, times)
    assert total == pytest.approx(1)


@given(records, st.integers(1, 4))
def test_what_is_assured_is_had_once_the_open_bets_are_settled(record, overlap) -> None:
    """Whatever the outcomes: some settlement's average is at least as high."""
    overlapping = [forecast(p, y, i, i + overlap) for i, (p, y) in enumerate(record)]
    found = calibration_e_process(overlapping)
    assert found.streams == min(overlap, len(record))
    reached = [0.0]
    for stop in range(1, len(record) + overlap):
        sealed = [f for f in overlapping if f.sealed < stop]
        reached.append(calibration_e_process(sealed, streams=found.streams).log_e_value)
    assert found.log_assured <= max(reached) + 1e-9


# ------------------------------------------------------------------------ one look


def test_spiegelhalters_z_of_ten_forecasts_by_hand() -> None:
    # each .8: (y - .8) * -.6 over sqrt(10 * .36 * .16) = .758947
    def ten(won: int) -> float | None:
        return spiegelhalter_z([forecast(0.8, i < won) for i in range(10)])

    assert ten(10) == pytest.approx(-1.5811388)
    assert ten(8) == pytest.approx(0, abs=1e-12)
    assert ten(5) == pytest.approx(0.6 * 3 / 0.7589466)


def test_spiegelhalters_z_says_nothing_where_it_cannot() -> None:
    assert spiegelhalter_z([]) is None
    assert spiegelhalter_z([forecast(0.5), forecast(0.9, None, 0, OPEN)]) is None


# ------------------------------------------------------------------ enough to judge


def test_windows_that_touch_are_disjoint() -> None:
    assert disjoint_windows([(0, 3), (3, 6), (6, 9)]) == 3
    assert disjoint_windows([(0, 9), (1, 4), (3, 6), (4, 7), (6, 9)]) == 2
    assert disjoint_windows([]) == 0


@given(spans)
def test_the_number_of_disjoint_windows_is_the_largest(windows) -> None:
    def apart(chosen) -> bool:
        ordered = sorted(chosen)
        return all(a[1] <= b[0] for a, b in itertools.pairwise(ordered))

    most = max(
        size
        for size in range(len(windows) + 1)
        if any(apart(chosen) for chosen in itertools.combinations(windows, size))
    )
    assert disjoint_windows(windows) == most


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="start before it ends"):
        disjoint_windows([(2, 2)])


def test_nineteen_windows_are_too_few_to_judge_and_twenty_are_not() -> None:
    record = [(0.7, i % 10 < 7) for i in range(20)]
    assert calibration_e_process(in_turn(record[:19])).verdict == "too few to judge"
    enough = calibration_e_process(in_turn(record))
    assert enough.windows == 20
    assert enough.verdict == "no sign of miscalibration"


def test_forecasts_that_overlap_are_not_windows_of_their_own() -> None:
    many = [forecast(0.7, i % 10 < 7, i, i + 10) for i in range(100)]
    assert calibration_e_process(many).windows == 10
    assert calibration_e_process(many).verdict == "too few to judge"


def test_no_forecast_is_no_evidence() -> None:
    found = calibration_e_process([])
    assert (found.log_e_value, found.log_assured, found.streams) == (0, 0, 1)
    assert found.verdict == "too few to judge"


# ------------------------------------------------------------------ the diagram


def test_reliability_of_twenty_forecasts_of_ninety_percent() -> None:
    record = in_turn([(0.92, i < 19) for i in range(20)] + [(0.55, True)])
    low, high = reliability([*record, forecast(0.3, None, 0, OPEN)], alpha=0.05)
    assert (high.low, high.high, high.forecasts) == (0.9, 1.0, 20)
    assert high.mean_probability == pytest.approx(0.92)
    assert high.observed.estimate == 0.95
    assert high.observed.low == pytest.approx(0.7639, abs=5e-5)
    assert high.observed.high == pytest.approx(0.9911, abs=5e-5)
    assert (low.forecasts, low.observed.low) == (1, None)


@given(records, st.integers(1, 20))
def test_every_settled_forecast_is_in_one_bin_that_holds_it(record, bins) -> None:
    rows = reliability(in_turn(record), alpha=0.05, bins=bins)
    assert sum(row.forecasts for row in rows) == len(record)
    assert all(
        row.low - 1e-12 <= row.mean_probability <= row.high + 1e-12 for row in rows
    )
    assert [row.low for row in rows] == sorted(row.low for row in rows)


# ------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"probability": 0.0}, "probability"),
        ({"probability": 1.0}, "probability"),
        ({"probability": math.nan}, "probability"),
        ({"sealed": 1.0}, "sealed before"),
        ({"outcome": None}, "open"),
        ({"settled": OPEN}, "open"),
    ],
)
def test_a_forecast_that_cannot_be_is_refused(change, says) -> None:
    sound = {"probability": 0.5, "outcome": True, "sealed": 0.0, "settled": 1.0}
    with pytest.raises(ValueError, match=says):
        Forecast(**(sound | change))
