"""Hand-written and generated pages meet in one folder, from which the site is built.

    stage/mkdocs.yml   copied from the root
    stage/theme/       site/theme
    stage/docs/        site/pages, the posts, the lists of posts and takeaways

The stage is a pure function of its inputs: what is gone from them is removed here.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import yaml

from workbench.core.canonical import (
    canonical_json,
    sha256_of_bytes,
    sha256_of_file,
    sha256_of_value,
)
from workbench.core.disk import full_disk_is_try_later
from workbench.core.errors import Reason, UsageError
from workbench.core.markup import FRONT_MATTER
from workbench.core.posts import Editions, Post, Tombstone
from workbench.core.records import to_plain
from workbench.core.track import NOTHING_REMEMBERED, Memory
from workbench.website.editions import editions_line
from workbench.website.listing import folder_of, leads, newest_first
from workbench.website.pages import BLOCKS, block_for, generated_pages, variants_block
from workbench.website.remembered import remembered_pages
from workbench.website.standing import standing_block
from workbench.website.surroundings import surroundings_of
from workbench.website.tombstones import (
    tombstone_page,
    with_lost_anchors,
    withdrawn_line,
)
from workbench.website.topics import with_topics

TOOLS = (
    "jinja2",
    "markdown",
    "mkdocs",
    "mkdocs-material",
    "pygments",
    "pymdown-extensions",
)
_MARKER = re.compile(r"<!--\s*workbench:([\w-]+)\s*-->")
_DEK = re.compile(r'^<p class="dek">.*?</p>$', re.MULTILINE | re.DOTALL)
_TAKEAWAY_HEADING = re.compile(r"^##[^\n]*tradable-takeaway", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A composed stage.

    Attributes:
        folder: Where it is.
        stage_id: SHA-256 of all that decides the bytes of the site.
        epoch: Newest as-of of its posts in seconds since 1970; 0 without posts.
        surroundings: Hash of what a page depends on beside its own source; None where
            that is not known, so that all are built or none.
        sources: SHA-256 of each file of the site, by path among the pages.
        editions: Of each post, by its folder: what was published and is to be.
    """

    folder: Path
    stage_id: str
    epoch: int
    surroundings: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    editions: Mapping[str, Editions] = field(default_factory=dict)


def compose_stage(
    *,
    site: Path,
    mkdocs_file: Path,
    posts: Sequence[Post],
    ledgers: Mapping[str, Sequence[Mapping[str, object]]],
    stage: Path,
    memory: Memory = NOTHING_REMEMBERED,
) -> Stage:
    """Compose the stage; writes only what changed and removes what is gone.

    Args:
        site: Folder with `pages/` and `theme/`.
        mkdocs_file: Configuration of MkDocs, copied as it is.
        posts: Posts to publish, in any order, at most one per study and variant.
        ledgers: The lines of each study's ledger as plain values.
        stage: The folder to compose, outside git.
        memory: What the ledgers say, with figures, and what was published before; a
            preview tells nothing of it.

    Raises:
        UsageError: A page, the theme or the configuration is missing, two sources want
            one page, or a page has a marker that means nothing.
        GateRefused: A post is of no registered variant.
        TryLater: The disk is full.
    """
    listed = newest_first(posts)
    epoch = int(max((post.as_of.timestamp() for post in listed), default=0))
    wanted = {
        "mkdocs.yml": _given(mkdocs_file),
        **_tree(site / "theme", "theme"),
        **_docs(_tree(site / "pages", ""), listed, ledgers, memory),
    }
    with full_disk_is_try_later("the stage"):
        _write(stage, wanted)
    hashes = {path: sha256_of_bytes(data) for path, data in wanted.items()}
    versions = {
        "tools": {tool: version(tool) for tool in TOOLS},
        "room": {path.name: sha256_of_file(path) for path in _own_source()},
    }
    identity = {
        "files": hashes,
        "editions": _addresses(memory.editions),
        "epoch": epoch,
        **versions,
    }
    return Stage(
        folder=stage,
        stage_id=sha256_of_value(identity),
        epoch=epoch,
        surroundings=surroundings_of(wanted, versions),
        sources={
            path.removeprefix("docs/"): sha
            for path, sha in hashes.items()
            if path.startswith("docs/")
        },
        editions=memory.editions,
    )


