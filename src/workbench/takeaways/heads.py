"""The newest line of each ledger at some time, and the hash that a claim names it by.

It is what the claim's forecast knew, and it makes the ledgers witnesses of each other:
what is cut off the end of one leaves its chain whole, but others say that there was
more. All claims of one publication are made at one time and name it once; that each
wrote it out, ledgers would grow with the square of the studies.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.core.canonical import sha256_of_value
from workbench.core.records import Plain, to_plain
from workbench.takeaways.ledger import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest line of a ledger at some time: its number and its hash."""

    line: int
    hash: str


Heads = Mapping[str, Head]
"""By study."""
Held = Mapping[str, Heads]
"""What ledgers held at one time and another, by the hash of it."""
NOTHING_HELD: Held = {}


def plain_heads(heads: Heads) -> dict[str, Plain]:
    """As they are written down."""
    return {study: to_plain(head) for study, head in heads.items()}


def id_of(heads: Heads) -> str:
    """The hash by which a claim names them: of their canonical JSON."""
    return sha256_of_value(plain_heads(heads))


def are_named(lines: Iterable[Line]) -> bool:
    """Whether any of these lines names what ledgers held."""
    return any("heads" in line for line in lines)


def named_beyond(
    ledgers: Mapping[str, Sequence[Line]], held: Collection[str]
) -> Iterator[tuple[str, int, str]]:
    """What lines name that is not among these: study, first such line, hash."""
    for study, lines in sorted(ledgers.items()):
        lost: dict[str, int] = {}
        for number, line in enumerate(lines, start=1):
            name = line.get("heads")
            if isinstance(name, str) and name not in held:
                lost.setdefault(name, number)
        yield from ((study, number, name) for name, number in lost.items())


def read_heads(plain: Plain) -> dict[str, Head]:
    """Heads as they were written down.

    Raises:
        ValueError: They are no mapping, or one of them is none.
    """
    if not isinstance(plain, dict):
        raise ValueError("heads are those of studies, by name")  # noqa: TRY004
    return {study: _head(head) for study, head in plain.items()}


def _head(plain: Plain) -> Head:
    match plain:
        case {"line": int(line), "hash": str(sha), **more} if not more:
            if not isinstance(line, bool):
                return Head(line=line, hash=sha)
    raise ValueError("a head has a line and a hash")
