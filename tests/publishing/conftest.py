"""A root with two studies, really run and published once; tests break copies of it."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from workbench.app import App
from workbench.archive.rebuilding import rebuild
from workbench.archive.tables import current
from workbench.cli import main
from workbench.core.records import from_plain
from workbench.core.runs import RunRecord

STUDY = "come-back"
OTHER = "second"
SHOWN = f"build/current/takeaways/ledger/{STUDY}.jsonl"
CUSTOMERS = 60
INJECTED = "injected-parameters"
OURS = "application/vnd.workbench+json"

CONTRACT = """\
apiVersion: v3.0.2
kind: DataContract
id: visits
version: 1.0.0
status: active
servers:
  - {server: here, type: local, path: research/data/visits.csv, format: csv}
schema:
  - name: visits
    properties:
      - name: customer
        logicalType: string
        required: true
        primaryKey: true
        customProperties: [{property: wb.identity, value: direct}]
      - name: visited_on
        logicalType: date
        required: true
        primaryKey: true
        customProperties: [{property: wb.identity, value: quasi}]
      - name: greeted
        logicalType: boolean
        required: true
        customProperties: [{property: wb.identity, value: none}]
customProperties:
  - {property: wb.unit, value: customer}
  - {property: wb.unitColumn, value: customer}
  - {property: wb.eventTime, value: visited_on}
  - {property: wb.purposes, value: [research]}
  - {property: wb.minimumUnits, value: 10}
"""

CLAIM = """\
  {name}:
    estimand: {estimand}
    population: Every customer.
    formula: {formula}
    unit: customer
    direction: greater
    margin: {margin}
    planned_occurrences: 50
    alpha: 0.05
    smallest_effect: 0.1
    horizon: later_days
    settlement_size: 15
    settles_on: new units
    deadline: P365D
"""

TERMS = f"""\
study: {STUDY}
title: Who comes back?
question: Do greeted customers come back more often?
authors: [A. Author]
tags: [retention]
status: draft
notebook: notebooks/{STUDY}.ipynb
cadence: monthly
data:
  visits:
    columns: [customer, visited_on, greeted]
    purpose: research
parameters:
  later_days:
    type: integer
    default: 30
    minimum: 1
    maximum: 90
    description: Days after the first visit in which a second one is looked for.
claims:
{
    CLAIM.format(
        name="gap",
        estimand="difference_in_proportions",
        formula="Share of the greeted who came back minus share of the rest.",
        margin=0.15,
    )
}{
    CLAIM.format(
        name="back",
        estimand="proportion",
        formula="Share of all customers who came back.",
        margin=0.25,
    )
}"""

OPENING = """\
We greeted every other one of {everybody.n:,} customers of a shop in 1997, and looked
for a second visit within {later_days} days. [The method](../../method.md) says why so.
"""
FOUND = """\
## What we found

A difference of {gap.estimate:.0pp} points, from {gap.low:.0pp} to {gap.high:.0pp}.
"""
COUNTING = """\
import pandas as pd
import workbench as wb

