"""The files of a release with their hashes, and what can be taken over from the last.

build/releases/.made.json   of the release built last: what each page was built from,
                            and each file's hash

A release is never written into, so a file that is the same in the next one is the
same file under a second name: nothing is copied. But each is read and hashed before it
is taken over: disks rot, and leave size and time as they were. What somebody edited in
place, or a disk lost, has changed in all releases that share it; the next publication
finds that and puts a whole file there.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.core import disk
from workbench.core.canonical import canonical_json, sha256_of_file
from workbench.website.stage import Stage
from workbench.website.surroundings import PAGES

_MADE = ".made.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The release built last, as far as it is known.

    Attributes:
        folder: Where it is; None when there is none, or it is gone.
        surroundings: What all of its pages depended on.
        pages: SHA-256 of each page's source, by path among the pages.
        files: SHA-256 of each of its files, by path.
        theirs: Those that MkDocs made of no source: the theme's, and what speaks of
            all pages.
    """

    folder: Path | None = None
    surroundings: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    theirs: Collection[str] = ()

    def whole(self, name: str) -> Path | None:
        """One of its files, if its bytes are there and what they were."""
        if self.folder is None or name not in self.files:
            return None
        path = self.folder / name
        try:
            unchanged = sha256_of_file(path) == self.files[name]
        except OSError:
            return None
        return path if unchanged else None


@dataclass(slots=True)
class Tree:
    """A release while it is made.

    Attributes:
        folder: Where it is made.
        files: SHA-256 of each of its files, by path.
        durable: Those that are on the disk already, as part of another release.
        theirs: Those that MkDocs made of no source.
    """

    folder: Path
    files: dict[str, str] = field(default_factory=dict)
    durable: set[str] = field(default_factory=set)
    theirs: Collection[str] = ()
    _folders: set[Path] = field(default_factory=set)

    def add_all(self) -> None:
        """Take in every file of the folder that is not known yet."""
        for name in files_below(self.folder):
            if name not in self.files:
                self.files[name] = sha256_of_file(self.folder / name)

    def write(self, name: str, data: bytes) -> None:
        """A file with this content."""
        path = self._free_place(name)
        path.write_bytes(data)
        self.files[name] = sha256_of_file(path)

    def take(self, name: str, wanted: str, base: Base) -> bool:
        """The file of this name and hash from an earlier release, if it has it."""
        held = base.whole(name) if base.files.get(name) == wanted else None
        if held is None:
            return False
        path = self._free_place(name)
        try:
            os.link(held, path)
            self.durable.add(name)
        except OSError:  # too many names for one file, or a disk that knows no second
            shutil.copyfile(held, path)
        self.files[name] = wanted
        return True

    def copy(self, name: str, source: Path) -> None:
        """A copy of a file from elsewhere."""
        path = self._free_place(name)
        shutil.copyfile(source, path)
        self.files[name] = sha256_of_file(path)

    def _free_place(self, name: str) -> Path:
        """Where nothing is: what was there may be a release's file by another name."""
        path = self.folder / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        path.unlink(missing_ok=True)
        self.durable.discard(name)
        return path


def files_below(folder: Path) -> Iterator[str]:
    """Paths of all files below a folder, from it."""
    for home, _, names in os.walk(folder):
        prefix = Path(home).relative_to(folder).as_posix()
        for name in names:
            yield name if prefix == "." else f"{prefix}/{name}"


def hashes_below(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a folder, by path."""
    return {name: sha256_of_file(folder / name) for name in files_below(folder)}


def read_base(releases: Path) -> Base:
    """The release built last; an empty one where nothing is known of it."""
    try:
        plain = json.loads((releases / _MADE).read_text(encoding="utf-8"))
        folder = releases / plain["tree"]
        base = Base(
            folder=folder,
            surroundings=plain["surroundings"],
            pages=plain["pages"],
            files=plain["files"],
            theirs=plain["theirs"],
        )
    except (OSError, ValueError, KeyError):
        return Base()
    return base if folder.is_dir() else Base()


def remember_base(releases: Path, name: str, tree: Tree, stage: Stage) -> None:
    """Write down of what the release just built was made.

    Args:
        releases: Folder of the releases.
        name: Name of the release.
        tree: Its files.
        stage: What it was built from.
    """
    plain = {
        "tree": name,
        "surroundings": stage.surroundings or "",
        "pages": pages_of(stage.sources),
        "files": tree.files,
        "theirs": sorted(tree.theirs),
    }
    disk.write_text(releases / _MADE, canonical_json(plain))


def pages_of(sources: Mapping[str, str]) -> dict[str, str]:
    """Those of the sources that become pages, with their hashes."""
    return {name: sha for name, sha in sources.items() if name.endswith(PAGES)}
