"""A contract is read whole, or refused with every mistake at once."""

import re
from dataclasses import replace
from datetime import timedelta

import open_data_contract_standard.model as odcs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.contracts import standard
from workbench.contracts.datasets import Contract, parse_contract
from workbench.core.errors import UsageError

FILE = "research/contracts/orders.yaml"
GOOD = """\
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
servers:
  - server: local
    type: local
    path: data/*.csv
    format: csv
schema:
  - name: orders
    properties:
      - name: order_id
        logicalType: string
        primaryKey: true
        logicalTypeOptions: {minLength: 1, maxLength: 9, pattern: "^o"}
        customProperties:
          - {property: wb.identity, value: quasi}
      - name: customer
        logicalType: string
        required: true
        customProperties:
          - {property: wb.identity, value: direct}
      - name: placed
        logicalType: timestamp
        logicalTypeOptions: {minimum: "2020-01-01"}
        customProperties:
          - {property: wb.identity, value: none}
      - name: amount
        logicalType: number
        logicalTypeOptions: {minimum: 0, maximum: 99.5}
        customProperties:
          - {property: wb.identity, value: none}
          - {property: wb.measure, value: USD}
      - name: channel
        logicalType: string
        customProperties:
          - {property: wb.identity, value: none}
          - {property: wb.choices, value: [web, shop]}
          - {property: other.vendor, value: left alone}
customProperties:
  - {property: wb.unit, value: customer}
  - {property: wb.unitColumn, value: customer}
  - {property: wb.eventTime, value: placed}
  - {property: wb.arrivalLag, value: P1D}
  - {property: wb.lateness, value: PT12H}
  - {property: wb.purposes, value: [retention]}
"""


def parse(text: str) -> Contract:
    return parse_contract(text, file=FILE)


def mistakes(text: str) -> list[tuple[int, str]]:
    with pytest.raises(UsageError) as caught:
        parse(text)
    return [
        (int(reason.place.removeprefix("line ")), reason.message)
        for reason in caught.value.reasons
    ]


def test_a_contract_is_read_whole():
    contract = parse(GOOD)
    assert contract.names == ("order_id", "customer", "placed", "amount", "channel")
    assert contract.key == ("order_id",)
    assert contract.lag == timedelta(days=1)
    assert contract.allowed_lateness == timedelta(hours=12)
    assert contract.minimum_units == 10
    assert contract.column("order_id").required  # a key is never empty
    assert contract.column("placed").required  # nor is the time it happened
    assert not contract.column("amount").required
    assert contract.column("amount").maximum == 99.5
    assert contract.column("channel").choices == ("web", "shop")
    assert contract.column("customer").identity == "direct"


