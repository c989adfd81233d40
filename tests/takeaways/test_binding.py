"""Numbers in words are bound, and what is not bound is found."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.evidence import Check, Evidence, Group
from workbench.takeaways.binding import (
    UNKNOWN_VALUE,
    bind_markdown,
    bind_text,
    loose_numbers,
    names_for,
    unresolved,
)

AS_OF = datetime(1998, 7, 1, tzinfo=UTC)


def gap(estimate: float | None = 0.1234) -> Evidence:
    return Evidence(
        name="repeat_gap",
        estimand="difference_in_proportions",
        estimate=estimate,
        low=0.1,
        high=0.15,
        level=0.95,
        interval_kind="confidence sequence",
        se=0.01,
        n=1200,
        units=300,
        unit="customer",
        occurrence="customer-month",
        measure="share",
        groups=(Group(label="came back", n=200, units=150, estimate=0.25),),
        method="by hand",
        information=600.0,
        planned=1000,
        log_e=9.2,
        needed=500,
        detectable=0.0321,
        began=("1997-01-01T00:00:00Z", "1998-05-01T00:00:00Z"),
        checks=(Check(code="small-n", measured=300, threshold=30, passed=True),),
    )


def names(estimate: float | None = 0.1234):
    return names_for(
        evidence={"repeat_gap": gap(estimate)},
        parameters={"early_days": 60},
        as_of=AS_OF,
        aliases={"gap": "repeat_gap"},
    )


def test_a_text_binds_evidence_variables_groups_parameters_and_the_date() -> None:
    template = (
        "{gap.estimate:+.1%} of {repeat_gap.n:,}, {gap[came back].estimate:.0%}, "
        "{early_days} days, {as_of}, {constant:10}"
    )
    bound = bind_text(template, names())
    assert bound.text == "+12.3% of 1,200, 25%, 60 days, 1998-07-01, 10"
    assert bound.unknown == ()


def test_an_unknown_name_stays_as_written_and_is_reported_with_a_suggestion() -> None:
    bound = bind_text("{gpa.estimate:.1%} and {gap.estimat}", names())
    assert bound.text == "{gpa.estimate:.1%} and {gap.estimat}"
    assert len(bound.unknown) == 2
    assert "'gap'" in bound.unknown[0]
    assert "'estimate'" in bound.unknown[1]


def test_a_value_that_is_not_known_yet_is_said_to_be_so() -> None:
    assert bind_text("{gap.estimate:.1%}", names(None)).text == UNKNOWN_VALUE


def test_code_links_and_formulas_keep_their_braces() -> None:
    text = "`{early_days}` [x](y{early_days}) $$\\frac{early_days}{2}$$"
    assert bind_text(text, names()).text == text


def test_a_number_in_prose_says_where_it_came_from() -> None:
    bound = bind_markdown("by {gap.estimate:.0%}", names())
    assert bound.text == 'by <data value="gap.estimate">12%</data>'


@pytest.mark.parametrize(
    "text",
    [
        "from January to March 1997, in the summer of 1998 (1997-1998)",
        "March 3, 1997; doi:10.1287/mksc.1040.0098",
        "on 1998-07-01, and on 1 April 1997",
        "In 2005 they showed it. Since 1997 it holds.",
        "as Fader, Hardie and Lee (2005) show, and (1997-1998)",
        "W3C and the p95",
        "In 1997 it was so; in 1997 and 1998 too.",
        "cell_2, from 1997-1998 on",
        "{gap.estimate:+.1%} in {early_days} days",
        "{constant:23,570} customers",
        "https://example.org/10/20",
    ],
)
def test_dates_citations_code_names_and_marked_numbers_come_from_somewhere(
    text: str,
) -> None:
    assert loose_numbers(text) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it rose by 12%", ("12%",)),
        ("about 23,570 customers", ("23,570",)),
        ("it costs $5.00.", ("$5.00",)),
        ("after 30d, or 5x", ("30d", "5x")),
        ("2000 customers in 1997", ("2000",)),
        ("sales rose 1999 percent", ("1999",)),
        ("39 May buyers and 20 March customers", ("39", "20")),
        ("doi:42% more", ("42%",)),
        ("a loss of -3", ("-3",)),
        ("7 of them", ("7",)),
        ("rose to 1950 from 1940, by 2000 in all", ("1950", "1940", "2000")),
        ("in 1999 baskets, or (1950 of them)", ("1999", "1950")),
        ("in 1997.5 and 1950-1999", ("1997.5", "1950", "1999")),
        ("\u00bd of them, \u2167 times", ("\u00bd", "\u2167")),
        ("\u0664\u0667% of them", ("\u0664\u0667%",)),
        ("in \ufffc 2000", ("2000",)),
        ("the end.47% more", ("47%",)),
        ("_12%_ and __8__ of them", ("12%", "8")),
        ("a < 12% and b > 3", ("12%", "3")),
        ("less ~~~ 12% ~~~ more", ("12%",)),
        ("an escaped \\`12%\\`", ("12%",)),
        ("it cost $2000, or 2000 more", ("$2000", "2000")),
        ("in May 1200 came", ("1200",)),
    ],
)
def test_a_digit_that_comes_from_nowhere_is_found(
    text: str, found: tuple[str, ...]
) -> None:
    assert loose_numbers(text) == found


def test_places_left_unbound_are_listed() -> None:
    assert unresolved("a {gap.x} and `{code}`") == ("{gap.x}",)


@given(st.integers(min_value=1, max_value=10**9))
def test_every_typed_number_is_found_unless_it_could_be_a_year(number: int) -> None:
    found = loose_numbers(f"we saw {number:,} of them")
    if not (number < 10_000 and 1900 <= number <= 2099 and f"{number:,}".isdigit()):
        assert found == (f"{number:,}",)


@given(st.text(max_size=80))
def test_binding_any_text_never_fails_and_leaves_text_without_braces_alone(
    text: str,
) -> None:
    bound = bind_text(text, names())
    if "{" not in text:
        assert bound.text == text


def test_a_difference_of_shares_is_shown_in_percentage_points() -> None:
    assert bind_text("{gap.estimate:+.1pp} points", names()).text == "+12.3 points"


def test_what_is_no_share_is_not_shown_as_one() -> None:
    dollars = {"spent": replace(gap(), measure="USD")}
    for spec in (".1%", ".1pp"):
        bound = bind_text(f"{{spent.estimate:{spec}}}", dollars)
        assert "is no share" in bound.unknown[0]
    assert bind_text("{spent.level:.0%}", dollars).text == "95%"
