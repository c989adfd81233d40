"""The kernel's process: an ordinary IPython kernel with limits and a witness.

Usage: python -m workbench.execution.kernel CONNECTION RUN_FOLDER MEMORY_MB OUTPUT_MB
       MODULE ...

Before the kernel starts its memory is bounded and core files are off. What Jupyter does
not report is written to `out/faults.jsonl`: an exception that ended a thread, or a task
of asyncio that nobody awaited; what an error of ours says that ended a cell, or which
undeclared column it wanted; and output beyond the limit, at which the kernel ends
itself, so that no more than the limit ever reaches the runner's memory.
"""

import asyncio
import gc
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from typing_extensions import override

from workbench.core import disk
from workbench.core.canonical import canonical_json
from workbench.core.errors import Reason, WorkbenchError
from workbench.core.forking import load
from workbench.core.records import to_plain
from workbench.execution.outcome import Fault
from workbench.execution.undeclared import undeclared_by

_MIB = 1024 * 1024
_GRACE_S = 1.0
_PAUSE_S = 0.01
_SAY_TASK_FAILED = asyncio.BaseEventLoop.default_exception_handler
FAULTS = Path("out", "faults.jsonl")  # in the run folder


class Witness:
    """Writes down what Jupyter does not report; of messages only our own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prompt = 0

    def cell_begins(self, _info: object) -> None:
        """Count a cell; IPython calls it before each."""
        self._prompt += 1

    def thread_failed(self, args: "threading.ExceptHookArgs") -> None:
        """Stands in for `threading.excepthook`; the author still sees the traceback."""
        if args.exc_type is SystemExit:  # ends a thread on purpose, as in Python
            return
        self._record("thread", args.exc_value)
        threading.__excepthook__(args)

    def task_failed(self, loop: asyncio.BaseEventLoop, context: dict[str, Any]) -> None:
        """Stands in for asyncio's own handler; the author still sees the traceback."""
        error = context.get("exception")
        if error is not None:
            self._record("task", error)
        _SAY_TASK_FAILED(loop, context)

    def watch_tasks(self) -> None:
        """Hear of every exception that a loop of asyncio has nobody to give to."""

        def handler(loop: asyncio.BaseEventLoop, context: dict[str, Any]) -> None:
            self.task_failed(loop, context)

        setattr(asyncio.BaseEventLoop, "default_exception_handler", handler)  # noqa: B010 - asyncio has no hook for all loops

    def cell_ended(self, result: Any) -> None:  # noqa: ANN401 - IPython has no types
        """Record what can be said of the error; IPython calls it after each cell."""
        error = result.error_in_exec
        ours = error.reasons if isinstance(error, WorkbenchError) else ()
        if said := tuple(ours) or undeclared_by(self._folder, error):
            self._record("refusal", error, said)

    def output_exceeded(self) -> None:
        """Record it and end this process at once."""
        self._record("output", None)
        os.kill(os.getpid(), signal.SIGKILL)

    def _record(
        self,
        kind: Literal["thread", "task", "output", "refusal"],
        error: BaseException | None,
        said: tuple[Reason, ...] = (),
    ) -> None:
        full = getattr(error, "errno", None) in disk.NO_SPACE
        fault = Fault(
            kind=kind,
            error="" if error is None else type(error).__name__,
            prompt=self._prompt,
            full_disk=full,
            reasons=said,
        )
        try:
            disk.append_line(self._folder / FAULTS, canonical_json(to_plain(fault)))
        except Exception:  # noqa: BLE001 - a fault that cannot be told must not pass
            os.kill(os.getpid(), signal.SIGKILL)


async def settle() -> None:
    """Give the notebook's threads and tasks a moment to end after the last cell.

    A task that failed and that a name still holds has told nobody; it is asked here.
    """
    until = monotonic() + _GRACE_S
    while (_threads_run() or _tasks_run()) and monotonic() < until:  # noqa: ASYNC110 - a thread sets no event
        await asyncio.sleep(_PAUSE_S)
    for each in gc.get_objects():
        if issubclass(type(each), asyncio.Task) and each._log_traceback:  # noqa: SLF001 - whether nobody asked
            error = each.exception()
            context = {"message": "nobody awaited a task", "exception": error}
            each.get_loop().call_exception_handler(context)


def _threads_run() -> bool:
    """All of the kernel's own threads are daemons."""
    main = threading.main_thread()
    return any(not t.daemon and t is not main for t in threading.enumerate())


def _tasks_run() -> bool:
    """The kernel's own tasks wait for messages as long as it lives."""
    frames = [
        getattr(task.get_coro(), "cr_frame", None)
        for task in asyncio.all_tasks() - {asyncio.current_task()}
    ]
    return any(
        frame is None or not frame.f_globals["__name__"].startswith("ipykernel.")
        for frame in frames
    )


def set_limits(memory_mb: int) -> None:
    """Bound the address space of this process and of each of its children."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MIB, memory_mb * _MIB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(
    connection_file: str, folder: str, memory_mb: str, output_mb: str, *modules: str
) -> None:
    """Serve one notebook until told to stop.

    Args:
        connection_file: Jupyter's.
        folder: The run folder.
        memory_mb: Address space of the kernel, in MiB.
        output_mb: What it may send, in MiB.
        modules: What is loaded when the notebook begins; a fork has it already.
    """
    set_limits(int(memory_mb))
    witness = Witness(Path(folder))
    threading.excepthook = witness.thread_failed
    witness.watch_tasks()
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]  # see below
    # Nobody debugs a run; loading the debugger takes as long as all else of a kernel.

    from ipykernel.kernelapp import IPKernelApp
    from jupyter_client.session import Session

    class CountingSession(Session):
        """Counts the bytes of what the kernel sends."""

        sent = 0

        @override
        def serialize(
            self, msg: dict[str, Any], ident: list[bytes] | bytes | None = None
        ) -> list[bytes]:
            parts = super().serialize(msg, ident)
            self.sent += sum(map(len, parts))
            if self.sent > int(output_mb) * _MIB:
                witness.output_exceeded()
            return parts

    load(modules)
    app = IPKernelApp.instance(session=CountingSession())
    arguments = [
        *("-f", connection_file, "--HistoryManager.enabled=False"),
        f"--IPKernelApp.parent_handle={os.getppid()}",  # its default is read at import
    ]
    app.initialize(arguments)  # type: ignore[no-untyped-call]
    assert app.shell is not None  # noqa: S101 - made by initialize
    app.shell.events.register("pre_run_cell", witness.cell_begins)
    app.shell.events.register("post_run_cell", witness.cell_ended)
    app.start()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(*sys.argv[1:])
