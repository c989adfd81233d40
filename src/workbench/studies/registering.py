"""Sealing a study before it looks: the registration's line in the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.archive.layout import Layout
from workbench.archive.ledgers import LedgerArchive
from workbench.archive.runs import RunArchive
from workbench.archive.sealed import SealedArchive
from workbench.contracts.registrations import set_status
from workbench.core.clock import format_instant
from workbench.core.disk import write_text
from workbench.core.registration import Registration, Status
from workbench.studies.catalogue import Study
from workbench.takeaways.ledger import seal_of, seen_until


@dataclass(frozen=True, slots=True)
class Registering:
    """Seals registrations.

    Attributes:
        layout: Where the registrations are.
        ledgers: Where seals are kept.
        runs: Where looks are remembered.
        newest: Up to when a study's data lie here; None when there are none.
        sealed: Where the code that settles claims is kept.
    """

    layout: Layout
    ledgers: LedgerArchive
    runs: RunArchive
    newest: Callable[[Registration], datetime | None]
    sealed: SealedArchive

    def register(self, whole: Study) -> bool:
        """Seal what decides the outcome; True if this made a new seal.

        The line says up to when the authors may have looked: only later data are fresh.
        Whatever lay here when they sealed could be seen, in a run or without one. The
        ledger is written first, so a crash between the two is mended by calling again.
        """
        registration = whole.registration
        study = registration.study
        lines = self.ledgers.read(study)
        fresh = seal_of(lines) != registration.seal
        self.sealed.keep(registration.seal, whole.notebook.bare_cells)
        if fresh:
            looks = (
                seen_until(lines),
                self.runs.looked_until(study),
                self.newest(registration),
            )
            looked = max((look for look in looks if look), default=None)
            self.ledgers.append(
                study,
                {
                    "line": "registered",
                    "study": study,
                    "seal": registration.seal,
                    "sealed": registration.sealed_part(),
                    "looked_until": format_instant(looked) if looked else None,
                },
            )
        file: Path = self.layout.registration(study)
        text = file.read_text(encoding="utf-8")
        changed = set_status(text, Status.REGISTERED)
        if changed != text:
            write_text(file, changed)
        return fresh
