"""Typed and bounded parameters of a notebook, and named variants of them."""

import keyword
import math
import re
from collections.abc import Mapping, Sequence
from typing import Literal, cast

from workbench.contracts.columns import fits
from workbench.contracts.forms import Form
from workbench.contracts.mistakes import did_you_mean, one_of
from workbench.core.registration import BASE_VARIANT, Parameter, Scalar

ParameterType = Literal["integer", "number", "string", "boolean"]
TYPES = ("integer", "number", "string", "boolean")
REQUIRED = ("type", "default", "description")
OPTIONAL = ("minimum", "maximum", "choices")
RESERVED = ("as_of", "constant", "wb")
_VARIANT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_OF_EDITIONS = re.compile(r"\d{4}-\d\d-\d\d|editions")  # addresses below a post's own


def check_name(form: Form, name: str) -> None:
    """Note a parameter's or claim's name that a notebook or a text cannot use."""
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        form.wrong(name, f"{name!r} is no Python name; use letters, digits and _.")
    elif name in RESERVED:
        form.wrong(name, f"{name!r} has a meaning of its own; choose another name.")


def parse_parameters(form: Form) -> tuple[Parameter, ...]:
    """The mapping `parameters`, each entry checked against its own bounds."""
    entries = form.form("parameters", "parameters")
    found = []
    for name in entries:
        check_name(entries, name)
        entry = entries.form(name, f"parameter {name}")
        entry.only((*REQUIRED, *OPTIONAL))
        entry.require(REQUIRED)
        found.append(_parse_parameter(name, entry))
    return tuple(found)


def _parse_parameter(name: str, entry: Form) -> Parameter:
    kind = cast("ParameterType", entry.choice("type", TYPES))
    parameter = Parameter(
        name=name,
        type=kind,
        default="",
        minimum=_bound(entry, "minimum", kind),
        maximum=_bound(entry, "maximum", kind),
        choices=_choices(entry, kind),
        description=entry.text("description"),
    )
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None and low > high:
        entry.wrong("maximum", f"maximum {high:g} is less than minimum {low:g}.")
    default: Scalar = ""
    if "default" in entry and "type" in entry:
        value = entry.node("default").value
        if problem := problem_with(parameter, value):
            entry.wrong("default", f"default {problem}")
        else:
            default = normal(cast("Scalar", value), kind)
    return Parameter(
        name=name,
        type=kind,
        default=default,
        minimum=low,
        maximum=high,
        choices=parameter.choices,
        description=parameter.description,
    )


def _bound(entry: Form, key: str, kind: str) -> float | None:
    if key not in entry:
        return None
    if kind not in {"integer", "number"}:
        entry.wrong(key, f"a {kind} has no {key}; use choices.")
        return None
    value = entry.number(key)
    return None if math.isnan(value) else value


def _choices(entry: Form, kind: str) -> tuple[Scalar, ...]:
    found: list[Scalar] = []
    for item in entry.items("choices"):
        if not fits(item.value, kind):
            said = f"{entry.name}: every choice must be of type {kind}"
            entry.mistakes.note(item.line, f"{said}, not {item.value!r}.")
        else:
            found.append(normal(cast("Scalar", item.value), kind))
    return tuple(found)


def normal(value: Scalar, kind: str) -> Scalar:
    """Numbers as floats, so that 30 and 30.0 are one value with one hash."""
    return float(value) if kind == "number" else value


def problem_with(parameter: Parameter, value: object) -> str:
    """Why a value is not allowed, as the end of a sentence; empty when it is."""
    if not fits(value, parameter.type):
        return f"must be of type {parameter.type}, not {value!r}."
    if isinstance(value, int | float) and not isinstance(value, bool):
        if parameter.minimum is not None and value < parameter.minimum:
            return f"{value!r} is less than the minimum {parameter.minimum:g}."
        if parameter.maximum is not None and value > parameter.maximum:
            return f"{value!r} is more than the maximum {parameter.maximum:g}."
    if parameter.choices and value not in parameter.choices:
        return f"{value!r} is none of {one_of(map(str, parameter.choices))}."
    return ""


def parse_variants(
    form: Form, parameters: Sequence[Parameter]
) -> Mapping[str, Mapping[str, Scalar]]:
    """The mapping `variants`: different values for some parameters, each set once."""
    entries = form.form("variants", "variants")
    known = {parameter.name: parameter for parameter in parameters}
    base = {parameter.name: parameter.default for parameter in parameters}
    taken: dict[tuple[tuple[str, Scalar], ...], str] = {
        tuple(sorted(base.items())): BASE_VARIANT
    }
    found: dict[str, dict[str, Scalar]] = {}
    for name in entries:
        if problem := _misnamed(name):
            entries.wrong(name, f"{problem}: {name!r}.")
        entry = entries.form(name, f"variant {name}")
        found[name] = _parse_variant(entry, known)
        whole = tuple(sorted((base | found[name]).items()))
        if whole in taken and found[name].keys() == set(entry):
            said = f"has the same values as {taken[whole]!r}; change one or remove it."
            entries.wrong(name, f"{name!r} {said}")
        taken.setdefault(whole, name)
    return found


def _misnamed(name: str) -> str:
    if not _VARIANT.fullmatch(name) or name == BASE_VARIANT:
        return "a variant's name may hold a-z, 0-9, _ and -, and is not 'base'"
    if _OF_EDITIONS.fullmatch(name):
        return "a variant is not called a date or 'editions'; editions have such names"
    return ""


def _parse_variant(entry: Form, known: Mapping[str, Parameter]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    for key in entry:
        if key not in known:
            hint = did_you_mean(key, known)
            entry.wrong(key, f"there is no parameter {key!r}.{hint}")
        elif problem := problem_with(known[key], entry.node(key).value):
            entry.wrong(key, f"{key} {problem}")
        else:
            value = cast("Scalar", entry.node(key).value)
            values[key] = normal(value, known[key].type)
    return values
