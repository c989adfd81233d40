"""A registration is read whole, or refused with every mistake at once."""

from contextlib import suppress
from datetime import timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.test_datasets import FILE as CONTRACT_FILE
from tests.contracts.test_datasets import GOOD as CONTRACT
from workbench.contracts.datasets import parse_contract
from workbench.contracts.registrations import (
    parse_registration,
    parse_values,
    set_status,
)
from workbench.core.errors import UsageError
from workbench.core.registration import DataUse, Registration, Status

FILE = "research/early-orders.yaml"
GOOD = """\
study: early-orders # the permalink
title: Early orders
question: Do early orders matter?
authors:
  - Ada
tags: [retention]
status: draft # sealed by `workbench register`
notebook: notebooks/early-orders.ipynb
cadence: monthly
data:
  orders:
    columns:
      - amount
      - customer
    purpose: retention
parameters:
  early_days:
    type: integer
    default: 60
    minimum: 1
    maximum: 365
    description: Days that count as early.
  share:
    type: number
    default: 1
    choices: [0.5, 1]
    description: Share of the rows.
  channel:
    type: string
    default: web
    description: Where the order was placed.
variants:
  early-30:
    early_days: 30
  half:
    share: 0.5
claims:
  repeat_gap:
    estimand: difference_in_proportions
    population: Every customer.
    formula: Share that came back, early less late.
    unit: customer
    occurrence: month
    direction: greater
    margin: 0.05
    planned_occurrences: 1000
    alpha: 0.05
    smallest_effect: 0.02
    horizon: P180D
    settlement_size: 500
    settles_on: new units
    deadline: P365D
    sequence: mixture
"""
OPTIONAL = {"tags", "minimum", "maximum", "choices", "occurrence", "sequence"}


def parse(text: str, file: str = FILE) -> Registration:
    contracts = {"orders": parse_contract(CONTRACT, file=CONTRACT_FILE)}
    return parse_registration(text, file=file, contracts=contracts)


def mistakes(text: str, file: str = FILE) -> list[tuple[int, str]]:
    with pytest.raises(UsageError) as caught:
        parse(text, file)
    return [
        (int(reason.place.removeprefix("line ")), reason.message)
        for reason in caught.value.reasons
    ]


def test_a_registration_is_read_whole():
    registration = parse(GOOD)
    # in the contract's order, so that the order of writing changes no seal
    use = DataUse(dataset="orders", columns=("customer", "amount"), purpose="retention")
    assert registration.data == (use,)
    variants = {"early-30": {"early_days": 30}, "half": {"share": 0.5}}
    assert registration.variants == variants
    assert registration.variant_of(registration.values_of("half")) == "half"
    assert registration.parameters[1].default == 1.0
    assert type(registration.parameters[1].default) is float
    assert registration.claims[0].alpha == 0.05
    assert registration.claims[0].counted == "customer-month"
    assert registration.status is Status.DRAFT


