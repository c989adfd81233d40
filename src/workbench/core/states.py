"""How far an attempt at a run has come, from its lease to its page.

    leased -> materialised -> executing -> executed -> rendered -> gated -> staged
           -> published -> superseded | withdrawn
    leased, materialised, executing -> failed | abandoned | refused
    rendered -> held, and gated once a person let it pass
    any that came to an end -> removed, once nothing refers to its folder any more

Abandoned is what may go well another time: a killed process, a full disk. Refused is
what was wrong before the notebook began. What is only wanted has no attempt:
`workbench plan` works it out anew each time. A post is rendered before the gate sees
it, for the gate reads what readers would.
"""

from collections.abc import Mapping
from enum import StrEnum


class RunState(StrEnum):
    """Where an attempt stands; each step is one transaction of the run store."""

    LEASED = "leased"
    MATERIALISED = "materialised"
    EXECUTING = "executing"
    EXECUTED = "executed"
    FAILED = "failed"
    ABANDONED = "abandoned"
    REFUSED = "refused"
    RENDERED = "rendered"
    HELD = "held"
    GATED = "gated"
    STAGED = "staged"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


IN_FLIGHT = frozenset({RunState.LEASED, RunState.MATERIALISED, RunState.EXECUTING})
# Between its end and its page all is pure and is done again after a crash.
_ON_ITS_WAY = frozenset(
    {
        RunState.EXECUTED,
        RunState.RENDERED,
        RunState.HELD,
        RunState.GATED,
        RunState.STAGED,
    }
)
BROKE_OFF = frozenset({RunState.ABANDONED, RunState.REFUSED})
_NO_FOLDER = BROKE_OFF | {RunState.REMOVED}
ENDED = frozenset(RunState) - IN_FLIGHT - _NO_FOLDER
_LEFT_THE_SITE = frozenset({RunState.SUPERSEDED, RunState.WITHDRAWN})

BEFORE: Mapping[RunState, frozenset[RunState]] = {
    RunState.LEASED: frozenset(),
    RunState.MATERIALISED: frozenset({RunState.LEASED}),
    RunState.EXECUTING: frozenset({RunState.MATERIALISED}),
    RunState.EXECUTED: frozenset({RunState.EXECUTING}),
    RunState.FAILED: IN_FLIGHT,
    RunState.ABANDONED: IN_FLIGHT,
    RunState.REFUSED: IN_FLIGHT,
    RunState.RENDERED: _ON_ITS_WAY | _LEFT_THE_SITE,
    RunState.HELD: frozenset({RunState.RENDERED}),
    RunState.GATED: frozenset({RunState.RENDERED}),
    RunState.STAGED: frozenset({RunState.GATED}),
    RunState.PUBLISHED: frozenset({RunState.STAGED}),
    RunState.SUPERSEDED: frozenset({RunState.PUBLISHED}),
    RunState.WITHDRAWN: frozenset({RunState.PUBLISHED}),
    RunState.REMOVED: ENDED,
}
