"""Every poison ends in its own exit code, reason and cell, and leaves nothing."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import dedent

import nbformat
import psutil
import pytest

from tests.zoo.poisons import (
    DEAF,
    DETACHED,
    GAP,
    LIMITS,
    POISONS,
    Poison,
    cells,
    lay_out,
)
from workbench.app.starting import Starting
from workbench.core.errors import TryLater
from workbench.core.settings import Settings
from workbench.execution import preloads
from workbench.execution.environment import library_environment
from workbench.execution.executed import recover
from workbench.execution.judge import EXIT_CODES
from workbench.execution.outcome import Limits
from workbench.execution.report import Report, command, outer_deadline_s, read_report
from workbench.executors.local import LocalExecutor
from workbench.executors.preloaded import Preloaded

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

IN_DATA = "customer 4711"  # stands in an exception's message


Run = Callable[..., Report]


@pytest.fixture(scope="module")
def preloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preloaded]:
    folder = tmp_path_factory.mktemp("preloaded")
    with Preloaded(
        preloads.modules_before_forks(preloads.modules_for({"cells": []})),
        library_environment(1),
        folder,
    ) as process:
        assert process.fit
        yield process


@pytest.fixture(params=["from nothing", "forked"])
def run(request: pytest.FixtureRequest) -> Run:
    """Makes a run in a new interpreter, or in a fork of one that has its libraries."""
    if request.param == "forked":
        return partial(_run, request.getfixturevalue("preloaded"))
    return partial(_run, None)


def _run(preloaded: Preloaded | None, folder: Path, limits: Limits = LIMITS) -> Report:
    ending = LocalExecutor(None, preloaded).run(
        command(folder, limits),
        folder=folder,
        deadline_s=outer_deadline_s(limits),
        environment={},
    )
    assert IN_DATA not in ending.stdout_tail + ending.stderr_tail
    assert ending.stderr_tail == ""
    return read_report(
        exit_status=ending.exit_status,
        signal=ending.signal,
        timed_out=ending.timed_out,
        stdout=ending.stdout_tail,
    )


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail when a process or a temporary file outlives its run."""
    temporary = tmp_path / "t"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield
    assert not list(temporary.glob("*/.*"))
    for process in psutil.process_iter(["cmdline", "status"]):
        said = process.info["cmdline"] or []
        ours = "7771" in said or any(str(tmp_path) in part for part in said)
        assert not ours or process.info["status"] == psutil.STATUS_ZOMBIE
        if any(part == "workbench.executors.preloading" for part in said):
            assert not process.children()


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.kind)
def test_a_poison_fails_for_its_own_reason(
    run: Run, poison: Poison, tmp_path: Path
) -> None:
    report = run(lay_out(tmp_path / "run", poison.cells), poison.limits)
    found = [(reason.code, reason.cell) for reason in report.reasons]
    assert found == [(poison.reason, poison.cell)]
    assert report.exit_code == poison.exit_code
    assert not (tmp_path / "run" / "work").exists()


def test_a_good_notebook_passes_and_says_the_same_bytes_twice(
    run: Run, tmp_path: Path
) -> None:
    said = []
    for name in ("one", "two"):
        folder = lay_out(tmp_path / name, cells("assert early_days == 60"))
        report = run(folder)
        assert (report.exit_code, report.reasons) == (0, ())
        said.append((folder / "out" / "outputs.jsonl").read_bytes())
        said.append((folder / "executed.ipynb").read_bytes())
    assert said[:2] == said[2:]


POLLUTION = """
    import builtins, locale, random, tempfile, warnings
    import numpy as np, pandas as pd
    pd.set_option("display.max_columns", 3)
    pd.DataFrame.head = lambda self: "polluted"
    np.random.seed(0); random.seed(0); np.seterr(all="raise")
    os.environ["TZ"] = "Asia/Tokyo"; os.environ["POLLUTED"] = "1"
    os.chdir("/"); os.umask(0o077); sys.path.insert(0, "/polluted")
    builtins.polluted = True; warnings.simplefilter("error")
    tempfile.tempdir = "/polluted"; sys.setrecursionlimit(500)
"""
CLEAN = """
    import json, random, tempfile, time
    import numpy as np, pandas as pd
    seen = {
        "columns": pd.get_option("display.max_columns"),
        "frame": repr(pd.DataFrame({str(k): [k] for k in range(40)}).head()),
        "errors": np.geterr(),
        "environment": {k: v for k, v in os.environ.items() if k not in MOVING},
        "folder": os.path.relpath(os.getcwd(), os.environ["WB_RUN"]),
        "umask": os.umask(0o022),
        "path": [p.replace(os.environ["WB_RUN"], "") for p in sys.path],
        "builtins": "polluted" in dir(__builtins__),
        "temporary": tempfile.gettempdir() == os.environ["TMPDIR"],
        "depth": sys.getrecursionlimit(),
        "zone": time.tzname,
        "argv": [p.replace(os.environ["WB_RUN"], "") for p in sys.argv[2:]],
        "interactive": [hasattr(sys, "ps1"), __name__, sys.flags.safe_path],
        "handles": len(os.listdir("/proc/self/fd")) < 40,
        "pyarrow": hasattr(__import__("pyarrow"), "dataset"),
        "statsmodels": hasattr(__import__("statsmodels"), "api"),
    }
    with open(os.environ["WB_RUN"] + "/out/seen.json", "w") as file:
        json.dump([seen, [float(np.random.random()), random.random()]], file)
"""
MOVING = ("HOME", "TMPDIR", "IPYTHONDIR", "WB_RUN", "JPY_PARENT_PID")
JUPYTER = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")


