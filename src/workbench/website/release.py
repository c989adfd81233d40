"""A site is released whole or not at all, and the last good one keeps serving.

build/releases/<tree-hash>/    every file of one release
build/releases/.known.json     which stage became which release, newest last
build/releases/.made.json      what the release built last was made of
build/releases/.read.json      what was read of its pages
build/current                  a symbolic link to one of them
"""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from workbench.core import disk
from workbench.core.canonical import pretty_json, sha256_of_value
from workbench.core.errors import GateRefused, Reason
from workbench.core.findings import Finding, Severity
from workbench.website.build import build_site
from workbench.website.freezing import add_editions
from workbench.website.increment import Make, make_pages
from workbench.website.inspect import inspect_site
from workbench.website.readings import read_readings, remember_readings
from workbench.website.stage import Stage
from workbench.website.tree import Tree, hashes_below, read_base, remember_base

_BUILDING = "building"
_READ = ".read.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The release that now serves.

    Attributes:
        tree: SHA-256 of its files' paths and bytes.
        folder: `build/releases/<tree>`.
        built: Whether MkDocs had to run for it.
    """

    tree: str
    folder: Path
    built: bool


def release_site(
    stage: Stage,
    build: Path,
    keep: int,
    make: Make = build_site,
    *,
    switching: Callable[[Path], AbstractContextManager[object]] = nullcontext,
) -> Release:
    """Build a stage unless its release is there, check it, and switch to it.

    The caller sees to it that one release is made at a time.

    Args:
        stage: A composed stage.
        build: Folder of the releases and of `current`.
        keep: Releases kept beside the current one.
        make: Turns a stage into HTML in a folder that does not exist yet.
        switching: Given the release's folder once it is whole; the switch is made
            inside the context it returns, and what that raises on entry leaves the old.

    Raises:
        GateRefused: MkDocs or the inspection found a page wrong; the site is as it was.
        UsageError: The configuration is wrong; the site is as it was.
        TryLater: The disk is full; the site is as it was.
    """
    releases = build / "releases"
    _sweep(releases)
    known = known_trees(releases)
    tree = known.get(stage.stage_id)
    built = tree is None or tree_hash(releases / tree) != tree
    if built:
        tree = _build(stage, releases, make)
    assert tree is not None  # noqa: S101 - built, or known
    known.pop(stage.stage_id, None)
    known[stage.stage_id] = tree
    kept = newest_trees(known, keep)
    remembered = {stage_id: t for stage_id, t in known.items() if t in kept}
    current = build / "current"
    with switching(releases / tree):
        remember_trees(releases, remembered)
        if not current.is_symlink() or current.resolve() != (releases / tree).resolve():
            disk.point(current, releases / tree)
        else:
            disk.sync_folder(build)  # whoever switched may have been killed before that
    for place in all_but(kept | {current.resolve().name}, releases):
        shutil.rmtree(place)
    return Release(tree=tree, folder=releases / tree, built=built)


def tree_hash(folder: Path) -> str:
    """SHA-256 over the sorted paths and hashes of all files below a folder."""
    return sha256_of_value(hashes_below(folder))


def _build(stage: Stage, releases: Path, make: Make) -> str:
    """Build beside the releases, inspect, and give the result its place."""
    base = read_base(releases)
    readings = read_readings(releases / _READ)
    with (
        disk.full_disk_is_try_later("the site"),
        disk.scratch_folder(releases, _BUILDING) as scratch,
    ):
        fresh = Tree(scratch / "site")
        make_pages(stage, fresh, base, make)
        settled = add_editions(stage, fresh, base)
        _refuse_faults(
            inspect_site(fresh.folder, fresh.files, settled=settled, readings=readings)
        )
        tree = sha256_of_value(fresh.files)
        place = releases / tree
        if place.exists():
            _mend(place, fresh.folder)
        else:
            disk.adopt_tree(fresh.folder, place, fresh.durable)
    if stage.sources:
        remember_base(releases, tree, fresh, stage)
        remember_readings(releases / _READ, readings)
    return tree


def _refuse_faults(findings: Iterable[Finding]) -> None:
    errors = [
        Reason(
            code=finding.code,
            message=f"{finding.message} {finding.remedy}",
            subject=finding.study,
            place=finding.place,
        )
        for finding in findings
        if finding.severity is Severity.ERROR
    ]
    if errors:
        raise GateRefused(errors)


def _mend(place: Path, fresh: Path) -> None:
    """Make a release that somebody touched equal to what it was, while it serves.

    A file is replaced and never written into: others may share it.
    """
    wanted, held = hashes_below(fresh), hashes_below(place)
    for name in wanted:
        if held.get(name) != wanted[name]:
            disk.write_bytes(place / name, (fresh / name).read_bytes())
    for name in held.keys() - wanted.keys():
        (place / name).unlink()


def known_trees(releases: Path) -> dict[str, str]:
    """Stage ids and the trees they became, oldest first."""
    file = releases / ".known.json"
    if not file.is_file():
        return {}
    pairs = json.loads(file.read_text(encoding="utf-8"))
    return {pair["stage"]: pair["tree"] for pair in pairs}


def remember_trees(releases: Path, known: Mapping[str, str]) -> None:
    """Write down which stages became which trees, oldest first."""
    pairs = [{"stage": stage, "tree": tree} for stage, tree in known.items()]
    text = pretty_json(pairs)
    file = releases / ".known.json"
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        disk.write_text(file, text)


def newest_trees(known: Mapping[str, str], keep: int) -> set[str]:
    """The current tree and the `keep` that served last before it."""
    newest_first = dict.fromkeys(reversed(list(known.values())))
    return set(list(newest_first)[: keep + 1])


def all_but(kept: Set[str], releases: Path) -> list[Path]:
    """Where the releases are that bear none of these names."""
    places = sorted(releases.glob("[!.]*/"))
    return [place for place in places if place.name not in kept]


def _sweep(releases: Path) -> None:
    """Remove what a killed process left half built or half written."""
    for path in releases.glob(f".{_BUILDING}-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in (*releases.glob(".part-*"), *releases.parent.glob(".part-*")):
        path.unlink()
