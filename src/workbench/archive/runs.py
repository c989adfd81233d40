"""Run folders: found by run id, current by study and variant."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.archive.leases import lease
from workbench.archive.pointers import read_pointer
from workbench.core.canonical import pretty_json
from workbench.core.clock import format_instant, parse_instant
from workbench.core.disk import (
    adopt_tree,
    remove_abandoned,
    scratch_folder,
    write_text,
)
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
        return self._home(spec.study, spec.run_id[:SHORT])

    def find(self, spec: RunSpec) -> RunRecord | None:
        """The record of this very run, if it has ended."""
        record = self._read(self.folder(spec) / "run.json")
        return record if record and record.run_id == spec.run_id else None

    @contextmanager
    def opened(self, spec: RunSpec) -> Iterator[Path]:
        """An empty folder, for its owner alone, in which this process may make the run.

        It takes the run's place at the end if a record was written into it, and is gone
        otherwise: until its replacement is whole, an earlier run stays.

        Raises:
            TryLater: The same run is under way elsewhere.
        """
        file = self.leases / f"run-{spec.run_id[:SHORT]}.lock"
        remove_abandoned(self.runs / spec.study)
        with (
            lease(file, f"the run {spec.run_id[:SHORT]} of {spec.study}"),
            scratch_folder(self.runs / spec.study, "run") as scratch,
        ):
            yield scratch
            if (scratch / "run.json").is_file():
                self._replace(self.runs / spec.study / spec.run_id[:SHORT], scratch)

    def save(self, record: RunRecord, folder: Path) -> None:
        """Complete a run: write its record into the folder in which it was made."""
        write_text(folder / "run.json", pretty_json(to_plain(record)))

    def make_current(self, spec: RunSpec, *, backfill: bool = False) -> None:
        """Point study and variant at this run.

        A backfill, a look at what was known earlier, moves the pointer forward only.
        """
        file = self._pointer(spec.study, spec.variant or EXPLORATORY)
        pointed = _instant(read_pointer(file, "as_of"))
        later = pointed is not None and pointed > spec.as_of
        if backfill and later and spec.variant is not None:
            return
        pointer = {"run": spec.run_id[:SHORT], "as_of": format_instant(spec.as_of)}
        write_text(file, pretty_json(pointer))

    def current(self, study: str, variant: str | None) -> RunRecord | None:
        """The run that study and variant stand at; a variant of None is exploratory."""
        run = read_pointer(self._pointer(study, variant or EXPLORATORY), "run")
        return self._read(self._home(study, run) / "run.json") if run else None

    def beginning_with(self, study: str, start: str) -> list[RunRecord]:
        """The runs of a study whose id begins so, each as it ended last."""
        files = (self.runs / study).glob(f"{start[:SHORT]}*/**/run.json")
        found = (self._read(file) for file in files)
        specs = {
            record.run_id: record.spec
            for record in found
            if record and record.run_id.startswith(start)
        }
        records = (self.find(specs[run_id]) for run_id in sorted(specs))
        return [record for record in records if record]

    def note_look(self, study: str, as_of: datetime) -> None:
        """Remember that somebody has seen this study's data up to `as_of`."""
        file = self.leases / f"look-{study}.lock"
        with lease(file, f"the looks at {study}", patient=True):
            self._advance_look(study, as_of)

    def _advance_look(self, study: str, as_of: datetime) -> None:
        seen = self.looked_until(study)
        if seen is None or seen < as_of:
            look = {"looked_until": format_instant(as_of)}
            write_text(self.runs / study / "looked.json", pretty_json(look))

    def looked_until(self, study: str) -> datetime | None:
        """The latest as-of at which this study was run here, whatever its status."""
        file = self.runs / study / "looked.json"
        return _instant(read_pointer(file, "looked_until"))

    def _home(self, study: str, run: str) -> Path:
        """The folder of a run, aside where a crash came between two renamings."""
        place = self.runs / study / run
        aside = _aside(place)
        return aside if aside.exists() and not place.exists() else place

    def _replace(self, place: Path, finished: Path) -> None:
        """Put a finished run in its place; at every moment one of the two is found."""
        aside = _aside(place)
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)  # a crash left it; place is whole
            place.replace(aside)
        adopt_tree(finished, place)
        shutil.rmtree(aside, ignore_errors=True)

    def _pointer(self, study: str, variant: str) -> Path:
        return self.runs / study / f"{variant}.current.json"

    def _read(self, file: Path) -> RunRecord | None:
        try:
            return from_plain(RunRecord, json.loads(file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return None  # torn or of an older form: the run is made again


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.before")


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        return None
