"""Run stores to test: SQLite, and a PostgreSQL that is really started."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.archive import postgres
from workbench.archive import tables
from workbench.archive.database import Database
from workbench.archive.leases import Leases
from workbench.archive.runs import RunArchive
from workbench.archive.store import Store

LASTS = timedelta(seconds=30)


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL."""
    programs = postgres.programs()
    if programs is None:
        pytest.skip(
            "no PostgreSQL on this machine (Debian: apt-get install postgresql)"
        )
    with postgres.running(programs) as address:
        yield address


Opening = Callable[[], Store]


@pytest.fixture(params=["sqlite", "postgresql"])
def opening(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Hand
) -> Iterator[Opening]:
    """Opens one and the same store, as another process would."""
    address = ""
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")
    opened: list[Database] = []

    def opening() -> Store:
        database = Database(tmp_path / "runs.sqlite", address)
        opened.append(database)
        leases = Leases(database, clock, LASTS, wait=lambda _: None)
        return Store(database, leases, clock)

    yield opening
    with opened[0].writing() as connection:
        tables.metadata.drop_all(connection)
    for database in opened:
        database.close()


@pytest.fixture
def store(opening: Opening) -> Store:
    return opening()


@pytest.fixture
def runs(tmp_path: Path, store: Store) -> RunArchive:
    return RunArchive(tmp_path / "runs", store)
