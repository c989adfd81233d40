"""How the claims did: counts, scores and what to hold against them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

COVERAGE = 0.95  # of the record's own intervals
FREE_WIN = 0.95  # a probability above it, or below one minus it, risks next to nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number of the record with its interval of `COVERAGE`, where there is one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A mean score and what to hold against it; lower is better.

    Attributes:
        mean: Mean over the settled claims.
        expected: What the forecasts themselves expect of it; None where not reckoned.
        over_half: Share saved against one half always; None where there is none.
        over_base_rate: Share saved against the share that came true, which nobody knew
            beforehand; None where all came out alike.
    """

    mean: Measured
    expected: float | None
    over_half: float | None
    over_base_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityRow:
    """Forecasts of about one probability, and how many of them came true."""

    low: float
    high: float
    forecasts: int
    said: float
    came: Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """How the claims did, either the live ones or the replayed; never both.

    Attributes:
        replay: Which of the two.
        claims: Claims made.
        open: Not settled yet.
        overdue: Those of them that are open past their deadline.
        won: The fresh estimate fell into the interval that was sealed.
        lost: It did not.
        void: Claims that could not be settled, by reason.
        withdrawn: Taken back by their authors.
        superseded: Fates of what was replayed once more on newer terms that count the
            same, as of the same date, and is counted there; see `counted_once`.
        older: Of an older form, without a forecast; none can settle them.
        level: Probability that the sealed intervals were meant to have.
        hit_rate: Share of the settled that were won.
        hits_expected: How many were meant to be.
        hit_rate_strict: The same with every void, overdue and withdrawn claim counted
            as lost.
        brier: Of the stated probabilities that the estimate lies beyond the margin.
        log: Logarithmic score of the same.
        crps_ratio: Mean CRPS over what each forecast expects of its own.
        interval_ratio: Mean interval score over what each expects of its own.
        windows: Most settlement windows of which no two overlap.
        calibration: Verdict on the sealed intervals, in words.
        log_e: Evidence against them, as the logarithm of an e-value.
        reliability: Stated probabilities beside what came; free wins left out.
        free_wins: Settled claims whose probability was nearly 0 or 1.
        free_wins_came: How many of these came out as foreseen.
    """

    replay: bool
    claims: int = 0
    open: int = 0
    overdue: int = 0
    won: int = 0
    lost: int = 0
    void: Mapping[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    older: int = 0
    superseded: Mapping[str, int] = field(default_factory=dict)
    level: float | None = None
    hit_rate: Measured | None = None
    hits_expected: float = 0.0
    hit_rate_strict: Measured | None = None
    brier: Score | None = None
    log: Score | None = None
    crps_ratio: Measured | None = None
    interval_ratio: Measured | None = None
    windows: int = 0
    calibration: str = "too few to judge"
    log_e: float = 0.0
    reliability: tuple[ReliabilityRow, ...] = ()
    free_wins: int = 0
    free_wins_came: int = 0

    @property
    def settled(self) -> int:
        """Claims that met fresh data."""
        return self.won + self.lost

    @property
    def voided(self) -> int:
        """Claims that could not."""
        return sum(self.void.values())
