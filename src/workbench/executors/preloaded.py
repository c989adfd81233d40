"""The side of the caller: starts the preloading process and asks it for children."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Protocol

from workbench.executors.preloading import READY

_LONGEST_ANSWER = 64
_MODULE = "workbench.executors.preloading"


class Process(Protocol):
    """As much of `subprocess.Popen` as a caller needs; either kind of child has it."""

    @property
    def pid(self) -> int:
        """Its process id, which may be another's once its end was waited for."""
        ...

    def poll(self) -> int | None:
        """Its status once it has ended: below nought a signal's number."""
        ...

    def wait(self) -> int:
        """Wait for its end; returns its status."""
        ...

    def send_signal(self, number: int, /) -> None:
        """Send it a signal, unless it has ended."""
        ...


class Preloaded:
    """A process of ours that forks what it is asked for; used from several threads.

    Args:
        modules: What it loads before it forks.
        environment: Variables under which they are loaded.
        folder: For whatever they leave behind at home or among temporary files.
    """

    def __init__(
        self, modules: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-m", _MODULE, str(other.fileno()), *modules],
                cwd=folder,
                env={**environment, "HOME": str(folder), "TMPDIR": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(other.fileno(),),
                start_new_session=True,  # it ends with us, not with a key press
            )
        self._fit: bool | None = None
        self._asking = Lock()

    @property
    def fit(self) -> bool:
        """Whether it can fork; waits until it has loaded everything.

        It may not where something that it loaded began a thread, which no fork keeps.
        A caller that finds it gone goes on without it.
        """
        with self._asking:
            if self._fit is None:
                self._fit = self._control.recv(_LONGEST_ANSWER) == READY
            return self._fit and self._process.poll() is None

    def start(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        stdout: int,
        stderr: int,
    ) -> "Forked | None":
        """Start a command in a fork; None where there cannot be one.

        The process may not be fit, or gone, or the machine has no room for another.

        Args:
            command: Program and arguments.
            folder: Its working directory.
            environment: All of its variables.
            stdout: Handle of its standard output.
            stderr: Handle of its standard error.

        """
        if not self.fit:
            return None
        ours, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {
            "command": list(command),
            "folder": str(folder),
            "environment": dict(environment),
        }
        try:
            with other:
                handles = [other.fileno(), stdout, stderr]
                socket.send_fds(self._control, [json.dumps(request).encode()], handles)
            return Forked(ours)
        except OSError:
            ours.close()
            return None

    def close(self) -> None:
        """End it, and with it all that it forked."""
        self._control.close()
        if not self._fit and self._process.poll() is None:
            # It forked nothing, and hears nothing: it loads, or waits for a thread.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> "Preloaded":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Forked:
    """A child of the preloading process; see `Process`.

    Attributes:
        pid: Its process id.
        handle: A handle on the process, for its owner to close; readable at its end.
        lost: Whether it ended because the preloading process did.
    """

    def __init__(self, line: socket.socket) -> None:
        answer, handles, _, _ = socket.recv_fds(line, _LONGEST_ANSWER, 1)
        if not handles:
            raise ConnectionError("the preloading process is gone")
        self.pid, self.handle, self._line = int(answer), handles[0], line
        self._status: int | None = None
        self.lost = False

    def poll(self) -> int | None:
        """Its status once it has ended and nothing of it is left there."""
        if self._status is None:
            try:
                self._take(socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
        return self._status if self._ended(0) else None

    def wait(self) -> int:
        """Wait for its end; returns its status."""
        if self._status is None:
            self._take(0)
        assert self._status is not None  # noqa: S101 - just taken
        self._ended(None)
        return self._status

    def send_signal(self, number: int, /) -> None:
        """Send it a signal, unless it has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, number)

    def _ended(self, patience_ms: int | None) -> bool:
        """Whether it has; one that was stopped outlives the process that forked it."""
        poll = select.poll()
        poll.register(self.handle, select.POLLIN)
        return bool(poll.poll(patience_ms))

    def _take(self, flags: int) -> None:
        answer = self._line.recv(_LONGEST_ANSWER, flags)
        # without a word the process that should have told is gone
        self.lost = not answer
        self._status = int(answer) if answer else -signal.SIGKILL
        self._line.close()
