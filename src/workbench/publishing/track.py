"""Ledgers read as what readers are told: every look of every claim, and its life.

Pure: the same ledgers give the same rows on any day. A look is judged by what was known
at its own date, so that a row never changes because of what came after, but for its
fate.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import chain
from typing import cast, get_args

from workbench.core.canonical import sha256_of_value
from workbench.core.evidence import SHARE, Estimand, Evidence, IntervalKind
from workbench.core.records import Plain
from workbench.core.registration import BASE_VARIANT, occurrence_name
from workbench.core.takeaway import Verdict
from workbench.core.track import (
    FALSE_DISCOVERY_RATE,
    Life,
    LookRow,
    Memory,
    Recomputed,
    Terms,
    VersionTerms,
    counted_once,
)
from workbench.publishing.scorecard import track_of
from workbench.stats.multiplicity import e_bh
from workbench.stats.sequences import anytime_p, running_intersection
from workbench.takeaways.heads import NOTHING_HELD, Held, plain_heads
from workbench.takeaways.ledger import Line, seen_until
from workbench.takeaways.record import ClaimRecord, Record, Series, Version, number_of

NO_VERDICT = Verdict.NO_TRADE_YET.value
_ASKED = (  # of what is counted, in a claim's terms; and prose, which anyone can vary
    *("population", "formula"),
    *("direction", "margin", "smallest_effect"),
    *("alpha", "planned_occurrences", "sequence", "deadline"),
)
_SHARES = ("proportion", "difference_in_proportions")


def remember(
    records: Mapping[str, Record],
    ledgers: Mapping[str, Sequence[Line]],
    known: Iterable[datetime] = (),
    held: Held = NOTHING_HELD,
) -> Memory:
    """All that the pages tell; without its figures, which are drawn elsewhere.

    Args:
        records: What each study's ledger remembers.
        ledgers: Its lines, for the terms and for what was computed again.
        known: Up to when data lie here, beyond what the ledgers themselves prove.
        held: What ledgers held, by hash, for claims that name it so.
    """
    seen = [seen_until(lines) for lines in ledgers.values()]
    newest = max(filter(None, [*seen, *known]), default=None)
    rows = look_rows(records, ledgers, newest, held)
    claimed = {(row.study, row.version) for row in rows}
    replayed = [row for row in rows if row.replay]
    once = counted_once(replayed)
    kept = {(row.study, row.line) for row in once}
    return Memory(
        rows=rows,
        versions={
            study: versions_of(record) for study, record in sorted(records.items())
        },
        live=track_of([row for row in rows if not row.replay], replay=False),
        replayed=replace(
            track_of(once, replay=True),
            claims=len(replayed),
            superseded=dict(
                Counter(
                    row.fate for row in replayed if (row.study, row.line) not in kept
                )
            ),
        ),
        registered=sum(
            version.family for record in records.values() for version in record.versions
        ),
        unpublished=sum(
            (study, version.number) not in claimed
            for study, record in records.items()
            for version in record.versions
        ),
        heads={name: plain_heads(held[name]) for name in _named(records.values())},
    )


def _named(records: Iterable[Record]) -> set[str]:
    """The hashes by which claims name what ledgers held: one for a publication."""
    claims = chain.from_iterable(record.claims for record in records)
    return {claim.heads for claim in claims if isinstance(claim.heads, str)}


def look_rows(
    records: Mapping[str, Record],
    ledgers: Mapping[str, Sequence[Line]],
    newest: datetime | None = None,
    held: Held = NOTHING_HELD,
) -> tuple[LookRow, ...]:
    """Every claim of every version, by study, version, variant, claim and date.

    Args:
        records: What each study's ledger remembers.
        ledgers: Its lines.
        newest: Up to when data are known, which decides what is overdue.
        held: What ledgers held, by hash.
    """
    rows: list[LookRow] = []
    until = cache(lambda study, line: records[study].until(line))
    for study, record in sorted(records.items()):
        by_number = {line["number"]: line for line in ledgers[study]}
        for series in _series_of(record):
            looks = record.of_series(*series[1:])
            for place, look in enumerate(looks):
                row = _row(record, looks[: place + 1], by_number, newest)
                live = not look.replay
                holds = live and series in holding_at(records, look, until, held)
                rows.append(replace(row, holds=holds))
    return tuple(rows)


def _series_of(record: Record) -> list[Series]:
    order = {version.seal: version.number for version in record.versions}
    found = {claim.series for claim in record.claims}

    def rank(series: Series) -> tuple[int, bool, str, str]:
        _, seal, variant, claim = series
        return order[seal], variant != BASE_VARIANT, variant, claim

    return sorted(found, key=rank)


def holding_at(
    records: Mapping[str, Record],
    look: ClaimRecord,
    until: Callable[[str, int], Record],
    held: Held = NOTHING_HELD,
) -> frozenset[Series]:
    """Which registered claims held at the site-wide false discovery rate at a look.

    By what every ledger held when the look was entered, so that it never changes. Every
    claim that was registered by then counts, older terms and withdrawn claims too:
    otherwise one could register until something holds, or withdraw what is weak. One
    whose look has no e-value counts with e = 1; one that was never looked at, was
    withdrawn, has newer terms, or is a replay, whose terms may have been chosen to fit
    the data, with e = 0.

    Args:
        records: What each study's ledger remembers.
        look: The look.
        until: What the ledger of a study remembered when a line was its newest.
        held: What ledgers held, by hash.
    """
    counted: dict[Series, float] = {}
    for study, record in sorted(records.items()):
        then = until(study, _line_known(study, record, look, held))
        for version, variant, claim in _asked(then.versions):
            newest = version is then.versions[-1]
            series = (version.seal, variant, claim)
            looks = then.of_series(*series) if newest else ()
            counted[study, *series] = _log_e_now(looks, look.as_of)
    answers = e_bh(list(counted.values()), q=FALSE_DISCOVERY_RATE)
    return frozenset(s for s, holds in zip(counted, answers, strict=True) if holds)


def _line_known(study: str, record: Record, look: ClaimRecord, held: Held) -> int:
    """The newest line of a ledger when a claim was made; of an older form, of today."""
    if study == look.study:
        return look.line
    if look.heads is None:
        return record.head.line if record.head else 0
    head = look.knew(held).get(study)
    return head.line if head else 0


def _asked(versions: Iterable[Version]) -> Iterator[tuple[Version, str, str]]:
    """Every claim in every variant of these versions."""
    for version in versions:
        for variant in version.variants:
            for claim in version.claims:
                yield version, variant, claim


def _log_e_now(looks: Sequence[ClaimRecord], as_of: datetime) -> float:
    """Of the newest look by then; older ones do not stand in for a withdrawn one."""
    known = [look for look in looks if look.as_of <= as_of]
    if not known or known[-1].state == "withdrawn" or known[-1].replay:
        return -math.inf
    return known[-1].number("log_e") or 0.0


def life_of(looks: Sequence[ClaimRecord], *, contradicted: bool) -> Life:
    """What became of a claim at the last of these looks of one version."""
    look, before = looks[-1], looks[-2] if len(looks) > 1 else None
    if look.state == "withdrawn":
        return "withdrawn"
    if contradicted:
        return "contradicted"
    if before is None:
        return "new"
    if before.verdict == look.verdict:
        return "unchanged"
    if before.verdict == NO_VERDICT:
        return "strengthened"
    return "weakened" if look.verdict == NO_VERDICT else "reversed"


def _row(
    record: Record,
    looks: Sequence[ClaimRecord],
    by_number: Mapping[Plain, Line],
    newest: datetime | None,
) -> LookRow:
    """The last of these looks as a row; whether it holds is put in by who knows."""
    look = looks[-1]
    running = running_intersection([(k.number("low"), k.number("high")) for k in looks])
    outcome, forecast = look.outcome, look.forecast
    void = outcome.reason if outcome and outcome.reason else ""
    unsettled = look.state == "open" and forecast is None
    return LookRow(
        study=record.study,
        version=look.version,
        newest=look.version == len(record.versions),
        variant=look.variant,
        claim=look.claim,
        as_of=look.as_of,
        line=look.line,
        replay=look.replay,
        verdict=look.verdict,
        evidence=_evidence(look),
        running_low=running.low,
        running_high=running.high,
        contradicted=running.empty,
        p_anytime=anytime_p([k.number("log_e") or 0.0 for k in looks]),
        life=life_of(looks, contradicted=running.empty),
        text=str(look.text.get("claim", "")),
        foreseen=forecast,
        fate="not settled" if unsettled else look.state,
        counts=_counts(look, record.versions[look.version - 1]),
        overdue=_overdue(look, newest),
        reason=look.why or void,
        fresh=outcome,
        accepted=look.accepted or "",
        recomputed=tuple(_again(by_number[number]) for number in look.recomputed),
        holds=False,
    )


def _counts(look: ClaimRecord, version: Version) -> str:
    counted = {k: value for k, value in look.terms.items() if k not in _ASKED}
    return sha256_of_value([counted, dict(version.settings[look.variant])])


def _overdue(look: ClaimRecord, newest: datetime | None) -> bool:
    if look.state != "open" or look.forecast is None or newest is None:
        return False
    return look.forecast.deadline < newest


def _evidence(look: ClaimRecord) -> Evidence:
    """What was claimed, as evidence; lines of an older form said less."""
    estimand = str(look.terms["estimand"])
    assert estimand in get_args(Estimand)  # noqa: S101 - sealed as one of them
    unit, occurrence = str(look.terms["unit"]), str(look.terms["occurrence"])
    measure = look.values.get("measure", SHARE if estimand in _SHARES else "")
    return Evidence(
        name=look.claim,
        estimand=cast("Estimand", estimand),
        estimate=look.number("estimate"),
        low=look.number("low"),
        high=look.number("high"),
        level=look.number("level") or 0.0,
        interval_kind=cast("IntervalKind", str(look.values.get("interval", "none"))),
        se=look.number("se"),
        centre=look.number("centre"),
        df=look.number("df"),
        n=int(look.number("n") or 0),
        units=int(look.number("units") or 0),
        unit=unit,
        occurrence=occurrence_name(unit, occurrence),
        measure=str(measure),
        groups=(),
        method="",
        information=look.number("information") or 0.0,
        window_effect=look.number("window_effect") or 1.0,
        planned=int(look.number("planned") or 0),
        log_e=look.number("log_e"),
        needed=None,
        began=None,
        checks=(),
    )


def _again(line: Line) -> Recomputed:
    values = line["values"]
    assert isinstance(values, dict)  # noqa: S101 - folded before
    return Recomputed(
        line=int(str(line["number"])),
        estimate=number_of(values, "estimate"),
        low=number_of(values, "low"),
        high=number_of(values, "high"),
        n=int(number_of(values, "n") or 0),
    )


def versions_of(record: Record) -> tuple[VersionTerms, ...]:
    """Every version of a study's terms in short, oldest first."""
    return tuple(
        VersionTerms(
            number=version.number,
            seal=version.seal,
            seen_until=version.looked_until,
            claims=tuple(map(_terms, version.terms)),
            variants=version.variants,
            settings=version.settings[BASE_VARIANT],
        )
        for version in record.versions
    )


def _terms(claim: Mapping[str, Plain]) -> Terms:
    unit, occurrence = str(claim["unit"]), str(claim["occurrence"])
    return Terms(
        claim=str(claim["name"]),
        estimand=str(claim["estimand"]),
        direction=str(claim["direction"]),
        margin=float(str(claim["margin"])),
        alpha=float(str(claim["alpha"])),
        planned=int(str(claim["planned_occurrences"])),
        settlement_size=int(str(claim["settlement_size"])),
        occurrence=occurrence_name(unit, occurrence),
        population=str(claim["population"]),
    )
