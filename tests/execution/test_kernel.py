"""What the kernel does before it is one: limits, witness, environment."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from workbench.execution.environment import kernel_environment

pytestmark = pytest.mark.slow

WITNESS = """
    import asyncio, sys, threading
    from pathlib import Path
    from workbench.execution.kernel import Witness, settle

    witness = Witness(Path(sys.argv[1]))
    threading.excepthook = witness.thread_failed

    def fail(error):
        raise error

    def start(error):
        threading.Thread(target=fail, args=[error]).start()
        asyncio.run(settle())
"""


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WITNESS) + code, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )


def faults(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "out" / "faults.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_failed_thread_is_told_by_type_and_cell_and_never_by_message(tmp_path):
    code = "witness.cell_begins(None)\nstart(ValueError('customer 4711'))"
    ended = run(code, tmp_path)
    assert faults(tmp_path) == [
        {
            "kind": "thread",
            "error": "ValueError",
            "prompt": 1,
            "full_disk": False,
            "reasons": [],
        }
    ]
    assert "customer 4711" in ended.stderr  # the author still sees it


def test_a_thread_that_exits_on_purpose_has_not_failed(tmp_path):
    run("start(SystemExit())\nstart(OSError(28, 'full'))", tmp_path)
    assert [(f["error"], f["full_disk"]) for f in faults(tmp_path)] == [
        ("OSError", True)
    ]


CELL = """
from types import SimpleNamespace
from workbench.core.errors import Reason, UsageError
witness.cell_begins(None)
error = UsageError(Reason(code="arm", message="name it.", subject="s", place="p"))
for ended in (None, ValueError("customer 4711"), error):
    witness.cell_ended(SimpleNamespace(error_in_exec=ended))
"""


def test_only_our_own_errors_are_told_by_their_words(tmp_path):
    run(CELL, tmp_path)
    assert faults(tmp_path) == [
        {
            "kind": "refusal",
            "error": "UsageError",
            "prompt": 1,
            "full_disk": False,
            "reasons": [
                {"code": "arm", "message": "name it.", "subject": "s", "place": "p"}
            ],
        }
    ]


UNDECLARED = """
from types import SimpleNamespace
import pandas as pd
frame = pd.DataFrame({"a": [1]})
plain = pd.DataFrame
asked = [
    lambda: frame.groupby("email"),
    lambda: frame.email,
    lambda: frame.sort_values("email"),
    lambda: frame[frame["a"] > 0]["email"],
    lambda: frame[["a", "email"]],
    lambda: frame[["email"]],
    lambda: frame.groupby("a").agg(n=("email", "sum")),
    lambda: frame.merge(frame, on="email"),
    lambda: frame.drop(columns="email"),
    lambda: frame.query("email > 0"),
    lambda: frame.set_index("email"),
    lambda: frame.pivot_table(values="email"),
    lambda: frame["customer 4711"],
    lambda: frame["mail"],
    lambda: int("email"),
]
for ask in asked:
    witness.cell_begins(None)
    try:
        ask()
    except Exception as error:
        witness.cell_ended(SimpleNamespace(error_in_exec=error))
"""


def test_a_missing_column_of_the_contract_is_told_with_the_file_to_edit(tmp_path):
    (tmp_path / "in").mkdir()
    known = {"registration": "research/x.yaml", "columns": {"orders": ["email", "b"]}}
    (tmp_path / "in" / "undeclared.json").write_text(json.dumps(known))
    ended = run(UNDECLARED, tmp_path)
    assert ended.returncode == 0, ended.stderr
    told = faults(tmp_path)
    assert [fault["prompt"] for fault in told] == [*range(1, 13)]
    for fault in told:
        said = json.dumps(fault["reasons"])
        assert said.count('"column-undeclared"') == 1
        assert "'email'" in said
        assert "`data: orders: columns` in research/x.yaml" in said


def test_a_fault_that_cannot_be_told_ends_the_kernel(tmp_path):
    (tmp_path / "out").write_text("in the way")
    assert run("start(ValueError())", tmp_path).returncode == -9


def test_the_output_limit_is_told_before_the_kernel_ends(tmp_path):
    ended = run("witness.output_exceeded()", tmp_path)
    assert ended.returncode == -9
    assert [fault["kind"] for fault in faults(tmp_path)] == ["output"]


def test_memory_is_bounded_and_no_core_file_is_written(tmp_path):
    code = textwrap.dedent("""
        import resource
        from workbench.execution.kernel import set_limits
        set_limits(512)
        print(resource.getrlimit(resource.RLIMIT_AS)[0] // 2**20)
        print(resource.getrlimit(resource.RLIMIT_CORE)[0])
        bytearray(2**30)
    """)
    ended = run(code, tmp_path)
    assert ended.stdout.split() == ["512", "0"]
    assert "MemoryError" in ended.stderr


def test_the_environment_of_a_kernel_is_made_from_nothing(tmp_path, monkeypatch):
    before = kernel_environment(tmp_path, tmp_path / "scratch", 2)
    monkeypatch.setenv("CANARY_TOKEN", "s3cret")
    monkeypatch.setenv("PATH", "/canary")
    after = kernel_environment(tmp_path, tmp_path / "scratch", 2)
    assert before == after
    assert after["OMP_NUM_THREADS"] == "2"
    assert after["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
