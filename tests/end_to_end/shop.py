"""A shop so small that a run takes as long as its kernel, and a study of it."""

import csv
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

ORDERS = Path("research/data/orders.csv")
COLUMNS = ("order", "customer", "day", "seen", "spent")
FIRST = datetime(1998, 1, 1)  # noqa: DTZ001 - written without a zone, read as UTC
Order = dict[str, str]


def order(number: int, customer: int, day: int, seen: int | None = None) -> Order:
    """One order of a day since the first; it is known a day later, or when told."""
    known = day + 1 if seen is None else seen
    return {
        "order": str(number),
        "customer": f"person-{customer:03}@example.org",
        "day": (FIRST + timedelta(days=day)).isoformat(),
        "seen": (FIRST + timedelta(days=known)).isoformat(),
        "spent": str(5 + number % 7),
    }


def orders() -> list[Order]:
    """Five hundred customers; every other one comes back, within eighty days."""
    first = [order(number, number, number % 40) for number in range(500)]
    again = [
        order(500 + number, number, number % 40 + 40) for number in range(0, 500, 2)
    ]
    return [*first, *again]


def write_orders(root: Path, rows: Sequence[Order]) -> None:
    """Write the shop's one file."""
    with (root / ORDERS).open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _column(name: str, kind: str, identity: str) -> str:
    return f"""\
      - name: {name}
        logicalType: {kind}
        required: true
        primaryKey: {str(name == "order").lower()}
        customProperties:
          - {{property: wb.identity, value: {identity}}}
"""


CONTRACT = f"""\
apiVersion: v3.0.2
kind: DataContract
id: orders
name: Orders of a small shop
version: 1.0.0
status: active
servers:
  - {{server: local, type: local, path: {ORDERS}, format: csv}}
schema:
  - name: orders
    properties:
{_column("order", "integer", "quasi")}\
{_column("customer", "string", "direct")}\
{_column("day", "timestamp", "quasi")}\
{_column("seen", "timestamp", "quasi")}\
{_column("spent", "integer", "none")}\
customProperties:
  - {{property: wb.unit, value: customer}}
  - {{property: wb.unitColumn, value: customer}}
  - {{property: wb.eventTime, value: day}}
  - {{property: wb.arrivalTime, value: seen}}
  - {{property: wb.lateness, value: P10D}}
  - {{property: wb.purposes, value: [research]}}
  - {{property: wb.minimumUnits, value: 10}}
"""


TERMS = """\
study: {study}
title: How many customers come back?
question: Which share of customers is seen on more than one day?
authors: [The Shop]
tags: [retention]
status: draft
notebook: notebooks/{study}.ipynb
cadence: monthly
data:
  orders: {{columns: [customer, day], purpose: research}}
parameters:
  days_seen:
    {{type: integer, default: 2, minimum: 2, maximum: 30, description: Days seen on.}}
claims:
  came_back:
    estimand: proportion
    population: Every customer first seen thirty days before the run's date.
    formula: Share of customers seen on at least days_seen different days.
    unit: customer
    direction: greater
    margin: 0.20
    planned_occurrences: 400
    alpha: 0.05
    smallest_effect: 0.05
    horizon: P30D
    settlement_size: 200
    settles_on: new units
    deadline: P100D
"""
PROSE = "Of {everybody.n:,} customers {came_back.estimate:.0%} were seen again."
PARAMETERS = "days_seen = 2"
ANALYSIS = """\
import pandas as pd
import workbench as wb

days = wb.table("orders").groupby("customer")["day"].agg(["min", "nunique"])
days = days[days["min"] + pd.Timedelta(days=30) <= wb.as_of()].reset_index()
days["came_back"] = days["nunique"] >= days_seen
everybody = wb.count("everybody", days)
came_back = wb.evidence("came_back").proportion(days, "came_back", began="min")
"""
TAKEAWAY = """\
wb.takeaway(
    kind="lesson",
    evidence=["came_back"],
    when={
        "trade": {
            "claim": "{came_back.estimate:.0%} of customers come back.",
            "entry": "When a customer is new.",
            "action": "Plan for the second visit from the first day.",
            "exit": "When a later run of this study says otherwise.",
        },
        "do not trade": {
            "claim": "Only {came_back.estimate:.0%} of customers come back.",
            "action": "Do not plan on a second visit.",
        },
    },
)
"""


def write_study(root: Path, study: str) -> None:
    """Write a draft of a study: how many customers come back?"""
    (root / "research" / f"{study}.yaml").write_text(TERMS.format(study=study))
    prose = {"cell_type": "markdown", "id": "prose", "metadata": {}, "source": PROSE}
    parameters = code_cell("parameters", PARAMETERS)
    parameters["metadata"] = {"tags": ["parameters"]}
    cells = [
        prose,
        parameters,
        code_cell("analysis", ANALYSIS),
        code_cell("takeaway", TAKEAWAY),
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks" / f"{study}.ipynb").write_text(json.dumps(notebook))


def code_cell(name: str, source: str) -> dict[str, object]:
    """A code cell that never ran."""
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def lay_out_shop(root: Path) -> None:
    """Add the shop's contract and orders to an empty root."""
    (root / "research" / "contracts").mkdir(parents=True, exist_ok=True)
    (root / "research" / "data").mkdir(exist_ok=True)
    (root / "research" / "contracts" / "orders.yaml").write_text(CONTRACT)
    write_orders(root, orders())
