"""The releases that are kept: which serves, which served before, what has changed.

A release that served is as good as on its first day while its files are the bytes that
its name is the hash of; so going back to it builds nothing.
"""

import shutil
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.core import disk
from workbench.website.release import (
    all_but,
    known_trees,
    newest_trees,
    remember_trees,
    tree_hash,
)
from workbench.website.tree import hashes_below


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One release that is kept.

    Attributes:
        tree: Its name, the hash of all its files.
        folder: Where it is.
        made: When it was built, by the clock of this machine.
        serves: Whether readers see it now.
    """

    tree: str
    folder: Path
    made: datetime
    serves: bool

    @property
    def is_whole(self) -> bool:
        """Whether it is what it was, file by file."""
        return tree_hash(self.folder) == self.tree


def kept_releases(build: Path) -> list[Kept]:
    """Every release that is kept; the one that was published last comes first."""
    releases = build / "releases"
    serving = serving_tree(build)
    newest_first = dict.fromkeys(reversed(list(known_trees(releases).values())))
    places = [releases / tree for tree in newest_first]
    return [
        Kept(
            tree=place.name,
            folder=place,
            made=datetime.fromtimestamp(place.stat().st_mtime, tz=UTC),
            serves=place.name == serving,
        )
        for place in places
        if place.is_dir()
    ]


def serving_tree(build: Path) -> str | None:
    """Name of the release that serves, whole or not; None before any."""
    current = build / "current"
    return current.resolve().name if current.is_symlink() else None


def serve_release(build: Path, tree: str) -> None:
    """Switch to a release that is kept, in one step."""
    disk.point(build / "current", build / "releases" / tree)


def superfluous(build: Path, keep: int, needed: Set[str]) -> list[Path]:
    """Releases that are not kept: neither needed nor among the newest.

    Args:
        build: Folder of the releases and of `current`.
        keep: How many are kept beside the one published last.
        needed: Names of those that stay in any case, beside the one that serves.
    """
    releases = build / "releases"
    stay = {*newest_trees(known_trees(releases), keep), *needed}
    if serving := serving_tree(build):
        stay.add(serving)
    return all_but(stay, releases)


def drop_release(place: Path) -> None:
    """Remove a release that does not serve; it is forgotten before its files go."""
    releases = place.parent
    known = known_trees(releases)
    left = {stage: tree for stage, tree in known.items() if tree != place.name}
    remember_trees(releases, left)
    shutil.rmtree(place)


def addresses_changed(
    before: Path | None, after: Path, besides: Iterable[str]
) -> list[str]:
    """Addresses that a cache must fetch anew, from the root of the site.

    Args:
        before: The release that served; None where none did.
        after: The one that serves now.
        besides: Files that are to be named in any case.
    """
    old = hashes_below(before) if before is not None and before.is_dir() else {}
    new = hashes_below(after)
    changed = {name for name in old if new.get(name) != old[name]}
    return sorted({_address(name) for name in (*changed, *besides)})


def _address(name: str) -> str:
    folder = name.removesuffix("index.html")
    return name if folder == name else folder or "./"
