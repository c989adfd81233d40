"""The claims of a registration: what the data will be allowed to refute."""

from typing import Literal, cast, get_args

from workbench.contracts.forms import Form
from workbench.contracts.mistakes import did_you_mean, one_of
from workbench.contracts.parameters import check_name
from workbench.core.evidence import Estimand
from workbench.core.registration import Claim

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
)
OPTIONAL = ("occurrence",)
KEYS = (*REQUIRED, *OPTIONAL)
# A count has no interval, so nothing can be decided by it.
ESTIMANDS = tuple(name for name in get_args(Estimand) if name != "count")
LARGEST_ALPHA = 0.5


def parse_claims(form: Form, *, units: tuple[str, ...]) -> tuple[Claim, ...]:
    """The mapping `claims`, at least one.

    Args:
        form: The whole registration.
        units: Units of analysis of the contracts that the study reads.
    """
    entries = form.form("claims", "claims")
    if "claims" in form and not list(entries):
        form.wrong(
            "claims", "claims must hold at least one; a study decides something."
        )
    found = []
    for name in entries:
        check_name(entries, name)
        entry = entries.form(name, f"claim {name}")
        entry.only(KEYS)
        entry.require(REQUIRED)
        found.append(_parse_claim(name, entry, units))
    return tuple(found)


def _parse_claim(name: str, entry: Form, units: tuple[str, ...]) -> Claim:
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
        horizon=entry.duration("horizon"),
        settlement_size=entry.integer("settlement_size", at_least=1),
    )
    if claim.direction == "within" and claim.margin <= 0:
        said = "with direction within, margin must be greater than 0"
        entry.wrong("margin", f"{said}, not {claim.margin:g}.")
    if claim.unit and units and claim.unit not in units:
        hint = did_you_mean(claim.unit, units)
        said = f"unit {claim.unit!r} is not the contract's: {one_of(units)}.{hint}"
        entry.wrong("unit", said)
    return claim
