"""What a cell printed, as a terminal would show it at the end, in linear time.

A kernel sends what is printed in pieces whose borders depend on timing. They are put
together, so that the same cell leaves the same bytes. Jupyter's own client does so with
an expression that takes a minute for a line of a hundred thousand characters.
"""

from collections.abc import Sequence
from typing import Any

Cell = dict[str, Any]


def joined(outputs: Sequence[Cell]) -> list[Cell]:
    """The outputs with one stream of each name, standard output before errors.

    Args:
        outputs: Of a cell, as the notebook format has them.
    """
    streams: dict[str, list[str]] = {}
    kept: list[Cell] = []
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
            continue
        if output["name"] not in streams:
            kept.append(output)
        streams.setdefault(output["name"], []).append(output["text"])
    for output in kept:
        if output["output_type"] == "stream":
            output["text"] = shown("".join(streams[output["name"]]))
    return _in_order(kept)


def shown(text: str) -> str:
    """A text as it stands on a terminal: a carriage return begins its line again.

    At the end of a line it is a part of the line's end, and stays.
    """
    lines = text.split("\n")
    return "\n".join(line[line.rfind("\r", 0, len(line) - 1) + 1 :] for line in lines)


def _in_order(outputs: list[Cell]) -> list[Cell]:
    """Neighbouring streams in the order of their names' importance, not of timing."""
    ordered: list[Cell] = []
    for output in outputs:
        before = ordered[-1] if ordered else None
        if _name(output) == "stdout" and before and _name(before) == "stderr":
            ordered.insert(len(ordered) - 1, output)
        else:
            ordered.append(output)
    return ordered


def _name(output: Cell) -> str:
    return str(output.get("name", "")) if output["output_type"] == "stream" else ""
