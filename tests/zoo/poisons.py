"""The zoo: notebooks that must fail, each a row of kind, exit code, reason and cell.

Evidence and takeaway are written by hand, so that the zoo needs no room but `core`.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import nbformat

from tests import claims
from workbench.core.canonical import canonical_json
from workbench.core.evidence import Evidence
from workbench.core.records import to_plain
from workbench.core.registration import Status
from workbench.core.runs import Output, RunSpec
from workbench.core.takeaway import Takeaway, Verdict
from workbench.execution.outcome import Limits

LIMITS = Limits(
    deadline_s=30,
    cell_deadline_s=20,
    silence_deadline_s=25,
    memory_mb=3072,
    output_mb=10,
    threads=1,
)

CLAIM = replace(
    claims.CLAIM,
    population="every customer",
    formula="share that bought again, early minus the rest",
    occurrence="month",
    margin=0.02,
    smallest_effect=0.01,
    settlement_size=500,
)

SPEC = RunSpec(
    study="specimen",
    title="A specimen",
    variant="base",
    status=Status.DRAFT,
    as_of=datetime(1998, 7, 1, tzinfo=UTC),
    parameters={"early_days": 60},
    views=(),
    claims=(CLAIM,),
    family=1,
    settles=(),
    seal="0" * 64,
    notebook_id="1" * 64,
    lock_id="2" * 64,
    engine_id="3" * 64,
)

EVIDENCE = Evidence(
    name="gap",
    estimand="difference_in_proportions",
    estimate=0.1,
    low=0.05,
    high=0.15,
    level=0.95,
    interval_kind="confidence sequence",
    se=0.025,
    n=1000,
    units=900,
    unit="customer",
    occurrence="customer-month",
    measure="share",
    groups=(),
    method="Wald",
    information=1000.0,
    planned=1000,
    log_e=4.0,
    needed=0,
    began=("1997-01-01T00:00:00Z", "1998-05-01T00:00:00Z"),
    checks=(),
)

TAKEAWAY = Takeaway(
    kind="lesson",
    evidence=("gap",),
    verdict=Verdict.TRADE,
    claims=(),
    text={"claim": "They come back.", "action": "Write to them."},
    when={},
)


def line_of(output: Output) -> str:
    """An output as it stands in `out/outputs.jsonl`."""
    return canonical_json(to_plain(output))


PARAMETERS = "early_days = 30"
TOOLS = """
import os, signal, subprocess, sys, threading, time

def show(line):
    with open(os.environ["WB_RUN"] + "/out/outputs.jsonl", "a") as file:
        file.write(line + "\\n")
"""
GAP = f"show({line_of(Output(kind='evidence', cell=5, evidence=EVIDENCE))!r})"
END = f"show({line_of(Output(kind='takeaway', cell=6, takeaway=TAKEAWAY))!r})"
EMPTY = GAP.replace('"estimate":0.1', '"estimate":null')
LATE = "middle = 1"  # stands between a poison and the end


def cells(middle: str = LATE, gap: str = GAP, end: str = END) -> tuple[str, ...]:
    """Parameters, tools, the poison, evidence, takeaway: five cells."""
    return (PARAMETERS, TOOLS, dedent(middle).strip(), gap, end)


@dataclass(frozen=True)
class Poison:
    """One row: a notebook's code cells, and how its run must end."""

    kind: str
    exit_code: int
    reason: str
    cell: int | None
    cells: tuple[str, ...]
    limits: Limits = LIMITS


DETACHED = """
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", "7771"])
        os._exit(0)
    os.wait()
"""
DEAF = """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass
"""
THREAD = """
    def work():
        time.sleep({})
        raise ValueError("customer 4711")
    threading.Thread(target=work).start()
    time.sleep(0.1)
"""
TASK = """
    import asyncio
    async def work():
        await asyncio.sleep({})
        raise ValueError("customer 4711")
    {}asyncio.create_task(work())
"""
LOOP = """
    import asyncio
    async def fail():
        raise ValueError("customer 4711")
    async def main():
        asyncio.create_task(fail())
        await asyncio.sleep(0.1)
    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join()
"""
HASTY = replace(LIMITS, cell_deadline_s=2)
SHORT = replace(LIMITS, deadline_s=5)
HUSHED = replace(LIMITS, silence_deadline_s=4)

