"""The one module through which everything durable is written.

A file appears whole or not at all: written beside its place, synced, renamed, and the
folder synced. A full disk ends in `TryLater`, with nothing at the final path.
"""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from workbench.core.errors import Reason, TryLater

_SYNCS_AT_ONCE = 16
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def full_disk_is_try_later(what: str) -> Iterator[None]:
    """Turn "no space left" into the error a scheduler may retry.

    Raises:
        TryLater: The disk, or the quota, is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        message = f"the disk is full while writing {what}; free some space and retry."
        raise TryLater(Reason(code="disk-full", message=message)) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _finished_part(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A whole, synced file beside `path`, gone afterwards unless it was renamed."""
    with full_disk_is_try_later(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            yield part
        finally:
            part.unlink(missing_ok=True)
        sync_folder(path.parent)


def write_bytes(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a whole file at once, atomically and durably; replaces what was there.

    Args:
        path: Its final place.
        data: Its whole content.
        mode: Who may read it; customer rows are for their owner alone, 0600.

    Raises:
        TryLater: The disk is full; the old file, if any, is untouched.
    """
    with _finished_part(path, data, mode) as part:
        part.replace(path)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` of UTF-8 text."""
    write_bytes(path, text.encode())


def create_once(path: Path, data: bytes) -> bool:
    """Write a file only if none of that name exists; True if this call made it.

    The name appears with its whole content (a hard link to a finished file), so two
    writers cannot both win and a reader never sees half. Only its owner may read it:
    the key of the pseudonyms is such a file.
    """
    with _finished_part(path, data, mode=0o600) as part:
        try:
            os.link(part, path)
        except FileExistsError:
            return False
    return True


def append_line(path: Path, line: str) -> None:
    """Add one line to a file and sync it; a torn last line is cut off first."""
    with full_disk_is_try_later(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists()
        with path.open("ab+") as file:
            end = file.seek(0, os.SEEK_END)
            whole = _end_of_last_whole_line(path) if end else 0
            if whole != end:
                file.truncate(whole)
            try:
                file.write(line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), whole)
                raise
        if fresh:
            sync_folder(path.parent)


def _end_of_last_whole_line(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1


@contextmanager
def journal(path: Path) -> Iterator[Callable[[str], None]]:
    """A new file that takes one line after another; what a killed process wrote stays.

    Nothing is synced: it does not outlive a power cut, and costs next to nothing.
    """
    with path.open("wb", buffering=0) as file:

        def write(line: str) -> None:
            with full_disk_is_try_later(path.name):
                file.write(line.encode() + b"\n")

        yield write


def adopt_file(finished: Path, place: Path) -> None:
    """Move a finished file to its place durably; both are on one file system."""
    with full_disk_is_try_later(place.name), finished.open("rb") as file:
        os.fsync(file.fileno())
        place.parent.mkdir(parents=True, exist_ok=True)
        finished.replace(place)
        sync_folder(place.parent)


def adopt_tree(finished: Path, place: Path, durable: Set[str] = frozenset()) -> None:
    """Move a finished folder to its place durably; a folder already there is kept.

    Args:
        finished: The folder; nobody writes into it any more.
        place: Its final place.
        durable: Files in it that are second names of files already synced.
    """
    # Each call waits for the disk, which takes many at once as gladly as one.
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
        list(pool.map(_sync, _unsynced(finished, durable)))
    with full_disk_is_try_later(place.name):
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            shutil.rmtree(finished)
            return
        finished.replace(place)
        sync_folder(place.parent)


def _unsynced(finished: Path, durable: Set[str]) -> Iterator[Path]:
    for folder, _, files in os.walk(finished):
        home = Path(folder)
        for name in files:
            if (home / name).relative_to(finished).as_posix() not in durable:
                yield home / name
        yield home


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def point(link: Path, target: Path) -> None:
    """Make `link` a symbolic link to `target` in one atomic step."""
    link.parent.mkdir(parents=True, exist_ok=True)
    part = link.with_name(f".part-{os.getpid()}-{link.name}")
    part.unlink(missing_ok=True)
    part.symlink_to(os.path.relpath(target, link.parent))
    part.replace(link)
    sync_folder(link.parent)


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder, closed to others, that is gone afterwards, whatever happens inside.

    A killed process cannot clear up behind itself, but its locks end with it: a folder
    whose lock is free is nobody's, and `remove_abandoned` takes it away.
    """
    with full_disk_is_try_later(f"a scratch folder {prefix}"):
        parent.mkdir(parents=True, exist_ok=True)
        folder, lock = _locked_folder(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked_folder(parent: Path, prefix: str) -> tuple[Path, int]:
    """A new folder and its lock; made again if it was swept away before the lock."""
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=f".{prefix}-"))
        lock = _lock(folder)
        if lock is not None and folder.exists():
            return folder, lock
        if lock is not None:
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """The folder's lock as an open handle; None where it is taken, or no folder."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def remove_abandoned(parent: Path) -> None:
    """Remove the scratch folders of processes that were killed; others stay."""
    for folder in parent.glob(".*-*"):
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
