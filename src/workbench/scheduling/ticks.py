"""What one tick leaves for the next: how far it came, and what it published."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from workbench.core.canonical import pretty_json
from workbench.core.disk import write_text
from workbench.core.errors import ExitCode, Reason
from workbench.core.records import from_plain, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Why something was kept out of a publication, as it is written down."""

    code: str
    message: str
    subject: str
    place: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The note of a tick.

    Attributes:
        until: Up to when the slots of each study had come.
        pending: Slots that were to be run and have no ending yet, by study and variant.
        told: The attempt at which it told that a run was given up, by study and variant
            and run.
        published: Hash of all that decided the last publication; empty before any.
        kept_out: What it kept out, and why.
    """

    until: Mapping[str, datetime] = field(default_factory=dict)
    pending: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    told: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    published: str = ""
    kept_out: tuple[Kept, ...] = ()

    @property
    def reasons(self) -> list[tuple[ExitCode, Reason]]:
        """What was kept out, for the command line."""
        told = []
        for each in self.kept_out:
            code, message = each.code, each.message
            reason = Reason(
                code=code, message=message, subject=each.subject, place=each.place
            )
            told.append((ExitCode(each.exit_code), reason))
        return told


def kept(reasons: Iterable[tuple[ExitCode, Reason]]) -> tuple[Kept, ...]:
    """Reasons as they are written down."""
    return tuple(
        Kept(**reason.as_json(), exit_code=int(code)) for code, reason in reasons
    )


@dataclass(frozen=True, slots=True)
class Ticks:
    """The note of a root; one that cannot be read says that there was no tick."""

    file: Path

    def read(self) -> Left:
        """What the last tick left."""
        try:
            return from_plain(Left, json.loads(self.file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return Left()

    def write(self, left: Left) -> None:
        """Leave it for the next."""
        write_text(self.file, pretty_json(to_plain(left)))
