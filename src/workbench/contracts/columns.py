"""One column of a dataset as its owner promises it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from workbench.contracts.forms import Form
from workbench.contracts.standard import COLUMN_KEYS, PROPERTY_KEYS
from workbench.contracts.yamltext import Node
from workbench.core.clock import parse_instant
from workbench.core.registration import Scalar

ColumnType = Literal["integer", "number", "string", "boolean", "date", "timestamp"]
Identity = Literal["direct", "quasi", "none"]
TYPES = ("integer", "number", "string", "boolean", "date", "timestamp")
TIMES = ("date", "timestamp")
IDENTITIES = ("direct", "quasi", "none")
COLUMN_PROPERTIES = ("wb.identity", "wb.measure", "wb.choices")
_OPTIONS_OF: Mapping[str, tuple[str, ...]] = {
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "date": ("minimum", "maximum"),
    "timestamp": ("minimum", "maximum"),
    "string": ("minLength", "maxLength", "pattern"),
    "boolean": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractColumn:
    """One column as its owner promises it.

    Attributes:
        name: Name in the file.
        type: The standard's logical type.
        required: Never empty; always so for keys and for the times.
        key: Part of the primary key.
        identity: `direct` names a person by itself, `quasi` does with others, `none`.
        measure: Unit of measure, such as `USD`; empty for none.
        minimum: Smallest value; ISO text for dates and timestamps.
        maximum: Largest value; ISO text for dates and timestamps.
        min_length: Fewest characters of a string.
        max_length: Most characters of a string.
        pattern: Regular expression that occurs in every string.
        choices: The only values allowed; empty for any.
    """

    name: str
    type: ColumnType
    required: bool
    key: bool
    identity: Identity
    measure: str
    minimum: int | float | str | None
    maximum: int | float | str | None
    min_length: int | None
    max_length: int | None
    pattern: str | None
    choices: tuple[Scalar, ...]


def parse_column(form: Form, times: tuple[str, str]) -> ContractColumn:
    """Read one column.

    Args:
        form: Its entry under `properties`.
        times: Names of the event-time and arrival-time columns.
    """
    form.require(("name", "logicalType"))
    form.name = f"column {form.text('name')}" if form.text("name") else form.name
    form.only(COLUMN_KEYS)
    ours = custom_properties(form, COLUMN_PROPERTIES)
    ours.require(("wb.identity",))
    kind = form.choice("logicalType", TYPES)
    options = form.form("logicalTypeOptions", f"{form.name}, logicalTypeOptions")
    if "logicalType" in form:
        options.only((*_OPTIONS_OF[kind], "format"))
    key = form.flag("primaryKey")
    column = ContractColumn(
        name=form.text("name"),
        type=cast("ColumnType", kind),
        required=form.flag("required") or key or form.text("name") in times,
        key=key,
        identity=_identity(ours),
        measure=ours.text("wb.measure"),
        minimum=_bound(options, "minimum", kind),
        maximum=_bound(options, "maximum", kind),
        min_length=_length(options, "minLength"),
        max_length=_length(options, "maxLength"),
        pattern=_pattern(options),
        choices=_choices(ours, kind),
    )
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength")):
        _check_order(options, column, low, high)
    return column


def _identity(ours: Form) -> Identity:
    """The neutral class is `none`: a direct one would be a mistake of a time's."""
    chosen = ours.choice("wb.identity", IDENTITIES)
    given = "wb.identity" in ours and ours.node("wb.identity").value == chosen
    return cast("Identity", chosen) if given else "none"


def _check_order(options: Form, column: ContractColumn, low: str, high: str) -> None:
    if low == "minimum":
        least: object = _comparable(column.minimum)
        most: object = _comparable(column.maximum)
    else:
        least, most = column.min_length, column.max_length
    if least is not None and most is not None and least > most:  # type: ignore[operator]  # both are of the column's type
        options.wrong(high, f"{high} must not be less than {low}.")


def _comparable(bound: float | str | None) -> object:
    return parse_instant(bound) if isinstance(bound, str) else bound


def _bound(options: Form, key: str, kind: str) -> int | float | str | None:
    if key not in options:
        return None
    if kind not in TIMES:
        value = options.node(key).value
        number = options.number(key)
        return value if type(value) is int else None if math.isnan(number) else number
    text = options.text(key)
    try:
        if text:
            parse_instant(text) if kind == "timestamp" else date.fromisoformat(text)
    except (ValueError, OverflowError):
        options.wrong(key, f"{key} must be a {kind} such as 1997-01-31, not {text!r}.")
        return None
    return text or None


def _length(options: Form, key: str) -> int | None:
    return options.integer(key, at_least=0) if key in options else None


def _pattern(options: Form) -> str | None:
    if "pattern" not in options:
        return None
    text = options.text("pattern")
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        options.wrong("pattern", f"pattern is no regular expression: {error}.")
    return text


def _choices(ours: Form, kind: str) -> tuple[Scalar, ...]:
    found: list[Scalar] = []
    for item in ours.items("wb.choices"):
        value = item.value
        if fits(value, kind) and not isinstance(value, list | dict | None):
            found.append(value)
        else:
            wanted = f"every item of wb.choices must be of type {kind}"
            ours.mistakes.note(item.line, f"{ours.name}: {wanted}, not {value!r}.")
    return tuple(found)


def fits(value: object, kind: str) -> bool:
    """Whether a YAML value is of a logical type; dates and timestamps are text."""
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def custom_properties(form: Form, known: tuple[str, ...]) -> Form:
    """Our custom properties as one mapping; those of other vendors are left alone."""
    entries: dict[str, Node] = {}
    for item in form.items("customProperties"):
        entry = Form(item, f"{form.name}, custom property", form.mistakes)
        entry.only(PROPERTY_KEYS)
        entry.require(("property", "value"))
        name = entry.text("property")
        if name in entries:
            entry.wrong("property", f"{name} is given twice.")
        elif name.startswith(("wb.", "wb_", "wb-")) and "value" in entry:
            entries[name] = Node(entry.node("value").value, entry.line_of("property"))
    found = Form(Node(entries, form.line), form.name, form.mistakes)
    found.only(known)
    return found