def test_no_run_can_tell_how_it_began_or_what_ran_before_it(
    preloaded: Preloaded, tmp_path: Path
) -> None:
    look = CLEAN.replace("MOVING", repr((*MOVING, *JUPYTER)))
    found = []
    for name, ahead, cell in (
        ("cold", None, look),
        ("pollution", preloaded, POLLUTION),
        ("forked", preloaded, look),
        ("again", preloaded, look),
    ):
        folder = lay_out(tmp_path / name, cells(cell))
        assert _run(ahead, folder).reasons == ()
        if cell == look:
            found.append(json.loads((folder / "out" / "seen.json").read_text()))
    (cold, _), (forked, drawn), (again, others) = found
    assert forked == again == cold
    assert all(one != other for one, other in zip(drawn, others, strict=True))


def test_a_text_may_hold_separators_that_are_no_line_feeds(
    run: Run, tmp_path: Path
) -> None:
    torn = GAP.replace("Wald", "Wald\u2028\u0085interval")
    assert run(lay_out(tmp_path / "run", cells(gap=torn))).reasons == ()


def test_a_line_may_be_long(run: Run, tmp_path: Path) -> None:
    """Jupyter's client would still be putting it together at the deadline."""
    folder = lay_out(tmp_path / "run", cells("print('x' * 2_000_000)"))
    assert run(folder).reasons == ()


def test_a_run_that_says_something_now_and_then_is_not_silent(
    run: Run, tmp_path: Path
) -> None:
    """It takes longer than any silence may."""
    talk = "for n in range(6):\n    print(n)\n    time.sleep(1)"
    folder = lay_out(tmp_path / "run", cells(talk))
    report = run(folder, replace(LIMITS, silence_deadline_s=4))
    assert report.reasons == ()
    assert report.timings["cells"] > 4


def test_a_braced_path_and_a_second_run_in_the_same_folder_do_no_harm(
    run: Run,
    tmp_path: Path,
) -> None:
    folder = lay_out(tmp_path / "a{b}", cells())
    for _ in range(2):
        assert run(folder).exit_code == 0
    assert len((folder / "out" / "outputs.jsonl").read_text().splitlines()) == 2


AWAITED = """
    import asyncio
    async def work():
        raise ValueError("customer 4711")
    async def idle():
        await asyncio.sleep(600)
    for task in (asyncio.create_task(work()), asyncio.ensure_future(work())):
        try:
            await task
        except ValueError:
            pass
    results = await asyncio.gather(work(), return_exceptions=True)
    cancelled = asyncio.create_task(idle())
    await asyncio.sleep(0)
    cancelled.cancel()
"""


def test_a_task_that_is_awaited_or_cancelled_has_not_failed(
    run: Run, tmp_path: Path
) -> None:
    report = run(lay_out(tmp_path / "run", cells(AWAITED)))
    assert report.reasons == ()
    assert report.timings["cells"] < 1  # nothing was waited for


@pytest.mark.parametrize("tag", ["raises-exception", "skip-execution"])
def test_no_tag_lets_an_error_pass_or_a_cell_be_skipped(
    run: Run, tag: str, tmp_path: Path
) -> None:
    folder = lay_out(tmp_path / "run", cells('raise ValueError("x")'))
    notebook = json.loads((folder / "notebook.ipynb").read_text())
    notebook["cells"][3]["metadata"]["tags"] = [tag]
    (folder / "notebook.ipynb").write_text(json.dumps(notebook))
    reasons = run(folder).reasons
    assert [(reason.code, reason.cell) for reason in reasons] == [("cell-error", 3)]
    assert not (folder / "out" / "outputs.jsonl").exists()


