"""Verifying a ledger: every hash, and every number that follows from others.

The chain says that no line was changed. Whether the lines are true to each other is
asked here: terms against their seal, a claim against the terms, the time and the other
ledgers that it was made in, and, by `settlement.checking`, each number against those it
follows from. An estimate and its standard error come from data, which are not here; a
rehearsal of history recomputes these.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.core.canonical import sha256_of_value
from workbench.core.clock import parse_instant
from workbench.core.registration import duration_of
from workbench.publishing.claims import known_already
from workbench.settlement.checking import claim_faults, fate_faults, value_faults
from workbench.takeaways.heads import NOTHING_HELD, Held
from workbench.takeaways.ledger import Line, first_break, seal_of, seen_until
from workbench.takeaways.record import ClaimRecord, Record, Version, fold, key_of
from workbench.takeaways.settling import ripens

FATES = ("settled", "withdrawn")
NOT_HELD = "is a line that its ledger does not hold: it was cut off, or is another"
UNREADABLE = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Peers:
    """What a ledger is held against: all others, and what they held at times.

    Attributes:
        lines: Of each.
        records: What those that can be read remember.
        held: What ledgers held, by hash.
    """

    lines: Mapping[str, Sequence[Line]]
    records: Mapping[str, Record]
    held: Held


def faults(
    study: str,
    lines: Sequence[Line],
    others: Mapping[str, Sequence[Line]],
    held: Held = NOTHING_HELD,
) -> Iterator[tuple[int, str]]:
    """Number of each wrong line and what is wrong with it; a broken chain ends it.

    Args:
        study: Whose ledger it is.
        lines: The ledger.
        others: The ledgers of all other studies, which its claims learnt from; one that
            is broken itself is told of by its own verification, and not asked here.
        held: What ledgers held, by the hash that claims name it by.
    """
    try:
        broken = first_break(lines)
    except UNREADABLE:
        yield 0, "it holds what no ledger can: a number or a text that is none."
        return
    if broken is not None:
        yield broken.number, f"the chain breaks here: {broken.kind}."
        return
    try:
        record = fold(study, lines)
        yield from [*_seals(study, lines), *_ends(lines)]
    except UNREADABLE as error:
        yield 0, f"it cannot be read: {error}."
        return
    peers = Peers(others, _whole(others), held)
    for place, claim in enumerate(record.claims):
        try:
            found = list(_of_claim(record, place, lines, peers))
        except UNREADABLE:
            found = [(claim.line, "it cannot be read: a value is none of its kind.")]
        yield from found


def older_claims(record: Record) -> int:
    """Claims of an older form, of which less can be checked."""
    return sum(claim.heads is None for claim in record.claims)


def _whole(ledgers: Mapping[str, Sequence[Line]]) -> dict[str, Record]:
    found = {}
    for study, lines in ledgers.items():
        try:
            if first_break(lines) is None:
                found[study] = fold(study, lines)
        except UNREADABLE:
            continue
    return found


def _of_claim(
    record: Record, place: int, lines: Sequence[Line], peers: Peers
) -> Iterator[tuple[int, str]]:
    """All that is wrong with a claim, its fate, and what recomputed it."""
    claim = record.claims[place]
    if claim.lacks(peers.held):
        yield claim.line, f"takeaways/heads/{claim.heads}.json is not here, or is torn."
        return
    version = record.versions[claim.version - 1]
    then = {**peers.records, claim.study: record.until(claim.line - 1)}
    ledgers = {**peers.lines, claim.study: lines[: claim.line - 1]}
    for message in (
        *_identity_faults(claim, version),
        *_form_faults(record.claims[:place], claim),
        *_time_faults(claim, lines[: claim.line - 1]),
        *_witness_faults(record.claims[:place], claim, ledgers, peers.held),
        *claim_faults(claim, version, then, peers.held),
    ):
        yield claim.line, message
    for number in claim.recomputed if claim.forecast else ():
        values = lines[number - 1]["values"]
        for message in value_faults(claim, values, version):
            yield number, message
    if claim.ended is not None:
        line = lines[claim.ended - 1]
        known = seen_until(lines[: claim.ended - 1])
        for message in (*_end_faults(claim, line, known), *fate_faults(claim)):
            yield claim.ended, message


def _seals(study: str, lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    for line in lines:
        number = int(str(line["number"]))
        if line["line"] == "registered" and line["seal"] != sha256_of_value(
            line["sealed"]
        ):
            yield number, "its seal is not that of its terms."
        if line.get("study", study) != study:
            yield number, "it is a line of another study."


def _ends(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """A claim is made once, and ends once: settled, or withdrawn."""
    made: set[object] = set()
    ended: dict[object, int] = {}
    for line in lines:
        kind, number = line["line"], int(str(line["number"]))
        if kind == "claimed":
            if key_of(line) in made:
                yield number, "the claim is claimed twice."
            made.add(key_of(line))
        elif kind in FATES:
            first = ended.setdefault(key_of(line), number)
            if first != number:
                yield number, f"the claim is {kind} and had ended at line {first}."


def _identity_faults(claim: ClaimRecord, version: Version) -> Iterator[str]:
    """Whether it is a claim of the terms, the variant and the name that it says."""
    sealed = {str(terms["name"]): terms for terms in version.terms}
    terms = sealed.get(claim.claim)
    if terms is None or claim.variant not in version.variants:
        yield "it is a claim, or a variant, that was not sealed."
        return
    settings = version.settings[claim.variant]
    horizon = duration_of(str(terms["horizon"]), settings)
    if dict(claim.terms) != {**terms, "horizon": horizon}:
        yield "its terms are not those that were sealed."


def _form_faults(before: Sequence[ClaimRecord], claim: ClaimRecord) -> Iterator[str]:
    """Whether it says less than claims before it did."""
    if claim.forecast is None and any(each.forecast for each in before):
        yield "it seals no forecast, as claims before it do."
    if claim.heads is None and any(each.heads is not None for each in before):
        yield "it does not name the heads of ledgers, as claims before it do."
    if claim.heads is not None and claim.known_until is None:
        yield "it does not say up to when data were known."


def _time_faults(claim: ClaimRecord, before: Sequence[Line]) -> Iterator[str]:
    """Whether it says of itself when it was made, by the lines before it."""
    if seal_of(before) != claim.seal:
        yield "it was made on terms that newer ones had replaced."
    known = known_already(claim.as_of, claim.known_until or claim.as_of, before)
    if known and not claim.replay:
        yield "it passes as live, and its authors had seen the data after its date."
    if claim.replay and not known and claim.known_until is not None:
        yield "it passes as a replay, and nobody could know the data after its date."


def _witness_faults(
    before: Sequence[ClaimRecord],
    claim: ClaimRecord,
    ledgers: Mapping[str, Sequence[Line]],
    held: Held,
) -> Iterator[str]:
    """Whether ledgers still hold what they held when it was made."""
    heads = claim.knew(held)
    for study, head in heads.items():
        lines = ledgers.get(study, ())
        there = 1 <= head.line <= len(lines)
        if not there or lines[head.line - 1].get("hash") != head.hash:
            yield f"line {head.line} of {study}, which it was made after, {NOT_HELD}."
    named = [each for each in before if each.heads is not None and not each.lacks(held)]
    for study, head in (named[-1].knew(held) if named else {}).items():
        if study not in heads or heads[study].line < head.line:
            yield f"it names an older line of {study} than a claim before it."


def _end_faults(
    claim: ClaimRecord, line: Line, proved: datetime | None
) -> Iterator[str]:
    if line.get("replay") is not claim.replay:
        yield "it says of itself whether it is a replay, and its claim says otherwise."
    if claim.state != "withdrawn" or claim.forecast is None or claim.heads is None:
        return
    said = line.get("known_until")
    known = parse_instant(str(said)) if said else None
    if known is None or max(known, proved or known) >= ripens(claim.forecast):
        yield "it was withdrawn when an outcome of it could be known."
