"""A tick with nothing to do: all that decides what a tick does is what it was.

The note of the last tick that did nothing holds a hash of all its inputs, what it said,
and the next instant at which something comes due by time alone. Equal inputs before
that instant are an equal tick. Nothing here looks at when a file was written.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.archive.layout import Layout
from workbench.core.canonical import pretty_json, sha256_of_value
from workbench.core.disk import write_text
from workbench.core.folders import ALL_LEVELS, content_ids, paths_below
from workbench.core.records import from_plain, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What a tick that did nothing leaves.

    Attributes:
        inputs: Hash of all that decided that.
        since: When it was.
        until: When a slot comes whose data are there; None where none does.
        plan: What it said of every study, for programs.
        lines: The same for people.
    """

    inputs: str
    since: datetime
    until: datetime | None
    plan: tuple[Mapping[str, object], ...]
    lines: tuple[str, ...]

    def holds(self, inputs: str, now: datetime) -> bool:
        """Whether a tick now would do nothing again and say the same."""
        early = self.until is None or now < self.until
        return inputs == self.inputs and self.since <= now and early


@dataclass(frozen=True, slots=True)
class Quieting:
    """The note of a root; one that cannot be read is none."""

    file: Path

    def read(self) -> Quiet | None:
        """What the last tick without work left."""
        try:
            return from_plain(Quiet, json.loads(self.file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def write(self, quiet: Quiet) -> None:
        """Leave it for the next."""
        write_text(self.file, pretty_json(to_plain(quiet)))


def inputs_id(layout: Layout, told: Mapping[str, object]) -> str:
    """Hash of all on the disk that decides what a tick does.

    Empty where something of it cannot be read: whom that concerns, the whole tick finds
    out, and does the rest.

    Args:
        layout: The root.
        told: What else decides it: settings, our own source, the run store's state.
    """
    try:
        return sha256_of_value([*_of_files(layout), _installed(), to_plain(told)])
    except OSError:
        return ""


def _of_files(layout: Layout) -> Iterator[object]:
    """What is in the files of a root, how large its data are, and what serves."""
    files = [layout.mkdocs_file, layout.root / "requirements" / "run.txt"]
    found = content_ids(files)
    for folder, ending, levels in (
        (layout.research, ".yaml", 2),
        (layout.notebooks, ".ipynb", ALL_LEVELS),
        (layout.takeaways, "", ALL_LEVELS),
        (layout.site, "", ALL_LEVELS),
        (layout.data / "manifests", "", ALL_LEVELS),
        (layout.state, ".json", 1),
        (layout.runs, "run.json", 4),  # runs/<study>/<run>/<attempt>/run.json
        (layout.editions, ".json", 3),  # editions/<study>/<variant>/current.json
    ):
        found |= content_ids(paths_below(folder, ending, levels))
    yield found
    objects = paths_below(layout.data / "objects", levels=1)  # named by their content
    yield [[os.fsencode(path).hex(), Path(path).stat().st_size] for path in objects]
    serving = layout.build / "current"
    yield str(serving.readlink()) if serving.exists() else ""


def _installed() -> list[str]:
    """Names and versions of the libraries, as the folders of their metadata say."""
    return [
        entry.name
        for folder in sys.path
        if Path(folder).is_dir()
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
        if entry.name.endswith(".dist-info")
    ]
