"""A disk that remembers what a power cut would take away.

Everything happens in a real folder, through the real module and the real operating
system; the double only watches. Before each call by which Python touches a name or asks
for durability it takes a picture: what stands in the folder now, and what of that was
ever synced. Each picture is a moment at which the power may fail, and each can be
developed into the states that a file system may legally come back in:

- what was written and not synced is gone, or torn: a file is as it was at its last
  fsync (empty, if there was none), a prefix of what it is now, or whole;
- a name that was made, moved or removed is so for certain only once its folder was
  synced; until then the change may have come to pass or not. A move is one change, and
  its folder is the one it goes into.

That is less than ext4 keeps in practice, and all that POSIX promises. What is written
between two calls, also by code that is not Python's, is found in the folder itself at
the next; a crash in the middle of it comes back in a state of the next picture.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch


@dataclass(eq=False)
class File:
    """Content now, and at the last fsync."""

    now: bytes = b""
    synced: bytes = b""
    mode: int = 0o644


@dataclass(eq=False)
class Link:
    """A symbolic link; where it leads is part of its name, and never torn."""

    target: str


@dataclass(eq=False)
class Folder:
    """Names now, and those that are sure to outlive a power cut."""

    now: dict[str, "Node"] = field(default_factory=dict)
    synced: dict[str, "Node"] = field(default_factory=dict)
    mode: int = 0o755


Node = File | Link | Folder


@dataclass(frozen=True, eq=False)
class Change:
    """One change of names that no fsync has made sure of yet.

    Attributes:
        folder: The folder whose fsync makes it sure.
        name: The name in it.
        node: What the name stands for from then on; None where it was removed.
        source: Where it was moved from.
    """

    folder: Folder
    name: str
    node: Node | None
    source: tuple[Folder, str] | None = None


@dataclass(frozen=True)
class Picture:
    """One moment at which the power may fail.

    Attributes:
        before: The call that came next; empty at the end.
        root: Everything in the folder, as it was.
        pending: The changes that may be undone, oldest first.
        said: What had been acknowledged to the caller by then.
    """

    before: str
    root: Folder
    pending: tuple[Change, ...]
    said: tuple[object, ...]


@dataclass(frozen=True)
class Fate:
    """Decides what a power cut takes.

    Attributes:
        keeps: Whether a change of names that may be undone came to pass.
        content: What a file comes back with.
    """

    keeps: Callable[[Change], bool]
    content: Callable[[File], bytes]


def all_is_lost() -> Fate:
    """One extreme: whatever was not synced is gone."""
    return Fate(lambda _: False, lambda file: file.synced)


def names_survive() -> Fate:
    """The other: every change of a name is kept, and no unsynced content."""
    return Fate(lambda _: True, lambda file: file.synced)


def torn(seed: int) -> Fate:
    """Every name, and of each unsynced content the first part, cut by chance."""
    random = Random(seed)
    return Fate(lambda _: True, lambda file: _first_part(file, random))


def any_subset(seed: int) -> Fate:
    """Any of it may survive."""
    random = Random(seed)
    return Fate(
        lambda _: random.random() < 0.5,
        lambda file: random.choice([file.synced, _first_part(file, random), file.now]),
    )


def killed() -> Fate:
    """No power cut: only the process is gone, by kill -9."""
    return Fate(lambda _: True, lambda file: file.now)


def _first_part(file: File, random: Random) -> bytes:
    """What was appended may be cut; what was synced before it stays."""
    pairs = zip(file.now, file.synced, strict=False)
    stays = next((n for n, (a, b) in enumerate(pairs) if a != b), len(file.synced))
    return file.now[: random.randint(min(stays, len(file.now)), len(file.now))]


EXTREMES: dict[str, Callable[[], Fate]] = {
    "all unsynced is lost": all_is_lost,
    "names survive": names_survive,
    "torn once": lambda: torn(1),
    "torn twice": lambda: torn(2),
    "killed": killed,
}


def survivors(picture: Picture, fate: Fate) -> Folder:
    """The folder as it comes back; all in it is on the disk for good."""
    names: dict[Folder, dict[str, Node]] = {}

    def of(folder: Folder) -> dict[str, Node]:
        return names.setdefault(folder, dict(folder.synced))

    for change in picture.pending:
        if fate.keeps(change):
            _apply(change, of)
    contents: dict[Node, Node] = {}

    def back(node: Node) -> Node:
        if isinstance(node, Link):
            return node
        if isinstance(node, File):
            if node not in contents:
                data = fate.content(node)
                contents[node] = File(data, data, node.mode)
            return contents[node]
        entries = {name: back(each) for name, each in of(node).items()}
        return Folder(entries, dict(entries), node.mode)

    root = back(picture.root)
    assert isinstance(root, Folder)
    return root


def _apply(change: Change, of: Callable[[Folder], dict[str, Node]]) -> None:
    """Let a change come to pass, unless what it rests on did not."""
    if change.source:
        folder, name = change.source
        if of(folder).get(name) is not change.node:
            return
        del of(folder)[name]
    if change.node is None:
        of(change.folder).pop(change.name, None)
    else:
        of(change.folder)[change.name] = change.node


def told_apart(node: Node) -> object:
    """A value that is equal for equal folders, names and bytes."""
    if isinstance(node, Folder):
        return frozenset((name, told_apart(each)) for name, each in node.now.items())
    return node.now if isinstance(node, File) else node.target


@contextmanager
def nothing_synced() -> Iterator[None]:
    """While states are tried out, the real disk need not spin."""
    with patch.object(os, "fsync"):
        yield


def lay_out(root: Folder, place: Path) -> None:
    """Put a picture's folder on the real disk, in the place of what is there."""
    shutil.rmtree(place, ignore_errors=True)
    made: dict[File, Path] = {}
    _lay_out(root, place, made)


