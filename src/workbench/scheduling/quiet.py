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
from workbench.core.canonical import pretty_json, sha256_of_bytes, sha256_of_value
from workbench.core.disk import write_text
from workbench.core.records import from_plain, to_plain

_ALL = 99  # levels; deeper than anybody lays out a folder


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

    Args:
        layout: The root.
        told: What else decides it: settings, our own source, the run store's state.
    """
    files = [layout.mkdocs_file, layout.root / "requirements" / "run.txt"]
    found = {str(file): _content(file) for file in files}
    for folder, ending, levels in (
        (layout.research, ".yaml", 2),
        (layout.notebooks, ".ipynb", _ALL),
        (layout.takeaways, "", _ALL),
        (layout.site, "", _ALL),
        (layout.data / "manifests", "", _ALL),
        (layout.state, ".json", 1),
        (layout.runs, "run.json", 4),  # runs/<study>/<run>/<attempt>/run.json
        (layout.editions, ".json", 3),  # editions/<study>/<variant>/current.json
    ):
        found |= {path: _content(path) for path in _below(folder, ending, levels)}
    objects = _below(layout.data / "objects", "", 1)  # named by their content
    sizes = {path: Path(path).stat().st_size for path in objects}
    serving = layout.build / "current"
    target = str(serving.readlink()) if serving.exists() else ""
    return sha256_of_value([found, sizes, target, _installed(), to_plain(told)])


def _installed() -> list[str]:
    """Names and versions of the libraries, as the folders of their metadata say."""
    return [
        entry.name
        for folder in sys.path
        if Path(folder).is_dir()
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
        if entry.name.endswith(".dist-info")
    ]


def _below(folder: Path | str, ending: str, levels: int) -> Iterator[str]:
    """Paths of files some levels below a folder; none where it is missing."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_file():
            if entry.name.endswith(ending):
                yield entry.path
        elif levels > 1:
            yield from _below(entry.path, ending, levels - 1)


def _content(path: Path | str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a thousand times in a row
            return sha256_of_bytes(file.read())
    except FileNotFoundError:
        return ""
