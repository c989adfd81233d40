"""The study that runs are timed with: twelve cells on 200,000 rows, two figures.

Its cells are written twice: as ours, and as anybody's notebook for papermill, which
reads the Parquet file, fits the same regression and draws the same figures by Plotly.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROWS, CUSTOMERS = 200_000, 5_000
STUDY = "reference"
DATA = Path("research") / "data" / "events.parquet"


def frame() -> pd.DataFrame:
    """The events: who, when, on which plan, how much."""
    generator = np.random.default_rng(2026)
    customer = generator.integers(0, CUSTOMERS, ROWS)
    day = generator.integers(0, 200, ROWS)
    plan = (customer % 3).astype(str)
    spent = np.round(5 + customer % 3 + generator.gamma(2.0, 2.0, ROWS), 2)
    start = pd.Timestamp("1998-01-01", tz="UTC")
    moment = start + pd.to_timedelta(day, unit="D")
    return pd.DataFrame(
        {
            "event": np.arange(ROWS),
            "customer": [f"c{number:05}" for number in customer],
            "moment": moment,
            "plan": plan,
            "spent": spent,
        }
    )


def _column(name: str, kind: str, identity: str) -> str:
    return f"""\
      - name: {name}
        logicalType: {kind}
        required: true
        primaryKey: {str(name == "event").lower()}
        customProperties:
          - {{property: wb.identity, value: {identity}}}
"""


CONTRACT = f"""\
apiVersion: v3.0.2
kind: DataContract
id: events
name: Events of a company that does not exist
version: 1.0.0
status: active
servers:
  - {{server: local, type: local, path: {DATA}, format: parquet}}
schema:
  - name: events
    properties:
{_column("event", "integer", "quasi")}\
{_column("customer", "string", "direct")}\
{_column("moment", "timestamp", "quasi")}\
{_column("plan", "string", "none")}\
{_column("spent", "number", "none")}\
customProperties:
  - {{property: wb.unit, value: customer}}
  - {{property: wb.unitColumn, value: customer}}
  - {{property: wb.eventTime, value: moment}}
  - {{property: wb.arrivalTime, value: moment}}
  - {{property: wb.lateness, value: P1D}}
  - {{property: wb.purposes, value: [research]}}
  - {{property: wb.minimumUnits, value: 10}}
"""
TERMS = """\
study: {study}
title: Does the third plan bring more?
question: By how much does a customer of the third plan spend more a purchase?
authors: [Nobody]
tags: [benchmark]
status: draft
notebook: notebooks/{study}.ipynb
cadence: monthly
data:
  events: {{columns: [customer, moment, plan, spent], purpose: research}}
parameters:
  least:
    {{type: number, default: 0.0, minimum: 0, maximum: 10, description: Least spent.}}
  early_days:
    {{type: integer, default: 30, minimum: 1, maximum: 90, description: First days.}}
  bins:
    {{type: integer, default: 6, minimum: 2, maximum: 20, description: Bars.}}
  third:
    {{type: string, default: "2", description: The plan.}}
variants:
{variants}
claims:
  gap:
    estimand: coefficient
    population: Every customer.
    formula: Mean spent by plan, by ordinary least squares.
    unit: customer
    direction: greater
    margin: 0.5
    planned_occurrences: 5000
    alpha: 0.05
    smallest_effect: 0.2
    horizon: P0D
    settlement_size: 1000
    settles_on: new units
    deadline: P100D
"""
PARAMETERS = 'least = 0.0\nearly_days = 30\nbins = 6\nthird = "2"'
SHARED = {
    "imports": "import numpy as np\nimport pandas as pd\n"
    "import statsmodels.formula.api as smf",
    "clean": 'rows = rows[rows["spent"] >= least]',
    "months": 'rows["month"] = rows["moment"].dt.strftime("%Y-%m")\n'
    'by_month = rows.groupby(["month", "plan"])["spent"].agg(["mean", "size"])',
    "customers": 'customers = rows.groupby("customer", as_index=False).agg(\n'
    '    spent=("spent", "mean"), visits=("spent", "size"), began=("moment", "min"),\n'
    '    plan=("plan", "first"),\n'
    ")\n"
    'customers["on_third"] = (customers["plan"] == third).astype(float)',
    "fit": 'fit = smf.ols("spent ~ on_third + np.log(visits)", customers).fit()',
}
OURS = {
    "table": 'import workbench as wb\n\nrows = wb.table("events")',
    "evidence": """\