def test_a_time_may_not_be_a_direct_identifier():
    before, name, after = GOOD.partition("- name: placed")
    text = before + name + after.replace("value: none", "value: direct", 1)
    text = text.replace("wb.identity, value: quasi", "wb.identity, value: direct")
    assert any("a pseudonym is no time" in said for _, said in mistakes(text))


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("        required: true", "        requried: true", 22, "'required'"),
        ("identity, value: direct", "identity, value: drect", 24, "'direct'"),
        ("wb.identity, value: quasi", "wb.identty, value: quasi", 19, "'wb.identity'"),
        ("logicalType: number", "logicalType: nubmer", 31, "'number'"),
        ("wb.unitColumn, value: customer", "wb.unitColumn, value: cust", 44, "no col"),
        ("eventTime, value: placed", "eventTime, value: amount", 45, "date or"),
        ("wb.arrivalLag, value: P1D", "wb.arrivalLag, value: 1 day", 46, "ISO 8601"),
        ("wb.lateness, value: PT12H", "wb.lateness, value: P999999999999W", 47, "ISO"),
        ("value: [retention]", "value: []", 48, "at least one"),
        ("minimum: 0, maximum: 99.5", "minimum: 9, maximum: 1", 32, "less than"),
        ("minLength: 1, max", "minLength: 10, max", 17, "less than"),
        ('"2020-01-01"', '"last year"', 27, "timestamp"),
        ('"^o"', '"("', 17, "regular expression"),
        ("maximum: 99.5", "maximun: 99.5", 32, "'maximum'"),
        ("[web, shop]", "[web, 3]", 40, "type string"),
        ("  - name: orders", "  - name: order", 12, "'orders'"),
        ("- name: customer", "- name: Order_ID", 20, "capitals"),
        ("format: csv", "format: excel", 10, "parquet, csv"),
        ("apiVersion: v3.1.0", "apiVersion: v2.0.0", 1, "v3"),
        ("purposes, value: [retention]", "purpsoes, value: [x]", 48, "'wb.purposes'"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line_and_what_is_allowed(old, new, line, said):
    assert old in GOOD
    found = mistakes(GOOD.replace(old, new, 1))
    assert any(at == line and said in message for at, message in found), found


def test_all_mistakes_come_at_once():
    text = GOOD.replace("version: 1.0.0\n", "").replace("csv\nschema", "cvs\nschema")
    assert len(mistakes(text.replace("value: direct", "value: drect"))) == 3


def test_the_minimum_of_units_is_never_less_than_five():
    extra = "  - {property: wb.minimumUnits, value: 4}\n"
    assert mistakes(GOOD + extra)[0][0] == 49
    assert parse(GOOD + extra.replace("4", "5")).minimum_units == 5


REQUIRED = [
    line
    for line in GOOD.splitlines(keepends=True)
    if re.match(
        r"(apiVersion|kind|id|version|status|servers|schema): ?"
        r"|    (path|format|properties):|        logicalType:"
        r"|.*wb\.(identity|unit|unitColumn|eventTime|purposes),",
        line,
    )
    and not line.rstrip().endswith(("servers:", "schema:", "properties:"))
]


@given(st.sampled_from(REQUIRED))
def test_deleting_any_required_line_is_a_usage_error(line):
    begin = GOOD.index(line)
    found = mistakes(GOOD[:begin] + GOOD[begin + len(line) :])
    assert any("missing" in message for _, message in found)


@pytest.mark.parametrize("wrong", ["wb.identiy, value: none", "wb.identity, value: no"])
def test_one_misspelt_word_is_one_mistake(wrong):
    at = GOOD.index("name: placed")
    text = GOOD[:at] + GOOD[at:].replace("wb.identity, value: none", wrong, 1)
    with pytest.raises(UsageError) as caught:
        parse_contract(text, file=FILE)
    (reason,) = caught.value.reasons
    assert "Did you mean" in reason.message or "must be one of" in reason.message


def test_the_identity_of_a_contract_is_what_decides_reading_and_checking():
    contract = parse(GOOD)
    same = replace(contract, purposes=("more",), minimum_units=20, path="elsewhere.csv")
    assert same.contract_id == contract.contract_id
    assert replace(contract, arrival_lag="P2D").contract_id != contract.contract_id
    looser = parse(GOOD.replace("maximum: 99.5", "maximum: 100"))
    assert looser.contract_id != contract.contract_id


@pytest.mark.parametrize(
    ("ours", "model"),
    [
        (standard.FILE_KEYS, odcs.OpenDataContractStandard),
        (standard.SERVER_KEYS, odcs.Server),
        (standard.SCHEMA_KEYS, odcs.SchemaObject),
        (standard.COLUMN_KEYS, odcs.SchemaProperty),
        (standard.PROPERTY_KEYS, odcs.CustomProperty),
    ],
)
def test_the_names_we_know_are_the_names_of_the_standard(ours, model):
    theirs = {field.alias or name for name, field in model.model_fields.items()}
    assert ours == theirs


def test_a_good_contract_is_one_to_the_standards_own_reader():
    assert odcs.OpenDataContractStandard.from_string(GOOD).id == "orders"
