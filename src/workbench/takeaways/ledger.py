"""The lines of a study's ledger: each is chained by hash to the one before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.core.canonical import sha256_of_value
from workbench.core.clock import parse_instant
from workbench.core.records import Plain
from workbench.core.registration import Registration, Status

Line = Mapping[str, Plain]
START = "0" * 64


def chain(lines: Sequence[Line], entry: Line) -> dict[str, Plain]:
    """The next line of a ledger: the entry, the last line's hash and its own."""
    previous = lines[-1]["hash"] if lines else START
    body: dict[str, Plain] = {**entry, "previous": previous, "number": len(lines) + 1}
    return {**body, "hash": sha256_of_value(body)}


@dataclass(frozen=True, slots=True)
class Break:
    """The first line at which a chain does not hold.

    Attributes:
        number: Of the line, from 1.
        kind: `edited` when its hash is not that of its content; `duplicated` when it
            stands here before; `forked` when it continues an earlier line than the one
            before it; else `dropped or reordered`.
    """

    number: int
    kind: str


def first_break(lines: Sequence[Line]) -> Break | None:
    """Where a ledger was edited, dropped, moved, doubled or forked; None if nowhere.

    What is cut off at the end leaves a whole chain; only another copy can tell.
    """
    before: list[Plain] = [START]
    for number, line in enumerate(lines, start=1):
        body = {key: value for key, value in line.items() if key != "hash"}
        whole = line.get("hash") == sha256_of_value(body)
        follows = line.get("previous") == before[-1] and line.get("number") == number
        if not (whole and follows):
            return Break(number, _kind_of_break(line, before, whole=whole))
        before.append(line["hash"])
    return None


def _kind_of_break(line: Line, before: Sequence[Plain], *, whole: bool) -> str:
    if not whole:
        return "edited"
    if line.get("hash") in before:
        return "duplicated"
    if line.get("previous") in before[:-1]:
        return "forked"
    return "dropped or reordered"


def parting(lines: Sequence[Line], others: Sequence[Line]) -> int | None:
    """Number of the first line in which two copies of a ledger differ.

    None where one begins with all of the other. Two whole chains that part are a fork.
    """
    pairs = zip(lines, others, strict=False)
    for number, (one, other) in enumerate(pairs, start=1):
        if one.get("hash") != other.get("hash"):
            return number
    return None


def first_lost(lines: Sequence[Line], held: Sequence[Line]) -> int | None:
    """Number of the first line of an older copy that a ledger does not hold.

    None where the ledger begins with all of the copy, as one that only grew does.
    """
    number = parting(lines, held)
    if number is None and len(lines) < len(held):
        return len(lines) + 1
    return number


def claimed(lines: Sequence[Line], key: Mapping[str, str]) -> Line | None:
    """The newest line with values of this (seal, variant, as-of, claim), if any."""
    for line in reversed(lines):
        if "values" in line and line.get("key") == dict(key):  # no fate has any
            return line
    return None


def sealing(lines: Sequence[Line]) -> Line | None:
    """The newest registration in a ledger, if any was made."""
    for line in reversed(lines):
        if line.get("line") == "registered":
            return line
    return None


def seal_of(lines: Sequence[Line]) -> str | None:
    """The seal of the newest registration in a ledger, if any was made."""
    line = sealing(lines)
    return str(line["seal"]) if line else None


def seen_before(lines: Sequence[Line]) -> datetime | None:
    """Up to when the authors had seen the data when they sealed the newest terms."""
    line = sealing(lines)
    looked = line["looked_until"] if line else None
    return parse_instant(str(looked)) if looked else None


def seen_until(lines: Sequence[Line]) -> datetime | None:
    """Up to when a ledger itself proves that data were known to its authors.

    They lay there when terms were sealed, a claim made, settled or withdrawn; and what
    was seen stays seen.
    """
    looks: list[Plain] = []
    for line in lines:
        key, settled = line.get("key"), line.get("settled")
        looks += [line.get("looked_until"), line.get("known_until")]
        looks.append(key.get("as_of") if isinstance(key, dict) else None)
        looks.append(settled.get("as_of") if isinstance(settled, dict) else None)
    return max((parse_instant(str(look)) for look in looks if look), default=None)


def is_sealed(registration: Registration, lines: Sequence[Line]) -> bool:
    """Whether a registration says so and its ledger's newest seal is its own."""
    registered = registration.status is Status.REGISTERED
    return registered and seal_of(lines) == registration.seal
