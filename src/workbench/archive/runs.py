"""Run folders: found by run id, current by study and variant."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.archive.leases import lease
from workbench.core.canonical import pretty_json
from workbench.core.clock import format_instant, parse_instant
from workbench.core.disk import write_text
from workbench.core.records import from_plain, to_plain
from workbench.core.runs import RunRecord, RunSpec

SHORT = 16
EXPLORATORY = "exploratory"


@dataclass(frozen=True, slots=True)
class RunArchive:
    """All runs of a root; a run is complete when its `run.json` is there."""

    runs: Path
    leases: Path

    def folder(self, spec: RunSpec) -> Path:
        """Where this run lives."""
        return self.runs / spec.study / spec.run_id[:SHORT]

    def find(self, spec: RunSpec) -> RunRecord | None:
        """The record of this very run, if it has ended."""
        record = self._read(self.folder(spec) / "run.json")
        return record if record and record.run_id == spec.run_id else None

    @contextmanager
    def opened(self, spec: RunSpec) -> Iterator[Path]:
        """An empty run folder that this process alone may fill.

        Raises:
            TryLater: The same run is under way elsewhere.
        """
        file = self.leases / f"run-{spec.run_id[:SHORT]}.lock"
        with lease(file, f"the run {spec.run_id[:SHORT]} of {spec.study}"):
            folder = self.folder(spec)
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True, mode=0o700)
            yield folder

    def save(self, record: RunRecord) -> None:
        """Complete a run: write its record into its folder."""
        write_text(self.folder(record.spec) / "run.json", pretty_json(to_plain(record)))

    def make_current(self, spec: RunSpec) -> None:
        """Point study and variant at this run, unless a later as-of was run already."""
        file = self._pointer(spec.study, spec.variant or EXPLORATORY)
        as_of = format_instant(spec.as_of)
        if file.is_file():
            pointed = json.loads(file.read_text(encoding="utf-8"))
            if pointed["as_of"] > as_of and spec.variant is not None:
                return
        pointer = {"run": spec.run_id[:SHORT], "as_of": as_of}
        write_text(file, pretty_json(pointer))

    def current(self, study: str, variant: str | None) -> RunRecord | None:
        """The run that study and variant stand at; a variant of None is exploratory."""
        file = self._pointer(study, variant or EXPLORATORY)
        if not file.is_file():
            return None
        pointed = json.loads(file.read_text(encoding="utf-8"))
        return self._read(self.runs / study / pointed["run"] / "run.json")

    def all(self, study: str) -> list[RunRecord]:
        """Every ended run of a study, oldest first."""
        files = sorted((self.runs / study).glob("*/run.json"))
        records = [record for file in files if (record := self._read(file))]
        return sorted(records, key=lambda record: record.started)

    def note_look(self, study: str, as_of: datetime) -> None:
        """Remember that somebody has seen this study's data up to `as_of`."""
        seen = self.looked_until(study)
        if seen is None or seen < as_of:
            look = {"looked_until": format_instant(as_of)}
            write_text(self.runs / study / "looked.json", pretty_json(look))

    def looked_until(self, study: str) -> datetime | None:
        """The latest as-of at which this study was run here, whatever its status."""
        file = self.runs / study / "looked.json"
        if not file.is_file():
            return None
        return parse_instant(json.loads(file.read_text("utf-8"))["looked_until"])

    def _pointer(self, study: str, variant: str) -> Path:
        return self.runs / study / f"{variant}.current.json"

    def _read(self, file: Path) -> RunRecord | None:
        try:
            return from_plain(RunRecord, json.loads(file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return None  # torn or of an older form: the run is made again
