"""What a study says it will do, before it looks: data, parameters and claims."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from workbench.core.canonical import sha256_of_value
from workbench.core.clock import parse_duration
from workbench.core.evidence import Estimand
from workbench.core.records import Plain, to_plain

Scalar = bool | int | float | str
BASE_VARIANT = "base"
EXPLORATORY = "exploratory"  # how a run outside the registered variants is called
PROSE = (
    *("study", "title", "question", "authors", "tags", "status"),
    *("cadence", "time_zone", "catch_up", "on_failure"),
)
CADENCES: Mapping[str, str] = {  # as cron says it
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
    "quarterly": "0 0 1 1,4,7,10 *",
}
CatchUp = Literal["latest", "all", "none"]

Boundary = Literal["mixture", "exact", "betting", "robbins-siegmund"]
SettlesOn = Literal["new units", "fresh occurrences"]
DURATIONS: Mapping[str, str] = {  # by ending of a parameter's name
    "_days": "P{}D",
    "_weeks": "P{}W",
}


class Status(StrEnum):
    """A draft is never published; a registered study was sealed before it looked."""

    DRAFT = "draft"
    REGISTERED = "registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One typed and bounded parameter of a notebook.

    Attributes:
        name: As assigned in the notebook's cell tagged `parameters`.
        type: `integer`, `number`, `string` or `boolean`.
        default: Value of the base variant.
        minimum: Smallest value allowed; None for no bound.
        maximum: Largest value allowed; None for no bound.
        choices: The only values allowed; empty for any.
        description: What it means, with its unit.
    """

    name: str
    type: Literal["integer", "number", "string", "boolean"]
    default: Scalar
    minimum: float | None
    maximum: float | None
    choices: tuple[Scalar, ...]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataUse:
    """The columns of one dataset that a study reads, and to what end."""

    dataset: str
    columns: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement that the data will be allowed to refute.

    Attributes:
        name: Name of the evidence that decides it.
        estimand: What is estimated.
        population: Which occurrences count (the filter), in words.
        formula: How the outcome and the comparison are computed, in words.
        unit: Unit of analysis, as the contract names it.
        occurrence: Column that tells a unit's occurrences apart; empty where each unit
            occurs once.
        direction: The claim holds when the estimate is `greater` than the margin,
            `less` than it, or `within` plus or minus it.
        margin: The smallest effect worth trading, in the estimand's own measure.
        planned_occurrences: Occurrences at which the study plans to have decided.
        alpha: One minus the coverage of the interval.
        smallest_effect: Distance from the margin that must not be missed.
        horizon: ISO 8601 duration an occurrence needs before its outcome is known, or
            the parameter that holds it (`later_days`, `holdout_weeks`).
        settlement_size: Fresh occurrences that will settle the claim.
        settles_on: Occurrences of units first seen after the claim; or, where no new
            units can enter, fresh occurrences of any unit.
        deadline: ISO 8601 duration after the claim; with fewer occurrences by then it
            is void.
        sequence: Which confidence sequence the interval is.
        quantile: Which quantile is estimated; None for other estimands.
        bounds: Smallest and largest value the outcome can take; None where a betting
            interval does not need them.
    """

    name: str
    estimand: Estimand
    population: str
    formula: str
    unit: str
    occurrence: str
    direction: Literal["greater", "less", "within"]
    margin: float
    planned_occurrences: int
    alpha: float
    smallest_effect: float
    horizon: str
    settlement_size: int
    settles_on: SettlesOn
    deadline: str
    sequence: Boundary
    quantile: float | None
    bounds: tuple[float, float] | None

    @property
    def counted(self) -> str:
        """What one occurrence is: `customer-month`, or the unit alone."""
        return occurrence_name(self.unit, self.occurrence)

    @property
    def waits(self) -> timedelta:
        """The horizon, once `Registration.claims_of` has put a duration in its place.

        Raises:
            ValueError: It still names a parameter.
        """
        return parse_duration(self.horizon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One study as registered in `research/<study>.yaml`.

    Attributes:
        study: Its name, equal to the file's; becomes the permalink.
        title: Title of the post.
        question: What is asked, one sentence.
        authors: Names as printed.
        tags: Tags of the post.
        status: Draft or registered.
        notebook: Path of the notebook, relative to the root.
        cadence: When it is due: a name of `CADENCES`, or a cron expression.
        time_zone: Whose clock its cadence means, such as `Europe/Berlin`.
        catch_up: Which slots are made up for that passed while nothing ran: the
            `latest`, `all`, or `none`.
        on_failure: The words of a command that is called when a run failed for good;
            none for no call.
        data: Datasets and columns it reads.
        parameters: Declared parameters, in order.
        variants: Named sets of parameter values beside the base.
        claims: Registered claims, in order.
        code: Hash of the notebook's code that decides the evidence; the words of a
            registration say what is counted, the code is what counts.
    """

    study: str
    title: str
    question: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    status: Status
    notebook: str
    cadence: str
    data: tuple[DataUse, ...]
    parameters: tuple[Parameter, ...]
    variants: Mapping[str, Mapping[str, Scalar]]
    claims: tuple[Claim, ...]
    code: str = ""
    time_zone: str = "UTC"
    catch_up: CatchUp = "latest"
    on_failure: tuple[str, ...] = ()

    def sealed_part(self) -> dict[str, Plain]:
        """What decides the outcome; titles and prose may change, this may not."""
        plain = to_plain(self)
        assert isinstance(plain, dict)  # noqa: S101 - a dataclass is a mapping
        return {key: value for key, value in plain.items() if key not in PROSE}

    @property
    def seal(self) -> str:
        """SHA-256 of what decides the outcome."""
        return sha256_of_value(self.sealed_part())

    @property
    def family(self) -> int:
        """Intervals that share one alpha: each claim, in each registered variant.

        Bonferroni: they are all looked at, and any of them may make the headline.
        """
        return len(self.claims) * (1 + len(self.variants))

    def claims_of(self, values: Mapping[str, Scalar]) -> tuple[Claim, ...]:
        """The claims with the horizon that these parameter values give."""
        return tuple(
            replace(claim, horizon=duration_of(claim.horizon, values))
            for claim in self.claims
        )

    def values_of(self, variant: str) -> dict[str, Scalar]:
        """Parameter values of the base or of a named variant.

        Raises:
            KeyError: There is no such variant.
        """
        values = {parameter.name: parameter.default for parameter in self.parameters}
        if variant != BASE_VARIANT:
            values |= self.variants[variant]
        return values

    def variant_of(self, values: Mapping[str, Scalar]) -> str | None:
        """Name of the registered variant with exactly these values, if any."""
        for variant in (BASE_VARIANT, *self.variants):
            if self.values_of(variant) == dict(values):
                return variant
        return None


def occurrence_name(unit: str, occurrence: str) -> str:
    """What one occurrence is called: `customer-month`, or the unit alone."""
    return f"{unit}-{occurrence}" if occurrence else unit


def run_name(study: str, variant: str | None) -> str:
    """How a run of a study is called: with its variant, unless it is the base."""
    return study if variant in (BASE_VARIANT, None) else f"{study} ({variant})"


def duration_of(horizon: str, values: Mapping[str, object]) -> str:
    """A claim's horizon as a duration, where it names the parameter that holds it."""
    for ending, form in DURATIONS.items():
        if horizon.endswith(ending) and horizon in values:
            return form.format(values[horizon])
    return horizon