def _addresses(editions: Mapping[str, Editions]) -> dict[str, str]:
    """Every edition's id by its address, or its tombstone: what decides its page."""
    return {
        f"{folder}/{edition.address}": withdrawn_line(edition.withdrawn)
        if edition.withdrawn
        else edition.edition
        for folder, each in editions.items()
        for edition in each.published
    }


def _own_source() -> list[Path]:
    folder = Path(__file__).parent
    return sorted(path for path in folder.iterdir() if path.suffix in (".py", ".css"))


def _given(file: Path) -> bytes:
    if not file.is_file():
        raise _missing(file)
    return file.read_bytes()


def _tree(folder: Path, prefix: str) -> dict[str, bytes]:
    """Every file below a folder by its place under `prefix`; dot-files are left out."""
    if not folder.is_dir():
        raise _missing(folder)
    found = {path.relative_to(folder): path for path in folder.rglob("*")}
    _refuse_odd_names(found)
    return {
        str(PurePosixPath(prefix, *place.parts)): path.read_bytes()
        for place, path in sorted(found.items())
        if path.is_file() and not any(part.startswith(".") for part in place.parts)
    }


def _refuse_odd_names(places: Iterable[Path]) -> None:
    """An address is text; the name of a file may be any bytes."""
    message = "its name is not text in UTF-8, so it has no address; rename the file."
    odd = [
        Reason(code="page-name", message=message, subject=ascii(str(place)))
        for place in places
        if os.fsencode(place).decode(errors="replace") != str(place)
    ]
    if odd:
        raise UsageError(odd)


def _missing(path: Path) -> UsageError:
    message = (
        f"{path.name} is missing, so there is no site to build; "
        "`workbench init` lays out a root that has it."
    )
    return UsageError(Reason(code="site-missing", message=message, subject=str(path)))


def _docs(
    written: Mapping[str, bytes],
    posts: Sequence[Post],
    ledgers: Mapping[str, Sequence[Mapping[str, object]]],
    memory: Memory,
) -> dict[str, bytes]:
    down = [each.tombstone for each in memory.editions.values() if each.tombstone]
    lists = generated_pages(posts, ledgers, memory)
    pages = with_lost_anchors(lists, down, memory) if down else lists
    of_study: dict[str, list[Post]] = {}
    for post in posts:
        of_study.setdefault(post.study, []).append(post)
    sources = [
        _filled(written, posts, memory),
        {path: page.encode() for path, page in pages.items()},
        *(_post_files(post, of_study[post.study], memory) for post in posts),
        _tombstones(written, posts, down, memory),
        _ledger_files(ledgers),
        remembered_pages(memory, posts),
    ]
    _refuse_collisions(sources)
    return {f"docs/{path}": data for each in sources for path, data in each.items()}


def _refuse_collisions(sources: Iterable[Mapping[str, bytes]]) -> None:
    seen: set[str] = set()
    twice: list[str] = []
    for source in sources:
        twice += sorted(seen & source.keys())
        seen |= source.keys()
    if twice:
        message = (
            "two sources want this page; rename the hand-written page, or publish one "
            "post per study and variant."
        )
        raise UsageError(
            [Reason(code="page-twice", message=message, subject=path) for path in twice]
        )


