"""The lines of a study's ledger: each is chained by hash to the one before."""

from collections.abc import Mapping, Sequence
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


def first_break(lines: Sequence[Line]) -> int | None:
    """Number of the first line that was edited, dropped or moved; None if none was."""
    previous: Plain = START
    for number, line in enumerate(lines, start=1):
        body = {key: value for key, value in line.items() if key != "hash"}
        whole = line.get("hash") == sha256_of_value(body)
        if (
            not whole
            or line.get("previous") != previous
            or line.get("number") != number
        ):
            return number
        previous = line.get("hash")
    return None


def claimed(lines: Sequence[Line], key: Mapping[str, str]) -> Line | None:
    """The newest line of this (seal, variant, as-of, claim), if there is one."""
    for line in reversed(lines):
        if line.get("key") == dict(key):
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
    """Up to when a ledger itself proves that the authors have seen the data.

    Whoever published a claim had seen its data, and what was seen stays seen.
    """
    looks: list[Plain] = []
    for line in lines:
        key = line.get("key")
        looks.append(line.get("looked_until"))
        looks.append(key.get("as_of") if isinstance(key, dict) else None)
    return max((parse_instant(str(look)) for look in looks if look), default=None)


def is_sealed(registration: Registration, lines: Sequence[Line]) -> bool:
    """Whether a registration says so and its ledger's newest seal is its own."""
    registered = registration.status is Status.REGISTERED
    return registered and seal_of(lines) == registration.seal
