"""Numbers are spelt once for every face of an exhibit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.takeaways.test_binding import gap
from workbench.charts.numbers import (
    axis_format,
    evidence_format,
    show_level,
    show_number,
    show_position,
)


@pytest.mark.parametrize(
    ("value", "spec", "shown"),
    [
        (0.1234, ".1%", "12.3%"),
        (1234.5, ",.0f", "1,234"),
        (None, ".1%", "\u2013"),
        (12.0, "d", "12"),
        (12, ",d", "12"),
        (-0.05, "+.1%", "-5.0%"),
        (0.2167, "+.1pp", "+21.7 pp"),
    ],
)
def test_a_value_is_shown_at_its_format(
    value: float | None, spec: str, shown: str
) -> None:
    assert show_number(value, spec) == shown


@pytest.mark.parametrize(
    ("x", "shown"),
    [("March", "March"), (3.0, "3"), (0.25, "0.25"), (-2.0, "-2"), (1e6, "1000000")],
)
def test_a_position_has_no_needless_digits(x: str | float, shown: str) -> None:
    assert show_position(x) == shown


@pytest.mark.parametrize(
    ("spec", "d3"),
    [
        (".1%", ".1~%"),
        ("+.2%", "+.2~%"),
        (",.0f", ",.0~f"),
        ("_.2f", ",.2~f"),
        (",d", ",d"),
        ("", ""),
        ("n", "~g"),
        ("*>10", "~g"),
    ],
)
def test_axes_speak_d3(spec: str, d3: str) -> None:
    assert axis_format(spec) == d3


@pytest.mark.parametrize(
    ("changes", "spec"),
    [
        # half the interval is 2.5 points of a hundred: one decimal leaves it two digits
        ({}, "+.1pp"),
        ({"estimand": "proportion"}, ".1%"),
        ({"low": 0.122, "high": 0.125}, "+.2pp"),
        ({"measure": "USD", "low": 10.0, "high": 90.0}, "+,.0f"),
        ({"measure": "USD", "low": None, "high": None, "estimate": 3.14}, "+,.1f"),
        ({"low": None, "high": None, "estimate": None}, "+.1pp"),
        ({"estimand": "count", "estimate": 23570.0}, ",.0f"),
    ],
)
def test_evidence_is_shown_with_as_many_decimals_as_its_interval_bears(
    changes: dict[str, object], spec: str
) -> None:
    assert evidence_format(replace(gap(), **changes)) == spec  # type: ignore[arg-type]


def test_a_level_is_shown_as_a_percentage() -> None:
    assert (show_level(0.95), show_level(0.999)) == ("95%", "99.9%")


@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e9))
def test_every_interval_can_be_shown(middle: float, half: float) -> None:
    evidence = replace(gap(), low=middle - half, high=middle + half)
    assert show_number(middle, evidence_format(evidence))
