"""MkDocs as a child process: strict, and the same bytes everywhere."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.core.errors import GateRefused, UsageError
from workbench.core.posts import Post
from workbench.website.build import build_site, read_complaints
from workbench.website.release import tree_hash
from workbench.website.stage import Stage

Compose = Callable[..., Stage]

LOG = """\
INFO    -  Building documentation to directory: /tmp/site
WARNING -  Doc file 'posts/a/index.md' contains a link 'b.md', but the target \
'posts/a/b.md' is not found among documentation files.
WARNING -  The following pages exist in the docs directory, but are not included in \
the "nav" configuration:
  - stray.md
INFO    -  Documentation built in 0.10 seconds

Aborted with 2 warnings in strict mode!
"""


def test_every_complaint_names_its_page_and_a_remedy() -> None:
    link, stray = read_complaints(LOG)
    assert link.subject == "posts/a/index.md"
    assert "Correct the link" in link.message
    assert "- stray.md" in stray.message
    assert "Add the page to `nav`" in stray.message
    assert {link.code, stray.code} == {"site-warning"}


@pytest.mark.site
def test_two_builds_in_two_folders_are_byte_identical(
    compose: Compose, posts: list[Post], tmp_path: Path
) -> None:
    for number, folder in enumerate(("stage", "elsewhere")):
        build_site(compose(posts, folder), tmp_path / f"site{number}")
    assert tree_hash(tmp_path / "site0") == tree_hash(tmp_path / "site1")


@pytest.mark.site
def test_the_site_carries_the_date_of_its_data_and_not_of_its_build(
    compose: Compose, posts: list[Post], root: Path, tmp_path: Path
) -> None:
    config = root / "mkdocs.yml"
    with_address = "site_url: https://example.org/wb/\n" + config.read_text("utf-8")
    config.write_text(with_address, encoding="utf-8")
    build_site(compose(posts), tmp_path / "site")
    packed = (tmp_path / "site/sitemap.xml.gz").read_bytes()
    sitemap = gzip.decompress(packed).decode()
    assert sitemap.count("<lastmod>") == sitemap.count("<lastmod>1998-07-03</lastmod>")
    assert "https://example.org/wb/posts/early-birds/" in sitemap
    assert int.from_bytes(packed[4:8], "little") == 899_424_000


@pytest.mark.site
@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        ("[gone](../nowhere/index.md)", "nowhere"),
        ("[gone](#no-such-heading)", "no-such-heading"),
        ("[gone](/absolute/)", "absolute"),
    ],
)
def test_a_link_that_leads_nowhere_fails_the_build_and_names_the_page(
    compose: Compose,
    post: Callable[..., Post],
    tmp_path: Path,
    extra: str,
    complaint: str,
) -> None:
    with pytest.raises(GateRefused, match=complaint) as caught:
        build_site(compose([post(extra=extra)]), tmp_path / "site")
    assert caught.value.reasons[0].subject == "posts/early-birds/index.md"


@pytest.mark.site
def test_a_page_outside_the_menu_fails_the_build(
    compose: Compose, root: Path, tmp_path: Path
) -> None:
    (root / "site/pages/stray.md").write_text("# Stray", encoding="utf-8")
    with pytest.raises(GateRefused, match=r"stray\.md.*nav"):
        build_site(compose([]), tmp_path / "site")


@pytest.mark.site
def test_a_mistake_in_the_configuration_is_a_usage_error(
    compose: Compose, root: Path, tmp_path: Path
) -> None:
    (root / "mkdocs.yml").write_text("site_name: [1]\n", encoding="utf-8")
    with pytest.raises(UsageError, match="site_name"):
        build_site(compose([]), tmp_path / "site")
