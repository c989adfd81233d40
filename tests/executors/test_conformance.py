"""What every executor promises; a new one joins by a parameter of `executor`."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from workbench.core.disk import temporary_home
from workbench.core.errors import TryLater
from workbench.executors import Ending, Executor
from workbench.executors.local import LocalExecutor
from workbench.executors.preloaded import Preloaded

pytestmark = pytest.mark.slow

NEVER = threading.Event()


@pytest.fixture(scope="module")
def preloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preloaded]:
    folder = tmp_path_factory.mktemp("preloaded")
    with Preloaded(["json", "no_such_module"], {"PATH": os.defpath}, folder) as process:
        assert process.fit
        yield process


@pytest.fixture(params=["from nothing", "preloaded"])
def executor(
    request: pytest.FixtureRequest, preloaded: Preloaded
) -> Callable[[threading.Event], Executor]:
    """Each executor there is, made with an event that stops it."""
    ahead = preloaded if request.param == "preloaded" else None
    return lambda stop: LocalExecutor(stop, ahead)


ORPHAN = """
    import os, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", sys.argv[1]])
        os._exit(0)
    os.wait()
"""

BARE_ORPHAN = (
    ORPHAN.replace('"sleep", ["sleep', '"env", ["env", "-i", "sleep')
    + "\n    time.sleep(600)"
)


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code), *arguments]


def alive(mark: str) -> list[int]:
    """Processes with this argument, other than ourselves."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] != psutil.STATUS_ZOMBIE:
            found += [process.pid] * (mark in (process.info["cmdline"] or []))
    return found


