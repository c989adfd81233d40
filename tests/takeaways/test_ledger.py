"""A ledger's chain finds every edit, loss and move."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.takeaways.ledger import (
    Break,
    chain,
    claimed,
    first_break,
    first_lost,
    parting,
    seal_of,
)


def ledger(length: int) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    for number in range(length):
        lines.append(chain(lines, {"line": "claimed", "value": number}))  # type: ignore[arg-type]
    return lines


def test_an_untouched_ledger_is_whole() -> None:
    assert first_break(ledger(5)) is None  # type: ignore[arg-type]
    assert first_break([]) is None


@given(st.integers(1, 6), st.data())
def test_an_edited_dropped_or_swapped_line_is_found(length: int, data) -> None:
    lines = ledger(length + 1)
    at = data.draw(st.integers(0, length - 1))
    how = data.draw(st.sampled_from(["edit", "drop", "swap", "double"]))
    if how == "edit":
        lines[at] = {**lines[at], "value": -1}
    elif how == "drop":
        del lines[at]
    elif how == "swap":
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    else:
        lines.insert(at, lines[at])
    assert first_break(lines) is not None  # type: ignore[arg-type]


def other(lines: list[dict[str, object]], value: int) -> list[dict[str, object]]:
    """The same ledger with another line at its end."""
    return [*lines, chain(lines, {"line": "claimed", "value": value})]  # type: ignore[arg-type,list-item]


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (lambda whole: [{**whole[0], "value": -1}, *whole[1:]], Break(1, "edited")),
        (lambda whole: [*whole[:2], *whole[1:]], Break(3, "duplicated")),
        (lambda whole: [*whole, other(whole[:2], 9)[-1]], Break(5, "forked")),
        (lambda whole: [*whole[:1], *whole[2:]], Break(2, "dropped or reordered")),
        (
            lambda whole: [whole[0], whole[2], whole[1], whole[3]],
            Break(2, "dropped or reordered"),
        ),
    ],
    ids=["edited", "doubled", "forked", "dropped", "swapped"],
)
def test_what_was_done_to_a_ledger_is_named_with_its_line(harm, found) -> None:
    assert first_break(harm(ledger(4))) == found


def test_two_copies_part_where_they_first_differ() -> None:
    whole = ledger(4)
    assert parting(whole, whole) is None  # type: ignore[arg-type]
    assert parting(whole[:2], whole) is None  # type: ignore[arg-type]
    assert parting(whole, other(whole[:2], 9)) == 3  # type: ignore[arg-type]


def test_the_newest_seal_and_the_newest_line_of_a_claim_are_found() -> None:
    key = {"seal": "b", "claim": "gap"}
    lines: list[dict[str, object]] = []
    for entry in (
        {"line": "registered", "seal": "a"},
        {"line": "registered", "seal": "b"},
        {"line": "claimed", "key": key, "values": {"n": 1}},
        {"line": "recomputed", "key": key, "values": {"n": 2}},
        {"line": "settled", "key": key, "outcome": "won"},
    ):
        lines.append(chain(lines, entry))  # type: ignore[arg-type]
    assert seal_of(lines) == "b"  # type: ignore[arg-type]
    assert claimed(lines, key)["values"] == {"n": 2}  # type: ignore[arg-type,index]
    assert claimed(lines, {"seal": "c"}) is None  # type: ignore[arg-type]


def test_a_ledger_that_only_grew_holds_every_older_copy() -> None:
    whole: Any = ledger(4)
    for length in range(5):
        assert first_lost(whole, whole[:length]) is None
        assert first_lost(whole[:length], whole) == (length + 1 if length < 4 else None)
    assert first_lost(other(whole[:2], 9), whole) == 3  # type: ignore[arg-type]
    assert first_lost(whole, other(whole[:2], 9)) == 3  # type: ignore[arg-type]
