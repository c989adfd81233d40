"""Pictures of the record: what they draw, and that they say it in words as well."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.publishing.looks import TRADE, YET, Ledger, remembered
from workbench.charts.histories import history_spec, history_words, short_number
from workbench.charts.reliability import reliability_spec, reliability_words
from workbench.core.track import LookRow

MARGIN = (0.1,)


def looks(*, renewed: bool = False) -> tuple[LookRow, ...]:
    ledger = (
        Ledger()
        .registered()
        .claimed("1998-01-01", 0.05, 0.25, YET)
        .settled("1998-01-01", 0.18, "won")
        .claimed("1998-02-01", 0.12, 0.22, TRADE)
        .settled("1998-02-01", 0.30, "lost")
    )
    if renewed:
        ledger.registered("b" * 64).claimed("1998-03-01", 0.14, 0.2, TRADE)
    return remembered(ledger).rows


def drawn(rows: tuple[LookRow, ...]) -> dict[str, Any]:
    return history_spec(rows, MARGIN, palette="light", width="wide")


def values(spec: dict[str, Any], field: str) -> list[Any]:
    """Every value of a field over all layers."""
    rows = [row for layer in spec["layer"] for row in layer["data"]["values"]]
    return [row[field] for row in rows if field in row]


def test_won_and_lost_differ_in_shape_and_are_in_points() -> None:
    spec = drawn(looks())
    fates = spec["layer"][-4]  # below the margin and its name
    assert [row["value"] for row in fates["data"]["values"]] == [18.0, 30.0]
    shapes = fates["encoding"]["shape"]["scale"]
    assert shapes["domain"] == ["won: inside its forecast", "lost: outside it"]
    assert len(set(shapes["range"])) == 2


@pytest.mark.parametrize(("fate", "drawn_at"), [("void", 50.0), ("won", 15.0)])
def test_a_fate_is_drawn_as_the_record_counts_it(fate: str, drawn_at: float) -> None:
    """A loss is replaced only by what met data."""
    ledger = Ledger().registered().claimed("1998-01-01", 0.1, 0.3, TRADE, replay=True)
    ledger.settled("1998-01-01", 0.5, "lost").registered("b" * 64)
    ledger.claimed("1998-01-01", 0.1, 0.3, TRADE, replay=True)
    ledger.settled("1998-01-01", 0.15 if fate == "won" else None, fate)
    rows = remembered(ledger).rows
    fates = drawn(rows)["layer"][-4]["data"]["values"]
    assert [row["value"] for row in fates] == [drawn_at]
    counted = f"{int(fate == 'won')} inside their forecast, {int(fate == 'void')} outs"
    assert counted in history_words(rows, MARGIN)


def test_the_band_is_what_the_looks_have_in_common() -> None:
    band = drawn(looks())["layer"][0]
    ends = [(row["shared_low"], row["shared_high"]) for row in band["data"]["values"]]
    assert ends == [(5.0, 25.0), (12.0, 22.0)]
    assert band["mark"]["interpolate"] == "step-after"


def test_a_change_of_terms_is_dotted_and_named() -> None:
    spec = drawn(looks(renewed=True))
    assert "version 2" in values(spec, "words")
    assert json.dumps(spec).count('"strokeDash": [1.5, 3]') == 2  # upright, older looks
    assert "version" not in json.dumps(drawn(looks()))


def test_the_margin_is_named_without_needless_zeros() -> None:
    assert set(values(drawn(looks()), "words")) == {"margin +10 pp"}
    assert short_number(0.005, "+.0pp") == "+0.5 pp"
    assert short_number(1000.0, ",.0f") == "1,000"
    assert short_number(0.125, ".1%") == "12.5%"


def test_the_margin_is_told_in_the_measure_of_the_newest_terms() -> None:
    """Also where older terms, in another measure, were looked at last."""
    *older, newest = looks(renewed=True)
    dollars = replace(older[-1].evidence, measure="USD")
    older[-1] = replace(older[-1], evidence=dollars, as_of=newest.as_of)
    spec = drawn((*older, newest))
    assert set(values(spec, "words")) == {"margin +10 pp"}
    assert [row["value"] for row in spec["layer"][-3]["data"]["values"]] == [10.0]


@pytest.mark.parametrize("renewed", [False, True])
def test_the_words_hold_the_newest_interval_and_the_fates(*, renewed: bool) -> None:
    words = history_words(looks(renewed=renewed), MARGIN)
    newest = "+14.0 pp to +20.0 pp" if renewed else "+12.0 pp to +22.0 pp"
    assert f"Newest: {newest}" in words
    assert "1 inside their forecast, 1 outside" in words
    assert len(words) <= 250


def test_a_contradiction_is_said_in_words_and_has_no_band() -> None:
    ledger = Ledger().registered().claimed("1998-01-01", 0.3, 0.4)
    rows = remembered(ledger.claimed("1998-02-01", 0.1, 0.2)).rows
    assert "the looks contradict each other" in history_words(rows, MARGIN)
    assert len(drawn(rows)["layer"][0]["data"]["values"]) == 1


def test_reliability_shows_what_was_stated_beside_what_came() -> None:
    ledger = Ledger().registered().claimed("1998-01-01", 0.1, 0.3, probability=0.6)
    track = remembered(ledger.settled("1998-01-01", 0.15, "won")).live
    spec = reliability_spec(track, palette="dark", width="narrow")
    rows = spec["layer"][1]["data"]["values"]
    points = [(row["kind"], row["said"], row["came"]) for row in rows]
    assert points == [
        ("stated probabilities", 0.6, 1.0),
        ("sealed intervals", 0.8, 1.0),
    ]
    assert "said 60%, came true 100% of 1" in reliability_words(track)
