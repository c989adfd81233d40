"""What the attempts at a run came to: how often it was tried, and why in vain."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from workbench.archive.store import Event
from workbench.core.states import RunState

INTERRUPTED = "interrupted"
LOST = "its process ended, or fell silent"
_ANEW = frozenset({RunState.EXECUTED, RunState.REMOVED})


@dataclass(frozen=True, slots=True)
class Past:
    """The attempts at a run, as far as they decide what is done next.

    Attributes:
        tries: How attempts came to nothing since one last succeeded, or since the run
            was removed; oldest first.
        refused: Where the last attempt was refused, the first in a row to be so for the
            same reason.
    """

    tries: tuple[Event, ...] = ()
    refused: Event | None = None


def past_of(steps: Iterable[Event]) -> Past:
    """What the steps of all attempts at a run amount to, in their order.

    Attempts that a person interrupted are no tries, and neither are those that were
    wrong from the start. Of a process that was killed the last step is its time,
    whether somebody has found it by now or not.
    """
    tries: list[Event] = []
    refused: Event | None = None
    heard: dict[int, datetime] = {}
    for step in steps:
        if step.state in _ANEW:
            tries.clear()
        failed = step.state is RunState.FAILED
        broke_off = step.state is RunState.ABANDONED and step.why != INTERRUPTED
        if failed or broke_off:
            at = heard.get(step.number, step.at) if step.why == LOST else step.at
            tries.append(replace(step, at=at))
        if step.state is RunState.REFUSED:
            same = refused is not None and refused.why == step.why
            refused = refused if same else step
        elif failed or broke_off or step.state in _ANEW:
            refused = None
        heard[step.number] = step.at
    return Past(tuple(tries), refused)
