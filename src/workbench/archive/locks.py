"""One writer of a file at a time: the lock of a process ends with it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.core.errors import Reason, TryLater


@contextmanager
def locked(file: Path, what: str, *, patient: bool = False) -> Iterator[None]:
    """Hold `file` alone for as long as the block runs.

    Args:
        file: The lock file.
        what: What is held, for the message.
        patient: Wait for the other process; only where it is done in a moment.

    Raises:
        TryLater: Another process holds it, and we are not patient.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if patient else fcntl.LOCK_NB))
        except BlockingIOError as error:
            message = f"{what} is held by another process; try again when it is done."
            raise TryLater(Reason(code="busy", message=message)) from error
        yield
