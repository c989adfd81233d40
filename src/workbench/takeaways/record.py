"""A ledger read as what it remembers: versions of the terms, claims and their fates.

Lines are only ever appended, so a claim's state is what the last line about it says:
open, then won, lost or void, or withdrawn by its authors. A changed registration begins
a new version; what an older one claimed stays, settles by the older terms, and is not
pooled with what the newer claims.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from workbench.core.clock import format_instant, parse_instant
from workbench.core.evidence import Estimand
from workbench.core.forecasts import Forecast, Outcome, State
from workbench.core.records import Plain, from_plain
from workbench.core.registration import BASE_VARIANT
from workbench.takeaways.heads import Head, Heads, Held, read_heads
from workbench.takeaways.ledger import Line

Series = tuple[str, str, str, str]
"""Study, seal, variant and name of a claim."""
FATES: tuple[State, ...] = ("won", "lost", "void")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """One claim as of one date, with its fate so far.

    Attributes:
        line: Number of its line in the ledger.
        study: Name of the study.
        seal: Terms it was made on.
        version: Number of these terms, from 1.
        variant: Registered variant.
        as_of: Date of its data.
        claim: Name of the claim.
        verdict: What its evidence said.
        takeaway_verdict: What the takeaway said that it carries.
        replay: Whether its authors could have known how it would come out.
        values: Evidence as claimed: estimate, low, high, n, log_e and more.
        terms: The claim as registered.
        text: The takeaway's words.
        notebook: Hash of the notebook's cells.
        views: Identity of the data, by dataset.
        accepted: Why a person let a changed verdict pass; None where none had to.
        heads: Hash of the newest line of every ledger when it was made; these lines
            themselves, or None, for claims of older forms.
        known_until: Up to when data lay here when it was made; None for an older form.
        forecast: What it sealed; None for a claim of an older form, which none can
            settle.
        state: Its fate so far.
        outcome: How it was settled; None while it is open, or withdrawn.
        ended: Number of the line that tells its fate; None while it is open.
        recomputed: Lines that say another computation gave other values.
        why: Why it was withdrawn; None where it was not.
    """

    line: int
    study: str
    seal: str
    version: int
    variant: str
    as_of: datetime
    claim: str
    verdict: str
    takeaway_verdict: str
    replay: bool
    values: Mapping[str, Plain]
    terms: Mapping[str, Plain]
    text: Mapping[str, Plain]
    notebook: str
    views: Mapping[str, Plain]
    accepted: str | None = None
    heads: str | Heads | None = None
    known_until: datetime | None = None
    forecast: Forecast | None = None
    state: State = "open"
    outcome: Outcome | None = None
    ended: int | None = None
    recomputed: tuple[int, ...] = ()
    why: str | None = None

    @property
    def key(self) -> tuple[str, str, datetime, str]:
        """What makes it one claim: seal, variant, as-of and name."""
        return self.seal, self.variant, self.as_of, self.claim

    @property
    def plain_key(self) -> dict[str, Plain]:
        """The same as every line about it holds it."""
        return plain_key(self.seal, self.variant, self.as_of, self.claim)

    @property
    def series(self) -> Series:
        """What it is a look of: study, seal, variant and name."""
        return self.study, self.seal, self.variant, self.claim

    @property
    def question(self) -> tuple[str, str, str]:
        """What it is an answer to, whatever the version of the terms."""
        return self.study, self.variant, self.claim

    def knew(self, held: Held) -> Heads:
        """The newest line of every ledger when it was made; none for an older form.

        Args:
            held: What ledgers held, by hash.

        Raises:
            KeyError: It `lacks` what it names.
        """
        return held[self.heads] if isinstance(self.heads, str) else self.heads or {}

    def lacks(self, held: Held) -> bool:
        """Whether what it names is not among these."""
        return isinstance(self.heads, str) and self.heads not in held

    @property
    def estimand(self) -> Estimand:
        """What it is a claim about."""
        return cast("Estimand", str(self.terms["estimand"]))

    @property
    def on_log(self) -> bool:
        """Whether its estimate is normal on the logarithm."""
        return self.values.get("scale") == "log"

    @property
    def margin(self) -> float:
        """Smallest effect worth trading, as registered."""
        return float(str(self.terms["margin"]))

    def number(self, name: str) -> float | None:
        """One of its values as a number; None where it is none."""
        return number_of(self.values, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One set of sealed terms.

    Attributes:
        number: From 1.
        line: Number of its line in the ledger.
        seal: Hash of the terms.
        looked_until: Up to when its authors had seen the data; None if they had none.
        terms: Its claims as sealed.
        variants: Its variants, the base first.
        settings: Value of every parameter, by variant.
    """

    number: int
    line: int
    seal: str
    looked_until: datetime | None
    terms: tuple[Mapping[str, Plain], ...]
    variants: tuple[str, ...]
    settings: Mapping[str, Mapping[str, Plain]]

    @property
    def claims(self) -> tuple[str, ...]:
        """Names of its claims."""
        return tuple(str(terms["name"]) for terms in self.terms)

    @property
    def family(self) -> int:
        """Intervals that share one alpha, as `Registration.family` counts them."""
        return len(self.terms) * len(self.variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that a study's ledger remembers, in the order of its lines.

    Attributes:
        study: Name of the study.
        head: Its newest line; None while it has none.
        versions: Every version of the terms, oldest first.
        claims: Every claim with its fate.
    """

    study: str
    head: Head | None
    versions: tuple[Version, ...]
    claims: tuple[ClaimRecord, ...]

    def of_series(self, seal: str, variant: str, claim: str) -> tuple[ClaimRecord, ...]:
        """The looks of one claim on one version, oldest data first."""
        found = [
            each
            for each in self.claims
            if (each.seal, each.variant, each.claim) == (seal, variant, claim)
        ]
        return tuple(sorted(found, key=lambda each: each.as_of))

    def until(self, line: int) -> "Record":
        """What it remembered when that line was its newest."""
        return replace(
            self,
            head=None,
            versions=tuple(v for v in self.versions if v.line <= line),
            claims=tuple(_then(c, line) for c in self.claims if c.line <= line),
        )

    @property
    def open(self) -> tuple[ClaimRecord, ...]:
        """Claims that still can be settled."""
        return tuple(c for c in self.claims if c.state == "open" and c.forecast)


def fold(study: str, lines: Iterable[Line]) -> Record:
    """Read a ledger's lines, first to last.

    Raises:
        ValueError: A line is none that a ledger holds; names its number.
    """
    versions: list[Version] = []
    claims: dict[tuple[str, str, datetime, str], ClaimRecord] = {}
    head = None
    for line in lines:
        try:
            _take_in(study, line, versions, claims)
        except (KeyError, TypeError, ValueError) as error:
            number = line.get("number")
            raise ValueError(f"line {number} is none of a ledger") from error
        head = Head(line=int(str(line["number"])), hash=str(line["hash"]))
    return Record(
        study=study,
        head=head,
        versions=tuple(versions),
        claims=tuple(claims.values()),
    )


def heads_of(records: Mapping[str, Record]) -> dict[str, Head]:
    """The newest line of each ledger that has any."""
    return {
        study: record.head
        for study, record in sorted(records.items())
        if record.head is not None
    }


def _then(claim: ClaimRecord, line: int) -> ClaimRecord:
    """A claim without what later lines say of it."""
    recomputed = tuple(number for number in claim.recomputed if number <= line)
    claim = replace(claim, recomputed=recomputed)
    if claim.ended is None or claim.ended <= line:
        return claim
    return replace(claim, state="open", outcome=None, ended=None, why=None)


def _take_in(
    study: str,
    line: Line,
    versions: list[Version],
    claims: dict[tuple[str, str, datetime, str], ClaimRecord],
) -> None:
    kind = line["line"]
    if kind == "registered":
        versions.append(_version(line, len(versions) + 1))
        return
    key = key_of(line)
    if kind == "claimed":
        numbers = {version.seal: version.number for version in versions}
        claims[key] = _claim(study, line, key, numbers[key[0]])
        return
    known, number = claims[key], int(str(line["number"]))
    if kind == "settled":
        outcome = from_plain(Outcome, line["settled"])
        claims[key] = replace(
            known, state=_fate(line), outcome=outcome, ended=number
        )
    elif kind == "withdrawn":
        why = str(line["why"])
        claims[key] = replace(known, state="withdrawn", why=why, ended=number)
    elif kind == "recomputed":
        claims[key] = replace(known, recomputed=(*known.recomputed, number))
    else:
        raise ValueError(f"{kind!r} is no kind of line")


def _fate(line: Line) -> State:
    for fate in FATES:
        if line["outcome"] == fate:
            return fate
    raise ValueError("an outcome is won, lost or void")


def _version(line: Line, number: int) -> Version:
    sealed = _mapping(line["sealed"])
    claims, variants = sealed["claims"], _mapping(sealed["variants"])
    looked = line["looked_until"]
    return Version(
        number=number,
        line=int(str(line["number"])),
        seal=str(line["seal"]),
        looked_until=parse_instant(str(looked)) if looked else None,
        terms=tuple(map(_mapping, claims if isinstance(claims, list) else [])),
        variants=(BASE_VARIANT, *variants),
        settings=_settings(sealed.get("parameters"), variants),
    )


def _settings(
    parameters: Plain, variants: Mapping[str, Plain]
) -> dict[str, Mapping[str, Plain]]:
    declared = map(_mapping, parameters if isinstance(parameters, list) else [])
    base = {str(each["name"]): each["default"] for each in declared}
    others = {name: {**base, **_mapping(each)} for name, each in variants.items()}
    return {BASE_VARIANT: base, **others}


def key_of(line: Line) -> tuple[str, str, datetime, str]:
    """The key of the claim that a line is about: seal, variant, as-of and name.

    Raises:
        KeyError: The line is about none.
    """
    key = _mapping(line["key"])
    return (
        str(key["seal"]),
        str(key["variant"]),
        parse_instant(str(key["as_of"])),
        str(key["claim"]),
    )


def _claim(
    study: str, line: Line, key: tuple[str, str, datetime, str], version: int
) -> ClaimRecord:
    values = _mapping(line["values"])
    forecast = line.get("forecast")
    accepted, heads = line.get("accepted"), line.get("heads")
    known = line.get("known_until")
    return ClaimRecord(
        line=int(str(line["number"])),
        study=study,
        seal=key[0],
        version=version,
        variant=key[1],
        as_of=key[2],
        claim=key[3],
        verdict=str(values["verdict"]),
        takeaway_verdict=str(values["takeaway_verdict"]),
        replay=bool(line["replay"]),
        values=values,
        terms=_mapping(line["terms"]),
        text=_mapping(line["text"]),
        notebook=str(line["notebook"]),
        views=_mapping(line["views"]),
        accepted=str(accepted) if accepted else None,
        heads=_heads(heads),
        known_until=parse_instant(str(known)) if known else None,
        forecast=from_plain(Forecast, forecast) if forecast else None,
    )


def _heads(plain: Plain) -> str | Heads | None:
    return plain if plain is None or isinstance(plain, str) else read_heads(plain)


def _mapping(value: Plain) -> Mapping[str, Plain]:
    if not isinstance(value, dict):
        raise TypeError("a mapping is wanted")
    return value


def plain_key(
    seal: str, variant: str, as_of: datetime, claim: str
) -> dict[str, Plain]:
    """A claim's key as a line of the ledger holds it."""
    return {
        "seal": seal,
        "variant": variant,
        "as_of": format_instant(as_of),
        "claim": claim,
    }


def number_of(values: Mapping[str, Plain], name: str) -> float | None:
    """One of a line's values as a number; None where it is none."""
    value = values.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def previous_look(looks: Sequence[ClaimRecord], as_of: datetime) -> ClaimRecord | None:
    """The newest look before a date, if there is one."""
    before = [look for look in looks if look.as_of < as_of]
    return max(before, key=lambda look: look.as_of, default=None)
