"""An author's Markdown cells: headings moved below the page's own, words counted."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WORDS_PER_MINUTE = 200
_TOP_LEVEL = 2  # the page's title is level 1
_DEEPEST = 6
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*")
_UNDERLINE = re.compile(r"(=+|-+)[ \t]*")
_NO_HEADING = re.compile(r"\s*$|[ \t]*(?:[-*+>|#]|\d+\.)|\s{4}")
_NOT_READ = re.compile(
    r"```.*?```|~~~.*?~~~|<[^>]+>|\]\([^)\s]*\)|^\s*\|.*$", re.DOTALL | re.MULTILINE
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019.,-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str


_Line = str | _Heading


def place_headings(cells: Sequence[str], title: str) -> list[str]:
    """The cells with every heading at level 2 or deeper, in the same order of depth.

    A heading of level 1 that opens the notebook and repeats the post's title is left
    out: the page has it already.

    Args:
        cells: Sources of the Markdown cells, in order.
        title: Title of the post.
    """
    read = [_read(cell) for cell in cells]
    if read:
        read[0] = _without_title(read[0], title)
    levels = [line.level for c in read for line in c if isinstance(line, _Heading)]
    shift = max(0, _TOP_LEVEL - min(levels, default=_TOP_LEVEL))
    return ["\n".join(_written(line, shift) for line in cell) for cell in read]


def reading_minutes(texts: Iterable[str]) -> int:
    """Minutes of reading at 200 words each, rounded up, at least one.

    Tables, code blocks and addresses of links are not read word by word and not
    counted.
    """
    words = sum(len(_WORD.findall(_NOT_READ.sub(" ", text))) for text in texts)
    return max(1, math.ceil(words / WORDS_PER_MINUTE))


def _read(cell: str) -> list[_Line]:
    """Lines and headings of a cell; what looks like one inside a fence is none."""
    lines = cell.split("\n")
    read: list[_Line] = []
    fence = ""
    skip = False
    for at, line in enumerate(lines):
        if skip:
            skip = False
            continue
        fence_here = _FENCE.match(line)
        if fence_here and (not fence or fence_here[1].startswith(fence)):
            fence = "" if fence else fence_here[1]
        heading = None if fence or fence_here else _heading(lines, at)
        skip = heading is not None and not line.startswith("#")
        read.append(line if heading is None else heading)
    return read


def _heading(lines: Sequence[str], at: int) -> _Heading | None:
    """The heading that begins in a line, marked by `#` or underlined."""
    line = lines[at]
    if match := _ATX.fullmatch(line):
        return _Heading(len(match[1]), match[2] or "")
    opens = at == 0 or not lines[at - 1].strip()
    below = _UNDERLINE.fullmatch(lines[at + 1]) if at + 1 < len(lines) else None
    if not opens or below is None or _NO_HEADING.match(line):
        return None
    return _Heading(1 if below[1].startswith("=") else 2, line.strip())


def _without_title(lines: list[_Line], title: str) -> list[_Line]:
    at = next((i for i, line in enumerate(lines) if line != ""), None)
    first = None if at is None else lines[at]
    repeats = isinstance(first, _Heading) and first.level == 1
    if at is None or not repeats or _folded(first) != _folded(title):
        return lines
    return lines[:at] + lines[at + 1 :]


def _folded(heading: _Line | None) -> str:
    text = heading.text if isinstance(heading, _Heading) else heading or ""
    return " ".join(text.casefold().split())


def _written(line: _Line, shift: int) -> str:
    if isinstance(line, str):
        return line
    return f"{'#' * min(line.level + shift, _DEEPEST)} {line.text}"