def until(holds: Callable[[], object], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def mark(tmp_path: Path) -> str:
    """A number of seconds that no other process sleeps."""
    return f"777{abs(hash(str(tmp_path))) % 10**9}"


@pytest.fixture
def run(
    executor: Callable[[threading.Event], Executor], tmp_path: Path
) -> Callable[..., Ending]:
    def call(command: list[str], deadline_s: float = 20, **variables: str) -> Ending:
        return executor(NEVER).run(
            command, folder=tmp_path, deadline_s=deadline_s, environment=variables
        )

    return call


class TestEveryExecutor:
    def test_tells_the_exit_status_and_what_was_said(self, run):
        code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
        ending = run(python(code))
        assert (ending.exit_status, ending.signal, ending.timed_out) == (7, None, False)
        assert (ending.stdout_tail, ending.stderr_tail) == ("out\n", "err\n")

    def test_tells_the_signal_that_ended_the_command(self, run):
        ending = run(python("import os; os.kill(os.getpid(), 9)"))
        assert (ending.exit_status, ending.signal) == (None, signal.SIGKILL)

    def test_a_missing_program_is_an_exit_status_like_any_other(self, run):
        ending = run(["/no/such/program"])
        assert ending.exit_status == 127
        assert "No such file" in ending.stderr_tail

    def test_runs_in_the_folder_with_only_the_environment_it_was_given(
        self, run, tmp_path, monkeypatch
    ):
        monkeypatch.setenv("CANARY_TOKEN", "s3cret")
        code = "import os; print(os.getcwd()); print(sorted(os.environ))"
        said = run(python(code), GIVEN="1").stdout_tail.splitlines()
        assert said[0] == str(tmp_path)
        names = set(eval(said[1]))
        assert {"GIVEN", "TMPDIR"} <= names
        assert names <= {"GIVEN", "TMPDIR", "PATH", "LANG", "LC_CTYPE"}

    def test_keeps_only_the_end_of_a_flood(self, run):
        code = "print('x' * 50_000_000); print('the end')"
        tail = run(python(code)).stdout_tail
        assert tail.endswith("x\nthe end\n")
        assert len(tail) < 1_000_000

    def test_ends_a_command_at_its_deadline(self, run, mark):
        ending = run(["sleep", mark], deadline_s=0.3)
        assert ending.timed_out
        assert ending.seconds < 8
        assert not alive(mark)

    def test_ends_a_command_that_ignores_polite_signals(self, run, mark):
        code = """
            import signal, time
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            time.sleep(600)
        """
        ending = run(python(code, mark), deadline_s=0.3)
        assert (ending.timed_out, ending.signal) == (True, signal.SIGKILL)
        assert ending.seconds < 20
        assert not alive(mark)

    def test_a_finished_command_leaves_no_orphan(self, run, mark):
        assert run(python(ORPHAN, mark)).exit_status == 0
        assert not alive(mark)

    def test_a_hanging_command_leaves_no_orphan_even_without_environment(
        self, run, mark
    ):
        ending = run(python(BARE_ORPHAN, mark), deadline_s=0.5)
        assert ending.timed_out
        assert not alive(mark)

    def test_a_command_killed_from_outside_leaves_no_orphan(self, run, mark):
        code = ORPHAN + "\n    os.kill(os.getpid(), 9)"
        assert run(python(code, mark)).signal == signal.SIGKILL
        assert not alive(mark)

    def test_one_killed_from_outside_leaves_none_even_without_environment(
        self, run, mark
    ):
        code = BARE_ORPHAN.replace(
            "time.sleep(600)", "time.sleep(0.3); os.kill(os.getpid(), 9)"
        )
        assert run(python(code, mark)).signal == signal.SIGKILL
        assert not alive(mark)

    @pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "time.sleep(600)"])
    def test_shared_memory_goes_with_a_command_that_is_killed(self, run, end, mark):
        code = f"""
            import os, signal, time
            from multiprocessing.shared_memory import SharedMemory
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            SharedMemory(name="{mark}", create=True, size=64)
            {end}
        """
        assert run(python(code), deadline_s=2).signal == signal.SIGKILL
        assert not Path("/dev/shm", mark).exists()

    def test_its_temporary_files_are_gone_afterwards(self, run):
        code = "import tempfile; print(tempfile.mkdtemp())"
        folder = Path(run(python(code)).stdout_tail.strip())
        home = Path(tempfile.gettempdir()) / f"workbench-{os.getuid()}"
        assert folder.parent.parent == home
        assert not folder.parent.exists()

    def test_asked_to_stop_it_ends_every_command_and_those_that_come(
        self, executor, mark, tmp_path
    ):
        stop = threading.Event()
        caught: list[TryLater] = []

        def call() -> None:
            try:
                executor(stop).run(
                    ["sleep", mark], folder=tmp_path, deadline_s=60, environment={}
                )
            except TryLater as error:
                caught.append(error)

        threads = [threading.Thread(target=call) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert until(lambda: len(alive(mark)) >= 2)
        stop.set()
        for thread in threads:
            thread.join(timeout=10)
        call()
        assert [error.reasons[0].code for error in caught] == ["interrupted"] * 3
        assert not alive(mark)

    def test_two_at_a_time_do_not_end_each_other(self, run, mark):
        endings: list[Ending] = []
        slow = threading.Thread(
            target=lambda: endings.append(run(python("import time; time.sleep(1)")))
        )
        slow.start()
        run(python(ORPHAN, mark))
        slow.join()
        assert [ending.exit_status for ending in endings] == [0]


CALLER = """
    import sys
    from pathlib import Path
    from workbench.executors.local import LocalExecutor
    LocalExecutor().run(
        sys.argv[1:], folder=Path("/"), deadline_s=60, environment={}
    )
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_on_this_machine_a_command_ends_with_its_caller(number, mark, tmp_path):
    caller = subprocess.Popen(
        python(CALLER, "sleep", mark),
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert until(lambda: len(alive(mark)) == 3, seconds=20)
    time.sleep(0.2)  # past the bootstrap
    caller.send_signal(number)
    caller.wait()
    assert until(lambda: not alive(mark))
    if number == signal.SIGKILL:  # who comes next clears up behind it
        temporary_home(tmp_path)
    if number != signal.SIGTERM:
        assert not list(tmp_path.glob("*/.*"))


def test_on_this_machine_an_interrupted_caller_finds_orphans_without_environment(mark):
    caller = subprocess.Popen(
        python(CALLER, *python(BARE_ORPHAN, mark)), stderr=subprocess.DEVNULL
    )
    assert until(lambda: len(alive(mark)) == 4, seconds=20)
    time.sleep(0.2)
    caller.send_signal(signal.SIGINT)
    caller.wait()
    assert until(lambda: not alive(mark))


DEAF = """
    import os, signal, sys
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    open(sys.argv[2], "w").close()
    while True:
        signal.pause()
"""
STOPPED = """
    import os, signal, sys
    open(sys.argv[2], "w").close()
    os.kill(os.getpid(), signal.SIGSTOP)
"""


@pytest.mark.parametrize("code", [DEAF, STOPPED], ids=["deaf", "stopped"])
def test_on_this_machine_what_does_not_obey_ends_with_its_caller_all_the_same(
    code, mark, tmp_path
):
    begun = tmp_path / "begun"
    caller = subprocess.Popen(
        python(CALLER, *python(code, mark, str(begun))), stderr=subprocess.DEVNULL
    )
    assert until(begun.exists, seconds=20)
    caller.kill()
    caller.wait()
    assert until(lambda: not alive(mark), seconds=20)


def test_a_command_reads_what_it_is_given_and_else_nothing(tmp_path: Path) -> None:
    code = "import sys; print(len(sys.stdin.read()))"
    for text in ("", "x" * 1_000_000):
        ending = LocalExecutor().run(
            python(code), folder=tmp_path, deadline_s=20, environment={}, stdin=text
        )
        assert ending.stdout_tail == f"{len(text)}\n"
