"""Numbers in words come from evidence: `{gap.estimate:+.1%}` is bound, never typed.

A text binds names as a Python format string does: fields of an evidence
(`{gap.low:+.1%}`), of one of its groups (`{gap[early].estimate:.0%}`), or a parameter
(`{early_days}`). A difference of shares reads well in points: `{gap.estimate:+.1pp}`
points. `{constant:23,570}` marks a number as a constant of nature or of
history. Code and links are left alone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from html import escape
from unicodedata import numeric

from workbench.core.clock import show_instant
from workbench.core.evidence import POINTS, SHARE, Evidence, Group
from workbench.core.registration import Scalar

Name = Evidence | Scalar
Mark = Callable[[str, str], str]  # a number's source and how it is shown
UNKNOWN_VALUE = "(not known yet)"
EVIDENCE_FIELDS = ("estimate", "low", "high", "n", "units", "level", "se")
GROUP_FIELDS = ("estimate", "n", "units")

# Code as Markdown knows it: fences stand on lines of their own, backticks unescaped.
_CODE = (
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*\n.*?^[ \t]*(?P=fence)[ \t]*$"
    r"|(?<![\\`])(?P<ticks>`+)(?!`)[^\n]+?(?<!`)(?P=ticks)(?!`)"
)
_HIDDEN = r"\]\([^)\s]*\)|<!--.*?-->"  # a link's target, a comment
_FLAGS = re.DOTALL | re.MULTILINE
_PROTECTED = re.compile(rf"{_CODE}|{_HIDDEN}|\$\$.*?\$\$", _FLAGS)
_PLACE = re.compile(
    r"\{(?P<name>[A-Za-z_]\w*)"
    r"(?:\[(?P<group>[^\[\]{}]+)\])?"
    r"(?:\.(?P<field>\w+))?"
    r"(?::(?P<format>[^{}\n]*))?\}"
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A text with its numbers in place.

    Attributes:
        text: The text; a place whose name is unknown stands as it was written.
        unknown: One sentence for each such place.
    """

    text: str
    unknown: tuple[str, ...]


def names_for(
    *,
    evidence: Mapping[str, Evidence],
    parameters: Mapping[str, Scalar],
    as_of: datetime,
    aliases: Mapping[str, str],
) -> dict[str, Name]:
    """All that a text may name: as-of, parameters, notebook variables, evidence.

    Where two share a name the evidence wins, then the variable.
    """
    by_variable = {
        variable: evidence[name]
        for variable, name in aliases.items()
        if name in evidence
    }
    return {"as_of": show_instant(as_of), **parameters, **by_variable, **evidence}


def bind_text(template: str, names: Mapping[str, Name]) -> Bound:
    """Numbers in place, as plain text."""
    return _bind(template, names, lambda _, shown: shown)


def mark_number(source: str, shown: str) -> str:
    """A number with its source, such as `gap.estimate`, for the page and the gate."""
    return f'<data value="{escape(source)}">{escape(shown)}</data>'


def bind_markdown(
    template: str, names: Mapping[str, Name], mark: Mark = mark_number
) -> Bound:
    """Numbers in place, each in an element that says where it came from."""
    return _bind(template, names, mark)


def _bind(template: str, names: Mapping[str, Name], show: Mark) -> Bound:
    unknown: list[str] = []

    def fill(match: re.Match[str]) -> str:
        try:
            return show(*_value(match, names))
        except (LookupError, ValueError) as problem:
            unknown.append(f"{match.group()}: {problem.args[0]}")
            return match.group()

    return Bound(_filled(template, fill), tuple(unknown))


def _filled(template: str, fill: Callable[[re.Match[str]], str]) -> str:
    """The text with each place to bind filled; code and the like are left alone."""
    pieces: list[str] = []
    end = 0
    for protected in _PROTECTED.finditer(template):
        pieces.append(_PLACE.sub(fill, template[end : protected.start()]))
        pieces.append(protected.group())
        end = protected.end()
    pieces.append(_PLACE.sub(fill, template[end:]))
    return "".join(pieces)


def _value(match: re.Match[str], names: Mapping[str, Name]) -> tuple[str, str]:
    name, group, field, spec = match.group("name", "group", "field", "format")
    if name == "constant" and not group and not field:
        return "constant", (spec or "").strip()
    if name not in names:
        raise LookupError(f"nothing is named {name!r}.{_hint(name, names)}")
    value = names[name]
    if (spec or "").endswith(("%", POINTS)) and not _is_share(value, field):
        raise ValueError(f"{name} is no share; {spec!r} would show it times a hundred.")
    source = match.group()[1:-1].partition(":")[0]
    return source, _shown(_pick(name, value, group, field), spec or "")


