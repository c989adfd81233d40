"""Which process holds a lease, and whether it lives still."""

import os
from functools import lru_cache
from pathlib import Path

_STATE, _STARTED = 0, 19  # of what follows the name in /proc/<pid>/stat


def this_process() -> str:
    """Names this process among all that a store may ever hear of."""
    pid = os.getpid()
    return f"{_machine()}/{pid}/{_started(pid)}"


def is_gone(holder: str) -> bool:
    """Whether a process is known to have ended; of another machine nothing is known.

    Its start is counted in ticks since the machine's own, which no clock can move, so
    that a process id used again is told apart.
    """
    machine, _, process = holder.partition("/")
    pid, _, started = process.partition("/")
    return machine == _machine() and _started(int(pid)) != started


@lru_cache(maxsize=1)
def _machine() -> str:
    """This machine since it was started, and the process numbers of this container."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"


def _started(pid: int) -> str:
    """When a living process started; empty where there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[_STATE] in {"Z", "X"} else fields[_STARTED]
