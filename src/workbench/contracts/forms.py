"""A mapping read key by key; each mistake is noted and a neutral value returned.

Nothing built from a neutral value leaves the room: the caller raises all mistakes
before it returns. The neutral number is NaN, with which every comparison is false, so
that one mistake is not reported as two.
"""

import math
from collections.abc import Collection, Iterator, Sequence

from workbench.contracts.mistakes import Mistakes, did_you_mean, one_of
from workbench.contracts.yamltext import Node
from workbench.core.clock import parse_duration

LONGEST_DAYS = 36_525


class Form:
    """One mapping of a YAML text, and where its mistakes go.

    Attributes:
        name: What a message calls it, such as `claim repeat_gap`.
        line: Line it begins on.
    """

    def __init__(self, node: Node, name: str, mistakes: Mistakes) -> None:
        self.name = name
        self.line = node.line
        self.mistakes = mistakes
        self._entries: dict[str, Node] = {}
        self._meant: set[str] = set()  # known keys that a misspelt one stands for
        if isinstance(node.value, dict):
            self._entries = node.value
        else:
            mistakes.note(node.line, f"{name} must be a mapping of names to values.")

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def node(self, key: str) -> Node:
        """The value under a key that is there."""
        return self._entries[key]

    def line_of(self, key: str) -> int:
        """Line of a key; of the mapping where the key is missing."""
        return self._entries[key].line if key in self else self.line

    def wrong(self, key: str, message: str) -> None:
        """Note a mistake about one key."""
        self.mistakes.note(self.line_of(key), f"{self.name}: {message}")

    def only(self, known: Collection[str]) -> None:
        """Note every key that is not known."""
        for key in self:
            if key not in known:
                hint = did_you_mean(key, known)
                self._meant |= {name for name in known if repr(name) in hint}
                allowed = one_of(sorted(known))
                self.wrong(key, f"there is no {key!r}.{hint} Known: {allowed}.")

    def require(self, keys: Collection[str]) -> None:
        """Note every key that is missing, and not known to be misspelt."""
        for key in keys:
            if key not in self and key not in self._meant:
                self.wrong(key, f"{key!r} is missing.")

    def form(self, key: str, name: str) -> "Form":
        """The mapping under a key; an empty one where the key is missing."""
        if key not in self:
            return Form(Node({}, self.line), name, self.mistakes)
        return Form(self.node(key), name, self.mistakes)

    def items(self, key: str) -> list[Node]:
        """The list under a key; empty where the key is missing."""
        if key not in self:
            return []
        value = self.node(key).value
        if not isinstance(value, list):
            self.wrong(key, f"{key} must be a list.")
            return []
        return value

    def text(self, key: str, default: str = "") -> str:
        """Text that is not blank."""
        if key not in self:
            return default
        value = self.node(key).value
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(key, f"{key} must be text{_given(value)}.")
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of different texts, at least one where the key is there."""
        found: list[str] = []
        items = self.items(key)
        for item in items:
            if not isinstance(item.value, str) or not item.value.strip():
                given = _given(item.value)
                message = f"{self.name}: every item of {key} must be text{given}."
                self.mistakes.note(item.line, message)
            elif item.value.strip() in found:
                message = f"{self.name}: {key} lists {item.value.strip()!r} twice."
                self.mistakes.note(item.line, message)
            else:
                found.append(item.value.strip())
        if key in self and self.node(key).value == []:
            self.wrong(key, f"{key} must list at least one.")
        return tuple(found)

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        """One of a few words; the first of them where it is missing or wrong."""
        if key not in self:
            return allowed[0]
        value = self.node(key).value
        if isinstance(value, str) and value in allowed:
            return value
        hint = did_you_mean(str(value), allowed)
        said = f"{key} must be one of {one_of(allowed)}{_given(value)}."
        self.wrong(key, said + hint)
        return allowed[0]

    def flag(self, key: str) -> bool:
        """True or false; false where it is missing."""
        if key not in self:
            return False
        value = self.node(key).value
        if not isinstance(value, bool):
            self.wrong(key, f"{key} must be true or false{_given(value)}.")
        return value is True

    def integer(self, key: str, *, at_least: int, default: int = 1) -> int:
        """A whole number with a lower bound."""
        if key not in self:
            return default
        value = self.node(key).value
        if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
            wanted = f"a whole number of at least {at_least}"
            self.wrong(key, f"{key} must be {wanted}{_given(value)}.")
            return default
        return value

    def number(
        self, key: str, *, above: float = -math.inf, at_most: float = math.inf
    ) -> float:
        """A number in (above, at_most]; NaN where it is missing or wrong."""
        if key not in self:
            return math.nan
        value = self.node(key).value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(key, f"{key} must be a number{_given(value)}.")
            return math.nan
        if not above < value <= at_most:
            low = f" greater than {above:g}" if math.isfinite(above) else ""
            high = f" and at most {at_most:g}" if math.isfinite(at_most) else ""
            self.wrong(key, f"{key} must be a number{low}{high}{_given(value)}.")
            return math.nan
        return float(value)

    def duration(self, key: str, default: str = "PT0S") -> str:
        """An ISO 8601 duration, kept as text, of at most a hundred years."""
        if key not in self:
            return default
        text = self.text(key)
        try:
            if text and parse_duration(text).days > LONGEST_DAYS:
                self.wrong(key, f"{key} must be at most {LONGEST_DAYS} days.")
        except (ValueError, OverflowError):
            wanted = "an ISO 8601 duration such as P30D or PT12H"
            self.wrong(key, f"{key} must be {wanted}{_given(text)}.")
        return text or default


def _given(value: object) -> str:
    if isinstance(value, list | dict):
        return f", not a {'list' if isinstance(value, list) else 'mapping'}"
    return ", and is empty" if value is None else f", not {value!r}"
