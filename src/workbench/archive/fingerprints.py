"""What a run store stands at, read in a moment: without the library that writes it."""

import sqlite3
from pathlib import Path

from workbench.core.canonical import sha256_of_value

_NEWEST = "SELECT max(id) FROM events"
_POINTERS = "SELECT study, variant, run_id, as_of FROM current ORDER BY study, variant"


def of_sqlite(file: Path) -> str:
    """The same as `Store.fingerprint`; empty where no store can be read."""
    try:
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        try:
            (newest,) = connection.execute(_NEWEST).fetchone()
            pointers = [list(row) for row in connection.execute(_POINTERS)]
        finally:
            connection.close()
    except sqlite3.Error:
        return ""
    return sha256_of_value([newest, pointers])
