"""Where hand-written and generated pages meet."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.core.errors import UsageError
from workbench.core.posts import Post
from workbench.website.stage import Stage, compose_stage

Compose = Callable[..., Stage]


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_post_its_files_and_its_variant_have_their_places(
    compose: Compose, posts: list[Post]
) -> None:
    staged = files_below(compose(posts).folder)
    for name in (
        "mkdocs.yml",
        "theme/main.html",
        "docs/index.md",
        "docs/posts/index.md",
        "docs/posts/early-birds/index.md",
        "docs/posts/early-birds/result.json",
        "docs/posts/early-birds/month/index.md",
        "docs/takeaways/index.md",
        "docs/takeaways/ledger/early-birds.jsonl",
    ):
        assert name in staged


def test_the_lead_links_to_its_variant_before_the_takeaway(
    compose: Compose, posts: list[Post]
) -> None:
    docs = compose(posts).folder / "docs"
    page = (docs / "posts/early-birds/index.md").read_text(encoding="utf-8")
    link = page.index("../../posts/early-birds/month/index.md")
    assert link < page.index("{ #tradable-takeaway }")


def test_a_variant_is_named_and_listed_under_no_topic(
    compose: Compose, posts: list[Post]
) -> None:
    docs = compose(posts).folder / "docs"
    page = (docs / "posts/early-birds/month/index.md").read_text(encoding="utf-8")
    assert "title: Do early birds come back? (month)" in page
    assert "tags:" not in page.split("---")[1]


def test_the_marker_of_the_home_page_becomes_the_latest_takeaways(
    compose: Compose, posts: list[Post]
) -> None:
    home = (compose(posts).folder / "docs/index.md").read_text(encoding="utf-8")
    assert "workbench:latest-takeaways" not in home
    assert 'href="posts/late-comers/"' in home


def test_equal_inputs_give_an_equal_stage_in_any_folder_and_order(
    compose: Compose, posts: list[Post]
) -> None:
    one, two = compose(posts), compose(posts[::-1], "elsewhere")
    assert one.stage_id == two.stage_id
    assert files_below(one.folder) == files_below(two.folder)


def test_one_changed_letter_makes_another_stage(
    compose: Compose, posts: list[Post], root: Path
) -> None:
    before = compose(posts).stage_id
    page = root / "site/pages/method.md"
    page.write_text(page.read_text(encoding="utf-8") + "!", encoding="utf-8")
    assert compose(posts).stage_id != before


def test_the_newest_as_of_is_the_date_of_the_site(
    compose: Compose, posts: list[Post]
) -> None:
    assert compose(posts).epoch == 899_424_000  # 1998-07-03T00:00:00Z by `date +%s`
    assert compose([]).epoch == 0


def test_what_is_gone_is_removed_and_what_is_equal_is_left_alone(
    compose: Compose, posts: list[Post]
) -> None:
    folder = compose(posts).folder
    kept = folder / "docs/method.md"
    stamp = kept.stat().st_mtime_ns
    compose(posts[2:])
    assert not (folder / "docs/posts/early-birds").exists()
    assert kept.stat().st_mtime_ns == stamp


names = st.sampled_from(["a", "b", "posts", "docs", "mkdocs.yml", "theme", "x.md"])
leftovers = st.lists(st.lists(names, min_size=1, max_size=3), max_size=5)


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(leftovers)
def test_whatever_lay_in_the_folder_the_stage_is_the_same(
    compose: Compose, found: list[list[str]]
) -> None:
    clean = compose([], "clean")
    for parts in found:
        path = clean.folder.parent.joinpath("littered", *parts)
        if not any(parent.is_file() for parent in (path, *path.parents)):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text("left over", encoding="utf-8")
    littered = compose([], "littered")
    assert files_below(littered.folder) == files_below(clean.folder)


def test_an_unknown_marker_is_an_error_with_a_suggestion(
    compose: Compose, root: Path
) -> None:
    marker = "<!-- workbench:latest-takeaway -->"
    (root / "site/pages/about.md").write_text(marker, encoding="utf-8")
    with pytest.raises(UsageError, match="Did you mean latest-takeaways"):
        compose([])


def test_two_sources_of_one_page_are_refused(
    compose: Compose, root: Path, posts: list[Post]
) -> None:
    page = root / "site/pages/posts/early-birds/index.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"posts/early-birds/index\.md"):
        compose(posts)
    page.unlink()
    with pytest.raises(UsageError, match="one post per study and variant"):
        compose([posts[0], posts[0]])


def test_a_file_whose_name_is_no_text_is_named_and_refused(
    compose: Compose, root: Path
) -> None:
    (root / "site" / "pages" / os.fsdecode(b"caf\xe9.txt")).touch()
    with pytest.raises(UsageError, match=r"udce9\.txt.*page-name"):
        compose([])


def test_a_root_without_a_site_is_told_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="workbench init"):
        compose_stage(
            site=tmp_path / "site",
            mkdocs_file=tmp_path / "mkdocs.yml",
            posts=[],
            ledgers={},
            stage=tmp_path / "stage",
        )
