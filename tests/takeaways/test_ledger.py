"""A ledger's chain finds every edit, loss and move."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.takeaways.ledger import chain, claimed, first_break, seal_of


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


def test_the_newest_seal_and_the_newest_line_of_a_claim_are_found() -> None:
    key = {"seal": "b", "claim": "gap"}
    lines: list[dict[str, object]] = []
    for entry in (
        {"line": "registered", "seal": "a"},
        {"line": "registered", "seal": "b"},
        {"line": "claimed", "key": key, "values": {"n": 1}},
        {"line": "recomputed", "key": key, "values": {"n": 2}},
    ):
        lines.append(chain(lines, entry))  # type: ignore[arg-type]
    assert seal_of(lines) == "b"  # type: ignore[arg-type]
    assert claimed(lines, key)["values"] == {"n": 2}  # type: ignore[arg-type,index]
    assert claimed(lines, {"seal": "c"}) is None  # type: ignore[arg-type]
