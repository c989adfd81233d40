"""Faults 4 to 7 inside a run: what a notebook may do to its own process and to ours.

Every ending on its own is a row of the zoo (tests/zoo/poisons.py), every one of them is
kept off the site (tests/end_to_end/test_no_poison_publishes.py). Here stand the ones at
full strength, with what they may cost.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from tests.zoo.poisons import DEAF, DETACHED, GAP, LIMITS, cells, lay_out
from tests.zoo.test_zoo import Run
from workbench.execution.report import Report, command, read_report
from workbench.executors.local import LocalExecutor

pytestmark = [pytest.mark.fault, pytest.mark.kernel, pytest.mark.slow]


def mentioning(place: Path) -> list[int]:
    """Processes that were told of a folder, whatever became of their parents."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            told = [*process.cmdline(), *process.environ().values()]
            if any(str(place) in each for each in told):
                found.append(process.pid)
    return found


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert mentioning(tmp_path) == []


def reasons(report: Report) -> list[tuple[str, int | None]]:
    return [(reason.code, reason.cell) for reason in report.reasons]


@pytest.mark.parametrize(
    ("leave", "reason"),
    [
        ("sys.exit(0)", "stopped-early"),
        ("exit()", "stopped-early"),
        ("raise SystemExit", "stopped-early"),
        ("os._exit(0)", "kernel-died"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "kernel-died"),
    ],
)
def test_fault_04_leaving_with_success_is_no_success_not_even_at_the_end(
    run: Run, leave: str, reason: str, tmp_path: Path
) -> None:
    """Evidence and takeaway are said, the exit status is 0, and the run has failed."""
    *before, end = cells()
    report = run(lay_out(tmp_path / "run", (*before, f"{end}\n{leave}")))
    assert (report.exit_code, reasons(report)) == (1, [(reason, 5)])


RUNNER = """
import resource, sys
from pathlib import Path
from textwrap import dedent
from workbench.execution.__main__ import main
code = main(sys.argv[1:])
peak = [l for l in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in l]
kernel = resource.getrusage(resource.RUSAGE_CHILDREN)
print(peak[0].split()[1], kernel.ru_utime + kernel.ru_stime, file=sys.stderr)
sys.exit(code)
"""
FLOODS = {
    "without end": 'while True: print("x" * 1000)',
    "one huge": 'print("x" * {huge})',
    "one huge result": '"x" * {huge}',
    "very many tiny ones": "from IPython.display import display\n"
    "for n in range(1_000_000): display(n)",
    "very many tiny prints": "for n in range(1_000_000): print(n, flush=True)",
    "without end, by a child": 'subprocess.run(["yes"])',
    "without end, by a thread": "def flood():\n    while True: print('x' * 1000)\n"
    "threading.Thread(target=flood).start()\ntime.sleep(600)",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_fault_05_a_flood_ends_at_the_cap_at_once_and_costs_the_runner_nothing(
    flood: str, tmp_path: Path, soak: bool
) -> None:
    """Seconds are the kernel's own, so that a busy machine does not count.

    Of tiny outputs a megabyte takes the kernel most of a second, so the reduced size is
    a smaller cap; at full size they may take longer.
    """
    huge = 1_000_000_000 if soak else 100_000_000
    limits = replace(LIMITS, memory_mb=8192) if soak else replace(LIMITS, output_mb=2)
    poison = cells(FLOODS[flood].replace("{huge}", str(huge)))
    folder = lay_out(tmp_path / "run", poison)
    ending = LocalExecutor().run(
        [sys.executable, "-c", RUNNER, *command(folder, limits)[3:]],
        folder=folder,
        deadline_s=60,
        environment={},
    )
    report = read_report(
        exit_status=ending.exit_status,
        signal=ending.signal,
        timed_out=ending.timed_out,
        stdout=ending.stdout_tail,
    )
    assert reasons(report) == [("output-limit", 3)]
    peak_kib, seconds = map(float, ending.stderr_tail.split())
    assert peak_kib < 300_000
    assert seconds < (20 if soak else 5)


def test_fault_06_deaf_with_a_detached_child_ends_in_time_and_leaves_nobody(
    run: Run, tmp_path: Path
) -> None:
    poison = f"{dedent(DETACHED)}\n{dedent(DEAF)}"
    limits = replace(LIMITS, deadline_s=6)
    report = run(lay_out(tmp_path / "run", cells(poison)), limits)
    assert (report.exit_code, reasons(report)) == (124, [("deadline", 3)])
    assert sum(report.timings.values()) < limits.deadline_s + 20
    assert mentioning(tmp_path) == []  # nor the child that forked twice


@pytest.mark.parametrize(
    ("crash", "reason"),
    [
        ("hoard = []\nwhile True: hoard.append(bytearray(2**26))", "out-of-memory"),
        ("import numpy\nnumpy.ones(2**32)", "out-of-memory"),
        ("import ctypes; ctypes.string_at(0)", "kernel-died"),
        ("os.abort()", "kernel-died"),
    ],
    ids=["hoard", "numpy", "segfault", "abort"],
)
def test_fault_07_memory_and_crashes_are_told_apart(
    run: Run, crash: str, reason: str, tmp_path: Path
) -> None:
    report = run(lay_out(tmp_path / "run", cells(crash, gap=GAP)))
    assert (report.exit_code, reasons(report)) == (1, [(reason, 3)])
