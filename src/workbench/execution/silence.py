"""Ends a conversation with a kernel of which nothing has been heard for too long."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Silence:
    """Lets a time be over as soon as there has been silence for some seconds.

    Attributes:
        fell: Whether there has.
    """

    def __init__(self, seconds: float, heard: Callable[[], float]) -> None:
        self._seconds = seconds
        self._heard = heard
        self._timer: asyncio.TimerHandle | None = None
        self.fell = False

    @contextmanager
    def ends(self, clock: asyncio.Timeout) -> Iterator[None]:
        """Watch over what happens inside; afterwards no more."""
        self._look(clock)
        try:
            yield
        finally:
            if self._timer:
                self._timer.cancel()

    def _look(self, clock: asyncio.Timeout) -> None:
        """Look again when it could be at the earliest, however much came meanwhile."""
        loop, until = asyncio.get_running_loop(), self._heard() + self._seconds
        if until > loop.time():
            self._timer = loop.call_at(until, self._look, clock)
        elif not clock.expired():
            self.fell = True
            clock.reschedule(loop.time())
