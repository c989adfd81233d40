"""Runs a command as a child process on this machine and leaves nothing of it behind.

The child is a session of its own, and stays beside the command as the reaper of its
orphans (contained.py), so while it lives every process it caused is its descendant.
Should it be killed itself, what it leaves is known by TMPDIR: each command has a
temporary folder to itself, named in the environment that its processes inherit, and
removed at the end. Where a preloading process is given (preloading.py), it starts the
child, and takes in and ends what a killed child leaves.
"""

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import psutil

from workbench.core import disk
from workbench.core.errors import Reason, TryLater
from workbench.core.orphans import HELPERS_END_S, helps
from workbench.executors import Ending
from workbench.executors.preloaded import Forked, Preloaded, Process

_TAIL_BYTES = 256 * 1024
_PIECE_BYTES = 64 * 1024
_POLITE = ((signal.SIGINT, 2.0), (signal.SIGTERM, 2.0))  # seconds to obey each
_LOOK_UP_S = 0.2  # how often to see whether to stop
_INTERRUPTED = Reason(
    code="interrupted", message="it was interrupted before it ended; run it again."
)
_LOST = Reason(  # nobody asked for that, so it counts as a try
    code="process-lost",
    message="the process that had started it was killed before it ended; run it again.",
)
_ROUNDS = 20
_ROUND_S = 0.1
_BOOTSTRAP = (
    sys.executable,
    "-I",  # neither the environment nor the folder changes what Python imports
    "-S",
    str(Path(__file__).with_name("contained.py")),
)
_LEAST_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}


class LocalExecutor:
    """Child processes of this process; safe to call from several threads.

    Attributes:
        stop: Set from another thread to end every command; an interrupt from the
            keyboard reaches the main thread alone.
        preloaded: What starts the commands; None where each begins from nothing.
    """

    def __init__(
        self, stop: threading.Event | None = None, preloaded: Preloaded | None = None
    ) -> None:
        self.stop = stop or threading.Event()
        self.preloaded = preloaded

    def run(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        deadline_s: float,
        environment: Mapping[str, str],
        stdin: str = "",
    ) -> Ending:
        """Run a command and wait for its end; see `Executor.run`.

        What it may read on its standard input is given as a whole; such a command is
        never forked. At the deadline it is asked to end by SIGINT, then by SIGTERM, two
        seconds each, then killed with all it started.

        Raises:
            TryLater: It was asked to stop, or what had started the command was killed.
        """
        begun = monotonic()
        home = disk.temporary_home(Path(tempfile.gettempdir()))
        with disk.scratch_folder(home, "run") as scratch:
            variables = {
                **_LEAST_ENVIRONMENT,
                **environment,
                "TMPDIR": str(scratch),
            }
            preloaded = None if stdin else self.preloaded
            with (
                _readable(stdin, scratch) as given,
                _started(command, folder, variables, given, preloaded) as child,
            ):
                finished = child.wait(until=begun + deadline_s, unless=self.stop)
                if not finished:
                    child.stop_politely()
        if self.stop.is_set() and (child.lost or not finished):
            raise TryLater(_INTERRUPTED)
        if child.lost:
            raise TryLater(_LOST)
        return Ending(
            exit_status=child.status if child.status >= 0 else None,
            signal=-child.status if child.status < 0 else None,
            timed_out=not finished,
            stdout_tail=child.stdout_tail,
            stderr_tail=child.stderr_tail,
            seconds=monotonic() - begun,
        )


@contextmanager
def _readable(text: str, scratch: Path) -> Iterator[int]:
    """A handle from which a text can be read; without one, from nowhere."""
    if not text:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile(dir=scratch) as file:
        file.write(text.encode())
        file.seek(0)
        yield file.fileno()


