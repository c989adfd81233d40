"""The first version of a new study: terms and source that run at once."""

import json
import re
from collections.abc import Mapping, Sequence
from string import Template

from workbench.contracts.datasets import Contract
from workbench.core.canonical import sha256_of_value
from workbench.core.errors import Reason, UsageError
from workbench.takeaways.grammar import plural

NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")

TERMS = Template("""\
study: $study
title: How many $units come back?
question: Which share of $units is seen again soon after the first day?
authors: [Your Name]
tags: [retention]
status: draft          # `workbench register $study` seals it
notebook: notebooks/$study.ipynb
cadence: monthly

data:
  $dataset:
    columns: [$columns]
    purpose: $purpose

parameters:
  later_days:
    type: integer
    default: 30
    minimum: 2
    maximum: 365
    description: Days after the first one in which a $unit must be seen again.

claims:
  came_back:
    estimand: proportion
    population: Every $unit whose first day lies at least later_days back.
    formula: Share of $units seen again on a later day before later_days are over.
    unit: $unit
    direction: greater
    margin: 0.20            # the smallest share worth acting on
    planned_occurrences: 400
    alpha: 0.05
    smallest_effect: 0.05   # distance from the margin that must not be missed
    horizon: later_days     # the parameter that says when an outcome is known
    settlement_size: 200
    settles_on: new units   # or: fresh occurrences, of units known before too
    deadline: P365D         # void if too few have come by then
""")

PROSE = Template("""\
We look at each $unit for {later_days} days from the first day it was seen, and count
only those for whom these days are over: {everybody.n:,} $units. Of these,
{came_back.estimate:.0%} were seen again.
""")

ANALYSIS = Template("""\
import pandas as pd

import workbench as wb

rows = wb.table("$dataset")
later = pd.Timedelta(days=later_days)

days = rows.groupby("$unit_column")["$event_time"]
first = days.min().rename("first").reset_index()
counted = first[first["first"] + later <= wb.as_of()].copy()

seen = rows.merge(counted, on="$unit_column")
waited = seen["$event_time"] - seen["first"]
again = seen.loc[(waited >= pd.Timedelta(days=1)) & (waited < later), "$unit_column"]
counted["came_back"] = counted["$unit_column"].isin(again)

everybody = wb.count("everybody", counted)
came_back = wb.evidence("came_back").proportion(
    counted, "came_back", began="first"
)
""")

TAKEAWAY = Template("""\
wb.takeaway(
    kind="lesson",
    evidence=["came_back"],
    when={
        "trade": {
            "claim": "{came_back.estimate:.0%} come back within {later_days} days.",
            "entry": "When a $unit is new.",
            "action": "Plan for the second visit from the first day.",
            "exit": "When a later run of this study says otherwise.",
        },
        "do not trade": {
            "claim": "Only {came_back.estimate:.0%} of $units come back.",
            "action": "Do not plan on a second visit.",
        },
    },
)
""")


def new_study(
    name: str, contracts: Mapping[str, Contract], dataset: str | None
) -> tuple[str, str]:
    """Registration and notebook of a new study, as texts.

    Raises:
        UsageError: The name is malformed, or there is no such dataset, or none at all.
    """
    contract = _chosen(name, contracts, dataset)
    words = {
        "study": name,
        "dataset": contract.dataset,
        "unit": contract.unit,
        "units": plural(contract.unit),
        "unit_column": contract.unit_column,
        "event_time": contract.event_time,
        "columns": f"{contract.unit_column}, {contract.event_time}",
        "purpose": contract.purposes[0],
    }
    cells = [
        _cell("markdown", PROSE.substitute(words)),
        _cell("code", "later_days = 30", tags=["parameters"]),
        _cell("code", ANALYSIS.substitute(words)),
        _cell("code", TAKEAWAY.substitute(words)),
    ]
    return TERMS.substitute(words), _notebook(cells)


def _notebook(cells: list[dict[str, object]]) -> str:
    plain = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": "Workbench",
                "language": "python",
                "name": "workbench",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def _cell(kind: str, source: str, *, tags: Sequence[str] = ()) -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": kind,
        "id": sha256_of_value([kind, source])[:8],
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source.strip().splitlines(keepends=True),
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell


def _chosen(
    name: str, contracts: Mapping[str, Contract], dataset: str | None
) -> Contract:
    wrong: list[str] = []
    if not NAME.fullmatch(name):
        wrong.append(
            f"{name!r} is no name: lower-case words and hyphens, as in my-study."
        )
    if not contracts:
        wrong.append(
            "there is no contract yet; draft one with `workbench data profile FILE` "
            "and save it in research/contracts/."
        )
    elif dataset is not None and dataset not in contracts:
        wrong.append(f"no dataset {dataset!r}; there are {', '.join(contracts)}.")
    if wrong:
        raise UsageError(
            [Reason(code="usage", message=text, subject=name) for text in wrong]
        )
    return contracts[dataset or next(iter(contracts))]