WITNESS = """
    import json
    show_env = dict(os.environ)
    modules = sorted(sys.modules)
    with open(os.environ["WB_RUN"] + "/out/witness.json", "w") as file:
        json.dump({"env": show_env, "modules": modules, "cwd": os.getcwd()}, file)
"""


def test_the_kernel_sees_its_run_folder_and_nothing_of_ours(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "s3cret")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/canary")
    folder = lay_out(tmp_path / "run", cells(WITNESS))
    assert run(folder, replace(LIMITS, threads=3)).exit_code == 0
    seen = json.loads((folder / "out" / "witness.json").read_text())
    variables = seen["env"]
    assert "canary" not in json.dumps(variables).lower()
    assert not [name for name in variables if name.startswith("LD_")]
    assert variables["WB_RUN"] == str(folder)
    assert variables["TZ"] == "UTC"
    assert variables["PYTHONHASHSEED"] == "0"
    assert variables["OMP_NUM_THREADS"] == variables["OPENBLAS_NUM_THREADS"] == "3"
    assert variables["HOME"].startswith(str(tmp_path / "t"))
    assert seen["cwd"] == str(folder / "work")
    assert "rfc3987_syntax" not in seen["modules"]


RUNNER = """
import sys
from pathlib import Path
from workbench.execution.__main__ import main
main(sys.argv[1:])
assert "rfc3987_syntax" not in sys.modules
peak = [l for l in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in l]
print(peak[0].split()[1], file=sys.stderr)
"""


@pytest.mark.parametrize("kind", ["one huge print", "a million prints"])
def test_a_flood_does_not_swell_the_runner(kind: str, tmp_path: Path) -> None:
    poison = next(row for row in POISONS if row.kind == kind)
    folder = lay_out(tmp_path / "run", poison.cells)
    arguments = command(folder, LIMITS)[3:]
    ending = LocalExecutor().run(
        [sys.executable, "-c", RUNNER, *arguments],
        folder=folder,
        deadline_s=60,
        environment={},
    )
    assert "output-limit" in ending.stdout_tail
    assert int(ending.stderr_tail) < 200_000  # KiB


SHARED = """
    from multiprocessing.shared_memory import SharedMemory
    shared = SharedMemory(name="NAME", create=True, size=64)
    HOLDER
"""


HELD = "os.fork() or time.sleep(7771)"
KILLER = "os.kill(os.getppid(), 9); time.sleep(600)"


@pytest.mark.parametrize(
    ("holder", "told"),
    [
        ("", []),
        (HELD, ["child-left-running"]),
        (KILLER, ["runner-lost"]),
        (f"{HELD}\n    {KILLER}", ["runner-lost"]),
    ],
    ids=["finished", "held", "killed", "held and killed"],
)
def test_shared_memory_goes_with_the_run_that_made_it(
    run: Run, holder: str, told: list[str], tmp_path: Path
) -> None:
    name = f"workbench-{os.getpid()}"
    cell = SHARED.replace("NAME", name).replace("HOLDER", holder)
    for number in (1, 2):
        reasons = run(lay_out(tmp_path / f"{number}", cells(cell))).reasons
        assert [reason.code for reason in reasons] == told
        assert not Path("/dev/shm", name).exists()


BARE = DETACHED.replace('"sleep", [', '"env", ["env", "-i", ')


def test_a_runner_that_is_killed_takes_its_kernel_along(
    run: Run, tmp_path: Path
) -> None:
    folder = lay_out(tmp_path / "run", cells(f"{dedent(BARE)}\n{KILLER}"))
    report = run(folder)
    assert [reason.code for reason in report.reasons] == ["runner-lost"]
    assert "SIGKILL" in report.reasons[0].message


TORN = """
    with open(os.environ["WB_RUN"] + "/cells.jsonl", "ab") as file:
        file.write("é".encode()[:1])
"""


@pytest.mark.parametrize("tail", ["", TORN])
def test_what_had_finished_before_a_kill_is_a_notebook_that_can_be_read(
    run: Run, tail: str, tmp_path: Path
) -> None:
    killer = f"{dedent(tail)}\n{KILLER}"
    folder = lay_out(tmp_path / "run", (*cells()[:2], "print('so far')", killer))
    assert [reason.code for reason in run(folder).reasons] == ["runner-lost"]
    assert not (folder / "executed.ipynb").exists()
    recover(folder)
    assert not (folder / "work").exists()
    notebook = nbformat.read(folder / "executed.ipynb", as_version=4)
    nbformat.validate(notebook)
    said = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert [output.get("text") for output in said] == ["so far\n"]
    whole = (folder / "executed.ipynb").read_bytes()
    recover(folder)  # of a run that has its notebook there is nothing to recover
    assert (folder / "executed.ipynb").read_bytes() == whole