gap = wb.evidence("gap").coefficient(
    lambda part: smf.ols("spent ~ on_third + np.log(visits)", part).fit(),
    "on_third", customers, began="began",
)""",
    "figure": """\
wb.figure(
    "by_month", rows.drop_duplicates(["customer", "month"]), kind="interval",
    by="month", value="spent", split="plan", occurrence="month", title="Spent by month",
    x_label="Month", y_label="Spent", y_format=".2f", finding="See the third plan.",
)""",
    "second": """\
wb.figure(
    "by_plan", customers, kind="interval", by="plan", value="spent",
    title="Spent by plan", x_label="Plan", y_label="Spent", y_format=".2f",
    finding="See the third plan.",
)""",
    "exhibit": """\
wb.exhibit(
    "plans", customers, by="plan", values={"Spent": ("spent", "mean")},
    formats={"Spent": ".2f"}, title="Spent by plan", row_label="Plan",
)""",
    "takeaway": """\
wb.takeaway(
    kind="lesson", evidence=["gap"],
    when={
        "trade": {"claim": "The third plan brings {gap.estimate:.2f} more.",
                  "entry": "Now.", "action": "Offer it.", "exit": "Later."},
        "do not trade": {"claim": "It brings no more.", "action": "Leave it."},
    },
)""",
}
THEIRS = {
    "table": 'import plotly.express as px\n\nrows = pd.read_parquet("{file}")',
    "evidence": 'fit.get_robustcov_results("HC1").summary()',
    "figure": 'px.line(by_month.reset_index(), x="month", y="mean", color="plan")',
    "second": 'px.bar(customers.groupby("plan", as_index=False)["spent"].mean(), '
    'x="plan", y="spent")',
    "exhibit": 'customers.groupby("plan")["spent"].mean().to_frame()',
    "takeaway": 'fit.params["on_third"]',
}
ORDER = (
    *("imports", "table", "clean", "months", "customers", "fit"),
    *("evidence", "figure", "second", "exhibit", "takeaway"),
)


def notebook(cells: Sequence[tuple[str, str]], kernel: str = "") -> dict[str, Any]:
    """A notebook of code cells; the first holds the parameters."""
    made: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": name,
            "metadata": {"tags": ["parameters"]} if name == "parameters" else {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for name, source in cells
    ]
    named = {"kernelspec": {"name": kernel, "display_name": kernel}} if kernel else {}
    return {"cells": made, "metadata": named, "nbformat": 4, "nbformat_minor": 5}


def cells(own: dict[str, str]) -> list[tuple[str, str]]:
    """The twelve cells, with these where the two differ."""
    whole = SHARED | own
    return [("parameters", PARAMETERS), *((name, whole[name]) for name in ORDER)]


def lay_out(root: Path, variants: int) -> None:
    """Add the data, the contract and the study, with variants, to a root."""
    for folder in (DATA.parent, Path("research") / "contracts", Path("notebooks")):
        (root / folder).mkdir(parents=True, exist_ok=True)
    frame().to_parquet(root / DATA, index=False)
    (root / "research" / "contracts" / "events.yaml").write_text(CONTRACT)
    others = [f"  less-{n}: {{least: 0.{n:02}}}" for n in range(1, variants)]
    terms = TERMS.format(study=STUDY, variants="\n".join(others) or "  {}")
    (root / "research" / f"{STUDY}.yaml").write_text(terms)
    file = root / "notebooks" / f"{STUDY}.ipynb"
    file.write_text(json.dumps(notebook(cells(OURS))))


def for_papermill(file: Path, data: Path) -> Path:
    """The same as anybody's notebook."""
    theirs = {name: text.replace("{file}", str(data)) for name, text in THEIRS.items()}
    file.write_text(json.dumps(notebook(cells(theirs), kernel="python3")))
    return file
