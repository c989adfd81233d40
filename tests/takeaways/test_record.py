"""What a ledger remembered at any of its lines is what it remembers up to it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.settlement.ledgers import FIRST, STUDY, claimed, evidence, ledger
from workbench.core.records import from_plain
from workbench.takeaways.ledger import chain
from workbench.takeaways.heads import Head
from workbench.takeaways.record import fold

HELD = ledger((0.20, 0.21, 0.22))
LATE = claimed(HELD, FIRST + timedelta(days=120), evidence())
WITHDRAWN = chain(
    [*HELD, LATE], {"line": "withdrawn", "key": LATE["key"], "why": "It was wrong."}
)
AGAIN = chain(
    [*HELD, LATE, WITHDRAWN],
    {"line": "recomputed", "key": HELD[1]["key"], "values": HELD[1]["values"]},
)
WHOLE = [*HELD, LATE, WITHDRAWN, AGAIN]


@pytest.mark.parametrize("line", range(len(WHOLE) + 1))
def test_a_record_until_a_line_is_the_record_of_the_lines_until_then(line: int) -> None:
    then = fold(STUDY, WHOLE[:line])
    assert fold(STUDY, WHOLE).until(line) == replace(then, head=None)


ODD = st.sampled_from([7, True, 7.0, None, "a"])
HEADS = st.fixed_dictionaries({}, optional={"line": ODD, "hash": ODD, "other": ODD})


@settings(max_examples=500)  # more than there are
@given(HEADS)
def test_a_head_is_read_by_hand_as_any_record_is(plain: dict[str, Any]) -> None:
    def read() -> Head | None:
        line = {**HELD[1], "heads": {"other": plain}}
        [claim] = fold(STUDY, [HELD[0], line]).claims
        return next(iter(claim.knew({}).values()))

    try:
        wanted = from_plain(Head, plain)
    except (TypeError, ValueError):
        with pytest.raises((TypeError, ValueError)):
            read()
    else:
        assert read() == wanted
