"""One writer at a time: a lease is held by a process and ends with it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.core.errors import Reason, TryLater


@contextmanager
def lease(file: Path, what: str) -> Iterator[None]:
    """Hold `file` alone for as long as the block runs.

    Raises:
        TryLater: Another process holds it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"{what} is held by another process; try again when it is done."
            raise TryLater(Reason(code="busy", message=message)) from error
        yield
