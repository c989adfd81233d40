"""What the inspection of a built site finds, and what it lets pass."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.website import inspect as inspect_module
from workbench.website.inspect import REMEDIES, inspect_site

ARTICLE = '<html><body><article class="md-content__inner">{}</article></body></html>'

REFUSED = [
    ("link-broken", '<a href="gone/">x</a>'),
    ("link-broken", '<a href="#nowhere">x</a>'),
    ("link-broken", '<a href="posts/a/#nowhere">x</a>'),
    ("link-broken", '<a href="/gone.csv">x</a>'),
    ("link-broken", '<img src="gone.svg" alt="">'),
    ("outside-resource", '<img src="https://example.org/a.png" alt="">'),
    ("outside-resource", '<img srcset="//example.org/a.png 2x" alt="">'),
    ("outside-resource", '<iframe src="https://example.org/"></iframe>'),
    ("outside-resource", '<link rel="stylesheet" href="https://example.org/a.css">'),
    ("outside-resource", '<p style="background: url(https://example.org/a.png)">x</p>'),
    ("outside-resource", "<style>@import 'https://example.org/a.css';</style>"),
    ("outside-resource", '<meta http-equiv="refresh" content="0;url=//example.org">'),
    ("active-markup", "<script>alert(1)</script>"),
    ("active-markup", '<a href="javascript:void(0)">x</a>'),
    ("active-markup", '<p onclick="x()">x</p>'),
    ("active-markup", '<iframe srcdoc="x"></iframe>'),
    ("lead-gate", "<form></form>"),
    ("lead-gate", '<input type="text">'),
    ("lead-gate", '<div class="newsletter-box">x</div>'),
    ("tracker", "<script>document.cookie = 'a=1'</script>"),
    ("tracker", '<a href="posts/a/" ping="/count">x</a>'),
    ("tracker", '<meta http-equiv="set-cookie" content="a=1">'),
]
ALLOWED = [
    '<a href="posts/a/#here">x</a>',
    '<a href="posts/a">x</a>',
    '<a href="posts/a/data%20set.csv">x</a>',
    '<a href="https://example.org/anything">x</a>',
    '<a href="mailto:someone@example.org">x</a>',
    '<img src="data:image/png;base64,AAAA" alt="">',
    '<script type="application/json">{"a": 1}</script>',
    '<h2 id="newsletter">Does a newsletter pay?</h2>',
    "<p>x<br>y</p><hr>",
    '<picture><source srcset="posts/a/f.svg"></picture>',
]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of two pages and a few files."""
    folder = tmp_path / "posts" / "a"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text('<h2 id="here">x</h2>', encoding="utf-8")
    (folder / "data set.csv").write_text("a\n", encoding="utf-8")
    (folder / "f.svg").write_text("<svg></svg>", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("code", "html"), REFUSED)
def test_a_page_that_breaks_a_rule_is_found(site: Path, code: str, html: str) -> None:
    (site / "index.html").write_text(ARTICLE.format(html), encoding="utf-8")
    found = inspect_site(site)
    assert code in {finding.code for finding in found}
    assert all(finding.place.startswith("index.html line ") for finding in found)
    assert all(finding.remedy for finding in found)


@pytest.mark.parametrize("html", ALLOWED)
def test_an_honest_page_passes(site: Path, html: str) -> None:
    (site / "index.html").write_text(ARTICLE.format(html), encoding="utf-8")
    assert inspect_site(site) == []


def test_every_rule_has_a_page_that_breaks_it() -> None:
    assert {code for code, _ in REFUSED} == set(REMEDIES)


def test_a_finding_in_a_post_names_its_study(site: Path) -> None:
    page = site / "posts" / "a" / "index.html"
    page.write_text('<p>\n<a href="gone/">x</a>', encoding="utf-8")
    [finding] = inspect_site(site)
    assert (finding.study, finding.place) == ("a", "posts/a/index.html line 2")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("count.js", "navigator.sendBeacon('/x')", "active-markup"),
        (
            "a.css",
            "p { background: url('https://example.org/a.png') }",
            "outside-resource",
        ),
        ("a.svg", "<svg><script>alert(1)</script></svg>", "active-markup"),
        (
            "a.svg",
            '<svg><image href="https://example.org/a.png"/></svg>',
            "outside-resource",
        ),
    ],
)
def test_files_beside_the_pages_are_read_too(
    site: Path, name: str, text: str, code: str
) -> None:
    (site / name).write_text(text, encoding="utf-8")
    assert [finding.code for finding in inspect_site(site)] == [code]


def test_links_are_followed_below_the_address_a_site_is_served_from(site: Path) -> None:
    head = '<link rel="canonical" href="https://example.org/wb/">'
    links = (
        '<a href="/wb/posts/a/">in</a> <a href="https://example.org/wb/gone/">no</a>'
    )
    (site / "index.html").write_text(head + links, encoding="utf-8")
    [finding] = inspect_site(site)
    assert "https://example.org/wb/gone/" in finding.message


@pytest.mark.site
def test_the_real_site_passes(released: Path) -> None:
    assert inspect_site(released) == []


@pytest.mark.site
def test_what_the_theme_lacked_for_screen_readers_is_there(released: Path) -> None:
    page = (released / "posts/early-birds/index.html").read_text(encoding="utf-8")
    assert 'role="dialog" aria-label="Search"' in page
    assert 'data-md-component="palette" aria-label="Colours"' in page
    assert '<nav class="md-tags" aria-label="Topics"' in page


_PARTS = st.sampled_from(
    ["..", ".", "a", "b", "c.html", "index.html", "", "a b", "%61"]
)
_ADDRESSES = st.builds(
    lambda parts, end: "/".join(parts) + end,
    st.lists(_PARTS, max_size=4),
    st.sampled_from(["", "#x", "#", "?q", "/"]),
)


@example("//a/index.html", "index.html")
@example("b/.", "a/index.html")
@given(_ADDRESSES, st.sampled_from(["index.html", "a/index.html", "a/b/c.html"]))
def test_a_plain_address_leads_where_the_rules_of_the_web_lead(
    address: str, page: str
) -> None:
    names = {"index.html", "a/index.html", "a/b/c.html", "b/index.html", "a b"}
    quick = inspect_module._Resolver(names, "https://site.invalid/")
    slow = inspect_module._Resolver(names, "https://site.invalid/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspect_module, "_PLAIN", re.compile(r"(?!)"))
        expected = slow(page, address)
    assert quick(page, address) == expected
