"""What a ledger remembered at any of its lines is what it remembers up to it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.settlement.ledgers import FIRST, STUDY, claimed, evidence, ledger
from workbench.takeaways.ledger import chain
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
