"""The run store made anew from the records in the run folders.

All of it is one transaction, the look at who works with it included: whoever takes a
lease meanwhile waits, and finds the new rows.
"""

import shutil
from collections.abc import Sequence, Set
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import Connection, and_, delete, exists, insert, select

from workbench.archive.database import Unreadable
from workbench.archive.making import state_at_end, why_at_end
from workbench.archive.runs import RunArchive
from workbench.archive.store import Attempt, point, row_of
from workbench.archive.tables import (
    VERSION,
    attempts,
    current,
    events,
    leases,
    metadata,
    store,
    told,
)
from workbench.core.clock import format_instant
from workbench.core.errors import Reason, TryLater
from workbench.core.runs import RunRecord
from workbench.core.states import RunState

# What the records tell; who holds what, and who was told of what, they do not.
_OF_RECORDS = (attempts, events, current, store)


def rebuild(
    runs: RunArchive,
    serving: Set[str] = frozenset(),
    *,
    only_new: bool = False,
    unused: bool = False,
) -> int:
    """Make the store anew from the records in the run folders.

    A folder without one is what a killed process left; it is removed.

    Args:
        runs: The runs, with their store.
        serving: Ids of the runs whose posts serve.
        only_new: Do nothing where another process has filled the store meanwhile.
        unused: Do nothing where somebody works with it.

    Returns:
        How many records there were; 0 where nothing was done.

    Raises:
        TryLater: Somebody works with it.
    """
    with runs.store.database.writing() as connection:
        runs.store.database.lock(connection, leases)
        if unused:
            _refuse_if_used(runs.store.leases.alive(connection))
        version = connection.execute(select(store.c.version)).scalar()
        if version is not None and only_new:
            return 0
        read = runs.records()
        records = [
            replace(record, attempt=int(folder.name))
            for folder, record in read.items()
            if record
        ]
        if version not in {None, VERSION}:
            metadata.drop_all(connection, _OF_RECORDS)
            metadata.create_all(connection)
        _fill(connection, records, serving)
    for folder in (each for each, record in read.items() if record is None):
        shutil.rmtree(folder, ignore_errors=True)
    return len(records)


def rebuild_any(runs: RunArchive, serving: Set[str]) -> int:
    """Make a store anew that nobody works with, though it be damaged.

    Args:
        runs: The runs, with their store, whatever version made it.
        serving: Ids of the runs whose posts serve.

    Returns:
        How many records there were.

    Raises:
        TryLater: Somebody works with it.
        UsageError: It may not be written; somebody else may work with it.
    """
    try:
        runs.store.database.verify()  # sees what a query may not
        return rebuild(runs, serving, unused=True)  # and this, what that does not
    except Unreadable:
        with suppress(Unreadable), runs.store.database.reading() as connection:
            _refuse_if_used(runs.store.leases.alive(connection))
        runs.store.database.set_aside()
    return rebuild(runs, serving, unused=True)


def _refuse_if_used(held: Sequence[str]) -> None:
    if held:
        message = (
            f"the run store is in use ({', '.join(held)}); rebuild it when nothing "
            "runs."
        )
        raise TryLater(Reason(code="busy", message=message))


def _fill(connection: Connection, records: list[RunRecord], serving: Set[str]) -> None:
    by_number = sorted(records, key=lambda each: each.attempt)
    last = {each.run_id: each for each in by_number}
    found = [
        _attempt(each, serves=each.run_id in serving and last[each.run_id] is each)
        for each in by_number
    ]
    for table in _OF_RECORDS:
        connection.execute(delete(table))
    connection.execute(insert(store).values(version=VERSION))
    if found:
        connection.execute(insert(attempts), [row_of(each) for each in found])
        steps = [_step(a, r) for a, r in zip(found, by_number, strict=True)]
        connection.execute(insert(events), steps)
    connection.execute(select(told)).all()  # what is kept is read, so that damage tells
    same = and_(attempts.c.run_id == told.c.run_id, attempts.c.number == told.c.number)
    # The number of an attempt that is gone will be another's.
    connection.execute(delete(told).where(~exists().where(same)))
    for record in _newest(records):
        point(connection, record.spec)


def _newest(records: list[RunRecord]) -> list[RunRecord]:
    """The run that each study and variant is to stand at."""
    newest: dict[tuple[str, str | None], RunRecord] = {}
    for record in sorted(records, key=lambda each: each.finished):
        spec = record.spec
        key = (spec.study, spec.variant)
        held = newest.get(key)
        if not spec.settles and (held is None or held.spec.as_of <= spec.as_of):
            newest[key] = record
    return list(newest.values())


def _attempt(record: RunRecord, *, serves: bool) -> Attempt:
    spec = record.spec
    return Attempt(
        run_id=record.run_id,
        number=record.attempt,
        study=spec.study,
        variant=spec.variant,
        as_of=spec.as_of,
        settles=len(spec.settles),
        state=RunState.PUBLISHED if serves else state_at_end(record),
        since=record.finished,
    )


def _step(attempt: Attempt, record: RunRecord) -> dict[str, object]:
    """Its last step, all that is known: one that failed is a try still."""
    return {
        "run_id": attempt.run_id,
        "number": attempt.number,
        "at": format_instant(attempt.since),
        "state": attempt.state.value,
        "why": why_at_end(record),
    }
