"""The database of the run store: one SQLite file, or PostgreSQL by its address.

SQLite keeps a rollback journal and not a write-ahead log: versions 3.7.0 to 3.51.2 can
damage a database with one (sqlite.org/wal.html#walresetbug), and those are the ones
that systems ship. Every writing transaction takes the write lock when it begins: one
that reads first and writes later is refused without waiting where another was quicker.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, create_engine, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from workbench.archive import tables
from workbench.core.errors import Reason, TryLater, UsageError, WorkbenchError

_PATIENCE_S = 120  # a publication writes the pointers of every post in one go
_SILENT_S = 30
_CONNECTIONS = 20  # of one process: its runs, and the beats of their leases
_PRAGMAS = (
    "PRAGMA journal_mode = DELETE",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA foreign_keys = ON",
)
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC")
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_CLOSED = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")
_MAKING_TABLES = 0x776F726B  # any number that no other program locks: "work"
_TORN = re.compile(
    "Could not decode to UTF-8|unsupported file format|no such (column|table)"
    "|.* has no column"
)
_FORMATS = (b"\1\1", b"\2\2")  # of a SQLite file, at byte 18: who may write and read
_DAMAGED = "it is damaged, or no run store"
_REBUILD = "`workbench doctor --rebuild` makes it anew from the run records."


class Unreadable(UsageError):  # noqa: N818 - the name is the sentence
    """What is there is damaged, or of another version; nobody can work with it."""


class Database:
    """A database that is made when first used.

    Attributes:
        file: The SQLite file; None where an address is given.
    """

    def __init__(
        self, file: Path, address: str = "", *, any_version: bool = False
    ) -> None:
        """Remember where it is.

        Args:
            file: Where the SQLite file is, or will be.
            address: An SQLAlchemy URL of a PostgreSQL database instead; it may hold a
                password, and is never shown.
            any_version: Whether to open what another version made.

        Raises:
            UsageError: The address is none of PostgreSQL.
        """
        self.file = None if address else file
        self._url = _postgresql(address) if address else _sqlite(file)
        self._any_version = any_version

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises:
            TryLater: The database cannot be reached, or is busy.
            UsageError: It cannot be read.
        """
        with _told(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write; nobody else writes meanwhile, in SQLite.

        Raises:
            TryLater: The database cannot be reached, is busy, or the disk is full.
            UsageError: It cannot be read.
        """
        with _told(), self._engine.connect() as connection:
            writer = connection.execution_options(writes=True)
            with writer.begin():
                yield writer

    @property
    def made(self) -> bool:
        """Whether nobody has filled its tables yet."""
        with _told():
            return self._opened[1]

    def verify(self) -> str:
        """What it is, in words, when it is whole.

        Raises:
            UsageError: It is damaged.
        """
        if self.file is None:
            with self.reading() as connection:
                connection.execute(select(tables.store.c.version))
            return "PostgreSQL, reached"
        with self.reading() as connection:
            found = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        if list(found) != ["ok"]:
            raise _unreadable(_DAMAGED)
        return "SQLite, whole"

    def lock(self, connection: Connection, table: Table) -> None:
        """Let nobody else write to a table until the transaction ends."""
        if self.file is None:  # in SQLite nobody writes at all
            connection.execute(text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))

    def close(self) -> None:
        """Let go of every connection."""
        if opened := self.__dict__.pop("_opened", None):
            opened[0].dispose()

    def set_aside(self) -> None:
        """Make room for a new SQLite file; the old one is kept beside it."""
        self.close()
        assert self.file is not None  # noqa: S101 - a server mends its own
        self.file.replace(self.file.with_suffix(".before"))
        for name in (f"{self.file.name}-journal", f"{self.file.name}-wal"):
            self.file.with_name(name).unlink(missing_ok=True)

    @property
    def _engine(self) -> Engine:
        return self._opened[0]

    @cached_property
    def _opened(self) -> tuple[Engine, bool]:
        """The engine, and whether nobody has filled its tables yet."""
        engine = self._connected()
        with _closed_if_it_fails(engine):
            return engine, _make_tables(engine, any_version=self._any_version)

    def _connected(self) -> Engine:
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            _refuse_unwritable(self.file)
        try:
            engine = create_engine(
                self._url,
                connect_args=_arguments(self._url),
                pool_size=_CONNECTIONS,
                max_overflow=_CONNECTIONS,
            )
        except ModuleNotFoundError as error:
            message = (
                "PostgreSQL needs the driver psycopg; install `workbench[postgres]`."
            )
            raise UsageError(Reason(code="store-driver", message=message)) from error
        if self.file is not None:
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        return engine


def _make_tables(engine: Engine, *, any_version: bool) -> bool:
    """Make the tables unless they are there; whether they know nothing yet.

    Who fills them writes their version, so that a killed one leaves them new.
    """
    with engine.connect() as opened:
        connection = opened.execution_options(writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                _lock_out_others(connection)
            tables.metadata.create_all(connection)
            version = connection.execute(select(tables.store.c.version)).scalar()
            if version not in (None, tables.VERSION) and not any_version:
                raise _unreadable("another version of the workbench made it")
    return version is None


@contextmanager
def _closed_if_it_fails(engine: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def _lock_out_others(connection: Connection) -> None:
    """Nobody else makes or drops tables in PostgreSQL until the transaction ends."""
    lock = text("SELECT pg_advisory_xact_lock(:number)")
    connection.execute(lock, {"number": _MAKING_TABLES})


def _sqlite(file: Path) -> URL:
    return URL.create("sqlite+pysqlite", database=str(file))


def _postgresql(address: str) -> URL:
    try:
        url = make_url(address)
        if url.get_backend_name() == "postgresql":
            return url.set(drivername="postgresql+psycopg")
    except (ArgumentError, NoSuchModuleError):
        pass  # told below, without the address: it may hold a password
    message = (
        "store_url must be the address of a PostgreSQL database, such as "
        "postgresql://user@host/name; leave it empty for the SQLite file."
    )
    raise UsageError(Reason(code="settings", message=message))


def _arguments(url: URL) -> Mapping[str, object]:
    if url.get_backend_name() == "sqlite":
        # It begins transactions only where it is told to: see `_begin_sqlite`.
        return {"timeout": _PATIENCE_S, "isolation_level": None}
    # A network that is gone must not hold a beat, or the end of a command, for ever.
    return {
        "connect_timeout": _SILENT_S,
        "tcp_user_timeout": _SILENT_S * 1_000,
        "keepalives_idle": _SILENT_S,
    }


def _prepare_sqlite(raw: object, _: object) -> None:
    for pragma in _PRAGMAS:
        raw.execute(pragma)  # type: ignore[attr-defined]  # the driver's connection


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a database says into what the command line says."""
    try:
        yield
    except DBAPIError as error:
        raise _as_ours(error) from error
    except UnicodeDecodeError as error:  # of what SQLite says of a torn schema
        raise _unreadable(_DAMAGED) from error
    except PoolTimeoutError as error:
        message = "too many of this process wait for the run store; try again."
        raise TryLater(Reason(code="busy", message=message)) from error


def _as_ours(error: DBAPIError) -> WorkbenchError | DBAPIError:
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    if name.startswith(_BUSY):
        message = "the run store is written by another process; try again."
        return TryLater(Reason(code="busy", message=message))
    if name.startswith(_FULL):
        message = "the disk is full while writing the run store; free some space."
        return TryLater(Reason(code="disk-full", message=message))
    if name.startswith(_BROKEN) or _is_torn(error):
        return _unreadable(_DAMAGED)
    if name.startswith(_CLOSED):
        message = "the run store cannot be written; mend the rights of .workbench."
        return UsageError(Reason(code="store-unreadable", message=message))
    if isinstance(error, OperationalError):
        message = "the run store cannot be reached; try again when it can."
        return TryLater(Reason(code="store-unreachable", message=message))
    return error


def _refuse_unwritable(file: Path) -> None:
    """A damaged format looks to SQLite like a file that it has no right to write."""
    with suppress(OSError), file.open("rb") as opened:
        written = opened.read(20)[18:]
        if written and written not in _FORMATS:
            raise _unreadable(_DAMAGED)


def _is_torn(error: DBAPIError) -> bool:
    """Whether SQLite finds no letters where a text was, or no table of ours."""
    told = error.orig
    return isinstance(told, sqlite3.OperationalError) and bool(_TORN.match(str(told)))


def _unreadable(what: str) -> Unreadable:
    message = f"the run store cannot be read: {what}. {_REBUILD}"
    return Unreadable(Reason(code="store-unreadable", message=message))
