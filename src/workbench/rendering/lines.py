"""Evidence, margin and horizon in plain words, every number marked with its source."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from workbench.charts.numbers import evidence_format, show_level, show_number
from workbench.core.clock import parse_duration, show_instant
from workbench.core.evidence import Estimand, Evidence
from workbench.core.markup import inert
from workbench.core.registration import Claim
from workbench.takeaways.binding import UNKNOWN_VALUE, mark_number
from workbench.takeaways.grammar import plural

_ESTIMANDS: Mapping[Estimand, str] = {
    "mean": "mean",
    "difference_in_means": "difference of two means",
    "proportion": "share",
    "difference_in_proportions": "difference of two shares",
    "risk_ratio": "ratio of two shares",
    "nps": "net promoter score",
    "nps_difference": "difference of two net promoter scores",
    "quantile": "quantile",
    "coefficient": "coefficient",
    "forecast": "forecast",
    "count": "count",
}
_AT_EVERY_LOOK = (
    "The interval holds at every look: however often the study runs again on more "
    "data, all its intervals together miss the truth with a probability of {alpha} at "
    "most."
)
_SHARED = (
    "It shares its {whole} with the other intervals of this study, {family} in all."
)


def evidence_line(evidence: Evidence) -> str:
    """Name, estimand, estimate, interval and what was counted, as HTML in one line."""
    name = inert(evidence.name)
    what = f"<strong>{name}</strong>, {_ESTIMANDS[evidence.estimand]}"
    interval = ""
    if evidence.low is not None and evidence.high is not None:
        low, high = _number(evidence, "low"), _number(evidence, "high")
        level = mark_number(f"{evidence.name}.level", show_level(evidence.level))
        interval = f" [{low}, {high}], {level} {evidence.interval_kind}"
    measure = "" if evidence.measure == "share" else f" {inert(evidence.measure)}"
    estimate = _number(evidence, "estimate") + measure
    return f"{what}: {estimate}{interval}; {counted(evidence)}"


def counted(evidence: Evidence) -> str:
    """`n = 1,204 customer-months of 980 customers`."""
    n = mark_number(f"{evidence.name}.n", f"{evidence.n:,}")
    text = f"n = {n} {inert(plural(evidence.occurrence))}"
    if evidence.occurrence == evidence.unit:
        return text
    units = mark_number(f"{evidence.name}.units", f"{evidence.units:,}")
    return f"{text} of {units} {inert(plural(evidence.unit))}"


def interval_note(evidence: Evidence, claim: Claim, family: int) -> str:
    """What the interval promises, in plain words; empty where there is none."""
    if evidence.low is None or evidence.high is None:
        return ""
    alpha = mark_number(f"1 - {evidence.name}.level", show_level(1 - evidence.level))
    promise = _AT_EVERY_LOOK.format(alpha=alpha)
    if family == 1:
        return promise
    whole = mark_number(f"{claim.name}.alpha", show_level(claim.alpha))
    shared = _SHARED.format(whole=whole, family=mark_number("family", f"{family}"))
    return f"{promise} {shared}"


def margin_line(claim: Claim, evidence: Evidence) -> str:
    """What was registered: direction, margin and when it would be decided."""
    spec = evidence_format(evidence)
    margin = mark_number(f"{claim.name}.margin", show_number(claim.margin, spec))
    if claim.direction == "within":
        other = show_number(-claim.margin, spec)
        minus = mark_number(f"{claim.name}.margin", other)
        where = f"between {minus} and {margin}"
    else:
        where = f"{claim.direction} than {margin}"
    planned = mark_number(
        f"{claim.name}.planned_occurrences", f"{claim.planned_occurrences:,}"
    )
    apart = show_number(claim.smallest_effect, spec).removeprefix("+")
    distance = mark_number(f"{claim.name}.smallest_effect", apart)
    occurrences = inert(plural(evidence.occurrence))
    return (
        f"the claim holds if the truth is {where}; a distance of {distance} from there "
        f"must not be missed; the interval is sharpest at the {planned} {occurrences} "
        f"that were planned{_revealed(claim, evidence, spec)}"
    )


def _revealed(claim: Claim, evidence: Evidence, spec: str) -> str:
    """How far the truth must lie from the margin for the plan to find it."""
    if evidence.detectable is None:
        return ""
    shown = show_number(evidence.detectable, spec).removeprefix("+")
    apart = mark_number(f"{claim.name}.detectable", shown)
    return f", which reveal a distance of {apart} in four cases of five"


def settlement_line(claim: Claim, evidence: Evidence, as_of: datetime) -> str:
    """Which occurrences will settle the claim, whose, and until when."""
    size = mark_number(f"{claim.name}.settlement_size", f"{claim.settlement_size:,}")
    occurrences, units = plural(evidence.occurrence), plural(evidence.unit)
    whose = {
        "new units": f"of {units} not seen before",
        "fresh occurrences": f"of {units} known before, too",
    }[claim.settles_on]
    day = mark_number("as_of", show_instant(as_of))
    deadline = show_instant(as_of + parse_duration(claim.deadline))
    return (
        f"on {deadline}, the first {size} {inert(occurrences)} that began on {day} or "
        f"later, {inert(whose)}; with fewer the claim is void"
    )


def horizon_line(claim: Claim) -> str:
    """How long an occurrence needs before its outcome is known."""
    span = parse_duration(claim.horizon)
    if span == timedelta():
        return "the outcome is known at once"
    length = mark_number(f"{claim.name}.horizon", _length(span))
    return f"{length} from an occurrence to its outcome"


def _length(span: timedelta) -> str:
    for size, noun in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour")):
        whole, rest = divmod(span, size)
        if not rest:
            return f"{whole:,} {noun if whole == 1 else plural(noun)}"
    return f"{span.total_seconds():,.0f} seconds"


def _number(evidence: Evidence, field: str) -> str:
    value = getattr(evidence, field)
    shown = (
        UNKNOWN_VALUE
        if value is None
        else show_number(value, evidence_format(evidence))
    )
    return mark_number(f"{evidence.name}.{field}", shown)
