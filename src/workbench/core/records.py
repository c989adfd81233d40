"""Frozen dataclasses to plain JSON values and back, strictly."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin
from typing import get_type_hints as _hints

from workbench.core.clock import format_instant, parse_instant

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
T = TypeVar("T")


def to_plain(value: object) -> Plain:
    """A dataclass, and whatever it holds, as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_plain(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, Enum):
        return to_plain(value.value)
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(kind: type[T], data: object) -> T:
    """Build a dataclass from JSON values.

    A record written before a field was added lacks it, and has that field's default.

    Raises:
        ValueError: A name is unknown, or missing without a default, or a value is of
            another type; the message names the place, never the value.
    """
    return cast("T", _read(kind, data, kind.__name__))


def _read(kind: Any, data: object, place: str) -> object:  # noqa: ANN401, PLR0911
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any or kind is object:
        return data
    if origin in (Union, UnionType):
        return _read_union(arguments, data, place)
    if origin is Literal:
        return _checked(data in arguments, data, place, f"one of {arguments}")
    if origin is tuple:
        return _read_tuple(arguments, data, place)
    if origin in (dict, Mapping) or getattr(origin, "__name__", "") == "Mapping":
        return _read_mapping(arguments, data, place)
    if is_dataclass(kind):
        return _read_dataclass(cast("type[object]", kind), data, place)
    return _read_scalar(kind, data, place)


def _read_union(arguments: tuple[Any, ...], data: object, place: str) -> object:
    if data is None and NoneType in arguments:
        return None
    problems: list[str] = []
    for argument in arguments:
        if argument is NoneType:
            continue
        try:
            return _read(argument, data, place)
        except ValueError as problem:
            problems.append(str(problem))
    raise ValueError("; ".join(problems))


def _read_tuple(arguments: tuple[Any, ...], data: object, place: str) -> object:
    items = cast(
        "list[object]", _checked(isinstance(data, list), data, place, "a list")
    )
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
        arguments = (arguments[0],) * len(items)
    _checked(len(items) == len(arguments), data, place, f"{len(arguments)} items")
    pairs = zip(arguments, items, strict=True)
    return tuple(_read(k, item, f"{place}[{i}]") for i, (k, item) in enumerate(pairs))


def _read_mapping(arguments: tuple[Any, ...], data: object, place: str) -> object:
    _checked(isinstance(data, dict), data, place, "a mapping")
    items = cast("dict[str, object]", data).items()
    return {key: _read(arguments[1], item, f"{place}.{key}") for key, item in items}


def _read_dataclass(kind: type[object], data: object, place: str) -> object:
    given = cast(
        "dict[str, object]",
        _checked(isinstance(data, dict), data, place, "a mapping"),
    )
    own = fields(kind)  # type: ignore[arg-type]
    if strange := sorted(given.keys() - {field.name for field in own}):
        raise ValueError(f"{place} has no field {', '.join(strange)}")
    owed = {
        field.name
        for field in own
        if field.default is MISSING and field.default_factory is MISSING
    }
    if missing := sorted(owed - given.keys()):
        raise ValueError(f"{place} lacks {', '.join(missing)}")
    hints = _hints_of(cast("Any", kind))
    return kind(
        **{name: _read(hints[name], given[name], f"{place}.{name}") for name in given}
    )


@cache
def _hints_of(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a type
    return _hints(kind)


def _read_scalar(kind: type[object], data: object, place: str) -> object:
    if issubclass(kind, datetime):
        return parse_instant(
            cast("str", _checked(isinstance(data, str), data, place, "an instant"))
        )
    if issubclass(kind, Enum):
        values = [member.value for member in kind]
        return kind(_checked(data in values, data, place, f"one of {values}"))
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    same = type(data) is kind
    return _checked(same, data, place, f"of type {kind.__name__}")


def _checked(holds: bool, data: object, place: str, wanted: str) -> object:  # noqa: FBT001
    if not holds:
        raise ValueError(f"{place} must be {wanted}")
    return data
