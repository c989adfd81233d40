"""The end of what a process leaves running when it dies.

Imports next to nothing, and nothing of ours: a bare script uses it (contained.py).
"""

import os
import signal
import time

HELPERS_END_S = 0.5
_POLL_S = 0.01
_LOOKS = 10
# Python's own helpers of multiprocessing: they end with the processes they serve, and
# remove what shared memory these leave, which no other process knows of.
_HELPERS = (b"multiprocessing.resource_tracker", b"multiprocessing.forkserver")


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


def _children() -> set[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123 - quick
        return {int(word) for word in file.read().split()}
