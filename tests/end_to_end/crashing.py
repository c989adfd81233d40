"""The `workbench` command, killed with signal 9 at one step of its way to a page.

Usage: crashing.py STEP MOMENT WORDS ...; it ends as the command does where it comes to
no such step.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from workbench.archive import store
from workbench.archive.database import Database
from workbench.archive.editions import EditionArchive
from workbench.archive.ledgers import LedgerArchive
from workbench.archive.rollbacks import Rollbacks
from workbench.core import disk
from workbench.core.states import RunState

# Written beside the steps of the run store.
FILES = ("record", "ledger", "pointer", "rolled-back", "ended", "taken-down")
METHODS: dict[str, tuple[type, str]] = {
    "ledger": (LedgerArchive, "extend"),
    "rolled-back": (Rollbacks, "begin"),
    "ended": (Rollbacks, "end"),
    "taken-down": (EditionArchive, "withdraw"),
}
# In the order in which a tick comes to them.
RUNNING = ("leased", "materialised", "executing", "record", "executed")
PUBLISHING = ("rendered", "gated", "staged", "ledger", "pointer", "published")
# In the order in which those commands come to them.
ROLLING_BACK = ("rolled-back", "pointer")
ENDING_IT = ("ended", "pointer")
TAKING_DOWN = ("taken-down", "ended", "pointer", "withdrawn")
MOMENTS = ("before", "after")


def points(steps: Sequence[str]) -> list[tuple[str, str]]:
    """Before and after each of these steps."""
    return [(step, moment) for step in steps for moment in MOMENTS]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def around(call: Callable[..., Any], moment: str) -> Callable[..., Any]:
    """The same call, and the end before or after it."""

    def killed(*arguments: Any, **more: Any) -> Any:
        if moment == "before":
            die()
        call(*arguments, **more)
        die()

    return killed


def at_state(state: RunState, moment: str) -> None:
    """Die before or after the commit of the transaction that takes a run there."""
    writing, note = Database.writing, store.Store._note
    reached: list[RunState] = []

    def noted(
        self: store.Store, connection: Connection, *rest: Any, **more: Any
    ) -> None:
        note(self, connection, *rest, **more)
        which, to = rest[0], rest[1]
        reached.extend([to] if which else [])

    @contextmanager
    def watched(self: Database) -> Iterator[Connection]:
        reached.clear()
        with writing(self) as connection:
            yield connection
            if state in reached and moment == "before":
                die()
        if state in reached:
            die()

    store.Store._note = noted  # type: ignore[method-assign]
    Database.writing = watched  # type: ignore[method-assign]


def at_file(name: str, moment: str) -> None:
    """Die before or after something durable is written."""
    if name == "record":
        write = disk.write_text

        def written(path: Any, text: str) -> None:
            is_record = path.name == "run.json" and path.parent.name != "in"
            (around(write, moment) if is_record else write)(path, text)

        disk.write_text = written
    elif name == "pointer":
        disk.point = around(disk.point, moment)
    else:
        kind, method = METHODS[name]
        setattr(kind, method, around(getattr(kind, method), moment))


if __name__ == "__main__":
    step, when, *words = sys.argv[1:]
    at_file(step, when) if step in FILES else at_state(RunState(step), when)
    from workbench.cli import main

    sys.exit(main(words))
