"""The one module through which everything durable is written.

A file appears whole or not at all: written beside its place, synced, renamed, and the
folder synced. A full disk ends in `TryLater`, with nothing at the final path.
"""

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from workbench.core.errors import Reason, TryLater, UsageError

_SYNCS_AT_ONCE = 16
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_PART = ".part-"


@contextmanager
def full_disk_is_try_later(what: str) -> Iterator[None]:
    """Turn "no space left" into the error a scheduler may retry.

    Raises:
        TryLater: The disk, or the quota, is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in NO_SPACE:
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


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, and those above it that are not there, durably.

    Its name is synced before it holds anything, so one that holds something is sure.

    Raises:
        TryLater: The disk is full.
    """
    with full_disk_is_try_later(folder.name):
        if not folder.is_dir():
            make_folder(folder.parent)
            folder.mkdir(mode, exist_ok=True)
        if not any(folder.iterdir()):
            sync_folder(folder.parent)


@contextmanager
def _finished_part(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A whole, synced file beside `path`, gone afterwards unless it was renamed."""
    with full_disk_is_try_later(path.name):
        make_folder(path.parent)
        _remove_abandoned_parts(path.parent)
        part, handle = _locked_part(path.parent)
        with os.fdopen(handle, "wb") as file:  # its lock is held until it is renamed
            try:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
                yield part
            finally:
                part.unlink(missing_ok=True)
        sync_folder(path.parent)


def _locked_part(folder: Path) -> tuple[Path, int]:
    """A new file and its handle; made again if it was swept away before its lock."""
    while True:
        handle, name = tempfile.mkstemp(dir=folder, prefix=_PART)
        if _locked(handle) and Path(name).exists():
            return Path(name), handle
        os.close(handle)


def _remove_abandoned_parts(folder: Path) -> None:
    """Remove the parts of writers that were killed; those of the living are locked."""
    for part in folder.glob(f"{_PART}*"):
        lock = _lock(part, os.O_RDONLY)
        if lock is not None:
            part.unlink(missing_ok=True)
            os.close(lock)


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
        make_folder(path.parent)
        with path.open("ab+") as file:
            end = file.seek(0, os.SEEK_END)
            if not end:
                sync_folder(path.parent)  # its name is sure before its first line
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
        make_folder(place.parent)
        finished.replace(place)
        sync_folder(place.parent)


def make_room(folder: Path, size: int) -> None:
    """See to it that so many bytes can be written next, where to fail would be late.

    Raises:
        TryLater: They cannot.
    """
    with full_disk_is_try_later("what comes next"), TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, size)


def sync_tree(top: Path, durable: Set[str] = frozenset()) -> None:
    """Make every file and every name in and below a folder durable.

    Args:
        top: The folder; nobody writes into it any more.
        durable: Files in it that are second names of files already synced.
    """
    from concurrent.futures import ThreadPoolExecutor  # most commands need none

    # Each call waits for the disk, which takes many at once as gladly as one.
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
        list(pool.map(_sync, _unsynced(top, durable)))


def adopt_tree(finished: Path, place: Path, durable: Set[str] = frozenset()) -> None:
    """Move a finished folder to its place durably; a folder already there is kept.

    Args:
        finished: The folder; nobody writes into it any more.
        place: Its final place.
        durable: Files in it that are second names of files already synced.
    """
    sync_tree(finished, durable)
    with full_disk_is_try_later(place.name):
        make_folder(place.parent)
        if place.exists():
            shutil.rmtree(finished)
        else:
            finished.replace(place)
        sync_folder(place.parent)


def _unsynced(finished: Path, durable: Set[str]) -> Iterator[Path]:
    for folder, _, files in os.walk(finished):
        home = Path(folder)
        inside = "" if home == finished else f"{home.relative_to(finished).as_posix()}/"
        for name in files:
            if f"{inside}{name}" not in durable:
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
    make_folder(link.parent)
    part = link.with_name(f"{_PART}{os.getpid()}-{link.name}")
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
        if not parent.is_dir():  # what is made in it may be adopted beside it
            make_folder(parent)
        folder, lock = _locked_folder(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def temporary_home(parent: Path) -> Path:
    """This user's own folder in a folder of everybody's, for scratch that is swept.

    Args:
        parent: Such as /tmp.

    Raises:
        UsageError: Somebody else made it, or others may write into it.
    """
    home = parent / f"workbench-{os.getuid()}"
    with full_disk_is_try_later("a temporary folder"):
        home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not ours or found.st_mode & 0o077:
        message = f"{home} must be your own folder, closed to others; move it away."
        raise UsageError(Reason(code="temporary-folder", message=message))
    remove_abandoned(home)
    return home


def _locked_folder(parent: Path, prefix: str) -> tuple[Path, int]:
    """A new folder and its lock; made again if it was swept away before the lock."""
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=f".{prefix}-"))
        lock = _lock(folder)
        if lock is not None and folder.exists():
            return folder, lock
        if lock is not None:
            os.close(lock)


def _lock(path: Path, kind: int = os.O_DIRECTORY) -> int | None:
    """The lock of a folder, or file, as an open handle; None where it is not free.

    Nor is that of a link, of what is of another kind, or another user's.
    """
    try:
        handle = os.open(path, kind | os.O_NOFOLLOW)
    except OSError:
        return None
    if _locked(handle):
        return handle
    os.close(handle)
    return None


def _locked(handle: int) -> bool:
    """Take the lock of an open file, unless another has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def abandoned(parent: Path) -> Iterator[Path]:
    """The scratch folders of processes that were killed."""
    for folder in sorted(parent.glob(".*-*")):
        lock = _lock(folder)
        if lock is not None:
            os.close(lock)
            yield folder


def remove_abandoned(parent: Path) -> None:
    """Remove the scratch folders of processes that were killed; others stay."""
    for folder in parent.glob(".*-*"):
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