def test_a_runner_ended_from_outside_ends_its_kernel_first(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "run", cells(DEAF))
    ending = LocalExecutor().run(
        command(folder, LIMITS), folder=folder, deadline_s=4, environment={}
    )
    assert (ending.timed_out, ending.exit_status, ending.stdout_tail) == (True, 130, "")
    assert ending.stderr_tail == ""
    assert ending.seconds < 8


STILL = """
    os.kill(os.getppid(), signal.SIGSTOP)
    open(os.environ["WB_RUN"] + "/stopped", "w").close()
    time.sleep(600)
"""


def test_a_caller_asked_to_stop_clears_up_behind_a_runner_that_cannot(
    tmp_path: Path,
) -> None:
    folder = lay_out(tmp_path / "run", cells(STILL))
    stop = threading.Event()

    def ask() -> None:
        while not (folder / "stopped").exists():
            time.sleep(0.05)
        stop.set()

    threading.Thread(target=ask, daemon=True).start()
    with pytest.raises(TryLater):
        Starting(Settings(), stop, tmp_path / "note").run_folder(folder)
    assert not (folder / "work").exists()
    assert (folder / "executed.ipynb").exists()


def test_a_long_temporary_path_is_too_long_for_sockets_only(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "t" / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert run(lay_out(tmp_path / "run", cells())).exit_code == 0
    assert not list(deep.glob("*/.*"))  # but for our own folder, in which all was made
    shutil.rmtree(deep)


def test_a_file_that_is_no_notebook_is_refused_by_the_engine(
    run: Run, tmp_path: Path
) -> None:
    folder = lay_out(tmp_path / "run", cells())
    (folder / "notebook.ipynb").write_text("no notebook")
    report = run(folder)
    assert [reason.code for reason in report.reasons] == ["engine-error"]
    assert report.exit_code == 1


def test_what_studies_import_fits_into_the_default_memory(
    run: Run, tmp_path: Path
) -> None:
    imports = "import duckdb, pandas, plotly, pyarrow.parquet, scipy.stats, statsmodels"
    memory_mb = Settings().memory_mb
    report = run(
        lay_out(tmp_path / "run", cells(imports + ".api")),
        replace(LIMITS, memory_mb=memory_mb),
    )
    assert report.reasons == ()


def test_what_wb_refuses_is_said_in_its_own_words(run: Run, tmp_path: Path) -> None:
    asked = 'import workbench as wb\nwb.table("orders")'
    report = run(lay_out(tmp_path / "run", cells(asked)))
    [reason] = report.reasons
    assert (reason.code, reason.cell, report.exit_code) == ("table-undeclared", 3, 1)
    assert "this study declares no table 'orders'" in reason.message
    assert "research/specimen.yaml" in reason.message


def test_every_reason_has_a_specimen() -> None:
    shown = {poison.reason for poison in POISONS} | {"runner-lost", "engine-error"}
    assert shown == set(EXIT_CODES)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes and forty names."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,nr_inodes=40", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("a full disk takes the right to mount a small one")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


FILL = """
    with open({place}, "wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))
"""


def test_a_cell_that_fills_the_disk_may_be_tried_later(
    run: Run, tiny_disk: Path
) -> None:
    folder = lay_out(tiny_disk / "run", cells(FILL.format(place='"filler"')))
    report = run(folder)
    assert report.exit_code == 75
    assert (report.reasons[0].code, report.reasons[0].cell) == ("disk-full", 3)


def test_a_full_disk_leaves_no_half_written_notebook(run: Run, tiny_disk: Path) -> None:
    place = 'os.environ["WB_RUN"] + "/filler"'
    fill = f"try:{FILL.format(place=place).replace(chr(10), chr(10) + '    ')}"
    end = "\n".join([GAP, *cells()[4:], fill, "except OSError: pass"])
    report = run(lay_out(tiny_disk / "run", cells(end=end, gap="x = 1")))
    assert [reason.code for reason in report.reasons] == ["disk-full"]
    assert report.exit_code == 75
    assert not (tiny_disk / "run" / "executed.ipynb").exists()


def test_no_room_for_another_folder_may_be_tried_later(
    run: Run, tiny_disk: Path
) -> None:
    folder = lay_out(tiny_disk / "run", cells())
    for number in range(64):
        with suppress(OSError):
            (tiny_disk / str(number)).touch()
    report = run(folder)
    assert [reason.code for reason in report.reasons] == ["disk-full"]
