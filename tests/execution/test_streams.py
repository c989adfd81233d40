"""What a cell printed does not depend on the pieces in which it came."""

from itertools import pairwise
from time import perf_counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.execution.streams import joined, shown


def stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def test_a_carriage_return_begins_the_line_again() -> None:
    assert shown("10 %\r20 %\rdone\nnext") == "done\nnext"
    assert shown("a windows line\r\nanother\r\n") == "a windows line\r\nanother\r\n"
    assert shown("not yet\r") == "not yet\r"
    assert shown("") == ""


def test_streams_are_one_each_and_stand_where_they_began() -> None:
    display = {"output_type": "display_data", "data": {}}
    found = joined(
        [stream("stderr", "e"), stream("stdout", "o"), display, stream("stdout", "p")]
    )
    assert found == [stream("stdout", "op"), stream("stderr", "e"), display]


@given(st.text(alphabet="ab\r\n", max_size=40), st.sets(st.integers(1, 39)))
def test_borders_of_pieces_leave_no_trace(text: str, borders: set[int]) -> None:
    ends = [0, *sorted(cut for cut in borders if cut < len(text)), len(text)]
    pieces = [text[a:b] for a, b in pairwise(ends)]
    whole = joined([stream("stdout", text)])
    assert joined([stream("stdout", piece) for piece in pieces]) == whole


def test_a_line_ten_times_as_long_takes_no_hundred_times_as_long() -> None:
    def seconds(length: int) -> float:
        began = perf_counter()
        for _ in range(20):
            shown("x" * length)
        return perf_counter() - began

    seconds(1000)
    assert seconds(3_000_000) < 50 * seconds(300_000)
