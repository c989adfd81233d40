"""The frozen pages of a release: put in place as they are, or made this once."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from workbench.core.canonical import sha256_of_file
from workbench.core.errors import Reason, UsageError
from workbench.core.posts import FROZEN_PAGE, Edition
from workbench.website.editions import (
    ALL,
    SHOWN,
    buried_page,
    editions_page,
    frozen_page,
)
from workbench.website.stage import Stage
from workbench.website.surroundings import PAGES
from workbench.website.tree import Base, Tree


def add_editions(stage: Stage, tree: Tree, base: Base) -> set[str]:
    """Add the page of every edition to a tree that holds the pages of the posts.

    Args:
        stage: The stage that the tree was made of.
        tree: Gets the files.
        base: The release built last; has most of them.

    Returns:
        Names of the files that were frozen before, and of tombstones in their place: a
        link may still end in a name that such a page had.

    Raises:
        UsageError: A hand-written page is in the way, or a kept file was changed.
    """
    settled: set[str] = set()
    for folder, editions in stage.editions.items():
        for edition in editions.published:
            if edition.withdrawn:
                serves = editions.current is not None
                settled |= _bury(tree, folder, edition, serves=serves)
            elif edition.is_frozen:
                settled |= _put(tree, f"{folder}/{edition.address}", edition, base)
            else:
                _freeze(stage, tree, folder, edition)
        if editions.current and len(editions.published) > SHOWN:
            built = _built(tree, folder)
            page = editions_page(built, editions)
            _write(tree, f"{folder}/{ALL}/{FROZEN_PAGE}", page.encode())
    return settled


def frozen_in(release: Path, folder: str, edition: Edition) -> dict[str, Path]:
    """The files at an edition's address in a release, by name."""
    place = release / folder / edition.address
    return {file.name: file for file in sorted(place.iterdir())}


def _put(tree: Tree, place: str, edition: Edition, base: Base) -> set[str]:
    for file, sha in edition.files.items():
        name = f"{place}/{file}"
        _refuse_two(tree, name)
        if not tree.take(name, sha, base):
            kept = edition.kept(file)
            if not kept.is_file() or sha256_of_file(kept) != sha:
                raise _damaged(name)
            tree.copy(name, kept)
    return {f"{place}/{file}" for file in edition.files}


def _bury(tree: Tree, folder: str, edition: Edition, *, serves: bool) -> set[str]:
    """Put a tombstone where the page of an edition was; its files are gone."""
    place = f"{folder}/{edition.address}"
    posts = "../" * place.count("/")
    page = buried_page(edition, posts, _history(tree, place), serves=serves)
    _write(tree, f"{place}/{FROZEN_PAGE}", page.encode())
    return {f"{place}/{FROZEN_PAGE}"}


def _freeze(stage: Stage, tree: Tree, folder: str, edition: Edition) -> None:
    place = f"{folder}/{edition.address}"
    files = frozenset(_files_of(folder, stage.sources))
    page = frozen_page(_built(tree, folder), edition, files, _history(tree, place))
    _write(tree, f"{place}/{FROZEN_PAGE}", page.encode())
    for file in sorted(files):
        tree.copy(f"{place}/{file}", tree.folder / folder / file)


def _history(tree: Tree, place: str) -> str:
    """Address of the history of a study's claims from one of its pages, if it is."""
    history = f"takeaways/history/{place.split('/')[1]}/"
    up = "../" * (place.count("/") + 1)
    return f"{up}{history}" if f"{history}index.html" in tree.files else ""


def _files_of(folder: str, sources: Mapping[str, str]) -> Iterator[str]:
    """Names of the files of a post beside its page."""
    for name in sources:
        home, _, file = name.rpartition("/")
        if home == folder and not file.endswith(PAGES):
            yield file


def _built(tree: Tree, folder: str) -> str:
    return (tree.folder / folder / "index.html").read_text(encoding="utf-8")


def _write(tree: Tree, name: str, data: bytes) -> None:
    _refuse_two(tree, name)
    tree.write(name, data)


def _refuse_two(tree: Tree, name: str) -> None:
    if name in tree.files:
        message = (
            "a hand-written page and an edition of a post want this address; editions "
            "keep theirs for good, so rename the hand-written page."
        )
        raise UsageError(Reason(code="page-twice", message=message, subject=name))


def _damaged(name: str) -> UsageError:
    message = (
        "this page of an earlier edition is no longer kept as it was published, and "
        "pages once published stay; bring the folder of editions back from a copy, or "
        "this file from an older release."
    )
    return UsageError(Reason(code="edition-unreadable", message=message, subject=name))
