"""Frozen pages in releases: made once, put into every later one as they are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.archive.editions import EditionArchive
from workbench.core.canonical import sha256_of_file
from workbench.core.errors import GateRefused, UsageError
from workbench.core.posts import FROZEN_PAGE, Editions, Post
from workbench.core.track import Memory
from workbench.website.editions import SHOWN
from workbench.website.freezing import frozen_in
from workbench.website.listing import folder_of
from workbench.website.release import Release, release_site, tree_hash
from workbench.website.stage import Stage

pytestmark = pytest.mark.site
Compose = Callable[..., Stage]
PLACE = "posts/early-birds"


class House:
    """Publishes posts as the press does, without a ledger."""

    def __init__(self, compose: Compose, folder: Path) -> None:
        self.compose = compose
        self.build = folder / "build"
        self.archive = EditionArchive(folder / "editions")

    def publish(self, *posts: Post, make: Callable[..., None] | None = None) -> Release:
        editions = {folder_of(post): self.archive.of_post(post) for post in posts}
        stage = self.compose(list(posts), memory=Memory(editions=editions))

        @contextmanager
        def keeping(release: Path) -> Iterator[None]:
            for post in posts:
                self.archive.keep(post)
                self.freeze(post, editions[folder_of(post)], release)
            yield

        more = {"make": make} if make else {}
        return release_site(stage, self.build, 5, switching=keeping, **more)

    def freeze(self, post: Post, editions: Editions, release: Path) -> None:
        if editions.current and not editions.current.is_frozen:
            files = frozen_in(release, folder_of(post), editions.current)
            hashes = {name: sha256_of_file(file) for name, file in files.items()}
            page = files[FROZEN_PAGE].read_bytes()
            self.archive.freeze(post, editions.current, page, hashes)

    def text(self, name: str) -> str:
        return (self.build / "current" / name).read_text(encoding="utf-8")


@pytest.fixture
def house(compose: Compose, tmp_path: Path) -> House:
    return House(compose, tmp_path)


def test_an_edition_has_its_page_from_the_day_it_is_published_and_for_good(
    house: House, post: Callable[..., Post]
) -> None:
    first, second = post(extra="First words."), post(day=2, extra="Second words.")
    house.publish(first)
    frozen = house.text(f"{PLACE}/1998-07-01/index.html")
    assert "First words." in frozen
    assert '<a href="1998-07-01/">1998-07-01</a> (this one)' in house.text(
        f"{PLACE}/index.html"
    )
    house.publish(second)
    assert house.text(f"{PLACE}/1998-07-01/index.html") == frozen
    assert "Second words." in house.text(f"{PLACE}/1998-07-02/index.html")
    current = house.text(f"{PLACE}/index.html")
    assert current.index("1998-07-02/") < current.index("1998-07-01/")
    for name in ("search/search_index.json", "tags/index.html", "posts/index.html"):
        assert "1998-07-01/" not in house.text(name)
    assert "Every edition" not in house.text("search/search_index.json")
    svg = "curve.light-wide.svg"
    assert house.text(f"{PLACE}/1998-07-01/{svg}") == house.text(f"{PLACE}/{svg}")


def test_a_frozen_page_outlives_a_theme_and_is_the_same_file(
    house: House, post: Callable[..., Post], root: Path
) -> None:
    before = house.publish(post())
    theme = root / "site/theme/main.html"
    theme.write_text(theme.read_text().replace("All posts", "Every post"))
    after = house.publish(post())
    name = f"{PLACE}/1998-07-01/index.html"
    assert before.tree != after.tree
    assert (before.folder / name).stat().st_ino == (after.folder / name).stat().st_ino


def test_a_revision_of_one_date_has_an_address_of_its_own(
    house: House, post: Callable[..., Post]
) -> None:
    house.publish(post())
    house.publish(post(extra="Revised."))
    assert "Revised." not in house.text(f"{PLACE}/1998-07-01/index.html")
    assert "Revised." in house.text(f"{PLACE}/1998-07-01.2/index.html")
    again = house.publish(post())
    assert "Revised." not in house.text(f"{PLACE}/index.html")
    line = house.text(f"{PLACE}/index.html").partition('class="editions"')[2]
    assert "1998-07-01</a> (this one)" in line
    assert house.publish(post()) == replace(again, built=False)


def test_equal_inputs_give_equal_releases_with_and_without_the_last_one(
    compose: Compose, tmp_path: Path, post: Callable[..., Post]
) -> None:
    houses = [House(compose, tmp_path / name) for name in ("one", "other")]
    trees = []
    for house in houses:
        house.publish(post())
        if house is houses[1]:
            (house.build / "releases" / ".made.json").unlink()
            (house.build / "releases" / ".read.json").unlink()
        trees.append(house.publish(post(day=2)).tree)
    assert trees[0] == trees[1] == tree_hash((houses[0].build / "current").resolve())


def test_a_variant_has_its_editions_below_its_own_address(
    house: House, post: Callable[..., Post]
) -> None:
    house.publish(post(), post(variant="month"))
    page = house.text(f"{PLACE}/month/1998-07-01/index.html")
    assert '<a href="../">The newest is here.</a>' in page
    assert "../../../../method/" in page


def test_more_editions_than_a_line_holds_are_on_a_page_of_their_own(
    house: House, post: Callable[..., Post]
) -> None:
    for number in range(SHOWN + 1):
        one = post(extra=f"Word {number}.")
        house.archive.keep(one)
        current = house.archive.of_post(one).current
        assert current is not None
        kept = house.archive.editions / "early-birds/base" / current.edition
        (kept / "frozen.html").write_text("<p>kept</p>")
        page = sha256_of_file(kept / "frozen.html")
        house.archive.freeze(one, current, b"<p>kept</p>", {FROZEN_PAGE: page})
    house.publish(post(extra="Word 0."))
    assert 'href="editions/"' in house.text(f"{PLACE}/index.html")
    listed = house.text(f"{PLACE}/editions/index.html")
    assert listed.count("<li>") == SHOWN + 1
    assert listed.index("1998-07-01.13/") < listed.index("1998-07-01.2/")


def test_an_archive_from_before_there_were_frozen_pages_has_none_yet(
    house: House, post: Callable[..., Post]
) -> None:
    house.archive.keep(post(extra="Old."))
    house.publish(post(day=2))
    assert not (house.build / "current" / PLACE / "1998-07-01").exists()
    assert (house.build / "current" / PLACE / "1998-07-02" / "index.html").is_file()


def test_a_kept_page_that_somebody_changed_is_refused(
    house: House, post: Callable[..., Post], tmp_path: Path
) -> None:
    house.publish(post())
    [kept] = (tmp_path / "editions").rglob("frozen.html")
    kept.write_text("forged")
    house.publish(post(day=2))  # the last release has it, whole
    assert "forged" not in house.text(f"{PLACE}/1998-07-01/index.html")
    for file in (house.build / "releases").glob("*/posts/*/1998-07-01/index.html"):
        file.write_text("torn")
    with pytest.raises(UsageError, match="no longer kept as it was published"):
        house.publish(post(day=3))


def test_a_hand_written_page_at_an_editions_address_is_refused(
    house: House, post: Callable[..., Post], root: Path
) -> None:
    page = root / "site/pages/posts/early-birds/1998-07-01/index.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Mine")
    with pytest.raises(UsageError, match="rename the hand-written page"):
        house.publish(post())


def test_a_page_is_inspected_when_it_is_frozen_and_not_again(
    house: House, post: Callable[..., Post], root: Path
) -> None:
    about = root / "site/pages/posts/early-birds/about/index.md"
    about.parent.mkdir(parents=True)
    about.write_text("# About")
    linked = post(extra="[About](about/index.md)")
    house.publish(linked)
    about.unlink()
    with pytest.raises(GateRefused):  # the post itself is built, and may not lead there
        house.publish(linked)
    house.publish(post(day=2))  # its frozen edition may: it stays as it was
    assert "about/" in house.text(f"{PLACE}/1998-07-01/index.html")
