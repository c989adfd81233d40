"""Taking in what a process leaves running when it dies, and ending it.

Imports next to nothing, and nothing of ours: a bare script uses it (contained.py).
"""

import ctypes
import os
import signal
import time

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
HELPERS_END_S = 0.5
_POLL_S = 0.01
_LOOKS = 10
# Python's own helpers of multiprocessing: they end with the processes they serve, and
# remove what shared memory these leave, which no other process knows of.
_HELPERS = (b"multiprocessing.resource_tracker", b"multiprocessing.forkserver")


def take_in_orphans() -> None:
    """Become the parent of every descendant whose own parent dies."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_with(parent: int) -> None:
    """Be asked to end by the system when the parent dies; end if it has already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(128 + signal.SIGTERM)


def end_orphans(living: frozenset[int] = frozenset()) -> None:
    """Kill every process that came here because its own parent died; helpers last.

    Args:
        living: Children that nobody left. They keep their descendants themselves, so
            that none of these is touched.
    """
    until = time.monotonic() + HELPERS_END_S
    while orphans := _children() - living:
        patient = time.monotonic() < until
        ended = {pid for pid in orphans if not (patient and helps(pid))}
        for pid in ended:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if not ended:
            time.sleep(_POLL_S)


def helps(pid: int) -> bool:
    """Whether this is a helper of multiprocessing, and has not ended."""
    words = b""
    for _ in range(_LOOKS):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - quick
                words = file.read()
            os.readlink(f"/proc/{pid}/exe")  # noqa: PTH115 - quick
        except OSError:  # it has ended
            return False
        if words:
            break
        time.sleep(_POLL_S)  # it becomes a program just now
    return any(name in words for name in _HELPERS)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _children() -> set[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123 - quick
        return {int(word) for word in file.read().split()}
