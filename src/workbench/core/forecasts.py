"""What a claim seals about data that do not exist yet, and what they made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["open", "won", "lost", "void", "withdrawn"]
VoidReason = Literal["insufficient-n", "empty-arm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a claim sealed about the fresh occurrences that will settle it.

    Attributes:
        opens: Occurrences that began then or later are fresh: the claim's as-of.
        horizon: ISO 8601 duration from an occurrence to its outcome.
        size: Fresh occurrences that settle it.
        deadline: It is settled by what is known then, neither earlier nor later; with
            fewer fresh occurrences it is void.
        settles_on: Whether occurrences of known units count.
        mean: Of the normal distribution foreseen for their estimate; of a ratio, for
            its logarithm.
        sd: Its standard deviation.
        level: Probability that the estimate falls in the interval, as foreseen.
        low: Lower end of that interval.
        high: Upper end.
        probability: That the estimate lies beyond the registered margin, as foreseen.
        known: Registered claims whose estimates were known, this one included.
        tau: Scale of true effects learnt from them; None where they are too few.
        drift: Standard deviation of the truth from window to window, on the same scale.
    """

    opens: datetime
    horizon: str
    size: int
    deadline: datetime
    settles_on: str
    mean: float
    sd: float
    level: float
    low: float
    high: float
    probability: float
    known: int
    tau: float | None
    drift: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the fresh occurrences came out.

    Attributes:
        as_of: When this was known.
        estimate: Their estimate; None where the claim is void.
        se: Its fixed-sample standard error.
        n: Occurrences.
        units: Distinct units.
        arms: Distinct units in each arm; empty where nothing but n was looked at.
        first: When the first of them began; None where there were none.
        last: When the last of them began.
        reason: Why the claim is void; None where it is not.
        held: Whether the estimate lies beyond the registered margin.
        scores: By name; smaller is better.
    """

    as_of: datetime
    estimate: float | None
    se: float | None
    n: int
    units: int
    first: datetime | None
    last: datetime | None
    reason: VoidReason | None
    held: bool | None
    scores: Mapping[str, float]
    arms: tuple[int, ...] = ()
