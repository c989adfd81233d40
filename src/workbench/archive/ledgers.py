"""Ledger files: one append-only, hash-chained file per study, in git.

What all of them held when claims were made lies beside them, once for each such time,
in heads/<hash>.json; claims name it by that hash.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from workbench.archive.locks import locked
from workbench.archive.reading import bytes_of
from workbench.core.canonical import canonical_json, sha256_of_bytes
from workbench.core.disk import append_line, sync_folder, write_text
from workbench.core.errors import Reason, TryLater, UsageError
from workbench.core.records import Plain
from workbench.takeaways.heads import (
    Heads,
    Held,
    id_of,
    named_beyond,
    plain_heads,
    read_heads,
)
from workbench.takeaways.ledger import Break, Line, chain, first_break
from workbench.takeaways.record import Record, fold

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LedgerArchive:
    """The ledgers of a root."""

    takeaways: Path
    leases: Path

    def read(self, study: str) -> list[Line]:
        """Every whole line of a study's ledger, first to last.

        A last line without its newline was torn by a crash and never counted.

        Raises:
            UsageError: The chain is broken; names the first wrong line. Or the file may
                not be read.
        """
        file = self._file(study)
        lines, broken = _checked(bytes_of(file, study) or b"")
        if broken is not None:
            message = (
                f"the ledger's chain breaks at line {broken.number}: {broken.kind}. "
                f"Restore takeaways/{file.name} from version control."
            )
            place = f"line {broken.number}"
            raise UsageError(
                Reason(
                    code="ledger-broken", message=message, subject=study, place=place
                )
            )
        return list(lines)

    def record(self, study: str) -> Record:
        """What a study's ledger remembers.

        Raises:
            UsageError: The chain is broken, or a line is of a form not known here.
        """
        return remembered(study, self.read(study))

    def whole(self) -> dict[str, list[Line]]:
        """Every line of every ledger, by study.

        Raises:
            UsageError: Chains are broken; names each.
        """
        return _of_each(self.studies(), self.read)

    def records(self) -> dict[str, Record]:
        """What every ledger remembers, by study.

        Raises:
            UsageError: Chains are broken, or lines are of a form not known here.
        """
        return _of_each(self.studies(), self.record)

    def append(self, study: str, entry: Line) -> dict[str, Plain]:
        """Add one line, chained to the last; returns it.

        Raises:
            TryLater: Another process is writing this ledger, or the disk is full.
            UsageError: The chain is broken.
        """
        with self._held(study):
            line = chain(self.read(study), entry)
            append_line(self._file(study), canonical_json(line))
            return line

    def extend(self, study: str, lines: Sequence[Line]) -> None:
        """Add lines that are chained already.

        Raises:
            TryLater: The ledger was or is being written by another process, or the disk
                is full.
            UsageError: The chain is broken.
        """
        with self._held(study):
            held = self.read(study)
            if first_break([*held, *lines]) is not None:
                message = "the ledger grew in the meantime; try again."
                raise TryLater(Reason(code="busy", message=message, subject=study))
            for line in lines:
                append_line(self._file(study), canonical_json(line))

    def hold(self, heads: Heads) -> None:
        """Keep what the ledgers hold now; before any claim names it."""
        text = canonical_json(plain_heads(heads))
        file = self._heads / f"{id_of(heads)}.json"
        if file.is_file() and file.read_bytes() == text.encode():
            sync_folder(self._heads)  # whoever wrote it may have been killed before
        else:
            write_text(file, text)

    def held(self) -> dict[str, Heads]:
        """What ledgers held at one time and another, by hash; what is torn is none.

        An editor may have put a new line at the end of a file.
        """
        found: dict[str, Heads] = {}
        for file in self._heads.glob("*.json"):
            text = file.read_bytes().rstrip()
            if sha256_of_bytes(text) == file.stem:
                with suppress(ValueError, RecursionError):
                    found[file.stem] = read_heads(json.loads(text))
        return found

    def studies(self) -> list[str]:
        """Studies that have a ledger."""
        return sorted(file.stem for file in self.takeaways.glob("*.jsonl"))

    def files(self) -> list[Path]:
        """Every file that says what was claimed, ledgers first."""
        return [
            *sorted(self.takeaways.glob("*.jsonl")),
            *sorted(self._heads.glob("*.json")),
        ]

    def _held(self, study: str) -> AbstractContextManager[None]:
        return locked(self.leases / f"ledger-{study}.lock", f"the ledger of {study}")

    @property
    def _heads(self) -> Path:
        return self.takeaways / "heads"

    def _file(self, study: str) -> Path:
        return self.takeaways / f"{study}.jsonl"


def remembered(study: str, lines: Sequence[Line]) -> Record:
    """What the lines of a study's ledger come to.

    Raises:
        UsageError: One is of a form not known here.
    """
    try:
        return fold(study, lines)
    except ValueError as error:
        message = (
            f"{error}, as far as this version knows. If a newer one wrote it, use "
            f"that; else restore takeaways/{study}.jsonl from version control."
        )
        raise UsageError(
            Reason(code="ledger-broken", message=message, subject=study)
        ) from error


def all_remembered(ledgers: Mapping[str, Sequence[Line]]) -> dict[str, Record]:
    """What all ledgers come to, by study.

    Raises:
        UsageError: Lines are of a form not known here; names each ledger.
    """
    return _of_each(ledgers, lambda study: remembered(study, ledgers[study]))


def lost_heads(ledgers: Mapping[str, Sequence[Line]], held: Held) -> Iterator[Reason]:
    """What claims name of what ledgers held, and is not held any more."""
    for study, number, name in named_beyond(ledgers, held):
        message = (
            "what the ledgers held when it was claimed is gone, or damaged; restore "
            f"takeaways/heads/{name}.json from version control, or from "
            "takeaways/ledger/heads/ of the site."
        )
        place = f"line {number}"
        yield Reason(code="heads-missing", message=message, subject=study, place=place)


def read_lines(file: Path) -> list[dict[str, Plain]]:
    """The whole lines of a ledger file, whatever they say; none if it is not there."""
    return parse_lines(file.read_bytes()) if file.is_file() else []


def parse_lines(data: bytes) -> list[dict[str, Plain]]:
    """The whole lines among the bytes of a ledger file, whatever they say."""
    whole, _, _ = data.rpartition(b"\n")
    return [_parsed(text) for text in whole.split(b"\n") if text]


@lru_cache(maxsize=1)  # more would be copies of one that grows
def _checked(data: bytes) -> tuple[list[dict[str, Plain]], Break | None]:
    """The lines of a ledger and where their chain breaks, worked out once.

    A command asks for a ledger again and again while it looks at its study; it is known
    again by every one of its bytes, never by a time.
    """
    lines = parse_lines(data)
    return lines, first_break(lines)


def _of_each(studies: Iterable[str], make: Callable[[str], T]) -> dict[str, T]:
    """Something of each study's ledger, or what is wrong with all of them at once."""
    made: dict[str, T] = {}
    wrong: list[Reason] = []
    for study in studies:
        try:
            made[study] = make(study)
        except UsageError as error:
            wrong += error.reasons
    if wrong:
        raise UsageError(wrong)
    return made


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _parsed(text: bytes) -> dict[str, Plain]:
    """One line; where it is not as we write them an empty one, which breaks the chain.

    Another spelling of the same value may be another value to another reader: of a key
    that stands there twice some take the first.
    """
    try:
        line = json.loads(text, parse_constant=_no_number)
        as_written = canonical_json(line).encode() == text
    except (ValueError, RecursionError):
        return {}
    return line if as_written and isinstance(line, dict) else {}