def _filled(
    written: Mapping[str, bytes], posts: Sequence[Post], memory: Memory
) -> dict[str, bytes]:
    """Hand-written pages with their marker comments replaced."""
    problems = [
        _unknown_marker(path, name)
        for path, data in written.items()
        if path.endswith(".md")
        for name in _MARKER.findall(data.decode())
        if name not in BLOCKS
    ]
    if problems:
        raise UsageError(problems)
    return {
        path: _with_blocks(path, data.decode(), posts, memory).encode()
        if path.endswith(".md")
        else data
        for path, data in written.items()
    }


def _with_blocks(path: str, page: str, posts: Sequence[Post], memory: Memory) -> str:
    return _MARKER.sub(lambda match: block_for(match[1], path, posts, memory), page)


def _unknown_marker(path: str, name: str) -> Reason:
    near = get_close_matches(name, BLOCKS, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    message = (
        f"no block is called {name!r}; there is {', '.join(sorted(BLOCKS))}.{hint} "
        "Correct the marker comment."
    )
    return Reason(code="marker-unknown", message=message, subject=path)


def _post_files(
    post: Post,
    posts: Sequence[Post],
    memory: Memory,
) -> dict[str, bytes]:
    """A post as it serves: its edition, and what has become of its claims since.

    Args:
        post: The post.
        posts: Those of its study, this one among them.
        memory: What the ledgers say.
    """
    folder = folder_of(post)
    up = "../" * (folder.count("/") + 1)
    text = post.markdown
    if standing := standing_block(post, memory, up):
        text = _DEK.sub(lambda match: f"{match[0]}\n\n{standing}", text, count=1)
    if leads(posts) == [post]:
        text = with_topics(text, post)
    else:
        text = _as_variant(text, post.variant)
    if variants := variants_block(post, posts):
        text = _TAKEAWAY_HEADING.sub(lambda m: f"{variants}\n\n{m[0]}", text, count=1)
    if editions := memory.editions.get(folder):
        text = f"{text.rstrip()}\n\n{editions_line(editions)}\n"
    files = {f"{folder}/{name}": data for name, data in post.assets.items()}
    return {f"{folder}/index.md": text.encode(), **files}


def _tombstones(
    written: Mapping[str, bytes],
    posts: Sequence[Post],
    down: Sequence[Tombstone],
    memory: Memory,
) -> dict[str, bytes]:
    """The page of every post that was taken down."""
    by_hand = (data.decode() for path, data in written.items() if path.endswith(".md"))
    others = [*by_hand, *(post.markdown for post in posts)] if down else []
    return {
        f"{folder_of(each.post)}/index.md": tombstone_page(
            each, memory, others
        ).encode()
        for each in down
    }


def _as_variant(text: str, variant: str | None) -> str:
    """A post beside its study's lead: named by its variant, listed under no topic."""
    found = FRONT_MATTER.match(text)
    fields = yaml.safe_load(found[1]) if found else {}
    fields.pop("tags", None)
    title = {"title": f"{fields['title']} ({variant})"} if "title" in fields else {}
    shown = yaml.safe_dump(
        {**fields, **title, "search": {"exclude": True}},
        sort_keys=False,
        allow_unicode=True,
    )
    return f"---\n{shown}---\n{text[found.end() :] if found else text}"


def _ledger_files(
    ledgers: Mapping[str, Sequence[Mapping[str, object]]],
) -> dict[str, bytes]:
    """Each ledger as it stands in the repository: one canonical line per entry."""
    return {
        f"takeaways/ledger/{study}.jsonl": "".join(
            canonical_json(to_plain(line)) + "\n" for line in lines
        ).encode()
        for study, lines in ledgers.items()
    }


def _write(stage: Path, wanted: Mapping[str, bytes]) -> None:
    """Make the folder hold exactly these files."""
    stage.mkdir(parents=True, exist_ok=True)
    below = sorted(stage.rglob("*"), reverse=True)
    for path in below:
        known = str(PurePosixPath(*path.relative_to(stage).parts)) in wanted
        if (path.is_file() or path.is_symlink()) and not known:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for place, data in wanted.items():
        path = stage / place
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
