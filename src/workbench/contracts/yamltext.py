"""YAML text as plain values, each with the line it stands on.

Plain scalars are read as YAML 1.2 reads them: `true` and `false` alone are booleans,
`1e-3` is a number, a date stays text. What two readers could read differently (tags,
aliases, duplicate keys) is a mistake.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import yaml

from workbench.contracts.mistakes import Mistakes

DEEPEST = 20
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}
_WORDS = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.title(), word.upper())
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a YAML text.

    Attributes:
        value: None, a scalar, a list of nodes, or a mapping of names to nodes.
        line: Line it starts on, counted from 1; of a mapping's entry, its key's.
    """

    value: "bool | int | float | str | list[Node] | dict[str, Node] | None"
    line: int


def read_yaml(text: str, mistakes: Mistakes) -> Node:
    """The one value of a YAML text; mistakes of the text itself are noted.

    Raises:
        UsageError: The text cannot be read on.
    """
    try:
        _check_events(text, mistakes)
        mistakes.raise_all()
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "a character YAML does not allow"
        line = mark.line + 1 if mark else 1
        mistakes.note(line, f"this is not YAML: {problem}.")
    except UnicodeError:
        mistakes.note(1, "this is not YAML: a character that is no Unicode text.")
    else:
        if root is not None:
            return _read(root, root.start_mark.line + 1, mistakes)
        mistakes.note(1, "the file is empty; the handbook lists its keys.")
    mistakes.raise_all()
    raise AssertionError("a mistake was noted above")


def _check_events(text: str, mistakes: Mistakes) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            mistakes.note(line, "aliases are not allowed; write the value out.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            mistakes.note(line, f"nested deeper than {DEEPEST} levels.")
            return


def _read(node: yaml.Node, line: int, mistakes: Mistakes) -> Node:
    if node.tag not in _PLAIN_TAGS:
        mistakes.note(line, f"the tag {node.tag!r} is not allowed; take it away.")
    if isinstance(node, yaml.ScalarNode):
        return Node(_scalar(node), line)
    if isinstance(node, yaml.SequenceNode):
        items = [_read(i, i.start_mark.line + 1, mistakes) for i in node.value]
        return Node(items, line)
    entries: dict[str, Node] = {}
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            mistakes.note(at, "a key must be a word.")
        elif key.value in entries:
            first = entries[key.value].line
            mistakes.note(at, f"{key.value!r} is given twice, first on line {first}.")
        else:
            entries[key.value] = _read(value, at, mistakes)
    return Node(entries, line)


def _scalar(node: yaml.ScalarNode) -> bool | int | float | str | None:
    text: str = node.value
    if node.style in {"'", '"', "|", ">"}:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def span_of(text: str, key: str) -> tuple[int, int] | None:
    """Where in the text the value of a top-level key begins and ends, in characters."""
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(root, yaml.MappingNode):
        return None
    for name, value in root.value:
        if name.value == key:
            return value.start_mark.index, value.end_mark.index
    return None
