"""What the site remembers: every look of every claim, and how the forecasts did."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Literal, TypeVar

from workbench.core.evidence import Evidence
from workbench.core.forecasts import Forecast, Outcome, State
from workbench.core.posts import Editions
from workbench.core.records import Plain
from workbench.core.registration import BASE_VARIANT
from workbench.core.scorecard import Track

Life = Literal[
    "new",
    "strengthened",
    "unchanged",
    "weakened",
    "reversed",
    "contradicted",
    "withdrawn",
]
Fate = State | Literal["not settled"]
K = TypeVar("K", bound=Hashable)
FALSE_DISCOVERY_RATE = 0.10
_NO_CLAIMS, _NO_HISTORY = Track(replay=False), Track(replay=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """A later line of the ledger in which the same claim had other values."""

    line: int
    estimate: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    """One claim as of one date: what was found, what was foreseen, and what came.

    Attributes:
        study: Name of the study.
        version: Number of the terms it was made on, from 1.
        newest: Whether no later terms were sealed.
        variant: Registered variant.
        claim: Name of the claim.
        as_of: Date of its data.
        line: Number of its line in the ledger.
        replay: Whether its authors could have known how it would come out.
        verdict: What its evidence said.
        evidence: Estimate, interval and what was counted.
        running_low: Highest lower end of all looks of these terms up to this one.
        running_high: Lowest upper end of them.
        contradicted: Whether the looks have nothing in common any more.
        p_anytime: P-value against the margin that holds however often one looks.
        life: What became of the claim at this look.
        text: The takeaway's claim in words.
        foreseen: What it sealed; None for a claim of an older form.
        fate: What has become of it.
        counts: Hash of what is counted, how and when: equal for versions of the terms
            that differ only in what they ask of it, such as the margin, or when.
        overdue: Whether it is still open although data beyond its deadline are known.
        reason: Why it is void, or was withdrawn; empty where it is neither.
        fresh: How it was settled; None while it is open.
        accepted: Why a person let a changed verdict pass; empty where none had to.
        recomputed: Lines that gave other values, oldest first.
        holds: Whether it holds at the site-wide false discovery rate, by what was known
            at its date.
    """

    study: str
    version: int
    newest: bool
    variant: str
    claim: str
    as_of: datetime
    line: int
    replay: bool
    verdict: str
    evidence: Evidence
    running_low: float | None
    running_high: float | None
    contradicted: bool
    p_anytime: float
    life: Life
    text: str
    foreseen: Forecast | None
    fate: Fate
    counts: str
    overdue: bool
    reason: str
    fresh: Outcome | None
    accepted: str
    recomputed: tuple[Recomputed, ...]
    holds: bool

    @property
    def question(self) -> tuple[str, str, str]:
        """What it is an answer to, whatever the version of the terms."""
        return self.study, self.variant, self.claim

    @property
    def name(self) -> str:
        """The claim, with its variant where that is not the base."""
        is_base = self.variant == BASE_VARIANT
        return self.claim if is_base else f"{self.claim} ({self.variant})"


def counted_once(looks: Sequence[LookRow]) -> list[LookRow]:
    """Of history that was replayed again on newer terms, what came of the newest.

    The same months would else count for as many successes as there are versions. What
    was lost, void, withdrawn or overdue stays until the newest terms met data
    themselves: else one could replay those dates alone, and leave them open. Terms that
    count otherwise, or foresee another time, are another forecast, and both stay.
    """
    replayed: dict[tuple[object, ...], list[LookRow]] = {}
    for look in sorted(looks, key=lambda look: look.version):
        replayed.setdefault(_forecast_made(look), []).append(look)
    kept = {key: _counted_of(versions) for key, versions in replayed.items()}
    return [look for look in looks if kept[_forecast_made(look)] is look]


def _counted_of(versions: Sequence[LookRow]) -> LookRow:
    """Which claim counts of one forecast on several terms, the oldest first."""
    newest = versions[-1]
    if newest.fate in ("won", "lost"):
        return newest
    evaded = [k for k in versions if k.overdue or k.fate in ("void", "withdrawn")]
    lost = [k for k in versions if k.fate == "lost"]
    return [newest, *evaded, *lost][-1]


def _forecast_made(look: LookRow) -> tuple[object, ...]:
    return *look.question, look.replay, look.counts, look.as_of


def newest_look(looks: Sequence[LookRow]) -> LookRow:
    """The latest look on the newest of the terms, of at least one look.

    History that is replayed on newer terms may end before the looks on older ones.
    """
    return max(looks, key=lambda look: (look.version, look.as_of))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One claim of one version of a study's terms, in short.

    Attributes:
        claim: Its name.
        estimand: What is estimated.
        direction: The claim holds if the truth is `greater` than the margin, `less`
            than it, or `within` plus or minus it.
        margin: Smallest effect worth trading.
        alpha: One minus the coverage, shared by the intervals of the study.
        planned: Occurrences at which its interval is sharpest.
        settlement_size: Fresh occurrences that settle it.
        occurrence: What is counted.
        population: Which occurrences count, in words.
    """

    claim: str
    estimand: str
    direction: str
    margin: float
    alpha: float
    planned: int
    settlement_size: int
    occurrence: str
    population: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTerms:
    """One set of sealed terms.

    Attributes:
        number: From 1.
        seal: Hash of the terms.
        seen_until: Up to when its authors had seen the data; None if they had none.
        claims: Its claims.
        variants: Its variants, the base first.
        settings: Value of every parameter of the base.
    """

    number: int
    seal: str
    seen_until: datetime | None
    claims: tuple[Terms, ...]
    variants: tuple[str, ...]
    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One figure as drawn, for a page to show.

    Attributes:
        name: Begins the names of its files.
        alternative: What it shows, in words.
        files: SVG by file name, `<name>.<palette>-<width>.svg`.
        sizes: Width and height in CSS pixels, by width name.
    """

    name: str
    alternative: str
    files: Mapping[str, bytes]
    sizes: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)  # no slots: what it works out once is kept
class Memory:
    """All that the site's pages tell of what was claimed and published before.

    Attributes:
        rows: Every look of every claim, by study, version, variant, claim and date.
        versions: Every version of each study's terms, oldest first.
        live: Record of the claims made before their outcome could be known.
        replayed: Record of those made of history.
        registered: Registered claims that the false discovery rate is shared by.
        unpublished: Sealed versions of which nothing was ever claimed.
        histories: Figures of each question, by study, variant and claim.
        reliability: Figures of the record, `live` and `replay`.
        editions: What was published and is to be, by the folder of its post.
        heads: What ledgers held when claims were made, by the hash they name it by.
    """

    rows: tuple[LookRow, ...] = ()
    versions: Mapping[str, tuple[VersionTerms, ...]] = field(default_factory=dict)
    live: Track = _NO_CLAIMS
    replayed: Track = _NO_HISTORY
    registered: int = 0
    unpublished: int = 0
    histories: Mapping[tuple[str, str, str], Picture] = field(default_factory=dict)
    reliability: Mapping[str, Picture] = field(default_factory=dict)
    editions: Mapping[str, Editions] = field(default_factory=dict)
    heads: Mapping[str, Plain] = field(default_factory=dict)

    def of_study(self, study: str) -> tuple[LookRow, ...]:
        """The looks of one study."""
        return self._by_study.get(study, ())

    def of_question(self, study: str, variant: str, claim: str) -> tuple[LookRow, ...]:
        """The looks of one claim of a variant, whatever the version of its terms."""
        return self._by_question.get((study, variant, claim), ())

    @cached_property
    def _by_study(self) -> Mapping[str, tuple[LookRow, ...]]:
        return _grouped(self.rows, attrgetter("study"))

    @cached_property
    def _by_question(self) -> Mapping[tuple[str, str, str], tuple[LookRow, ...]]:
        return _grouped(self.rows, attrgetter("question"))


def _grouped(
    rows: Sequence[LookRow], key: Callable[[LookRow], K]
) -> dict[K, tuple[LookRow, ...]]:
    groups: dict[K, list[LookRow]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: tuple(group) for name, group in groups.items()}


NOTHING_REMEMBERED = Memory()
