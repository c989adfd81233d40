"""What a site costs to build, and what one new edition of one post costs.

    python -m benchmarks.site [--posts N ...] [--editions N ...] [--json FILE]

Ours is all that stands between posts and a release that serves: composing, MkDocs, the
frozen pages, the inspection, the hash of every file and the disk. Beside it stand
MkDocs with Material and its blog on the same texts, which do none of the rest, and
MkDocs alone on our own pages. All figures are of one run. Then the same by the number
of posts, and by the number of editions of ten posts, with the exponent that fits: 1 is
a cost that grows with what is there, 0 one that does not.
"""

import argparse
import json
import math
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import posts as made
from benchmarks.run import Row
from workbench.archive.editions import EditionArchive
from workbench.core.canonical import sha256_of_file
from workbench.core.posts import FROZEN_PAGE, Post
from workbench.core.track import Memory
from workbench.website.build import build_site
from workbench.website.freezing import frozen_in
from workbench.website.listing import folder_of
from workbench.website.release import release_site, tree_hash
from workbench.website.stage import Stage, compose_stage

ROOT = Path(__file__).resolve().parents[1]
STUDIES = 10  # of the site whose editions grow


@dataclass(frozen=True)
class Growth:
    """Seconds by size, and the exponent that fits them."""

    what: str
    seconds: dict[int, float]
    exponent: float