POISONS = [
    Poison("sys.exit halfway", 1, "stopped-early", 3, cells("sys.exit(0)")),
    Poison("exit()", 1, "stopped-early", 3, cells("exit()")),
    Poison("quit()", 1, "stopped-early", 3, cells("quit()")),
    Poison("os._exit", 1, "kernel-died", 3, cells("os._exit(0)")),
    Poison("exception in a thread", 1, "thread-error", 3, cells(THREAD.format(0))),
    Poison(
        "exception in a thread after the last cell",
        1,
        "thread-error",
        5,
        (*cells()[:4], END + dedent(THREAD.format(0.3))),
    ),
    Poison(
        "exception in a task that nobody awaits",
        1,
        "task-error",
        3,
        cells(TASK.format(0, "") + "    await asyncio.sleep(0.1)"),
    ),
    Poison(
        "exception in a task after the last cell",
        1,
        "task-error",
        5,
        (*cells()[:4], END + dedent(TASK.format(0.3, ""))),
    ),
    Poison(
        "exception in a task that a name holds",
        1,
        "task-error",
        5,
        cells(TASK.format(0, "held = ")),
    ),
    Poison("exception in a loop of its own", 1, "task-error", 3, cells(LOOP)),
    Poison("killed kernel", 1, "kernel-died", 3, cells("os.kill(os.getpid(), 9)")),
    Poison(
        "segfault", 1, "kernel-died", 3, cells("import ctypes; ctypes.string_at(0)")
    ),
    Poison("memory limit", 1, "out-of-memory", 3, cells("hoard = bytearray(2**32)")),
    Poison(
        "hang past its deadline",
        124,
        "cell-deadline",
        3,
        cells("time.sleep(600)"),
        HASTY,
    ),
    Poison("deaf past its deadline", 124, "cell-deadline", 3, cells(DEAF), HASTY),
    Poison("silent for too long", 124, "silent", 3, cells("time.sleep(600)"), HUSHED),
    Poison("deaf and silent", 124, "silent", 3, cells(DEAF), HUSHED),
    Poison("hang past the run's", 124, "deadline", 3, cells("time.sleep(600)"), SHORT),
    Poison("deaf past the run's", 124, "deadline", 3, cells(DEAF), SHORT),
    Poison(
        "background child",
        1,
        "child-left-running",
        None,
        cells('subprocess.Popen(["sleep", "7771"])'),
    ),
    Poison("detached child", 1, "child-left-running", None, cells(DETACHED)),
    Poison("one huge print", 1, "output-limit", 3, cells('print("x" * 100_000_000)')),
    Poison(
        "a million prints",
        1,
        "output-limit",
        3,
        cells('for _ in range(1_000_000): print("x" * 100)'),
    ),
    Poison(
        "a flood past Python",
        1,
        "output-limit",
        3,
        cells('subprocess.run(["sh", "-c", "yes | head -c 100000000"])'),
    ),
    Poison(
        "one huge display",
        1,
        "output-limit",
        3,
        cells('from IPython.display import HTML\nHTML("x" * 100_000_000)'),
    ),
    Poison("missing claim", 1, "claim-missing", None, cells(gap=LATE)),
    Poison("missing takeaway", 1, "takeaway-missing", None, cells(end=LATE)),
    Poison("evidence without a number", 1, "claim-invalid", 4, cells(gap=EMPTY)),
    Poison("syntax error", 1, "syntax-error", 3, cells("for for")),
    Poison(
        "ordinary exception",
        1,
        "cell-error",
        3,
        cells('raise KeyError("customer 4711")'),
    ),
    Poison("disk full in a cell", 75, "disk-full", 3, cells("raise OSError(28, '')")),
]


def lay_out(folder: Path, sources: tuple[str, ...]) -> Path:
    """Make a run folder of these code cells; its first cell holds the parameters."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source, id=f"cell-{number}")
            for number, source in enumerate(sources, start=1)
        ]
    )
    notebook.cells[0].metadata.tags = ["parameters"]
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("Prose.", id="prose"))
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "run.json").write_text(canonical_json(to_plain(SPEC)))
    nbformat.write(notebook, folder / "notebook.ipynb")
    return folder
