"""Progress: a line a step on a terminal, JSON lines for a log everywhere else."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from workbench.core.clock import format_instant, system_clock

T = TypeVar("T")
WIDTH = 20


def event(name: str, **fields: object) -> None:
    """Log one event to standard error, unless a person is watching the bars there."""
    if not sys.stderr.isatty():
        line = {"time": format_instant(system_clock()), "event": name, **fields}
        print(json.dumps(line, ensure_ascii=False), file=sys.stderr)


def bar(items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
    """The items, with a bar on a terminal that is gone at the end."""
    watched = sys.stderr.isatty()
    for done, item in enumerate(items, start=1):
        yield item
        if watched:
            filled = WIDTH * done // max(total, 1)
            drawn = "█" * filled + "·" * (WIDTH - filled)
            end = "\r\033[K" if done == total else ""
            print(f"\r{drawn} {done}/{total} {what}{end}", end="", file=sys.stderr)
            sys.stderr.flush()
