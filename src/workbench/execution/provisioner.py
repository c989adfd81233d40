"""A kernel provisioner that forks the kernel where all that it needs is loaded.

Jupyter starts a kernel as a new interpreter, which then loads what its notebook
imports. Where the process that asks for one has loaded it all and has one thread alone,
a fork of it is the same kernel some seconds earlier. Elsewhere, and for a command that
is no `python -m`, the kernel is started as Jupyter does.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from typing_extensions import override

from workbench.core.forking import begin_anew, has_one_thread, is_module, run_module
from workbench.execution.preloads import NOTED

NAME = "workbench-fork"
_MOST_HANDLES = 4096
_LOOK_AGAIN_S = 0.002


class ForkingProvisioner(LocalProvisioner):
    """Starts kernels by a fork of this process where that is as good."""

    @override
    async def launch_kernel(
        self, cmd: list[str], **kwargs: Any
    ) -> KernelConnectionInfo:
        if not (is_module(cmd) and may_fork()):
            return await super().launch_kernel(cmd, **kwargs)
        folder = Path(kwargs["cwd"] or Path.cwd())
        pid = os.fork()
        if pid == 0:
            parent = {"JPY_PARENT_PID": str(os.getppid())}
            _become(cmd, folder, {**kwargs["env"], **parent})
        self.process = ForkedKernel(pid)  # type: ignore[assignment]
        self.pid, self.pgid, self.cwd = pid, pid, folder
        return self.connection_info

    @override
    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and not its group: its helpers clear up behind it."""
        if self.process is not None:
            self.process.kill()

    @override
    async def wait(self) -> int | None:
        """Wait for the kernel's end; Jupyter's own looks ten times a second."""
        while self.process is not None and self.process.poll() is None:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN_S)  # its end is no event of the loop
        return await super().wait()


def may_fork() -> bool:
    """Whether a fork of this process is as good as a new interpreter, and faster."""
    return NOTED in sys.modules and has_one_thread()


class ForkedKernel:
    """As much of `subprocess.Popen` as Jupyter's own provisioner asks of a kernel."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its status once it has ended: below nought a signal's number."""
        return self._take(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait for its end; returns its status."""
        return self._take(0)

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def _take(self, options: int) -> int | None:
        if self._status is None:
            try:
                pid, status = os.waitpid(self.pid, options)
            except ChildProcessError:  # somebody else took its status
                self._status = -signal.SIGKILL
            else:
                self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status


def _become(cmd: list[str], folder: Path, environment: dict[str, str]) -> NoReturn:
    """Turn this fork into the kernel; it never returns into its parent's frames."""
    from workbench.execution import noted

    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for handle in range(3):
            os.dup2(nowhere, handle)
        os.closerange(3, _MOST_HANDLES)
        begin_anew(folder, environment)
        asyncio.set_event_loop_policy(None)
        asyncio._set_running_loop(None)  # noqa: SLF001 - its loop runs in the parent
        noted.forget_the_rest()
        run_module(cmd, folder)
    finally:
        os._exit(0)
