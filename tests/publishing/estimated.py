"""Evidence at the edge of each rule, as the estimators themselves put it on record."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.publishing.broken_evidence import Change, evidence
from tests.publishing.conftest import Root
from workbench import notebook as wb
from workbench.core.records import from_plain, to_plain
from workbench.core.runs import RunSpec

Call = Callable[[pd.DataFrame], Any]
AT_ONCE = {"horizon": "PT0S"}  # an outcome is known when it begins
IN_WORDS = {"measure": "share"}  # the notebook writes it in percentage points
MEANS = {"estimand": "difference_in_means"}
VISITS = {"estimand": "mean", "occurrence": "visited_on", **AT_ONCE}


def estimated(call: Call, **terms: Any) -> Change:
    """The claim `gap` as an estimator makes it.

    Args:
        call: Estimates it, of one row per visit: of the data of the study's own run.
        terms: Of the claim, where it is not as registered.
    """

    def apply(root: Root, patch: pytest.MonkeyPatch) -> None:
        folder = shutil.copytree(root.run(), root.path.parent / "again")
        (folder / "out" / "outputs.jsonl").unlink()
        file = folder / "in" / "run.json"
        spec = from_plain(RunSpec, json.loads(file.read_text()))
        claims = [
            replace(claim, **terms) if claim.name == "gap" else claim
            for claim in spec.claims
        ]
        file.write_text(json.dumps(to_plain(replace(spec, claims=tuple(claims)))))
        with patch.context() as within:
            within.setenv("WB_RUN", str(folder))
            call(wb.table("visits").sort_values(["visited_on", "customer"]))
        [line] = (folder / "out" / "outputs.jsonl").read_text().splitlines()
        evidence(**json.loads(line)["evidence"])(root, patch)

    return apply


def people(visits: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """One row per customer, in the order of their first visits: every other greeted."""
    first = visits.drop_duplicates("customer")
    return first.assign(place=np.arange(len(first)), **columns)


def means_of(units: int) -> Call:
    """A difference in means of so many customers, of values that are not skewed."""
    return lambda visits: wb.evidence("gap").difference_in_means(
        people(visits)[:units], "place", "greeted", began="visited_on", **IN_WORDS
    )


def spent(most: float) -> Call:
    """A difference in means of values of which one is so large."""

    def call(visits: pd.DataFrame) -> Any:
        frame = people(visits)
        frame["spent"] = np.where(frame["place"] == 7, most, frame["place"])
        return wb.evidence("gap").difference_in_means(
            frame, "spent", "greeted", began="visited_on", **IN_WORDS
        )

    return call


def came_back(events: int) -> Call:
    """A difference in shares with so many events in both arms."""
    return lambda visits: wb.evidence("gap").difference_in_proportions(
        people(visits, back=np.arange(60) < events),
        "back",
        "greeted",
        began="visited_on",
    )


def visits_of(units: int) -> Call:
    """A mean over visits of so many customers, those first who came twice."""

    def call(visits: pd.DataFrame) -> Any:
        often = visits["customer"].value_counts(sort=False)
        order = often.sort_values(ascending=False, kind="stable").index[:units]
        frame = visits[visits["customer"].isin(order)]
        return wb.evidence("gap").mean(
            frame.assign(day=frame["visited_on"].dt.day_of_year % 5 * 0.075),
            "day",
            occurrence="visited_on",
            **IN_WORDS,
        )

    return call


def began(before_as_of: pd.Timedelta) -> Call:
    """A difference in shares; one customer began so long before the run's date."""

    def call(visits: pd.DataFrame) -> Any:
        frame = people(visits, back=np.arange(60) % 4 < 2)
        frame["began"] = pd.to_datetime(frame["visited_on"])
        last = wb.as_of() - before_as_of
        frame.loc[frame["place"] == 0, "began"] = last
        return wb.evidence("gap").difference_in_proportions(
            frame, "back", "greeted", began="began"
        )

    return call


MOMENT = pd.Timedelta(seconds=1)
NO_TIME = pd.Timedelta(0)
MONTH = pd.Timedelta(days=30)

# by code: what fails by it, and the same one step further, which does not
ESTIMATED: dict[str, tuple[Change, Change]] = {
    "small-n": (estimated(means_of(29), **MEANS), estimated(means_of(30), **MEANS)),
    "unit-of-analysis": (
        estimated(visits_of(19), **VISITS),
        estimated(visits_of(20), **VISITS),
    ),
    "few-clusters": (
        estimated(visits_of(39), **VISITS),
        estimated(visits_of(40), **VISITS),
    ),
    "rare-events": (estimated(came_back(24)), estimated(came_back(25))),
    "skew": (estimated(spent(1e6), **MEANS), estimated(spent(60), **MEANS)),
    "look-ahead": (
        estimated(began(NO_TIME), **AT_ONCE),
        estimated(began(MOMENT), **AT_ONCE),
    ),
    "immature": (estimated(began(MONTH - MOMENT)), estimated(began(MONTH))),
}
