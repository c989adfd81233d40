"""The claims of a registration: what the data will be allowed to refute."""

from collections.abc import Mapping, Sequence
from typing import Literal, cast, get_args

from workbench.contracts.forms import Form
from workbench.contracts.mistakes import did_you_mean, one_of
from workbench.contracts.parameters import check_name
from workbench.core.clock import parse_duration
from workbench.core.evidence import Estimand
from workbench.core.registration import (
    BASE_VARIANT,
    DURATIONS,
    Boundary,
    Claim,
    Parameter,
    Scalar,
    SettlesOn,
    duration_of,
)

Direction = Literal["greater", "less", "within"]
REQUIRED = (
    "estimand",
    "population",
    "formula",
    "unit",
    "direction",
    "margin",
    "planned_occurrences",
    "alpha",
    "smallest_effect",
    "horizon",
    "settlement_size",
    "settles_on",
    "deadline",
)
OPTIONAL = ("occurrence", "sequence", "quantile", "bounds")
KEYS = (*REQUIRED, *OPTIONAL)
# A count has no interval, so nothing can be decided by it.
ESTIMANDS = tuple(name for name in get_args(Estimand) if name != "count")
LARGEST_ALPHA = 0.5
PAIR = 2
EVERYWHERE: tuple[Boundary, ...] = ("mixture", "robbins-siegmund")
SEQUENCES: Mapping[Estimand, tuple[Boundary, ...]] = {
    "mean": (*EVERYWHERE, "betting"),
    "proportion": (*EVERYWHERE, "exact"),
    "difference_in_proportions": (*EVERYWHERE, "exact"),
    "nps": (*EVERYWHERE, "betting"),
    "quantile": ("exact",),
}


def parse_claims(
    form: Form,
    *,
    units: tuple[str, ...],
    parameters: Sequence[Parameter],
    variants: Mapping[str, Mapping[str, Scalar]],
) -> tuple[Claim, ...]:
    """The mapping `claims`, at least one.

    Args:
        form: The whole registration.
        units: Units of analysis of the contracts that the study reads.
        parameters: Declared parameters; one of them may hold a claim's horizon.
        variants: What each variant sets.
    """
    entries = form.form("claims", "claims")
    if "claims" in form and not list(entries):
        form.wrong(
            "claims", "claims must hold at least one; a study decides something."
        )
    spans = [each.name for each in parameters if _holds_a_span(each)]
    base = {each.name: each.default for each in parameters}
    settings = {BASE_VARIANT: base, **{k: {**base, **v} for k, v in variants.items()}}
    found = []
    for name in entries:
        check_name(entries, name)
        entry = entries.form(name, f"claim {name}")
        entry.only(KEYS)
        entry.require(REQUIRED)
        found.append(_parse_claim(name, entry, units, spans))
        _check_deadline(entry, found[-1], settings)
    return tuple(found)


def _holds_a_span(parameter: Parameter) -> bool:
    return parameter.type == "integer" and parameter.name.endswith(tuple(DURATIONS))


def _parse_claim(
    name: str, entry: Form, units: tuple[str, ...], spans: Sequence[str]
) -> Claim:
    claim = Claim(
        name=name,
        estimand=cast("Estimand", entry.choice("estimand", ESTIMANDS)),
        population=entry.text("population"),
        formula=entry.text("formula"),
        unit=entry.text("unit"),
        occurrence=entry.text("occurrence"),
        direction=cast("Direction", entry.choice("direction", get_args(Direction))),
        margin=entry.number("margin"),
        planned_occurrences=entry.integer("planned_occurrences", at_least=1),
        alpha=entry.number("alpha", above=0, at_most=LARGEST_ALPHA),
        smallest_effect=entry.number("smallest_effect", above=0),
        horizon=_parse_horizon(entry, spans),
        settlement_size=entry.integer("settlement_size", at_least=2),
        settles_on=cast("SettlesOn", entry.choice("settles_on", get_args(SettlesOn))),
        deadline=entry.duration("deadline"),
        sequence=cast("Boundary", entry.choice("sequence", get_args(Boundary))),
        quantile=_parse_quantile(entry),
        bounds=_parse_bounds(entry),
    )
    _check_margin(entry, claim)
    _check_sequence(entry, claim)
    if claim.unit and units and claim.unit not in units:
        hint = did_you_mean(claim.unit, units)
        said = f"unit {claim.unit!r} is not the contract's: {one_of(units)}.{hint}"
        entry.wrong("unit", said)
    return claim