class Site:
    """A root without runs: posts in, releases out, as the press makes them."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.archive = EditionArchive(folder / "editions")
        self.posts = [made.ours(number) for number in range(count)]
        self.revision = 1

    def stage(self) -> Stage:
        """Compose it."""
        editions = {folder_of(p): self.archive.of_post(p) for p in self.posts}
        return compose_stage(
            site=ROOT / "site",
            mkdocs_file=ROOT / "mkdocs.yml",
            posts=self.posts,
            ledgers={},
            stage=self.folder / "stage",
            memory=Memory(editions=editions),
        )

    def publish(self) -> float:
        """Seconds from posts to a release that serves."""
        began = time.perf_counter()
        stage = self.stage()

        @contextmanager
        def keeping(release: Path) -> Iterator[None]:
            for post in self.posts:
                self._keep(post, stage, release)
            yield

        release_site(stage, self.folder / "build", 2, switching=keeping)
        return time.perf_counter() - began

    def whole(self) -> float:
        """The same where nothing was ever built."""
        shutil.rmtree(self.folder / "build", ignore_errors=True)
        return self.publish()

    def one_more(self) -> float:
        """The same after one post has a new edition."""
        self.revision += 1
        number = self.revision % len(self.posts)
        self.posts[number] = made.ours(number, self.revision)
        return self.publish()

    def seed(self, editions: int) -> None:
        """Give the posts as many editions together, published before."""
        for extra in range(2, editions // len(self.posts) + 1):
            for number in range(len(self.posts)):
                post = made.ours(number, extra)
                self.archive.keep(post)
                current = self.archive.of_post(post).current
                assert current is not None
                page = f"<p>{post.markdown}</p>".encode()
                hashes = self._hashes(post, current.edition, page)
                self.archive.freeze(post, current, page, hashes)
        self.revision = max(2, editions // len(self.posts))
        for post in self.posts:
            self.archive.keep(post)

    def is_whole(self) -> bool:
        """Whether what serves equals a build of everything, byte for byte."""
        stage, other = self.stage(), self.folder / "other"
        release_site(stage, other, 2)
        current = self.folder / "build" / "current"
        same = tree_hash(current.resolve()) == tree_hash((other / "current").resolve())
        shutil.rmtree(other)
        return same

    def mkdocs(self) -> float:
        """MkDocs alone on our pages, whole."""
        stage, into = self.stage(), self.folder / "bare"
        began = time.perf_counter()
        build_site(stage, into)
        took = time.perf_counter() - began
        shutil.rmtree(into)
        return took

    def _keep(self, post: Post, stage: Stage, release: Path) -> None:
        edition = stage.editions[folder_of(post)].current
        if edition is None or edition.is_frozen:
            return
        self.archive.keep(post)
        files = frozen_in(release, folder_of(post), edition)
        hashes = {name: sha256_of_file(file) for name, file in files.items()}
        self.archive.freeze(post, edition, files[FROZEN_PAGE].read_bytes(), hashes)

    def _hashes(self, post: Post, edition: str, page: bytes) -> dict[str, str]:
        home = self.archive.editions / post.study / "base" / edition
        kept = {file.name: sha256_of_file(file) for file in (home / "assets").iterdir()}
        (home / "frozen.html").write_bytes(page)
        return {**kept, FROZEN_PAGE: sha256_of_file(home / "frozen.html")}


def peer(folder: Path, count: int) -> Callable[[], float]:
    """A whole build of MkDocs and Material alone, on the same texts."""
    settings = made.theirs(folder / "peer", count)
    words = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    words += ["--config-file", str(settings)]

    def build() -> float:
        began = time.perf_counter()
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - began

    return build


def beside_peers(folder: Path, count: int) -> Iterator[Row]:
    """P5 and P6 at one size."""
    site, blog = Site(folder / "site", count), peer(folder, count)
    first = site.whole()  # which also freezes and keeps every edition
    whole, theirs = site.whole(), blog()
    new = statistics.median(site.one_more() for _ in range(3))
    if not site.is_whole():
        raise SystemExit("What was built in part is not what is built whole.")
    bare = site.mkdocs()
    blogged = "MkDocs + Material, blog and tags"
    alone = "MkDocs on our pages, nothing else"

    def row(what: str, ours: float, other: str, took: float, target: str) -> Row:
        return Row(f"{what}, {count:,} posts", ours, other, took, ours / took, target)

    yield row("P5 one new edition", new, blogged, theirs, "at most 0.1")
    yield row("P5 one new edition", new, alone, bare, "at most 0.1")
    yield row("P6 the whole site", whole, blogged, theirs, "at most 1.0")
    yield row("P6 the whole site", whole, alone, bare, "-")
    yield row("its first publication", first, blogged, theirs, "-")


def exponent(seconds: dict[int, float]) -> float:
    """Slope of log time over log size."""
    xs, ys = zip(*((math.log(n), math.log(s)) for n, s in seconds.items()), strict=True)
    return statistics.linear_regression(xs, ys).slope


def growth(
    folder: Path, of: str, sizes: Sequence[int], site: Callable[[Path, int], Site]
) -> Iterator[Growth]:
    """How both costs grow with a size."""
    whole: dict[int, float] = {}
    new: dict[int, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            one = site(Path(home), size)
            one.whole()
            whole[size] = one.whole()
            new[size] = statistics.median(one.one_more() for _ in range(3))
    yield Growth(f"the whole site, by {of}", whole, exponent(whole))
    yield Growth(f"one new edition, by {of}", new, exponent(new))


def of_editions(folder: Path, editions: int) -> Site:
    """A site of few posts with this many editions."""
    site = Site(folder, min(STUDIES, editions))
    site.seed(editions)
    return site


def main() -> None:
    """Print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--editions", type=int, nargs="+", default=[10, 100, 1000])
    place = ROOT / "build" / "benchmarks-site.json"
    parser.add_argument("--json", type=Path, default=place)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        rows = list(beside_peers(folder, max(arguments.posts)))
        grown = [
            *growth(folder, "posts", arguments.posts, Site),
            *growth(folder, "editions", arguments.editions, of_editions),
        ]
    print("| what | ours, s | beside | s | ratio | aim |")
    print("| --- | --: | --- | --: | --: | --- |")
    for row in rows:
        print(
            f"| {row.what} | {row.ours:.2f} | {row.peer} | {row.theirs:.2f} "
            f"| {row.ratio:.3f} | {row.target} |"
        )
    print("\n| growth | seconds by size | exponent |\n| --- | --- | --: |")
    for each in grown:
        shown = ", ".join(f"{n:,}: {s:.2f}" for n, s in each.seconds.items())
        print(f"| {each.what} | {shown} | {each.exponent:.2f} |")
    found = {"rows": [*map(asdict, rows)], "growth": [*map(asdict, grown)]}
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