def _lay_out(folder: Folder, place: Path, made: dict[File, Path]) -> None:
    place.mkdir()
    for name, node in folder.now.items():
        path = place / name
        if isinstance(node, Folder):
            _lay_out(node, path, made)
        elif isinstance(node, Link):
            path.symlink_to(node.target)
        elif node in made:
            path.hardlink_to(made[node])
        else:
            path.write_bytes(node.now)
            path.chmod(node.mode)
            made[node] = path
    place.chmod(folder.mode)


class Disk:
    """The double: one folder, watched.

    Attributes:
        place: The folder; what it holds in the beginning is on the disk for good.
        pictures: One before each call, in order.
        said: What was acknowledged so far; whoever acknowledges adds to it.
    """

    def __init__(self, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.place = Path(os.path.realpath(place))
        self.pictures: list[Picture] = []
        self.said: list[object] = []
        self._root = Folder()
        self._pending: list[Change] = []
        self._notice()
        self._settle(self._root)
        self._pending.clear()

    def cut(self, picture: Picture, fate: Fate) -> None:
        """Let the power fail at a picture; the machine comes back with what is left."""
        self._come_back(survivors(picture, fate), ())

    def kill(self, picture: Picture) -> None:
        """Kill the process at a picture.

        The kernel still holds what was not synced, and may lose it yet.
        """
        self._come_back(*_copied(picture.root, picture.pending))

    def _come_back(self, root: Folder, pending: tuple[Change, ...]) -> None:
        self._root, self._pending = root, list(pending)
        self.pictures.clear()
        lay_out(root, self.place)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Every call of this process that touches the folder is seen."""
        calls: dict[str, Callable[..., None]] = {
            "fsync": self._synced,
            "replace": self._moved,
            "rename": self._moved,
            "link": self._linked,
            "symlink": self._changed,
            "unlink": self._changed,
            "remove": self._changed,
            "mkdir": self._changed,
            "rmdir": self._changed,
            "open": self._changed,
            "ftruncate": self._changed,
            "truncate": self._changed,
        }
        real = {name: getattr(os, name) for name in calls}
        for name, seen in calls.items():
            setattr(os, name, self._watching(name, real[name], seen))
        try:
            yield
        finally:
            for name, call in real.items():
                setattr(os, name, call)
        self._take_picture("")

    def _watching(
        self, name: str, call: Callable[..., Any], seen: Callable[..., None]
    ) -> Callable[..., Any]:
        def watching(*args: Any, **more: Any) -> Any:
            if not self._concerns(name, args, more):
                return call(*args, **more)
            told = os.path.relpath(
                self._path(args[name == "symlink"], more), self.place
            )
            self._take_picture(f"{name} {told}")
            done = None if name == "fsync" else call(*args, **more)
            seen(*args, **more)
            return done

        return watching

    def _concerns(self, name: str, args: tuple[Any, ...], more: dict[str, Any]) -> bool:
        """Whether a call changes, or makes sure of, anything in the folder."""
        if name == "open" and not args[1] & os.O_CREAT:
            return False
        return self._path(args[name == "symlink"], more).is_relative_to(self.place)

    def _path(self, named: object, more: dict[str, Any]) -> Path:
        """Where a name leads, its folder's links followed and its own not."""
        if isinstance(named, int):
            return Path(f"/proc/self/fd/{named}").readlink()
        handle = more.get("dir_fd")
        folder = Path(f"/proc/self/fd/{handle}").readlink() if handle else Path()
        path = folder / os.fsdecode(named)  # type: ignore[arg-type]
        return Path(os.path.realpath(path.parent)) / path.name

    def _take_picture(self, before: str) -> None:
        self._notice()
        copy, pending = _copied(self._root, self._pending)
        self.pictures.append(Picture(before, copy, pending, tuple(self.said)))

    def _find(self, path: Path) -> Node | None:
        node: Node | None = self._root
        for part in path.relative_to(self.place).parts:
            node = node.now.get(part) if isinstance(node, Folder) else None
        return node

    def _folder(self, path: Path) -> Folder:
        folder = self._find(path)
        assert isinstance(folder, Folder)
        return folder

    def _changed(self, *_: object, **__: object) -> None:
        """A name came or went; the folder itself tells which."""
        self._notice()

    def _synced(self, handle: int) -> None:
        self._notice()
        node = self._find(self._path(handle, {}))
        if isinstance(node, File):
            node.synced = node.now
        elif isinstance(node, Folder):
            self._sync_names(node)

    def _sync_names(self, folder: Folder) -> None:
        for change in [each for each in self._pending if each.folder is folder]:
            self._pending.remove(change)
            self._apply_for_good(change)

    def _apply_for_good(self, change: Change) -> None:
        if change.source:
            folder, name = change.source
            if folder.synced.get(name) is change.node:
                del folder.synced[name]
            self._pending = [  # it was made under a name that it has no more
                each
                for each in self._pending
                if not (
                    each.folder is folder
                    and each.name == name
                    and each.node is change.node
                )
            ]
        _apply(Change(change.folder, change.name, change.node), lambda f: f.synced)

    def _moved(self, old: object, new: object) -> None:
        source, target = self._path(old, {}), self._path(new, {})
        origin, folder = self._folder(source.parent), self._folder(target.parent)
        node = origin.now.pop(source.name)
        folder.now[target.name] = node
        change = Change(folder, target.name, node, (origin, source.name))
        self._pending.append(change)

    def _linked(self, old: object, new: object, **_: object) -> None:
        node, target = self._find(self._path(old, {})), self._path(new, {})
        assert node is not None
        folder = self._folder(target.parent)
        folder.now[target.name] = node
        self._pending.append(Change(folder, target.name, node))

    def _notice(self) -> None:
        """Find what came, went or was written since the last look."""
        self._notice_folder(self._root, self.place)

    def _notice_folder(self, folder: Folder, place: Path) -> None:
        with os.scandir(place) as scan:
            there = {entry.name: entry for entry in scan}
        for name in [name for name in folder.now if name not in there]:
            del folder.now[name]
            self._pending.append(Change(folder, name, None))
        for name, entry in sorted(there.items()):
            node = folder.now.get(name)
            if node is None:
                node = folder.now[name] = _fresh(entry)
                self._pending.append(Change(folder, name, node))
            if isinstance(node, Link):
                continue
            node.mode = entry.stat().st_mode & 0o7777
            if isinstance(node, Folder):
                self._notice_folder(node, place / name)
            else:
                node.now = (place / name).read_bytes()

    def _settle(self, folder: Folder) -> None:
        folder.synced = dict(folder.now)
        for node in folder.now.values():
            if isinstance(node, Folder):
                self._settle(node)
            elif isinstance(node, File):
                node.synced = node.now


def _fresh(entry: "os.DirEntry[str]") -> Node:
    if entry.is_symlink():
        return Link(str(Path(entry.path).readlink()))
    return Folder() if entry.is_dir() else File()


def _copied(
    root: Folder, pending: "list[Change] | tuple[Change, ...]"
) -> tuple[Folder, tuple[Change, ...]]:
    """The same graph of nodes, which later changes do not touch."""
    copies: dict[Node, Node] = {}

    def copy(node: Node) -> Node:
        if isinstance(node, Link):
            return node
        if node in copies:
            return copies[node]
        if isinstance(node, File):
            copies[node] = File(node.now, node.synced, node.mode)
            return copies[node]
        twin = copies[node] = Folder(mode=node.mode)
        twin.now = {name: copy(each) for name, each in node.now.items()}
        twin.synced = {name: copy(each) for name, each in node.synced.items()}
        return twin

    def folder(node: Folder) -> Folder:
        twin = copy(node)
        assert isinstance(twin, Folder)
        return twin

    changes = tuple(
        Change(
            folder(each.folder),
            each.name,
            None if each.node is None else copy(each.node),
            each.source and (folder(each.source[0]), each.source[1]),
        )
        for each in pending
    )
    return folder(root), changes
