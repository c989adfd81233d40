"""A run folder made by hand, as the runner would make it, and two frames to use."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import claims
from workbench.core.records import from_plain, to_plain
from workbench.core.registration import Status
from workbench.core.runs import Output, RunSpec, View

CUSTOMERS = [f"c{number:03}" for number in range(60)]
VIEW = View(
    dataset="orders",
    columns=("customer_id", "date", "seen_at", "dollars"),
    direct=(),
    view_id="v",
    rows=120,
    unit="customer",
    unit_column="customer_id",
    minimum_units=10,
)
CLAIM = replace(
    claims.CLAIM,
    population="All customers.",
    formula="Share of one arm minus share of the other.",
    planned_occurrences=60,
    alpha=0.1,
    smallest_effect=0.2,
    settlement_size=30,
)
SPEC = RunSpec(
    study="back-again",
    title="Back again",
    variant="base",
    status=Status.DRAFT,
    as_of=datetime(1998, 7, 1, tzinfo=UTC),
    parameters={"days": 60, "label": "x"},
    views=(VIEW,),
    claims=(CLAIM,),
    family=1,
    settles=(),
    seal="s",
    notebook_id="n",
    lock_id="l",
    engine_id="e",
)


def make_run(folder: Path, spec: RunSpec = SPEC) -> Path:
    """A run folder with two orders of each customer."""
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "run.json").write_text(json.dumps(to_plain(spec)))
    days = pd.date_range("1997-01-01", periods=120, freq="D")
    columns = {
        "customer_id": pa.array(sorted(CUSTOMERS * 2)),
        "date": pa.array(days.date, pa.date32()),
        "seen_at": pa.array(days, pa.timestamp("us", tz="UTC")),
        "dollars": pa.array(np.arange(120) + 0.5),
        "secret": pa.array(np.zeros(120)),
    }
    pq.write_table(pa.table(columns), folder / "in" / "orders.parquet")
    return folder


def outputs(folder: Path) -> list[Output]:
    """What was put on record, in order."""
    file = folder / "out" / "outputs.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [from_plain(Output, json.loads(line)) for line in lines]


@pytest.fixture
def run(tmp_path, monkeypatch) -> Path:
    """The folder of a batch run of a draft."""
    folder = make_run(tmp_path / "run")
    monkeypatch.setenv("WB_RUN", str(folder))
    return folder


@pytest.fixture
def run_of(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Makes the folder of a batch run with other terms."""

    def make(**changes: Any) -> Path:
        folder = make_run(tmp_path / "other", replace(SPEC, **changes))
        monkeypatch.setenv("WB_RUN", str(folder))
        return folder

    return make


@pytest.fixture
def customers() -> pd.DataFrame:
    """One row per customer: 40 are early, of whom 30 buy; of the 20 others 5 do."""
    place = np.arange(60)
    return pd.DataFrame(
        {
            "customer_id": CUSTOMERS,
            "first": pd.date_range("1997-01-01", periods=60, freq="D"),
            "was_early": place < 40,
            "bought": (place < 30) | (place >= 55),
            "spent": place * 1.5,
            "size": np.where(place % 2, "large", "small"),
        }
    )


@pytest.fixture
def months(customers: pd.DataFrame) -> pd.DataFrame:
    """Three rows per customer, one per month."""
    parts = [
        customers.assign(
            month=pd.Timestamp(1997, month, 1), bought=(np.arange(60) + month) % 3 == 0
        )
        for month in (1, 2, 3)
    ]
    return pd.concat(parts, ignore_index=True)
