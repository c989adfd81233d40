"""What is shipped is what was published: counts, hashes, and every row both ways."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

DATA = Path(__file__).resolve().parents[2] / "research" / "data"
PURCHASE = ["customer_id", "date", "discs", "dollars"]


def _script() -> ModuleType:
    spec = spec_from_file_location("build_cdnow", DATA / "build_cdnow.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


build = _script()


def _rows(name: str) -> pa.Table:
    return pq.read_table(DATA / name)


def _multiset(table: pa.Table) -> Counter[tuple[object, ...]]:
    rows = table.select(PURCHASE).to_pydict()
    return Counter(zip(*(rows[name] for name in PURCHASE), strict=True))


@pytest.mark.parametrize(
    ("name", "rows", "customers"),
    [("cdnow_master.parquet", 69_659, 23_570), ("cdnow_sample.parquet", 6_919, 2_357)],
)
def test_the_counts_are_the_published_ones(name, rows, customers):
    table = _rows(name)
    assert table.num_rows == rows
    assert len(table["customer_id"].unique()) == customers
    assert sum(column.null_count for column in table.columns) == 0


@pytest.mark.parametrize("source", build.SOURCES, ids=lambda source: source.file)
def test_the_shipped_rows_written_as_text_are_the_published_file(source):
    text = build.text_of(source, _rows(source.parquet))
    assert hashlib.sha256(text).hexdigest() == source.sha256


def test_the_master_is_the_file_everybody_uses():
    published = "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"
    assert build.MASTER.sha256 == published


def test_file_and_line_are_a_key():
    for name in ("cdnow_master.parquet", "cdnow_sample.parquet"):
        table = _rows(name)
        assert len(table["line"].unique()) == table.num_rows
        assert len(table["file"].unique()) == 1


def test_the_purchases_of_the_sample_are_those_of_the_master():
    sample = _rows("cdnow_sample.parquet")
    master = _rows("cdnow_master.parquet")
    chosen = pa.compute.is_in(master["customer_id"], sample["customer_id"].unique())
    assert _multiset(sample) == _multiset(master.filter(chosen))


def test_a_customer_of_the_sample_has_one_number_in_it():
    sample = _rows("cdnow_sample.parquet")
    pairs = sample.group_by(["customer_id", "sample_id"]).aggregate([])
    assert pairs.num_rows == len(sample["sample_id"].unique()) == 2_357


def test_provenance_describes_the_files_beside_it():
    assert build.PROVENANCE.read_text() == build.provenance_text()
    told = {
        entry["file"]: entry for entry in json.loads(build.provenance_text())["files"]
    }
    assert told["cdnow_master.parquet"]["rows_equal_to_an_earlier_one"] == 255
    assert told["cdnow_master.parquet"]["rows_of_zero_dollars"] == 80


def test_the_readme_names_every_hash():
    text = (DATA / "README.md").read_text()
    for entry in json.loads(build.PROVENANCE.read_text())["files"]:
        assert entry["sha256"] in text
        assert entry["source_sha256"] in text
        assert f"{entry['rows']:,}" in text
        assert f"{entry['customers']:,}" in text


@given(
    st.lists(
        st.tuples(
            st.integers(1, 99_999),
            st.dates(
                min_value=build.date(1997, 1, 1), max_value=build.date(1998, 6, 30)
            ),
            st.integers(1, 99),
            st.integers(0, 999_999),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_text_survives_the_way_into_rows_and_back(purchases):
    lines = "".join(
        f" {customer:05d} {day:%Y%m%d} {discs:2d} {cents / 100:7.2f}\r\n"
        for customer, day, discs, cents in purchases
    )
    text = f"{build.MASTER.header[0]}\r\n{lines}".encode()
    assert build.text_of(build.MASTER, build.table_of(build.MASTER, text)) == text


def test_another_text_is_refused(tmp_path):
    wheel = tmp_path / "other.whl"
    with build.zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(build.MASTER.member, " 00001 19970101  1   11.77\r\n")
    with pytest.raises(SystemExit, match="SHA-256"):
        build.text_in(wheel, build.MASTER)


@pytest.mark.slow
def test_the_wheel_rebuilds_what_is_shipped(tmp_path):
    try:
        wheel = build.download(tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("pip could not fetch the lifetimes wheel")
    script = [sys.executable, str(DATA / "build_cdnow.py"), "--wheel", str(wheel)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
