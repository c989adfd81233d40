"""The shipped contracts are standard ones, and say what the house needs to know."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = sorted((ROOT / "research" / "contracts").glob("*.yaml"))
FILE_LEVEL = {
    "wb.unit",
    "wb.unitColumn",
    "wb.eventTime",
    "wb.arrivalTime",
    "wb.arrivalLag",
    "wb.lateness",
    "wb.purposes",
    "wb.minimumUnits",
}

each_contract = pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)


def _properties(owner: dict[str, object]) -> dict[str, object]:
    given = owner.get("customProperties", [])
    assert isinstance(given, list)
    return {entry["property"]: entry["value"] for entry in given}


@each_contract
def test_the_standards_own_schema_accepts_it(path):
    schema = files("open_data_contract_standard").joinpath("schema.json")
    jsonschema.validate(
        yaml.safe_load(path.read_text()), json.loads(schema.read_text())
    )
    assert OpenDataContractStandard.from_file(str(path)).apiVersion == "v3.0.2"


@each_contract
def test_it_tells_unit_times_purposes_and_every_identity_class(path):
    contract = yaml.safe_load(path.read_text())
    told = _properties(contract)
    columns = {c["name"]: _properties(c) for c in contract["schema"][0]["properties"]}
    assert set(told) == FILE_LEVEL
    assert {told["wb.unitColumn"], told["wb.eventTime"], told["wb.arrivalTime"]} <= set(
        columns
    )
    assert all(
        c["wb.identity"] in {"direct", "quasi", "none"} for c in columns.values()
    )
    assert columns["customer_id"]["wb.identity"] == "direct"


@each_contract
def test_its_columns_are_those_of_its_file(path):
    contract = yaml.safe_load(path.read_text())
    names = [column["name"] for column in contract["schema"][0]["properties"]]
    assert names == pq.read_schema(ROOT / contract["servers"][0]["path"]).names
    assert contract["id"] == contract["schema"][0]["name"] == path.stem
