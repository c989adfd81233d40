"""A process that loads once and forks: each fork is clean, and none outlives it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.executors.test_conformance import alive, python, until
from workbench.core.errors import TryLater
from workbench.executors.local import LocalExecutor
from workbench.executors.preloaded import Preloaded

pytestmark = pytest.mark.slow

PATH = {"PATH": os.defpath}


@pytest.fixture
def mark(tmp_path: Path) -> str:
    """A number of seconds that no other process sleeps."""
    return f"778{abs(hash(str(tmp_path))) % 10**9}"


@pytest.fixture
def preloaded(tmp_path: Path) -> Iterator[Preloaded]:
    with Preloaded(["json"], PATH, tmp_path) as process:
        assert process.fit
        yield process


def say(preloaded: Preloaded, folder: Path, code: str) -> str:
    """What a module of this code says, run in a fork."""
    (folder / "said.py").write_text(textwrap.dedent(code))
    ending = LocalExecutor(None, preloaded).run(
        [sys.executable, "-m", "said"], folder=folder, deadline_s=20, environment={}
    )
    assert (ending.exit_status, ending.stderr_tail) == (0, "")
    return ending.stdout_tail


def test_a_module_runs_where_its_libraries_are_loaded_already(
    preloaded: Preloaded, tmp_path: Path
) -> None:
    code = "import sys; print('json' in sys.modules, sys.argv[1:], __name__)"
    assert say(preloaded, tmp_path, code) == "True [] __main__\n"


def test_what_one_fork_does_to_itself_the_next_does_not_see(
    preloaded: Preloaded, tmp_path: Path
) -> None:
    code = """
        import json, os, sys
        print(hasattr(json, "spoilt"), "SPOILT" in os.environ, "spoilt" in sys.modules)
        json.spoilt = os.environ["SPOILT"] = sys.modules["spoilt"] = "yes"
    """
    for _ in range(2):
        assert say(preloaded, tmp_path, code) == "False False False\n"


def test_where_something_loaded_began_a_thread_nothing_is_forked(
    tmp_path: Path,
) -> None:
    threaded = (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=[600]).start()"
    )
    (tmp_path / "threaded.py").write_text(threaded)
    with Preloaded(["threaded"], PATH, tmp_path) as process:
        assert not process.fit
        code = "import sys; print('json' in sys.modules)"
        assert say(process, tmp_path, code) == "False\n"


def test_one_that_is_closed_while_it_loads_leaves_nothing(
    mark: str, tmp_path: Path
) -> None:
    slow = f"import subprocess\nsubprocess.run(['sleep', '{mark}'])"
    (tmp_path / "slow.py").write_text(slow)
    with Preloaded(["slow"], PATH, tmp_path):
        assert until(lambda: alive(mark))
    assert until(lambda: not alive(mark))


def test_what_was_forked_unasked_is_ended_with_all_it_started(
    mark: str, tmp_path: Path
) -> None:
    code = """
        import subprocess, sys, time
        subprocess.Popen(["sleep", sys.argv[1]], env={}, start_new_session=True)
        time.sleep(600)
    """
    with Preloaded([], PATH, tmp_path) as process:
        child = process.start(
            python(code, mark), folder=tmp_path, environment=PATH, stdout=1, stderr=2
        )
        assert child is not None
        assert until(lambda: len(alive(mark)) == 2)
    assert child.wait() == -signal.SIGTERM
    os.close(child.handle)
    assert not alive(mark)


def test_without_the_preloading_process_commands_begin_from_nothing(
    preloaded: Preloaded, tmp_path: Path
) -> None:
    [process] = [
        child
        for child in psutil.Process().children()
        if "workbench.executors.preloading" in child.cmdline()
        and child.cwd() == str(tmp_path)
    ]
    process.kill()
    assert say(preloaded, tmp_path, "print(1)") == "1\n"


STOPPED = """
    import os, signal, subprocess, sys, time
    open("runner", "w").write(str(os.getpid()))
    subprocess.Popen(["sleep", sys.argv[1]], env={}, start_new_session=True)
    parent, runner = os.getppid(), os.getpid()
    if os.fork() == 0:
        while open(f"/proc/{runner}/stat").read().split()[2] != "T":
            time.sleep(0.01)
        os.kill(parent, signal.SIGKILL)
        os._exit(0)
    os.kill(runner, signal.SIGSTOP)
"""


def test_a_stopped_fork_whose_parent_was_killed_ends_at_its_deadline(
    preloaded: Preloaded, mark: str, tmp_path: Path
) -> None:
    (tmp_path / "stopped.py").write_text(textwrap.dedent(STOPPED))
    with pytest.raises(TryLater) as caught:
        LocalExecutor(None, preloaded).run(
            [sys.executable, "-m", "stopped", mark],
            folder=tmp_path,
            deadline_s=2,
            environment={},
        )
    assert [reason.code for reason in caught.value.reasons] == ["process-lost"]
    assert not alive(mark)
    runner = int((tmp_path / "runner").read_text())
    assert until(lambda: not psutil.pid_exists(runner))


CALLER = """
    import sys
    from pathlib import Path
    from workbench.executors.local import LocalExecutor
    from workbench.executors.preloaded import Preloaded
    with Preloaded([], {"PATH": "/bin:/usr/bin"}, Path(sys.argv[1])) as preloaded:
        LocalExecutor(None, preloaded).run(
            sys.argv[2:], folder=Path("/"), deadline_s=60, environment={}
        )
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_fork_ends_with_its_caller(number: int, mark: str, tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run(['sleep', sys.argv[1]])"
    command = python(CALLER, str(tmp_path), *python(code, mark))
    caller = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    assert until(lambda: len(alive(mark)) == 3, seconds=20)
    time.sleep(0.2)
    caller.send_signal(number)
    caller.wait()
    assert until(lambda: not alive(mark), seconds=15)
    assert until(lambda: not alive(str(tmp_path)), seconds=15)
