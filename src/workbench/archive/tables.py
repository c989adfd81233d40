"""The tables of the run store, the same in SQLite and PostgreSQL."""

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

VERSION = 2  # of these tables; a store of another version is rebuilt from the records

metadata = MetaData()
_Counter = BigInteger().with_variant(Integer(), "sqlite")  # which has one whole number
_Seconds: Double[float] = Double().with_variant(REAL(), "sqlite")


def _table(name: str, *columns: Column[object] | Index) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True)


store = _table("store", Column("version", Integer, primary_key=True))

leases = _table(
    "leases",
    Column("name", Text, primary_key=True),
    Column("fence", _Counter, nullable=False),  # grows with each holder
    Column("holder", Text, nullable=False),  # empty once it was given back
    Column("until", _Seconds, nullable=False),  # seconds since 1970
)

attempts = _table(
    "attempts",
    Column("run_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("study", Text, nullable=False, index=True),
    Column("variant", Text, nullable=False),  # empty for an exploratory run
    Column("as_of", Text, nullable=False),
    Column("settles", Integer, nullable=False),  # claims that it settles
    Column("state", Text, nullable=False, index=True),
    Column("since", Text, nullable=False),  # when it came into that state
)

# One edition of a study's date is shown at a time.
Index(
    "one_published",
    attempts.c.study,
    attempts.c.variant,
    attempts.c.as_of,
    unique=True,
    sqlite_where=text("state = 'published'"),
    postgresql_where=text("state = 'published'"),
)

events = _table(
    "events",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", Text, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
)

# Failures of which the owner of a study was told.
told = _table(
    "told",
    Column("run_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
)

current = _table(
    "current",
    Column("study", Text, primary_key=True),
    Column("variant", Text, primary_key=True),  # empty for the exploratory run
    Column("run_id", Text, nullable=False),
    Column("as_of", Text, nullable=False),
)
