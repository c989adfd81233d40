"""Starts the kernel of one run, in an environment made from nothing, and ends it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from typing_extensions import override

from workbench.core import disk
from workbench.execution.client import PromptClient
from workbench.execution.environment import kernel_environment
from workbench.execution.executed import WORK
from workbench.execution.outcome import Limits
from workbench.execution.preloads import modules_for
from workbench.execution.provisioner import NAME as PROVISIONER

KERNEL_NAME = "workbench"
_SOCKET_FOLDER_MAX = 107 - len("/socket-5")  # what the system allows of a path


class _OneKernel(KernelSpecManager):
    """Knows our kernel alone, so that none of the machine's can be started."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self._spec = spec

    @override
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return self._spec


@contextmanager
def running_kernel(
    folder: Path, limits: Limits, loop: asyncio.Runner
) -> Iterator[AsyncKernelManager]:
    """Start a kernel whose working directory is `work` in the run folder.

    It is not waited for, so that the caller can import meanwhile. Afterwards it is
    killed, not asked: what it has to say it has written by then.
    """
    notebook = _notebook(folder)
    with (
        disk.scratch_folder(Path(gettempdir()), "kernel") as scratch,
        _socket_folder(scratch) as sockets,
    ):
        spec = KernelSpec(
            argv=[
                sys.executable,
                "-m",
                "workbench.execution.kernel",
                "{connection_file}",
                str(folder),
                str(limits.memory_mb),
                str(limits.output_mb),
                *modules_for(notebook),
            ],
            language="python",
            display_name="Workbench",
            metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER}},
        )
        manager = AsyncKernelManager(
            kernel_name=KERNEL_NAME,
            kernel_spec_manager=_OneKernel(spec),
            client_factory=PromptClient,
            transport="ipc",
            ip=str(sockets / "socket"),
            connection_file=str(scratch / "connection.json"),
        )
        environment = kernel_environment(folder, scratch, limits.threads)
        loop.run(_start(manager, folder / WORK, environment))
        try:
            yield manager
        finally:
            loop.run(_kill(manager))


def _notebook(folder: Path) -> dict[str, Any]:
    """The run's notebook; one without cells where it cannot be read: that is told."""
    try:
        text = (folder / "notebook.ipynb").read_text(encoding="utf-8")
        notebook = json.loads(text)
        return notebook if isinstance(notebook["cells"], list) else {"cells": []}
    except (OSError, ValueError, KeyError, TypeError):
        return {"cells": []}


async def _start(
    manager: AsyncKernelManager, folder: Path, environment: dict[str, str]
) -> None:
    await manager.start_kernel(
        cwd=str(folder),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def _kill(manager: AsyncKernelManager) -> None:
    """Not by the manager, which then looks ten times a second whether it has ended."""
    if manager.provisioner is not None:
        await manager.provisioner.kill()
        await manager.provisioner.wait()


@contextmanager
def _socket_folder(scratch: Path) -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    if len(str(scratch)) <= _SOCKET_FOLDER_MAX:
        yield scratch
        return
    short = disk.temporary_home(Path("/tmp"))  # noqa: S108
    with disk.scratch_folder(short, "socket") as sockets:
        yield sockets
