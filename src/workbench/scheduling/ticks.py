"""What one tick leaves for the next: when it was, and what it published."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.core.canonical import pretty_json
from workbench.core.clock import format_instant, parse_instant
from workbench.core.disk import write_text
from workbench.core.errors import ExitCode, Reason

Reasons = list[tuple[ExitCode, Reason]]


@dataclass(frozen=True, slots=True)
class Ticks:
    """The note of a root; one that cannot be read says that there was no tick."""

    file: Path

    @property
    def last(self) -> datetime | None:
        """When the last tick began."""
        said = self._note().get("at")
        return parse_instant(said) if isinstance(said, str) else None

    def published(self, inputs: str) -> Reasons | None:
        """What kept studies out when just these inputs were published; None if never.

        Args:
            inputs: Hash of all that decides a publication.
        """
        note = self._note()
        told = note.get("reasons")
        if note.get("published") != inputs or not isinstance(told, list):
            return None
        return [(ExitCode(int(each.pop("exit_code"))), Reason(**each)) for each in told]

    def note(self, at: datetime, inputs: str, reasons: Iterable[object]) -> None:
        """Write down a tick that ended.

        Args:
            at: When it began.
            inputs: Hash of all that decided its publication.
            reasons: What kept studies out of it, each as plain values.
        """
        whole = {
            "at": format_instant(at),
            "published": inputs,
            "reasons": list(reasons),
        }
        write_text(self.file, pretty_json(whole))

    def _note(self) -> dict[str, object]:
        try:
            note = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}
