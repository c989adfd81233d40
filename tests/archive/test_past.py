"""What steps amount to: tries in a row, and a refusal apart from the one before."""

import pytest

from tests.archive.test_archive import AS_OF
from workbench.archive.past import INTERRUPTED, past_of
from workbench.archive.store import Event
from workbench.core.states import RunState


def steps(*ends: tuple[RunState, str]) -> list[Event]:
    """An attempt for each of these ends."""
    return [
        Event("a run", number, AS_OF, state, why)
        for number, end in enumerate(ends, 1)
        for state, why in ((RunState.LEASED, ""), end)
    ]


BROKEN = (RunState.REFUSED, "object-broken")
OTHER = (RunState.REFUSED, "manifest-broken")
FULL = (RunState.ABANDONED, "disk-full")
STOPPED = (RunState.ABANDONED, INTERRUPTED)
FAILED = (RunState.FAILED, "")
DONE = (RunState.EXECUTED, "")
GONE = (RunState.REMOVED, "")


@pytest.mark.parametrize(
    ("ends", "first"),
    [
        ([BROKEN], 1),
        ([BROKEN, BROKEN, BROKEN], 1),
        ([BROKEN, STOPPED, BROKEN], 1),  # a person came in between, nothing changed
        ([BROKEN, BROKEN, STOPPED], 1),
        ([BROKEN, OTHER, OTHER], 2),
        ([BROKEN, OTHER, BROKEN], 3),
        ([BROKEN, FULL, BROKEN], 3),
        ([BROKEN, FAILED, BROKEN], 3),
        ([BROKEN, DONE], None),
        ([BROKEN, FULL], None),
        ([BROKEN, FAILED], None),
    ],
)
def test_a_refusal_is_the_same_until_something_else_happens(
    ends: list[tuple[RunState, str]], first: int | None
) -> None:
    refused = past_of(steps(*ends)).refused
    assert (refused.number if refused else None) == first


@pytest.mark.parametrize(
    ("ends", "tries"),
    [
        ([FULL, FAILED, STOPPED, BROKEN], [1, 2]),
        ([FULL, DONE, FAILED], [3]),
        ([FULL, FAILED, GONE], []),
    ],
)
def test_tries_are_what_came_to_nothing_since_it_last_succeeded(
    ends: list[tuple[RunState, str]], tries: list[int]
) -> None:
    assert [each.number for each in past_of(steps(*ends)).tries] == tries
