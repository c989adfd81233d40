"""The run store: how far each attempt came, what is current, and what happened when.

A row is an attempt at a run. It moves on by one step at a time, each a transaction that
asks for the state before: an attempt whose place was taken changes nothing. What a run
found lies in its folder; all here that outlives a run can be told from there again.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from workbench.archive.database import Database
from workbench.archive.leases import OF_RUN, Lease, Leases
from workbench.archive.tables import attempts, current, events, told
from workbench.core.canonical import SHORT, sha256_of_value
from workbench.core.clock import Clock, format_instant, parse_instant
from workbench.core.errors import Reason, TryLater
from workbench.core.runs import RunSpec
from workbench.core.states import BEFORE, ENDED, IN_FLIGHT, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt at one run, as the store knows it.

    Attributes:
        run_id: Identity of the run.
        number: Which attempt at it, from 1; no number comes twice.
        study: Its study.
        variant: Its variant; None for an exploratory run.
        as_of: What is known then.
        settles: How many claims it settles.
        state: How far it came.
        since: When it came there.
    """

    run_id: str
    number: int
    study: str
    variant: str | None
    as_of: datetime
    settles: int
    state: RunState
    since: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One step of one attempt."""

    run_id: str
    number: int
    at: datetime
    state: RunState
    why: str


@dataclass(frozen=True, slots=True)
class Store:
    """The run store of a root.

    Attributes:
        database: Where its tables are.
        leases: Who holds what.
        clock: The time.
    """

    database: Database
    leases: Leases
    clock: Clock

    def begin(self, lease: Lease, spec: RunSpec, least: int) -> int:
        """Enter a new attempt at a run of which none is in flight.

        Args:
            lease: That of the run.
            spec: What it is made of.
            least: The smallest number that no folder bears.

        Raises:
            TryLater: The lease is another's by now.
        """
        run_id = spec.run_id
        with self.leases.fenced(lease) as connection:
            known = select(func.max(attempts.c.number)).where(
                attempts.c.run_id == run_id
            )
            last = connection.execute(known).scalar() or 0
            attempt = Attempt(
                run_id=run_id,
                number=max(last + 1, least),
                study=spec.study,
                variant=spec.variant,
                as_of=spec.as_of,
                settles=len(spec.settles),
                state=RunState.LEASED,
                since=self.clock(),
            )
            connection.execute(insert(attempts).values(row_of(attempt)))
            self._note(connection, [(run_id, attempt.number)], RunState.LEASED)
        return attempt.number

    def reach(self, run_id: str, number: int, state: RunState, why: str = "") -> None:
        """Take one attempt to its next state.

        Raises:
            TryLater: It is not in a state before; another process took its place.
        """
        with self.database.writing() as connection:
            self.move(connection, [(run_id, number)], state, why)

    def move(
        self,
        connection: Connection,
        which: Sequence[tuple[str, int]],
        state: RunState,
        why: str = "",
    ) -> None:
        """Take attempts to their next state inside a transaction, all or none.

        Raises:
            TryLater: One of them is not in a state before.
        """
        values = {"state": state.value, "since": format_instant(self.clock())}
        before = attempts.c.state.in_([each.value for each in BEFORE[state]])
        for run_id, number in which:
            moved = connection.execute(
                update(attempts).where(_is(run_id, number), before).values(values)
            )
            if moved.rowcount != 1:
                message = (
                    f"attempt {number} cannot become {state.value}; another process "
                    "took its place, and what it did is not kept."
                )
                raise TryLater(
                    Reason(code="fenced", message=message, subject=run_id[:SHORT])
                )
        self._note(connection, which, state, why)

    def last_ended(self, run_id: str) -> Attempt | None:
        """The newest attempt at a run that came to an end."""
        ended = attempts.c.state.in_([state.value for state in ENDED])
        return self._newest(and_(attempts.c.run_id == run_id, ended))

    def state_of(self, run_id: str, number: int) -> RunState | None:
        """Where an attempt stands; None where there is none."""
        found = self._newest(_is(run_id, number))
        return found.state if found else None

    def ended(self) -> list[Attempt]:
        """Every newest attempt at a run that came to an end."""
        ended = self._in(ENDED, None)
        newest = {each.run_id: each for each in sorted(ended, key=lambda a: a.number)}
        return list(newest.values())

    def in_flight(self, run_id: str | None = None) -> list[Attempt]:
        """Attempts that have begun and come to no end: all, or those at one run."""
        return self._in(IN_FLIGHT, run_id)

    def living(self, run_id: str | None = None) -> list[Attempt]:
        """Attempts that may have a folder: in flight, or ended and not removed."""
        return self._in(IN_FLIGHT | ENDED, run_id)

    def is_lost(self, attempt: Attempt) -> bool:
        """Whether the process that made an attempt in flight is gone, or silent."""
        return self.leases.is_free(lease_name(attempt.run_id))

    def of_study(self, study: str) -> list[Attempt]:
        """Every attempt of a study, oldest first."""
        return self._attempts(attempts.c.study == study)

    def published(self, connection: Connection) -> list[Attempt]:
        """Every attempt whose post serves, inside a transaction."""
        serving = attempts.c.state == RunState.PUBLISHED.value
        rows = connection.execute(select(attempts).where(serving)).mappings()
        return [_attempt(dict(row)) for row in rows]

    def current(self, study: str, variant: str | None) -> tuple[str, datetime] | None:
        """The run that study and variant stand at, and its as-of."""
        mine = and_(current.c.study == study, current.c.variant == (variant or ""))
        with self.database.reading() as connection:
            row = connection.execute(select(current).where(mine)).one_or_none()
        return None if row is None else (row.run_id, parse_instant(row.as_of))

    def pointed(self) -> set[str]:
        """Ids of the runs that studies and variants stand at."""
        with self.database.reading() as connection:
            return set(connection.execute(select(current.c.run_id)).scalars())

    def forget(self, run_id: str) -> bool:
        """Note that a run's folder goes, unless its study stands at it by now.

        The rows stay, so that no number comes twice.
        """
        mine = and_(
            attempts.c.run_id == run_id,
            attempts.c.state.in_([state.value for state in ENDED]),
        )
        with self.database.writing() as connection:
            points = select(current.c.run_id).where(current.c.run_id == run_id)
            if connection.execute(points).first() is not None:
                return False
            numbers = connection.execute(select(attempts.c.number).where(mine))
            which = [(run_id, number) for number in numbers.scalars()]
            self.move(connection, which, RunState.REMOVED)
        return True

    def thin_out(self, run_id: str, first: int, last: int) -> None:
        """Take away what is between two attempts that say the same, day by day."""
        with self.database.writing() as connection:
            for table in (attempts, events):
                between = table.c.number.between(first + 1, last - 1)
                mine = and_(table.c.run_id == run_id, between)
                connection.execute(delete(table).where(mine))

    def make_current(self, spec: RunSpec, *, forward_only: bool = False) -> None:
        """Point study and variant at a run.

        Args:
            spec: The run.
            forward_only: Leave the pointer where it names a later as-of.
        """
        variant = spec.variant or ""
        mine = and_(current.c.study == spec.study, current.c.variant == variant)
        with self.database.writing() as connection:
            row = connection.execute(select(current).where(mine)).one_or_none()
            if row is not None:
                if row.run_id == spec.run_id:
                    return
                if forward_only and parse_instant(row.as_of) > spec.as_of:
                    return
                connection.execute(delete(current).where(mine))
            point(connection, spec)

    def events(self, run_id: str) -> list[Event]:
        """All steps of all attempts at a run, in order."""
        wanted = select(events).where(events.c.run_id == run_id).order_by(events.c.id)
        with self.database.reading() as connection:
            rows = connection.execute(wanted).all()
        return [
            Event(
                row.run_id,
                row.number,
                parse_instant(row.at),
                RunState(row.state),
                row.why,
            )
            for row in rows
        ]

    def is_told(self, run_id: str, number: int) -> bool:
        """Whether the owner was told how this attempt ended."""
        wanted = select(told.c.at).where(_is(run_id, number, told))
        with self.database.reading() as connection:
            return connection.execute(wanted).first() is not None

    def note_told(self, run_id: str, number: int) -> None:
        """Note that the owner was told, once for all."""
        row = {"run_id": run_id, "number": number, "at": format_instant(self.clock())}
        with self.database.writing() as connection:
            connection.execute(delete(told).where(_is(run_id, number, told)))
            connection.execute(insert(told).values(row))

    def fingerprint(self) -> str:
        """Differs where any attempt, or what is current, differs; leases aside."""
        newest = select(func.max(events.c.id))
        pointers = select(current).order_by(current.c.study, current.c.variant)
        with self.database.reading() as connection:
            last = connection.execute(newest).scalar()
            rows = [list(row) for row in connection.execute(pointers)]
        return sha256_of_value([last, rows])

    def _newest(self, which: ColumnElement[bool]) -> Attempt | None:
        wanted = select(attempts).where(which).order_by(attempts.c.number.desc())
        with self.database.reading() as connection:
            row = connection.execute(wanted.limit(1)).mappings().one_or_none()
        return None if row is None else _attempt(dict(row))

    def _in(self, states: Set[RunState], run_id: str | None) -> list[Attempt]:
        """Attempts in one of these states: all, or those at one run."""
        which = attempts.c.state.in_([state.value for state in states])
        return self._attempts(
            which if run_id is None else and_(which, attempts.c.run_id == run_id)
        )

    def _attempts(self, which: ColumnElement[bool]) -> list[Attempt]:
        wanted = select(attempts).where(which)
        wanted = wanted.order_by(attempts.c.since, attempts.c.run_id)
        with self.database.reading() as connection:
            return [
                _attempt(dict(row)) for row in connection.execute(wanted).mappings()
            ]

    def _note(
        self,
        connection: Connection,
        which: Sequence[tuple[str, int]],
        state: RunState,
        why: str = "",
    ) -> None:
        at = format_instant(self.clock())
        rows = [
            {"run_id": run, "number": n, "at": at, "state": state.value, "why": why}
            for run, n in which
        ]
        if rows:
            connection.execute(insert(events), rows)


def lease_name(run_id: str) -> str:
    """Name of the lease under which a run is made."""
    return f"{OF_RUN}{run_id}"


def _is(run_id: str, number: int, table: Table = attempts) -> ColumnElement[bool]:
    return and_(table.c.run_id == run_id, table.c.number == number)


def point(connection: Connection, spec: RunSpec) -> None:
    """Point study and variant, which point at none, at a run."""
    values = {
        "study": spec.study,
        "variant": spec.variant or "",
        "run_id": spec.run_id,
        "as_of": format_instant(spec.as_of),
    }
    connection.execute(insert(current).values(values))


def row_of(attempt: Attempt) -> dict[str, Any]:
    """An attempt as its table has it."""
    return {
        "run_id": attempt.run_id,
        "number": attempt.number,
        "study": attempt.study,
        "variant": attempt.variant or "",
        "as_of": format_instant(attempt.as_of),
        "settles": attempt.settles,
        "state": attempt.state.value,
        "since": format_instant(attempt.since),
    }


def _attempt(row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        run_id=row["run_id"],
        number=row["number"],
        study=row["study"],
        variant=row["variant"] or None,
        as_of=parse_instant(row["as_of"]),
        settles=row["settles"],
        state=RunState(row["state"]),
        since=parse_instant(row["since"]),
    )
