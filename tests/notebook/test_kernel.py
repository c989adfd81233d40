"""A whole notebook in a real kernel: what is displayed, and what is on record."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from tests.notebook.conftest import CLAIM, SPEC, make_run, outputs

MIME = "application/vnd.workbench+json"
NOTEBOOK = """
days = 60
label = "x"
# %%
import sys
import workbench as wb
orders = wb.table("orders")
each = orders.groupby("customer_id", as_index=False)["dollars"].sum()
each["first"] = each["customer_id"].map(orders.groupby("customer_id")["date"].min())
each["big"] = each["dollars"] > 100
each["buys"] = each["dollars"] > 130
# %%
step = wb.evidence("gap").difference_in_proportions(
    each, "buys", "big", began="first"
)
step
# %%
wb.figure("curve", each, kind="bars", by="big", value="buys")
wb.exhibit("sizes", each, by="big", values={"spent": "dollars"}, title="<Sizes>")
# %%
wb.takeaway(
    kind="lesson",
    evidence=["gap"],
    when={
        "trade": {
            "claim": "{step.estimate:+.0%} in {days} days",
            "entry": "a",
            "action": "b",
            "exit": "c",
        },
        "do not trade": {"claim": "d", "action": "e"},
    },
)
# %%
assert "plotly" not in sys.modules
# %%
wb.count("gap", each)
# %%
orders["secret"]
"""


def run_in_kernel(
    folder: Path,
) -> tuple[list[list[dict[str, object]]], list[tuple[object, object]]]:
    """Run the notebook in a kernel of its own: what each cell showed, and errors."""
    shown: list[list[dict[str, object]]] = []
    errors: list[tuple[object, object]] = []

    def hook(message: dict[str, dict[str, object]]) -> None:
        content = message["content"]
        if "data" in content:
            shown[-1].append(content["data"])  # type: ignore[arg-type]
        if "ename" in content:
            errors.append((content["ename"], content["evalue"]))

    environment = os.environ | {"WB_RUN": str(folder)}
    manager, client = start_new_kernel(env=environment, cwd=str(folder.parent))
    try:
        for cell in NOTEBOOK.split("# %%"):
            shown.append([])
            client.execute_interactive(cell, output_hook=hook, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    return shown, errors


@pytest.mark.kernel
def test_a_notebook_shows_bundles_and_records_values(tmp_path) -> None:
    folder = make_run(tmp_path / "run")
    shown, errors = run_in_kernel(folder)
    kinds = [[bundle[MIME] for bundle in cell] for cell in shown]
    assert kinds == [
        [],
        [],
        [{"kind": "evidence", "name": "gap"}],
        [{"kind": "figure", "name": "curve"}, {"kind": "table", "name": "sizes"}],
        [{"kind": "takeaway", "name": "1"}],
        [],
        [],
        [],
    ]
    for bundle in (bundle for cell in shown for bundle in cell):
        assert set(bundle) == {MIME, "text/plain", "text/html"}
        assert "<Sizes>" not in str(bundle["text/html"])
    assert [name for name, _ in errors] == ["UsageError", "UndeclaredColumn"]
    recorded = outputs(folder)
    assert [output.kind for output in recorded] == [
        "evidence",
        "figure",
        "table",
        "takeaway",
    ]
    assert [output.cell for output in recorded] == [3, 4, 4, 5]
    assert recorded[-1].aliases == {"step": "gap"}


@pytest.mark.kernel
def test_settling_adds_looks_and_changes_no_byte_of_what_was_said(tmp_path) -> None:
    spec = replace(SPEC, claims=(replace(CLAIM, settlement_size=20),))
    opens = (datetime(1997, 2, 1, tzinfo=UTC), datetime(1997, 3, 1, tzinfo=UTC))
    said = []
    for name, settles in (("plain", ()), ("settling", opens)):
        made = make_run(tmp_path / name, replace(spec, settles=settles))
        shown, _ = run_in_kernel(made)
        said.append((shown, (made / "out" / "outputs.jsonl").read_bytes()))
    (plain_shown, plain), (settling_shown, settling) = said
    assert settling_shown == plain_shown
    lines = settling.splitlines(keepends=True)
    looks = [line for line in lines if b'"kind":"settlement"' in line]
    assert b"".join(line for line in lines if line not in looks) == plain
    recorded = [
        output.settlement
        for output in outputs(tmp_path / "settling")
        if output.settlement
    ]
    assert [look.opens for look in recorded] == [
        "1997-02-01T00:00:00Z",
        "1997-03-01T00:00:00Z",
    ]
    # every second day another customer comes: 44 and 30 since then, the first 20 count
    assert [look.evidence.n for look in recorded] == [20, 20]
    assert {look.evidence.interval_kind for look in recorded} == {"fixed-sample"}
    # every second day from 1 January on, so on 2 February and on 2 March
    assert [look.evidence.began for look in recorded] == [
        ("1997-02-02T00:00:00Z", "1997-03-12T00:00:00Z"),
        ("1997-03-02T00:00:00Z", "1997-04-09T00:00:00Z"),
    ]
