"""A run folder made by hand: what a kernel would have left, without one."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from tests.charts.figures import a_table, bars, curve
from tests.takeaways.test_binding import gap
from tests.takeaways.test_verdict import CLAIM
from workbench.core.posts import Post
from workbench.core.records import to_plain
from workbench.core.registration import Registration, Status
from workbench.core.runs import Output, RunRecord, RunSpec, View
from workbench.core.takeaway import Takeaway
from workbench.rendering import render_post
from workbench.takeaways import compose
from workbench.takeaways.binding import names_for

OURS = "application/vnd.workbench+json"
AS_OF = datetime(1998, 7, 1, tzinfo=UTC)
STARTED = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
WHEN: Mapping[str, Mapping[str, str]] = {
    "trade": {
        "claim": (
            "Customers who come back within {early_days} days buy again more often: "
            "{gap.estimate:+.1%} [{gap.low:+.1%}, {gap.high:+.1%}], n = {gap.n:,}."
        ),
        "entry": "A customer buys a second time within {early_days} days.",
        "action": "Write to them in the second week.",
        "exit": "Stop when the gap falls below {constant:5%}.",
    },
    "do not trade": {
        "claim": "Coming back early says little: {gap.estimate:+.1%}.",
        "action": "Treat all customers alike.",
    },
}
REGISTRATION = Registration(
    study="second-purchase",
    title="Does an early second purchase tell who stays?",
    question="Do customers who come back early buy again more often than the rest?",
    authors=("A. Author",),
    tags=("retention", "habits"),
    status=Status.REGISTERED,
    notebook="notebooks/second-purchase.ipynb",
    cadence="monthly",
    data=(),
    parameters=(),
    variants={},
    claims=(CLAIM,),
)
SPEC = RunSpec(
    study=REGISTRATION.study,
    title=REGISTRATION.title,
    variant="base",
    status=Status.REGISTERED,
    as_of=AS_OF,
    parameters={"early_days": 60},
    views=(
        View(
            dataset="orders",
            columns=("customer", "ordered_on"),
            direct=(),
            view_id="f" * 64,
            rows=5000,
            unit="customer",
            unit_column="customer",
            minimum_units=20,
        ),
    ),
    claims=(CLAIM,),
    family=REGISTRATION.family,
    settles=(),
    seal=REGISTRATION.seal,
    notebook_id="a" * 64,
    lock_id="b" * 64,
    engine_id="c" * 64,
)
PROSE = """\
# Does an early second purchase tell who stays?

Most customers buy once. We ask who of the {gap.units:,} does not stop there, and look
{early_days} days ahead.

## What we did

We compared customers who came back early with those who did not.

```text
# no heading, and {gap.n} stays
```
"""


def record(**changes: object) -> RunRecord:
    spec = replace(SPEC, **changes)  # type: ignore[arg-type]
    return RunRecord(
        run_id=spec.run_id,
        spec=spec,
        exit_code=0,
        reasons=(),
        rewritten=(),
        started=STARTED,
        finished=STARTED,
        timings={"kernel": 1.5},
        provenance={"python": "3.11"},
    )


def takeaway(estimate: float = 0.1234, margin: float = 0.05) -> Takeaway:
    evidence = {"repeat_gap": gap(estimate)}
    names = names_for(
        evidence=evidence,
        parameters=SPEC.parameters,
        as_of=AS_OF,
        aliases={"gap": "repeat_gap"},
    )
    return compose(
        kind="lesson",
        claims=(replace(CLAIM, margin=margin),),
        evidence=evidence,
        when=WHEN,
        names=names,
    )


def outputs(margin: float = 0.05) -> list[Output]:
    return [
        Output(kind="evidence", cell=2, evidence=gap()),
        Output(kind="figure", cell=3, figure=curve()),
        Output(kind="figure", cell=4, figure=bars()),
        Output(kind="table", cell=4, table=a_table()),
        Output(
            kind="takeaway",
            cell=5,
            takeaway=takeaway(margin=margin),
            aliases={"gap": "repeat_gap"},
        ),
    ]


def display(kind: str, name: str) -> Any:
    return v4.new_output(
        "display_data",
        data={OURS: {"kind": kind, "name": name}, "text/plain": "", "text/html": ""},
    )


def code(*shown: object, tags: tuple[str, ...] = ()) -> Any:
    return v4.new_code_cell("...", outputs=list(shown), metadata={"tags": list(tags)})


def words(text: str) -> Any:
    return v4.new_markdown_cell(text)


def cells() -> list[Any]:
    """The notebook of the golden page: prose and every kind of exhibit."""
    return [
        words(PROSE),
        code(tags=("parameters",)),
        code(tags=("injected-parameters",)),
        code(display("evidence", "repeat_gap")),
        words("## What we found\n\nThe gap is {gap.estimate:+.1%}."),
        code(display("figure", "repeat_curve")),
        code(display("figure", "basket_bars"), display("table", "by_cohort")),
        code(display("takeaway", "1")),
    ]


def write_folder(folder: Path, cells: list[Any], said: list[Output]) -> Path:
    """Lay out a finished run folder."""
    (folder / "out").mkdir(parents=True)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = v4.new_notebook(cells=cells)
    nbformat.write(notebook, folder / "executed.ipynb")
    source = v4.new_notebook(cells=[cell for cell in cells[:2] if "source" in cell])
    nbformat.write(source, folder / "notebook.ipynb")
    lines = [json.dumps(to_plain(each)) for each in said]
    text = "".join(f"{line}\n" for line in lines)
    (folder / "out" / "outputs.jsonl").write_text(text, encoding="utf-8")
    return folder


def rendered(
    folder: Path,
    *,
    cells: list[Any] | None = None,
    said: list[Output] | None = None,
    run: RunRecord | None = None,
    registration: Registration = REGISTRATION,
) -> Post:
    """Render a run folder; what is not given is the golden page's."""
    write_folder(
        folder,
        globals()["cells"]() if cells is None else cells,
        outputs() if said is None else said,
    )
    return render_post(folder=folder, record=run or record(), registration=registration)