visits = wb.table("visits").sort_values(["customer", "visited_on"])
people = visits.drop_duplicates("customer").copy()
days = visits.groupby("customer")["visited_on"].agg(["min", "max"])
late = (days["max"] - days["min"]).between(
    pd.Timedelta(days=1), pd.Timedelta(days=later_days)
)
people["came_back"] = people["customer"].map(late)
people["welcome"] = people["greeted"].map({True: "greeted", False: "not greeted"})
everybody = wb.count("everybody", people)
gap = wb.evidence("gap").difference_in_proportions(
    people, outcome="came_back", arm="welcome", reference="not greeted",
    began="visited_on",
)
back = wb.evidence("back").proportion(people, "came_back", began="visited_on")
"""
FIGURE = """\
wb.figure(
    "by_welcome", people, kind="interval", by="welcome", value="came_back",
    title="Share who came back, by welcome", finding="{gap.estimate:+.0pp} points.",
)
"""
TABLE = """\
wb.exhibit(
    "welcomes", people, by="welcome", values={"Share who came back": "came_back"},
    title="Welcomes and what became of them",
)
"""
TAKEAWAY = """\
wb.takeaway(
    kind="lesson",
    evidence=["gap", "back"],
    when={
        "trade": {
            "claim": "Greeted, more come back, by {gap.estimate:.0pp} points.",
            "entry": "When somebody walks in.",
            "action": "Greet them.",
            "exit": "When a later run says otherwise.",
        },
        "do not trade": {"claim": "A greeting does little.", "action": "Greet nobody."},
    },
)
"""


@dataclass(frozen=True)
class Root:
    """One root, and the command on it, called in this process."""

    path: Path
    capture: pytest.CaptureFixture[str] | None = None

    def __call__(self, command: str, *words: str) -> tuple[int, dict[str, Any]]:
        """Exit code and envelope of a command."""
        assert self.capture is not None
        self.capture.readouterr()
        code = main([command, *words, "--json", "--root", str(self.path)])
        return code, json.loads(self.capture.readouterr().out)

    @property
    def serving(self) -> Path:
        """The release that serves."""
        return (self.path / "build" / "current").resolve()

    def page(self, study: str) -> bytes:
        """A post as it is served."""
        return (self.serving / "posts" / study / "index.html").read_bytes()

    def run(self, study: str = STUDY) -> Path:
        """The current run's folder."""
        runs = App(self.path).runs
        record = runs.current(study, "base")
        assert record is not None
        return runs.folder(record.spec)

    def source(self, study: str = STUDY) -> Path:
        """The notebook in version control."""
        return self.path / "notebooks" / f"{study}.ipynb"

    def edit(self, place: str, old: str, new: str) -> None:
        """Replace a text in a file."""
        file = self.path / place
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def edit_source(self, change: Callable[[list[Any]], None]) -> None:
        """Change the cells of the notebook in version control."""
        _edit_cells(self.source(), change)

    def edit_executed(self, change: Callable[[list[Any]], None]) -> None:
        """Change the cells of the notebook as executed."""
        _edit_cells(self.run() / "executed.ipynb", change)

    def edit_everywhere(self, change: Callable[[list[Any]], None]) -> None:
        """Change the cells as though the notebook had been run like this."""
        self.edit_source(change)
        _edit_cells(self.run() / "notebook.ipynb", change)
        self.edit_executed(change)

    def edit_outputs(self, change: Callable[[list[Any]], None]) -> None:
        """Change what the kernel left: one value a line."""
        file = self.run() / "out" / "outputs.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        change(lines)
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def edit_record(
        self, change: Callable[[Any], None], *, pointer: str | None = "base"
    ) -> None:
        """Change how and of what the current run was made, and move it to its id."""
        folder = self.run()
        plain = json.loads((folder / "run.json").read_text())
        change(plain)
        spec = from_plain(RunRecord, plain).spec
        plain["run_id"] = spec.run_id
        new = folder.parent.with_name(spec.run_id[:16]) / folder.name
        if new != folder:
            shutil.copytree(folder.parent, new.parent)
        (new / "run.json").write_text(json.dumps(plain))
        runs = App(self.path).runs
        rebuild(runs)
        runs.store.make_current(spec)
        named = current.c.run_id == spec.run_id
        with runs.store.database.writing() as connection:
            there = (current.c.study == spec.study) & (
                current.c.variant == (pointer or "")
            )
            others = there & ~named
            connection.execute(delete(current).where(others))
            moved = update(current).where(named).values(variant=pointer or "")
            connection.execute(moved)

    def ledger(self, study: str = STUDY) -> list[dict[str, Any]]:
        """The lines of a ledger."""
        text = (self.path / "takeaways" / f"{study}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def rewrite_ledger(self, text: str) -> None:
        """Another ledger of the study, as if none had been published yet."""
        (self.path / "takeaways" / f"{STUDY}.jsonl").write_text(text)
        (self.path / SHOWN).unlink()


def _edit_cells(file: Path, change: Callable[[list[Any]], None]) -> None:
    """Change the author's own cells; the one papermill puts in stays second."""
    notebook = json.loads(file.read_text())
    cells = notebook["cells"]
    injected = [c for c in cells if INJECTED in c["metadata"].get("tags", [])]
    own = [cell for cell in cells if cell not in injected]
    change(own)
    notebook["cells"] = [*own[:2], *injected, *own[2:]]
    file.write_text(json.dumps(notebook))


def _cell(kind: str, source: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    cell: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": source}
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell


def _write_study(root: Path) -> None:
    cells = [
        _cell("markdown", OPENING),
        _cell("code", "later_days = 30", "parameters"),
        _cell("code", COUNTING),
        _cell("markdown", FOUND),
        _cell("code", FIGURE),
        _cell("code", TABLE),
        _cell("code", TAKEAWAY),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / "notebooks" / f"{STUDY}.ipynb").write_text(json.dumps(notebook))
    (root / "research" / f"{STUDY}.yaml").write_text(TERMS)


def _write_visits(file: Path) -> None:
    """Every other customer is greeted: 24 of 30 come back, of the others 6 of 30.

    The last of the 24 comes back thirty days after, on the day at which the data end,
    which is not known yet: windows are half-open, so 23 are seen. Then the thirty days
    of everybody are over.
    """
    first = date(1997, 1, 1)
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["customer", "visited_on", "greeted"])
        for number in range(CUSTOMERS):
            pair, greeted = divmod(number, 2)
            day = first + timedelta(days=pair)
            welcome = "false" if greeted else "true"
            writer.writerow([f"c{number:02}", day, welcome])
            waits = 30 if pair == 29 else 7
            if pair < (6 if greeted else 23) or (pair == 29 and not greeted):
                again = day + timedelta(days=waits)
                writer.writerow([f"c{number:02}", again, welcome])


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Both studies registered, run by real kernels, checked and published."""
    root = tmp_path_factory.mktemp("published") / "root"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WB_KEY_FILE", str(root.parent / "key"))
        assert main(["init", str(root)]) == 0
        _write_visits(root / "research" / "data" / "visits.csv")
        (root / "research" / "contracts" / "visits.yaml").write_text(CONTRACT)
        _write_study(root)
        assert main(["new", OTHER, "--root", str(root)]) == 0
        for words in (
            ["data", "add"],
            ["register", STUDY, OTHER],
            ["run"],
            ["check"],
            ["publish"],
        ):
            assert main([*words, "--root", str(root)]) == 0, words
        yield root


@pytest.fixture
def root(
    published: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Root:
    """A copy to break."""
    monkeypatch.setenv("WB_KEY_FILE", str(published.parent / "key"))
    shutil.copytree(published, tmp_path / "root", symlinks=True)
    return Root(tmp_path / "root", capsys)
