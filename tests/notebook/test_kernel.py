"""A whole notebook in a real kernel: what is displayed, and what is on record."""

import os

import pytest
from jupyter_client.manager import start_new_kernel

from tests.notebook.conftest import make_run, outputs

MIME = "application/vnd.workbench+json"
NOTEBOOK = """
days = 60
label = "x"
# %%
import sys
import workbench as wb
orders = wb.table("orders")
each = orders.groupby("customer_id", as_index=False)["dollars"].sum()
each["big"] = each["dollars"] > 100
each["buys"] = each["dollars"] > 130
# %%
step = wb.evidence("gap").difference_in_proportions(each, "buys", "big")
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


@pytest.mark.kernel
def test_a_notebook_shows_bundles_and_records_values(tmp_path) -> None:
    folder = make_run(tmp_path / "run")
    shown: list[list[dict[str, object]]] = []
    errors = []

    def hook(message: dict[str, dict[str, object]]) -> None:
        content = message["content"]
        if "data" in content:
            shown[-1].append(content["data"])  # type: ignore[arg-type]
        if "ename" in content:
            errors.append((content["ename"], content["evalue"]))

    environment = os.environ | {"WB_RUN": str(folder)}
    manager, client = start_new_kernel(env=environment, cwd=str(tmp_path))
    try:
        for cell in NOTEBOOK.split("# %%"):
            shown.append([])
            client.execute_interactive(cell, output_hook=hook, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()

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
