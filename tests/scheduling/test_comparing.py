"""A rehearsal is held against the committed ledger: numbers, data and words."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.settlement.ledgers import FIRST, SEAL, Lines, ledger, rechained
from workbench.scheduling.comparing import differences

MOMENTS = frozenset(FIRST + timedelta(days=30 * number) for number in range(4))


def changed(**parts: Any) -> Callable[[Lines], None]:
    return lambda lines: lines[1].update(parts)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda _: None, None),
        (changed(provenance={"run": "another"}), None),
        (changed(heads={}, known_until="2027-01-01T00:00:00Z"), None),
        (lambda lines: lines[1]["values"].update(estimate=0.3), "values"),
        (changed(views={"visits": "another"}), "views"),
        (changed(text={"claim": "It is not so."}), "text"),
        (changed(kind="faq"), "kind"),
        (changed(text={"claim": "It is, mended."}, notebook="another"), None),
        (lambda lines: lines[2].update(outcome="lost"), "outcome"),
    ],
    ids=[
        "nothing",
        "provenance",
        "what was known",
        "a number",
        "the data",
        "words",
        "the kind",
        "words of a mended notebook",
        "a fate",
    ],
)
def test_what_a_replay_decides_anew_must_agree(
    change: Callable[[Lines], None], parts: str | None
) -> None:
    lines = copy.deepcopy(ledger())
    change(lines)
    told = list(differences(rechained(lines), ledger(), seal=SEAL, moments=MOMENTS))
    if parts is None:
        assert told == []
    else:
        assert len(told) == 1
        assert told[0].endswith(f"differs in {parts}.")