def _parse_horizon(entry: Form, spans: Sequence[str]) -> str:
    """A duration, or the parameter that holds it."""
    written = entry.node("horizon").value if "horizon" in entry else None
    if isinstance(written, str) and written.strip() in spans:
        return written.strip()
    if isinstance(written, str) and written.strip().endswith(tuple(DURATIONS)):
        said = f"horizon {written.strip()!r} is no integer parameter of this study."
        entry.wrong("horizon", said + did_you_mean(written.strip(), spans))
        return "PT0S"
    return entry.duration("horizon")


def _parse_quantile(entry: Form) -> float | None:
    wanted = "estimand" in entry and entry.node("estimand").value == "quantile"
    if not wanted and "quantile" in entry:
        entry.wrong("quantile", "only a claim about a quantile names one.")
    if not wanted:
        return None
    if "quantile" not in entry:
        entry.wrong("estimand", "say which: quantile: 0.5 is the median.")
        return None
    value = entry.number("quantile", above=0, at_most=1)
    if value == 1:
        entry.wrong("quantile", "quantile must lie between 0 and 1.")
    return value


def _parse_bounds(entry: Form) -> tuple[float, float] | None:
    if "bounds" not in entry:
        return None
    found = [item.value for item in entry.items("bounds")]
    numbers = [
        float(value)
        for value in found
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    if len(found) != PAIR or len(numbers) != PAIR or not numbers[0] < numbers[1]:
        said = "bounds must be the smallest and the largest value, such as [0, 10]."
        entry.wrong("bounds", said)
        return None
    return numbers[0], numbers[1]


def _check_margin(entry: Form, claim: Claim) -> None:
    if claim.direction == "within" and claim.margin <= 0:
        said = "with direction within, margin must be greater than 0"
        entry.wrong("margin", f"{said}, not {claim.margin:g}.")


def _check_deadline(
    entry: Form, claim: Claim, settings: Mapping[str, Mapping[str, Scalar]]
) -> None:
    """Whether an outcome can be known by the day on which a claim is settled.

    In every variant: a claim that can only become void risks nothing.
    """
    for variant, values in settings.items():
        horizon = duration_of(claim.horizon, values)
        try:
            enough = parse_duration(claim.deadline) >= parse_duration(horizon)
        except (ValueError, OverflowError):  # told already
            return
        if "deadline" in entry and not enough:
            whose = "" if variant == BASE_VARIANT else f" of variant {variant!r}"
            said = f"deadline must not be shorter than the horizon{whose}, {horizon}; "
            entry.wrong("deadline", f"{said}no outcome is known before.")
            return


def _check_sequence(entry: Form, claim: Claim) -> None:
    """Whether there is an interval of this kind for the estimand."""
    allowed = SEQUENCES.get(claim.estimand, EVERYWHERE)
    if claim.sequence not in allowed:
        said = f"a {claim.estimand} has no {claim.sequence} sequence; it has "
        entry.wrong("sequence", f"{said}{one_of(allowed)}.")
    if claim.sequence in ("exact", "betting") and claim.occurrence:
        said = f"{claim.sequence} sequences count each unit once; leave occurrence out."
        entry.wrong("sequence", said)
    if claim.sequence == "betting" and claim.estimand == "mean" and not claim.bounds:
        said = "a betting sequence of a mean needs bounds, such as bounds: [0, 10]."
        entry.wrong("sequence", said)