@contextmanager
def _started(
    command: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    stdin: int,
    preloaded: Preloaded | None,
) -> Iterator["_Child"]:
    """The child; when the block ends, however it ends, its whole tree is gone."""
    (out, stdout), (err, stderr) = os.pipe(), os.pipe()
    process: Process | None = None
    try:
        if preloaded is not None:
            process = preloaded.start(
                command,
                folder=folder,
                environment=variables,
                stdout=stdout,
                stderr=stderr,
            )
        if process is None:
            process = subprocess.Popen(  # noqa: S603 - the command is the caller's own
                [*_BOOTSTRAP, str(os.getpid()), *command],
                cwd=folder,
                env=variables,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        if isinstance(process, Forked):
            handle = process.handle
        else:
            handle = os.pidfd_open(process.pid)
    except BaseException:
        os.close(out)
        os.close(err)
        raise
    finally:
        os.close(stdout)
        os.close(stderr)
    child = _Child(process, handle, out, err)
    try:
        yield child
    finally:
        _kill_all(process, child.family, variables["TMPDIR"])
        child.close()


class _Child:
    """A child process, and the last of what it says on its two pipes."""

    def __init__(self, process: Process, handle: int, out: int, err: int) -> None:
        self._process = process
        self._handle = handle
        self._tails = {out: bytearray(), err: bytearray()}
        for pipe in self._tails:
            os.set_blocking(pipe, False)
        self.family: list[psutil.Process] = []
        self.status = 0
        self.lost = False
        self.stdout_tail = self.stderr_tail = ""

    def wait(self, *, until: float, unless: threading.Event | None = None) -> bool:
        """Listen until the child ends, or until that time of the monotonic clock.

        Args:
            until: When to give up.
            unless: Gives up as soon as it is set.

        Returns:
            Whether it ended.
        """
        with selectors.DefaultSelector() as selector:
            for handle in (*self._tails, self._handle):
                selector.register(handle, selectors.EVENT_READ)
            while (left := until - monotonic()) > 0:
                if unless and unless.is_set():
                    return False
                for key, _ in selector.select(min(left, _LOOK_UP_S)):
                    if key.fd == self._handle:
                        return True
                    if not self._read(key.fd):
                        selector.unregister(key.fd)
        return False

    def stop_politely(self) -> None:
        """Ask it to end, more firmly each time; remember what it may leave behind."""
        self.family = _descendants(self._process)
        for number, patience_s in _POLITE:
            self._process.send_signal(number)
            if self.wait(until=monotonic() + patience_s):
                return

    def close(self) -> None:
        """Take its status and what is left in the pipes; nobody writes any more."""
        self.status = self._process.wait()
        self.lost = isinstance(self._process, Forked) and self._process.lost
        for pipe in self._tails:
            while self._read(pipe):
                pass
        self.stdout_tail, self.stderr_tail = (
            bytes(tail).decode(errors="replace") for tail in self._tails.values()
        )
        for handle in (*self._tails, self._handle):
            os.close(handle)

    def _read(self, handle: int) -> bool:
        """Take one piece from a pipe; False when there is none."""
        try:
            piece = os.read(handle, _PIECE_BYTES)
        except BlockingIOError:
            return False
        tail = self._tails[handle]
        tail += piece
        del tail[:-_TAIL_BYTES]
        return bool(piece)


def _kill_all(root: Process, family: list[psutil.Process], marker: str) -> None:
    """Kill the child, its descendants and all that bear the marker, until none is.

    Helpers may end first.
    """
    until = monotonic() + HELPERS_END_S
    for _ in range(_ROUNDS):
        others = {*family, *_descendants(root), *_marked(marker)}
        if not others and root.poll() is not None:
            return
        patient = monotonic() < until
        family = [each for each in others if patient and helps(each.pid)]
        for process in others.difference(family):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        root.send_signal(
            signal.SIGKILL
        )  # last: while it lives, no orphan of its family can hide
        root.wait()
        psutil.wait_procs(others, timeout=_ROUND_S)


def _descendants(root: Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):  # it ended, and was taken in elsewhere
        if root.poll() is None:
            return psutil.Process(root.pid).children(recursive=True)
    return []


def _marked(marker: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            folder = process.environ().get("TMPDIR", "")
        except (psutil.Error, OSError):  # gone, a zombie, or another user's
            continue
        if folder == marker or folder.startswith(marker + os.sep):
            found.append(process)
    return found
