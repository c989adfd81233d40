"""The pages of a release: those that changed are built, the others taken over.

MkDocs is given the whole stage, so that every link finds its target, but told to leave
out all pages except those whose source is another than in the last release. What it
builds of them is what it would build of them among all (see `surroundings`); the rest
of the release is files of the last one. A build in part equals a whole one byte for
byte, or it is none: the home page is built every time, and where it does not come out
as it was, or anything else is in doubt, the site is built whole.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workbench.core.canonical import sha256_of_file
from workbench.core.errors import GateRefused, UsageError
from workbench.website.merging import (
    file_of,
    in_order,
    merged_index,
    merged_sitemap,
    packed,
)
from workbench.website.stage import Stage
from workbench.website.surroundings import PAGES
from workbench.website.tree import Base, Tree, pages_of

Make = Callable[[Stage, Path], None]
_HOME = "index.md"
_INDEX = "search/search_index.json"
_SITEMAP = "sitemap.xml"


def make_pages(stage: Stage, tree: Tree, base: Base, make: Make) -> None:
    """Fill a tree with the site of a stage.

    Args:
        stage: A composed stage.
        tree: An empty tree; its folder does not exist yet.
        base: The release built last.
        make: Runs MkDocs: turns a stage into a folder of HTML.

    Raises:
        GateRefused: A page is wrong.
        UsageError: The configuration is.
    """
    if not (_comparable(stage, base) and _made_in_part(stage, tree, base, make)):
        shutil.rmtree(tree.folder, ignore_errors=True)
        tree.files.clear()
        tree.durable.clear()
        make(stage, tree.folder)
        _share(tree, base)
        made = {file_of(page) for page in pages_of(stage.sources)}
        tree.theirs = tree.files.keys() - made - stage.sources.keys()


def _comparable(stage: Stage, base: Base) -> bool:
    if base.folder is None or stage.surroundings != base.surroundings:
        return False
    # A page that is gone may have been what a link named; another at its address would
    # hide that from the inspection, which sees addresses and not sources.
    pages = pages_of(stage.sources)
    gone = {file_of(page) for page in base.pages.keys() - pages.keys()}
    return not gone & {file_of(page) for page in pages.keys() - base.pages.keys()}


def _made_in_part(stage: Stage, tree: Tree, base: Base, make: Make) -> bool:
    """Whether the tree now holds what a whole build would have made."""
    pages = pages_of(stage.sources)
    built = {page for page, sha in pages.items() if base.pages.get(page) != sha}
    built.add(_HOME)
    try:
        make(_cut_down(stage, built, tree.folder.with_name("partly")), tree.folder)
    except (GateRefused, UsageError):
        return False  # a whole build names everything that is wrong
    return (
        _is_as_it_was(stage, tree, base)
        and _merged(tree, base, in_order(pages), built)
        and _taken_over(stage, tree, base, pages.keys() - built)
    )


def _cut_down(stage: Stage, built: set[str], folder: Path) -> Stage:
    """The same stage, its configuration leaving out all but these pages."""
    folder.mkdir()
    config = {
        "INHERIT": str(stage.folder / "mkdocs.yml"),
        "docs_dir": str(stage.folder / "docs"),
        "theme": {"custom_dir": str(stage.folder / "theme")},
        "exclude_docs": "\n".join(["*", *(f"!/{page}" for page in sorted(built))]),
    }
    (folder / "mkdocs.yml").write_text(json.dumps(config))  # JSON is YAML as well
    return replace(stage, folder=folder)


def _is_as_it_was(stage: Stage, tree: Tree, base: Base) -> bool:
    """Whether the home page came out as in the last release, if its source is that."""
    if base.pages.get(_HOME) != stage.sources[_HOME]:
        return True
    name = file_of(_HOME)
    return base.files.get(name) == sha256_of_file(tree.folder / name)


def _merged(tree: Tree, base: Base, pages: list[str], built: set[str]) -> bool:
    """Write the files that speak of all pages."""
    last = base.whole(_INDEX)
    partial = (tree.folder / _SITEMAP).read_bytes()
    like = (tree.folder / f"{_SITEMAP}.gz").read_bytes()
    sitemap = merged_sitemap(partial, pages, built)
    if last is None or sitemap is None:
        return False
    pack = packed(like, sitemap, partial)
    index = merged_index(
        (tree.folder / _INDEX).read_bytes(), last.read_bytes(), pages, built
    )
    if index is None or pack is None:
        return False
    tree.write(_INDEX, index)
    tree.write(_SITEMAP, sitemap)
    tree.write(f"{_SITEMAP}.gz", pack)
    return True


def _taken_over(stage: Stage, tree: Tree, base: Base, same: set[str]) -> bool:
    """Add what MkDocs was not asked for: pages that are the same, and all files."""
    _share(tree, base)
    tree.theirs = base.theirs
    kept = {*map(file_of, same), *base.theirs} - tree.files.keys()
    if not all(tree.take(name, base.files.get(name, ""), base) for name in kept):
        return False
    for name, sha in stage.sources.items():
        if not name.endswith(PAGES) and not tree.take(name, sha, base):
            tree.copy(name, stage.folder / "docs" / name)
    return True


def _share(tree: Tree, base: Base) -> None:
    """Of equal files in two releases one is kept, under two names."""
    tree.add_all()
    for name, sha in list(tree.files.items()):
        tree.take(name, sha, base)
