"""One worker at a time, wherever it runs: a lease ends with its holder or in silence.

A lease is a row with a number that grows with each holder, the fence. Its holder renews
it from a thread of its own; one that was stopped longer than a lease lasts finds that
the fence has moved on, and can change nothing any more. On this machine nobody waits
for the lease of a process that is gone. Whoever finds a lease over gives its holder one
more beat: both may have slept, or waited for the store.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from workbench.archive.database import Database
from workbench.archive.holders import is_gone, this_process
from workbench.archive.tables import leases
from workbench.core.clock import Clock
from workbench.core.errors import Reason, TryLater, WorkbenchError

OF_RUN = "run "  # begins the names of leases that are as many as runs
_GRACE = 1.5  # beats, for a holder to say that it lives
_BEATS = 3  # renewals that may be missed before a lease is over


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as its holder knows it."""

    name: str
    fence: int


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of a store.

    Attributes:
        database: Where they are.
        clock: The time.
        lasts: How long one lasts after it was renewed.
        wait: Waits so many seconds.
    """

    database: Database
    clock: Clock
    lasts: timedelta
    wait: Callable[[float], None] = time.sleep

    @contextmanager
    def held(self, name: str, what: str) -> Iterator[Lease]:
        """Hold a lease for as long as the block runs, and keep it alive.

        Args:
            name: Of the lease.
            what: What is held, for the message.

        Raises:
            TryLater: Another process holds it.
        """
        lease = self._take(name, what)
        over = threading.Event()
        heart = threading.Thread(
            target=self._beat, args=(lease, over), name=f"lease {name}", daemon=True
        )
        heart.start()
        try:
            yield lease
        finally:
            over.set()
            heart.join()
            with suppress(WorkbenchError, SQLAlchemyError):  # it ends by itself, later
                self._give_back(lease)

    @contextmanager
    def fenced(self, lease: Lease) -> Iterator[Connection]:
        """A writing transaction in which nobody else can come to hold the lease.

        What the block does outside the database is done by the holder or not at all.

        Raises:
            TryLater: The lease is another's by now.
        """
        with self.database.writing() as connection:
            if not self._renew(lease, connection):
                message = (
                    "it was silent for so long that another process took its place; "
                    "what it did is not kept."
                )
                raise TryLater(
                    Reason(code="fenced", message=message, subject=lease.name)
                )
            yield connection
            self._renew(lease, connection)  # the block may have taken long

    def is_free(self, name: str) -> bool:
        """Whether nobody who could be alive holds it."""
        row = self._row(name)
        return row is None or self._is_over(row)

    def alive(self, connection: Connection) -> list[str]:
        """Names of the leases that somebody holds who could be alive."""
        rows = connection.execute(select(leases).order_by(leases.c.name)).all()
        return [row.name for row in rows if not self._is_over(row)]

    def _take(self, name: str, what: str) -> Lease:
        before = self._row(name)
        if before is not None and not self._is_over(before):
            raise _busy(what)
        if before is not None and before.holder and not is_gone(before.holder):
            self.wait(_GRACE * self._beat_s)  # alive or unknown: it may only have slept
        with self.database.writing() as connection:
            row = connection.execute(_of(name)).one_or_none()
            # Who renewed it meanwhile is alive, whatever our clocks say of each other.
            if row != before and (row is None or row.holder):
                raise _busy(what)
            fence = self._first() if row is None else row.fence + 1
            values = {
                "name": name,
                "fence": fence,
                "holder": this_process(),
                "until": self._until(),
            }
            if row is None:
                try:
                    connection.execute(insert(leases).values(values))
                except IntegrityError as error:  # of two at once, in PostgreSQL
                    raise _busy(what) from error
            else:
                # As it was read: PostgreSQL lets a renewal in between.
                same = (leases.c.name == name) & (leases.c.until == row.until)
                same &= leases.c.fence == row.fence
                took = connection.execute(update(leases).where(same).values(values))
                if took.rowcount != 1:
                    raise _busy(what)
        return Lease(name, fence)

    @property
    def _beat_s(self) -> float:
        return self.lasts.total_seconds() / _BEATS

    def _row(self, name: str) -> Row[Any] | None:
        with self.database.reading() as connection:
            return connection.execute(_of(name)).one_or_none()

    def _beat(self, lease: Lease, over: threading.Event) -> None:
        """Renew until it is over; whatever goes wrong may go well the next time."""
        ours, late = True, False
        while ours and not over.wait(0.0 if late else self._beat_s):
            began = time.monotonic()
            with suppress(Exception), self.database.writing() as connection:
                ours = self._renew(lease, connection)
            # Where that had to wait, what it wrote is old already.
            late = not late and time.monotonic() - began > self._beat_s

    def _renew(self, lease: Lease, connection: Connection) -> bool:
        """Whether the lease is still ours; if so it lasts anew."""
        ours = (leases.c.name == lease.name) & (leases.c.fence == lease.fence)
        values = {"until": self._until()}
        return (
            connection.execute(update(leases).where(ours).values(values)).rowcount == 1
        )

    def _give_back(self, lease: Lease) -> None:
        ours = (leases.c.name == lease.name) & (leases.c.fence == lease.fence)
        given_back = update(leases).where(ours).values(holder="", until=0.0)
        is_one_of_many = lease.name.startswith(OF_RUN)
        with self.database.writing() as connection:
            connection.execute(
                delete(leases).where(ours) if is_one_of_many else given_back
            )

    def _is_over(self, row: Row[Any]) -> bool:
        now = self.clock().timestamp()
        # Nobody writes a time that far ahead, but by a clock that was put right since.
        farthest = now + 2 * self.lasts.total_seconds()
        return not now <= row.until <= farthest or is_gone(row.holder)

    def _until(self) -> float:
        return (self.clock() + self.lasts).timestamp()

    def _first(self) -> int:
        return int(self.clock().timestamp() * 1_000_000)


def _of(name: str) -> Select[Any]:
    return select(leases).where(leases.c.name == name)


def _busy(what: str) -> TryLater:
    message = f"{what} is held by another process; try again when it is done."
    return TryLater(Reason(code="busy", message=message))