def test_another_occurrence_is_another_study_and_none_is_each_unit_once():
    once = parse(GOOD.replace("    occurrence: month\n", ""))
    assert once.claims[0].occurrence == ""
    assert once.claims[0].counted == "customer"
    assert once.seal != parse(GOOD).seal


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("study: early-orders", "study: early", 1, "must equal the file's"),
        ("title: Early orders", "title: 3", 2, "must be text"),
        ("status: draft", "status: registerd", 7, "Did you mean 'registered'?"),
        ("orders.ipynb", "orders.py", 8, ".ipynb"),
        ("cadence: monthly", "cadence: montly", 9, "'monthly'"),
        ("  orders:\n", "  ordres:\n", 11, "'orders'"),
        ("- amount", "- amuont", 13, CONTRACT_FILE),
        ("- amount", "- amuont", 13, "'amount'"),
        ("      - customer\n", "", 12, "counts by 'customer'"),
        ("purpose: retention", "purpose: marketing", 15, CONTRACT_FILE),
        ("  early_days:\n    type", "  early-days:\n    type", 17, "Python name"),
        ("  early_days:\n    type", "  as_of:\n    type", 17, "meaning of its own"),
        ("  early_days:\n    type", "  repeat_gap:\n    type", 38, "also a parameter"),
        ("type: integer", "type: int", 18, "'integer'"),
        ("default: 60", "default: sixty", 19, "type integer"),
        ("default: 60", "default: 0", 19, "less than the minimum 1"),
        ("default: 60", "default: 60.5", 19, "type integer"),
        ("minimum: 1\n", "minimum: 400\n", 21, "less than minimum 400"),
        ("minimum: 1\n", "minumum: 1\n", 20, "'minimum'"),
        ("default: 1\n", "default: 2\n", 25, "none of 0.5, 1"),
        ("choices: [0.5, 1]", "choices: [0.5, one]", 26, "type number"),
        ("default: web", "default: true", 30, "type string"),
        ("early_days: 30", "early_day: 30", 34, "'early_days'"),
        ("early_days: 30", "early_days: 366", 34, "more than the maximum"),
        ("early_days: 30", "early_days: 60", 33, "same values as 'base'"),
        ("  half:\n", "  base:\n", 35, "not 'base'"),
        ("  half:\n", "  editions:\n", 35, "not called a date"),
        ("  half:\n", '  "2024-03-01":\n', 35, "not called a date"),
        ("estimand: diff", "estimand: dif", 39, "'difference_in_proportions'"),
        ("estimand: difference_in_proportions", "estimand: count", 39, "one of"),
        ("unit: customer", "unit: costumer", 42, "'customer'"),
        ("occurrence: month", "occurrence: 3", 43, "must be text"),
        ("direction: greater", "direction: bigger", 44, "greater, less, within"),
        ("greater\n    margin: 0.05", "within\n    margin: -1", 45, "greater than 0"),
        ("margin: 0.05", "margin: 5%", 45, "a number"),
        ("planned_occurrences: 1000", "planned_occurrences: 0", 46, "at least 1"),
        ("alpha: 0.05", "alpha: 0.51", 47, "at most 0.5"),
        ("alpha: 0.05", "alpha: 0", 47, "greater than 0"),
        ("smallest_effect: 0.02", "smallest_effect: 0", 48, "greater than 0"),
        ("horizon: P180D", "horizon: P6M", 49, "P30D"),
        ("settlement_size: 500", "settlement_size: 1", 50, "at least 2"),
        ("horizon: P180D", "horizon: eary_days", 49, "no integer parameter"),
        ("horizon: P180D", "horizon: eary_days", 49, "Did you mean 'early_days'?"),
        ("horizon: P180D", "horizon: share", 49, "P30D"),
        ("settles_on: new units", "settles_on: new unit", 51, "'new units'?"),
        ("settles_on: new units", "settles_on: all", 51, "fresh occurrences"),
        ("deadline: P365D", "deadline: P1Y", 52, "P30D"),
        ("deadline: P365D", "deadline: later", 52, "P30D"),
        ("sequence: mixture", "sequence: mixtur", 53, "Did you mean 'mixture'?"),
        ("sequence: mixture", "sequence: betting", 53, "has no betting sequence"),
        ("sequence: mixture", "sequence: betting", 53, "robbins-siegmund, exact"),
        ("sequence: mixture", "sequence: exact", 53, "leave occurrence out"),
        ("sequence: mixture", "quantile: 0.5", 53, "only a claim about a quantile"),
        ("sequence: mixture", "quantil: 0.5", 53, "'quantile'"),
        ("sequence: mixture", "bounds: [10, 0]", 53, "such as [0, 10]"),
        ("sequence: mixture", "bounds: [0]", 53, "such as [0, 10]"),
        ("sequence: mixture", "bounds: [low, 10]", 53, "such as [0, 10]"),
        ("sequence: mixture", "bounds: 10", 53, "must be a list"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line_and_what_is_allowed(old, new, line, said):
    assert old in GOOD
    found = mistakes(GOOD.replace(old, new, 1))
    assert any(at == line and said in message for at, message in found), found


QUANTILE = GOOD.replace("difference_in_proportions", "quantile").replace(
    "    occurrence: month\n", ""
)


@pytest.mark.parametrize(
    ("extra", "line", "said"),
    [
        ("sequence: exact", 39, "quantile: 0.5 is the median"),
        ("sequence: exact\n    quantile: half", 53, "a number"),
        ("sequence: exact\n    quantile: 0", 53, "greater than 0"),
        ("sequence: exact\n    quantile: 1", 53, "between 0 and 1"),
        ("quantile: 0.5", 38, "has no mixture sequence; it has exact"),
    ],
)
def test_which_quantile_is_said_and_its_interval_is_exact(extra, line, said):
    found = mistakes(QUANTILE.replace("sequence: mixture", extra))
    assert any(at == line and said in message for at, message in found), found


def test_quantile_sequence_and_bounds_are_read_and_belong_together():
    exact = "sequence: exact\n    quantile: 0.25"
    (claim,) = parse(QUANTILE.replace("sequence: mixture", exact)).claims
    assert (claim.sequence, claim.quantile, claim.bounds) == ("exact", 0.25, None)
    recurring = GOOD.replace("difference_in_proportions", "mean")
    mean = recurring.replace("    occurrence: month\n", "")
    betting = "sequence: betting\n    bounds: [0, 10]"
    (claim,) = parse(mean.replace("sequence: mixture", betting)).claims
    assert (claim.sequence, claim.quantile, claim.bounds) == ("betting", None, (0, 10))
    found = mistakes(mean.replace("sequence: mixture", "sequence: betting"))
    assert any(at == 52 and "needs bounds" in message for at, message in found), found
    [(line, said)] = mistakes(recurring.replace("sequence: mixture", betting))
    assert (line, "betting sequences count each unit once" in said) == (53, True)
    (claim,) = parse(GOOD.replace("    sequence: mixture\n", "")).claims
    assert claim.sequence == "mixture"


def test_a_horizon_may_be_a_parameter_and_is_what_that_parameter_is():
    held = parse(GOOD.replace("horizon: P180D", "horizon: early_days"))
    assert held.claims[0].horizon == "early_days"
    for variant, waits in (("base", "P60D"), ("early-30", "P30D"), ("half", "P60D")):
        (claim,) = held.claims_of(held.values_of(variant))
        assert claim.horizon == waits
    (claim,) = parse(GOOD).claims_of({"early_days": 30})
    assert (claim.horizon, claim.waits) == ("P180D", timedelta(days=180))
    assert held.seal != parse(GOOD).seal
    with pytest.raises(ValueError, match="no ISO 8601 duration"):
        _ = held.claims[0].waits
    weeks = GOOD.replace("early_days", "early_weeks").replace("early-30:", "soon:")
    weeks = weeks.replace("horizon: P180D", "horizon: early_weeks")
    [(line, said)] = mistakes(weeks)  # sixty weeks, and to be settled within one year
    assert (line, "P60W" in said) == (52, True)
    longer = weeks.replace("early_weeks: 30", "early_weeks: 61")
    [(line, said)] = mistakes(longer.replace("deadline: P365D", "deadline: P420D"))
    assert (line, "of variant 'soon', P61W" in said) == (52, True)
    held = parse(weeks.replace("deadline: P365D", "deadline: P420D"))
    (claim,) = held.claims_of(held.values_of("soon"))
    assert claim.waits == timedelta(weeks=30)
    numbers = GOOD.replace("early_days", "early").replace("  share:", "  share_days:")
    numbers = numbers.replace("    share: 0.5", "    share_days: 0.5")
    found = mistakes(numbers.replace("horizon: P180D", "horizon: share_days"))
    assert [(at, "no integer parameter" in said) for at, said in found] == [(49, True)]


def test_the_intervals_of_all_claims_and_variants_share_one_alpha():
    assert parse(GOOD).family == 3
    entry = GOOD[GOOD.index("  repeat_gap:") :]
    assert parse(GOOD + entry.replace("repeat_gap", "other_gap")).family == 6


def test_no_claim_no_study():
    text = GOOD[: GOOD.index("claims:")] + "claims: {}\n"
    assert any("at least one" in message for _, message in mistakes(text))


def test_a_name_that_cannot_be_a_permalink_is_refused():
    text = GOOD.replace("study: early-orders", "study: Early_orders")
    found = mistakes(text, "research/Early_orders.yaml")
    assert any("single hyphens" in message for _, message in found)


def keyed_lines() -> list[tuple[int, str, int]]:
    """Every mapping's key in GOOD: its line, itself, the lines that its value takes."""
    root = yaml.compose(GOOD, Loader=yaml.BaseLoader)
    found = []

    def walk(node: yaml.Node | None) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                begin, end = key.start_mark.line, value.end_mark
                last = end.line if end.column == 0 else end.line + 1
                found.append((begin, key.value, last - begin))
                walk(value)

    walk(root)
    return found


PARAMETERS = {"parameters", "early_days", "share", "channel"}
VARIANTS = {"variants", "early-30", "half"}


@given(st.sampled_from(keyed_lines()), st.booleans())
def test_a_single_deleted_or_misspelt_key_is_a_mistake_that_names_it(place, misspelt):
    begin, key, length = place
    lines = GOOD.splitlines()
    if misspelt:
        lines[begin] = lines[begin].replace(key, f"{key}x y", 1)
    elif key in OPTIONAL | PARAMETERS | VARIANTS:
        return
    else:
        del lines[begin : begin + length]
    found = mistakes("\n".join(lines))
    if misspelt:
        assert any(at == begin + 1 and f"{key}x y" in message for at, message in found)
    else:
        assert any("missing" in m or "at least one" in m for _, m in found)


@given(st.text(max_size=200))
def test_any_text_at_all_is_a_usage_error(text):
    with pytest.raises(UsageError):
        parse(text)


@given(st.integers(0, len(GOOD) - 1), st.characters())
def test_one_foreign_character_anywhere_is_read_or_a_usage_error(at, character):
    with suppress(UsageError):
        parse(GOOD[:at] + character + GOOD[at:])


def test_values_of_the_command_line_are_typed_and_bounded():
    given_values = ["early_days=30", "share = 0.5", "channel=shop=x"]
    expected = {"early_days": 30, "share": 0.5, "channel": "shop=x"}
    assert parse_values(parse(GOOD), given_values) == expected


def test_all_mistakes_of_the_command_line_come_at_once():
    wrong = ["early_day=30", "early_days=many", "share=0.7", "channel"]
    with pytest.raises(UsageError) as caught:
        parse_values(parse(GOOD), wrong)
    told = [reason.message for reason in caught.value.reasons]
    assert len(told) == 4
    assert "Did you mean 'early_days'?" in told[0]
    assert "type integer" in told[1]
    assert "none of 0.5, 1.0" in told[2]
    assert "name=value" in told[3]


def test_setting_the_status_changes_one_word_and_keeps_every_comment():
    text = set_status(GOOD, Status.REGISTERED)
    before, after = GOOD.splitlines(), text.splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [
        (
            "status: draft # sealed by `workbench register`",
            "status: registered # sealed by `workbench register`",
        )
    ]
    assert parse(text).status is Status.REGISTERED
    with pytest.raises(UsageError):
        set_status("title: x", Status.DRAFT)
