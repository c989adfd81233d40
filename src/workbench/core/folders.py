"""What files a folder holds and what is in them: for hashing thousands of small ones.

Plain paths and one read each: a tick with nothing to do is little more than this.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.core.canonical import sha256_of_bytes

ALL_LEVELS = 99  # deeper than anybody lays out a folder


def paths_below(
    folder: Path | str, ending: str = "", levels: int = ALL_LEVELS
) -> Iterator[str]:
    """Paths of the files of a folder, in order; none where it is missing.

    Args:
        folder: The folder. What begins with a dot is left out.
        ending: How their names end.
        levels: How deep to look; 1 is the folder alone.
    """
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
        elif entry.is_dir() and levels > 1:
            yield from paths_below(entry.path, ending, levels - 1)


def content_ids(paths: Iterable[Path | str]) -> dict[str, str]:
    """SHA-256 of each of many small files, by path.

    Paths are the hexadecimal of their bytes, for those may be no text in UTF-8.
    """
    return {os.fsencode(path).hex(): content_id(path) for path in paths}


def content_id(path: Path | str) -> str:
    """SHA-256 of a small file's bytes; empty where it is missing."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a thousand times in a row
            return sha256_of_bytes(file.read())
    except FileNotFoundError:
        return ""
