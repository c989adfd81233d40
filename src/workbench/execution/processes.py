"""What a notebook left running, and its end.

The runner is the reaper of its orphans when an executor started it, so a process that
detached itself from the kernel is still found among the runner's descendants.
"""

from collections.abc import Iterator
from contextlib import suppress
from time import monotonic, sleep

import psutil

from workbench.core.orphans import HELPERS_END_S, helps

_POLL_S = 0.05
_ROUNDS = 20


def left_running(kernel: int, grace_s: float) -> int:
    """How many processes beside the kernel run after a moment of grace.

    Args:
        kernel: Process id of the kernel.
        grace_s: Seconds they have to end.
    """
    until = monotonic() + grace_s
    while (count := len([*_strays(kernel)])) and monotonic() < until:
        sleep(_POLL_S)
    return count


def kill_descendants() -> None:
    """Kill every process this one has caused, until none is; helpers may end first."""
    until = monotonic() + HELPERS_END_S
    for _ in range(_ROUNDS):
        children = psutil.Process().children(recursive=True)
        if not children:
            return
        for child in children:
            with suppress(psutil.NoSuchProcess):
                if monotonic() > until or not helps(child.pid):
                    child.kill()
        psutil.wait_procs(children, timeout=_POLL_S)


def _strays(kernel: int) -> Iterator[psutil.Process]:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.pid != kernel and not helps(process.pid) and _runs(process):
                yield process


def _runs(process: psutil.Process) -> bool:
    return process.status() != psutil.STATUS_ZOMBIE
