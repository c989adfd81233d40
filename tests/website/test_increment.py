"""A build in part equals a whole one byte for byte, or it is a whole one."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from workbench.core.errors import GateRefused
from workbench.core.posts import Post
from workbench.website.build import build_site
from workbench.website.merging import address_of, file_of, in_order, merged_index
from workbench.website.release import release_site, tree_hash
from workbench.website.stage import Stage
from workbench.website.surroundings import surroundings_of
from workbench.website.tree import hashes_below

Compose = Callable[..., Stage]
Make = Callable[[Stage, Path], None]


class Press:
    """Releases stage after stage and compares each with a whole build of its own."""

    def __init__(self, compose: Compose, folder: Path) -> None:
        self.compose = compose
        self.folder = folder
        self.asked: list[str] = []
        self.number = 0

    def make(self, stage: Stage, into: Path) -> None:
        self.asked.append("part" if stage.folder.name == "partly" else "whole")
        build_site(stage, into)

    def publish(self, *posts: Post) -> list[str]:
        """How MkDocs was asked for this release, which equals a whole build."""
        self.asked = []
        self.number += 1
        stage = self.compose(list(posts))
        done = release_site(stage, self.folder / "build", 3, self.make)
        whole = self.folder / f"whole{self.number}"
        build_site(stage, whole)
        assert hashes_below(done.folder) == hashes_below(whole)
        assert tree_hash(done.folder) == done.tree
        return self.asked


@pytest.fixture
def press(compose: Compose, tmp_path: Path) -> Press:
    return Press(compose, tmp_path)


@pytest.fixture
def addressed(root: Path) -> None:
    """The site has an address, so that its sitemap lists pages."""
    config = root / "mkdocs.yml"
    config.write_text(f"site_url: https://example.org/wb/\n{config.read_text()}")


@pytest.mark.site
@pytest.mark.slow
@pytest.mark.usefixtures("addressed")
def test_after_any_change_a_build_in_part_equals_a_whole_one(
    press: Press, post: Callable[..., Post], root: Path
) -> None:
    one, two = post("one"), post("two", day=2)
    assert press.publish(one, two) == ["whole"]
    assert press.publish(one, two, post("three", day=9)) == ["part"]  # a newer epoch
    changed = post("two", day=2, extra="## A new section\n\nWith words.")
    assert press.publish(one, changed, post("three", day=9)) == ["part"]
    assert press.publish(one, post(variant="month"), post("three", day=9)) == ["part"]
    page = root / "site/pages/handbook/gate.md"
    page.write_text(page.read_text() + "\nOne more line.\n")
    assert press.publish(one, post("three", day=9)) == ["part"]
    config = root / "mkdocs.yml"
    config.write_text(config.read_text().replace("Start here:", "Begin here:"))
    assert press.publish(one, post("three", day=9)) == ["whole"]
    theme = root / "site/theme/main.html"
    theme.write_text(theme.read_text().replace("All posts", "Every post"))
    assert press.publish(one, post("three", day=9)) == ["whole"]
    sheet = root / "site/theme/assets/stylesheets/workbench.css"
    sheet.write_text(sheet.read_text() + "\n")
    assert press.publish(one) == ["whole"]


@pytest.mark.site
@pytest.mark.slow
def test_a_build_in_part_equals_a_whole_one_whatever_came_before(
    press: Press, post: Callable[..., Post]
) -> None:
    chance = random.Random(2)
    studies = ["a", "a-b", "ab", "b"]
    ways = set()
    for _ in range(5):
        posts = [
            post(study, day=chance.randint(1, 4), extra=chance.choice(["", "## New"]))
            for study in chance.sample(studies, chance.randint(1, len(studies)))
        ]
        ways.update(press.publish(*posts))
    assert "part" in ways


@pytest.mark.site
def test_a_damaged_last_release_is_not_built_upon(
    press: Press, post: Callable[..., Post]
) -> None:
    press.publish(post("one"), post("two"))
    [page] = (press.folder / "build" / "releases").glob("*/posts/two/index.html")
    page.write_text(page.read_text().replace("Who comes back?", "Who cares?"))
    assert press.publish(post("one", extra="More."), post("two")) == ["part", "whole"]


@pytest.mark.site
def test_bytes_that_a_disk_lost_are_mended_by_the_next_release(
    press: Press, post: Callable[..., Post]
) -> None:
    """Size, time and place of the files stay as they were."""
    press.publish(post("one"), post("two"))
    for rotten in ("posts/two/index.html", "search/search_index.json"):
        page = (press.folder / "build" / "current" / rotten).resolve()
        before = page.stat()
        data = page.read_bytes()
        page.write_bytes(data.replace(b"Who comes back?", b"Who cares more?"))
        os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert page.stat().st_size == len(data)
        assert page.read_bytes() != data
    assert press.publish(post("one", extra="More."), post("two")) == ["part", "whole"]
    assert press.publish(post("one"), post("two")) == ["part"]  # that one, mended
    assert press.publish(post("one"), post("two")) == []


@pytest.mark.site
def test_a_page_that_leads_to_one_that_is_gone_is_still_found(
    compose: Compose, post: Callable[..., Post], tmp_path: Path
) -> None:
    linked = post("one", extra="[Two](../two/index.md#tradable-takeaway)")
    release_site(compose([linked, post("two")]), tmp_path / "build", 3)
    with pytest.raises(GateRefused, match=r"two/#tradable-takeaway leads to no page"):
        release_site(compose([linked]), tmp_path / "build", 3)


def staged(compose: Compose) -> dict[str, bytes]:
    folder = compose([]).folder
    return {name: (folder / name).read_bytes() for name in hashes_below(folder)}


def test_surroundings_are_known_of_the_site_as_it_is(
    compose: Compose,
) -> None:
    files = staged(compose)
    known = surroundings_of(files, {"mkdocs": "1"})
    assert known is not None
    assert surroundings_of(files, {"mkdocs": "2"}) != known
    assert surroundings_of({**files, "docs/new.md": b"# New"}, {"mkdocs": "1"}) == known


CONFIGS = {
    "a plugin more": ("plugins:\n  - search\n", "plugins:\n  - search\n  - tags\n"),
    "a hook": ("docs_dir: docs\n", "docs_dir: docs\nhooks: [a.py]\n"),
    "code in it": ("generator: false", "generator: !!python/name:os.sep"),
    "an extension that reads files": ("  - admonition\n", "  - pymdownx.snippets\n"),
    "a menu without titles": ("  - Home: index.md\n", "  - index.md\n"),
    "another theme": ("name: material", "name: mkdocs"),
    "pages as files": ("use_directory_urls: true", "use_directory_urls: false"),
}


@pytest.mark.parametrize("doubt", CONFIGS)
def test_on_a_doubt_about_the_configuration_nothing_is_known(
    doubt: str,
    compose: Compose,
) -> None:
    files = staged(compose)
    old, new = (text.encode() for text in CONFIGS[doubt])
    assert old in files["mkdocs.yml"]
    files["mkdocs.yml"] = files["mkdocs.yml"].replace(old, new)
    assert surroundings_of(files, {}) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("theme/main.html", "{% for each in pages %}{{ each.url }}{% endfor %}"),
        ("theme/main.html", "{{ build_date_utc }}"),
        ("theme/main.html", "{{ page.next_page.title }}"),
        ("theme/main.html", "{% no such tag %}"),
        ("theme/sitemap.xml", "<x/>"),
        ("docs/method.md", "---\nicon: material/star\n---\n# Method\n"),
        ("docs/README.md", "# Read"),
        ("docs/a b.md", "# Blank"),
        ("docs/templates/a.md", "# Left out"),
        ("docs/a.markdown", "# Page as well"),
    ],
)
def test_on_a_doubt_about_a_file_nothing_is_known(
    name: str,
    text: str,
    compose: Compose,
) -> None:
    files = {**staged(compose), name: text.encode()}
    assert surroundings_of(files, {}) is None


def test_pages_are_in_the_order_of_mkdocs_and_have_its_addresses() -> None:
    pages = ["posts/a-b/index.md", "posts/a/index.md", "z.md", "index.md", "a/b.md"]
    assert in_order(pages) == [
        *("index.md", "z.md", "a/b.md", "posts/a/index.md", "posts/a-b/index.md")
    ]
    assert [address_of(page) for page in ("index.md", "z.md", "a/index.md")] == [
        *("", "z/", "a/")
    ]
    assert file_of("index.md") == "index.html"


def test_an_index_that_is_not_written_as_we_would_is_not_merged() -> None:
    entry = b'{"config":{},"docs":[{"location":"","text":"x"}]}'
    assert merged_index(entry, entry, ["index.md"], {"index.md"}) == entry
    assert merged_index(entry.replace(b",", b", "), entry, ["index.md"], set()) is None


def test_the_configuration_of_a_partial_build_is_what_mkdocs_reads(
    compose: Compose, tmp_path: Path
) -> None:
    seen: list[dict[str, object]] = []

    def make(stage: Stage, into: Path) -> None:
        seen.append(yaml.safe_load((stage.folder / "mkdocs.yml").read_text()))
        build_site(stage, into)

    release_site(compose([]), tmp_path / "build", 3, make)
    (tmp_path / "root/site/pages/method.md").write_text("# Method { #other }\n")
    with pytest.raises(GateRefused):
        release_site(compose([]), tmp_path / "build", 3, make)
    part = seen[1]
    assert str(part["exclude_docs"]).split() == ["*", "!/index.md", "!/method.md"]
