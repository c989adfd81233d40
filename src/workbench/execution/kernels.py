"""Starts the kernel of one run, in an environment made from nothing, and ends it."""

import asyncio
import json
import os
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
from workbench.execution.executed import WORK
from workbench.execution.outcome import Limits
from workbench.execution.preloads import modules_for
from workbench.execution.provisioner import NAME as PROVISIONER

KERNEL_NAME = "workbench"
_SOCKET_FOLDER_MAX = 107 - len("/socket-5")  # what the system allows of a path
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",  # Arrow's processor count is this one too
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "ARROW_IO_THREADS",
)


class _OneKernel(KernelSpecManager):
    """Knows our kernel alone, so that none of the machine's can be started."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self._spec = spec

    @override
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return self._spec


def library_environment(threads: int) -> dict[str, str]:
    """Variables that libraries look at, when they are loaded or later.

    What depends on the machine (language, time zone, hash seed, width of a terminal) is
    pinned.
    """
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "COLUMNS": "80",  # pandas folds its frames at this width
        "LINES": "24",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",  # a fork keeps no thread
        **dict.fromkeys(_THREAD_VARIABLES, str(threads)),
    }


def kernel_environment(folder: Path, scratch: Path, threads: int) -> dict[str, str]:
    """All variables of a kernel; nothing of ours leaks into it.

    Whatever looks for a home finds the scratch folder.
    """
    return {
        **library_environment(threads),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_CONFIG_DIR": str(scratch / "jupyter"),
        "JUPYTER_DATA_DIR": str(scratch / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "jupyter"),
        "WB_RUN": str(folder),
    }


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