def _is_share(value: Name, field: str | None) -> bool:
    if not isinstance(value, Evidence):
        return True  # a parameter may be a share; its author says so
    return value.measure == SHARE or field == "level"


def _pick(name: str, value: Name, group: str | None, field: str | None) -> object:
    if not isinstance(value, Evidence):
        if group or field:
            raise LookupError(f"{name} is a plain value and has no fields.")
        return value
    whole: Evidence | Group = value if group is None else _group_of(value, group)
    allowed = EVIDENCE_FIELDS if group is None else GROUP_FIELDS
    if field is None or field not in allowed:
        raise LookupError(
            f"name one of {', '.join(allowed)} of {name}."
            f"{_hint(field or '', dict.fromkeys(allowed))}"
        )
    value_of_field: object = getattr(whole, field)
    return value_of_field


def _group_of(evidence: Evidence, label: str) -> Group:
    for group in evidence.groups:
        if group.label == label:
            return group
    labels = ", ".join(group.label for group in evidence.groups) or "none"
    raise LookupError(f"{evidence.name} has no group {label!r}; it has {labels}.")


def _shown(value: object, spec: str) -> str:
    if value is None:
        return UNKNOWN_VALUE
    try:
        if spec.endswith(POINTS) and isinstance(value, float | int):
            return format(100 * value, f"{spec.removesuffix(POINTS)}f")
        return format(value, spec)
    except (ValueError, TypeError) as problem:
        raise ValueError(f"{spec!r} does not format this value.") from problem


def _hint(word: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(word, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|"
    "December"
)
_YEAR = (  # and not `$2000`, `2000 customers`, `2000 more` or `2000 of them`
    r"(?<![$€£.,+])(?<!(?<!\d)[-\u2212])\b(?:19|20)\d\d\b(?![.,]\d|\s*%|[\s-]+(?:"
    r"percent|points?|of|more|fewer|less|new|other|different|people|in\sall|"
    r"(?!(?:is|was|has|does|this|its|as|us)\b)[a-z]+s)\b)"
)
_DAY = r"(?:[1-9]|[12]\d|3[01])"
_DATING = (  # words after which four digits can be nothing but a year
    r"(?i:in|since|until|till|during|before|after|year|"
    r"(?:spring|summer|autumn|winter|start|end)\s+of)"
)
_SPAN = rf"{_YEAR}(?:\s*[-\u2013]\s*{_YEAR})"
_ALLOWED = re.compile(
    r"https?://\S+|\bdoi:\s?10\.\d{4,}/\S+"
    r"|\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?\b"  # ISO dates
    rf"|\b{_DAY}\s(?:{_MONTHS})\s{_YEAR}|\b(?:{_MONTHS})\s{_DAY},\s{_YEAR}"
    rf"|\b(?:{_MONTHS})\b(?:\s{_YEAR})?"
    rf"|\b{_DATING}\s+(?:{_SPAN}|{_YEAR}(?:\s+(?:and|or)\s+{_YEAR})?)"
    rf"|\bfrom\s+{_SPAN}"
    rf"|\((?:{_SPAN}|{_YEAR})(?=[),;])"  # (2005), (1997-1998)
)
# A digit inside a word or a `snake_case` name is part of it.
_WORD = re.compile(
    r"(?<![^\W_])(?<![^\W_]_)[-+\u2212]?[$€£]?"
    r"(?P<first>[^\W_])(?:[^\W_]|(?<=\d)[.,]+(?=\d))*\s?%?"
)
NOT_WORDS = (
    "\ufffc"  # stands in a text for what is read otherwise: code, a bound number
)


def loose_numbers(text: str) -> tuple[str, ...]:
    """Numbers that come from nowhere: neither to be bound, nor a citation, nor a date.

    The text is what a reader sees, without markup; places to bind may still stand in
    it. A word that only contains a digit (`W3C`) is a name; one that begins with a
    digit or another numeral (`30d`, `½`) is a number.
    """
    left = _ALLOWED.sub(NOT_WORDS, _filled(text, lambda _: NOT_WORDS))
    return tuple(
        match.group().strip()
        for match in _WORD.finditer(left)
        if numeric(match["first"], None) is not None
    )


def unresolved(text: str) -> tuple[str, ...]:
    """Places to bind that still stand in a text as they were written."""
    return tuple(match.group() for match in _PLACE.finditer(_PROTECTED.sub(" ", text)))
