"""The kernel's process: an ordinary IPython kernel with limits and a witness.

Usage: python -m workbench.execution.kernel CONNECTION RUN_FOLDER MEMORY_MB OUTPUT_MB

Before the kernel starts its memory is bounded and core files are off. What Jupyter does
not report is written to `out/faults.jsonl`: an exception that ended a thread; what an
error of ours says that ended a cell; and output beyond the limit, at which the kernel
ends itself, so that no more than the limit ever reaches the runner's memory.
"""

import errno
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
from workbench.core.errors import WorkbenchError
from workbench.core.records import to_plain
from workbench.execution.outcome import Fault

_MIB = 1024 * 1024
_THREADS_GRACE_S = 1.0
FAULTS = Path("out", "faults.jsonl")  # in the run folder


class Witness:
    """Writes down what Jupyter does not report; of messages only our own."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FAULTS
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

    def cell_ended(self, result: Any) -> None:  # noqa: ANN401 - IPython has no types
        """Record what an error of ours says; IPython calls it after each cell."""
        if isinstance(result.error_in_exec, WorkbenchError):
            self._record("refusal", result.error_in_exec)

    def output_exceeded(self) -> None:
        """Record it and end this process at once."""
        self._record("output", None)
        os.kill(os.getpid(), signal.SIGKILL)

    def _record(
        self,
        kind: Literal["thread", "output", "refusal"],
        error: BaseException | None,
    ) -> None:
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        fault = Fault(
            kind=kind,
            error="" if error is None else type(error).__name__,
            prompt=self._prompt,
            full_disk=full,
            reasons=error.reasons if isinstance(error, WorkbenchError) else (),
        )
        try:
            disk.append_line(self._file, canonical_json(to_plain(fault)))
        except Exception:  # noqa: BLE001 - a fault that cannot be told must not pass
            os.kill(os.getpid(), signal.SIGKILL)


def settle() -> None:
    """Give the notebook's threads a moment to end, or to fail, after the last cell.

    All of the kernel's own threads are daemons.
    """
    until = monotonic() + _THREADS_GRACE_S
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.main_thread():
            thread.join(max(0.0, until - monotonic()))


def set_limits(memory_mb: int) -> None:
    """Bound the address space of this process and of each of its children."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MIB, memory_mb * _MIB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(connection_file: str, folder: str, memory_mb: str, output_mb: str) -> None:
    """Serve one notebook until told to stop."""
    set_limits(int(memory_mb))
    witness = Witness(Path(folder))
    threading.excepthook = witness.thread_failed

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

    app = IPKernelApp.instance(session=CountingSession())
    arguments = ["-f", connection_file, "--HistoryManager.enabled=False"]
    app.initialize(arguments)  # type: ignore[no-untyped-call]
    assert app.shell is not None  # noqa: S101 - made by initialize
    app.shell.events.register("pre_run_cell", witness.cell_begins)
    app.shell.events.register("post_run_cell", witness.cell_ended)
    app.start()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(*sys.argv[1:])
