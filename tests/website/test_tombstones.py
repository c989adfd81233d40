"""What stands where a page was taken down, and what it must not say."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.website.conftest import LEDGERS, a_memory, a_post
from workbench.core.posts import Edition, Editions, Post, Tombstone, Withdrawal
from workbench.core.track import Memory
from workbench.website import Stage, compose_stage, release_site
from workbench.website.tombstones import shows, tombstone_page

WHY = "Orders of *one* shop were <b>counted</b> twice: {{ x }}"
AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
WITHDRAWAL = Withdrawal(at=AT, why=WHY, seal="b" * 64, whole=True, editions=())
DOWN = "posts/early-birds"


def withdrawn(memory: Memory, *posts: Post) -> Memory:
    """The same memory, these posts and an edition of each taken down."""
    editions = {}
    for post in posts:
        edition = Edition(
            edition="e" * 16,
            as_of=post.as_of,
            address="1998-07-01",
            files={"index.html": "0" * 64},
            folder=Path("kept"),
            withdrawn=WITHDRAWAL,
        )
        folder = DOWN if post.variant == "base" else f"{DOWN}/{post.variant}"
        editions[folder] = Editions(
            published=(edition,),
            current=None,
            tombstone=Tombstone(post=post, withdrawal=WITHDRAWAL),
        )
    return replace(memory, editions=editions)


@pytest.fixture
def stage(root: Path, posts: list[Post]) -> Callable[[], Stage]:
    """A stage of the small site whose first study is taken down."""

    def composed() -> Stage:
        down = [post for post in posts if post.study == "early-birds"]
        return compose_stage(
            site=root / "site",
            mkdocs_file=root / "mkdocs.yml",
            posts=[post for post in posts if post not in down],
            ledgers=LEDGERS,
            stage=root / "stage",
            memory=withdrawn(a_memory(), *down),
        )

    return composed


@pytest.mark.site
def test_the_site_is_built_with_tombstones_and_whatever_leads_there(
    stage: Callable[[], Stage], root: Path, tmp_path: Path
) -> None:
    index = root / "site" / "pages" / "index.md"
    links = (
        f"[a]({DOWN}/index.md#what-we-found) [b](posts/index.md#early-birds) "
        "[c](takeaways/lesson.md#early-birds-1) [d](tags.md#tag:retention) "
        f'<a href="{DOWN}/1998-07-01/#curve">e</a> [f]({DOWN}/month/index.md)'
    )
    index.write_text(f"{index.read_text()}\n{links}\n")
    release = release_site(stage(), tmp_path / "build", keep=1).folder
    for place in ("", "/month", "/1998-07-01", "/month/1998-07-01"):
        text = (release / f"{DOWN}{place}" / "index.html").read_text()
        assert '<meta name="robots" content="noindex">' in text
        assert "Withdrawn on 2026-03-04:" in text
        assert "&lt;b&gt;counted&lt;/b&gt;" in text.replace("&#60;", "&lt;").replace(
            "&#62;", "&gt;"
        )
        assert "takeaways/history/early-birds/" in text
        for word in ("12.3%", "result.json", "curve.", "second week"):
            assert word not in text, (place, word)
    assert {p.name for p in (release / DOWN).iterdir()} == {
        "index.html",
        "1998-07-01",
        "month",
    }
    search = json.loads((release / "search" / "search_index.json").read_text())
    assert not any(DOWN in each["location"] for each in search["docs"])
    other = (release / "posts" / "late-comers" / "index.html").read_text()
    assert "noindex" not in other


def test_a_name_stays_only_where_a_page_leads_to_it(memory: Memory) -> None:
    tombstone = Tombstone(post=a_post(), withdrawal=WITHDRAWAL)
    others = (
        "[x](../early-birds/index.md#what-we-found)",
        "[x](../late-comers/index.md#curve)",
        "[x](takeaways/history/early-birds.md#terms)",
    )
    page = tombstone_page(tombstone, memory, others)
    assert 'id="what-we-found"' in page
    assert 'id="curve"' not in page
    assert 'id="terms"' not in page
    assert 'id="' not in tombstone_page(tombstone, memory)


def test_a_release_shows_what_is_withdrawn_unless_a_tombstone_stands_there(
    tmp_path: Path,
) -> None:
    editions = withdrawn(Memory(), a_post()).editions[DOWN]
    assert not shows(tmp_path, DOWN, editions)
    for place in (DOWN, f"{DOWN}/1998-07-01"):
        page = tmp_path / place / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<p>38%</p>")
        assert shows(tmp_path, DOWN, editions)
        page.write_text('<p class="warning tombstone" role="note">gone</p>')
        assert not shows(tmp_path, DOWN, editions)


def test_why_and_when_decide_the_stage(
    compose: Callable[..., Stage], posts: list[Post]
) -> None:
    memory = withdrawn(Memory(), *posts[:2])
    first = compose(posts[2:], memory=memory)
    (edition,) = memory.editions[DOWN].published
    other = replace(edition, withdrawn=replace(WITHDRAWAL, why="another"))
    changed = replace(memory.editions[DOWN], published=(other,))
    again = compose(
        posts[2:], memory=replace(memory, editions={**memory.editions, DOWN: changed})
    )
    assert first.stage_id != again.stage_id
