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
    that a process id used again is told apart. Where /proc hides what is another
    user's, the system is asked whether there is such a process at all.
    """
    machine, _, process = holder.partition("/")
    pid, _, started = process.partition("/")
    if machine != _machine():
        return False
    now = _started(int(pid))
    return now != started if now else not _exists(int(pid))


@lru_cache(maxsize=1)
def _machine() -> str:
    """This machine since it was started, and the process numbers of this container."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return _started(pid) != ""  # ours: it can be read, or has just ended


def _started(pid: int) -> str:
    """When a living process started; empty where none can be seen."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[_STATE] in {"Z", "X"} else fields[_STARTED]
