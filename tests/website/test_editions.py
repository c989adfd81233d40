"""What a post says of its editions, and the page that each keeps."""

from datetime import UTC, datetime

import pytest

from workbench.core.errors import UsageError
from workbench.core.posts import Edition, Editions, address_for
from workbench.website.editions import (
    SHOWN,
    editions_line,
    editions_page,
    frozen_page,
)

BUILT = """<!doctype html><html><head><title>Do they? - Site</title>
<link rel="canonical" href="https://example.org/posts/one/">
<link rel="stylesheet" href="../../assets/theme.css"><script src="x.js"></script></head>
<body><nav>menu</nav><article class="md-content__inner md-typeset">
<p class="back"><a href="../">All posts</a></p>
<h1 id="do-they">Do they?<a class="headerlink" href="#do-they">#</a></h1>
<p>They do, see <a href="../../method/">the method</a>, <a href="result.json">x</a>.</p>
<p class="editions">Every edition ...</p>
</article><footer>theme</footer></body></html>"""


def edition(number: int = 1, address: str = "2024-03-01") -> Edition:
    return Edition(
        edition=f"id-{number}",
        as_of=datetime(2024, 3, 1, tzinfo=UTC),
        address=address,
        files={},
        folder=None,
    )


def many(count: int) -> Editions:
    each = tuple(edition(n, f"2024-03-01.{n}") for n in range(count))
    return Editions(published=each, current=each[-1])


def test_an_address_is_a_date_and_a_number_where_the_date_is_taken() -> None:
    day = datetime(2024, 3, 1, tzinfo=UTC)
    assert address_for(day, ()) == "2024-03-01"
    assert address_for(day, {"2024-03-01"}) == "2024-03-01.2"
    assert address_for(day, {"2024-03-01", "2024-03-01.2"}) == "2024-03-01.3"
    later = datetime(2024, 3, 1, 8, 30, tzinfo=UTC)
    assert address_for(later, {"2024-03-01"}) == "2024-03-01T083000Z"


def test_a_post_names_its_editions_newest_first_and_the_one_it_shows() -> None:
    line = editions_line(many(2))
    assert line.index("2024-03-01.1/") < line.index("2024-03-01.0/")
    assert '<a href="2024-03-01.1/">2024-03-01.1</a> (this one)' in line
    assert "all 2" not in line


def test_a_post_does_not_grow_with_its_editions() -> None:
    few, more = editions_line(many(SHOWN + 1)), editions_line(many(1000))
    assert few.count("<a ") == more.count("<a ") == SHOWN + 1
    assert '<a href="editions/">all 1,000</a>' in more
    assert len(more) < 2 * len(few)
    assert editions_page(BUILT, many(1000)).count("<li>") == 1000


def test_a_frozen_page_is_the_article_and_nothing_of_the_theme() -> None:
    page = frozen_page(BUILT, edition(), frozenset({"result.json"}), "../../../t/h/")
    for theirs in (
        "menu",
        "theme",
        "<script",
        "All posts",
        "Every edition",
        "theme.css",
    ):
        assert theirs not in page.partition("</style>")[2]
    assert '<h1 id="do-they">Do they?' in page
    assert '<a href="../../../method/">the method</a>' in page
    assert '<a href="result.json">' in page
    assert "This is the edition of 2024-03-01" in page
    assert '<a href="../">The newest is here.</a>' in page
    assert '<link rel="canonical" href="https://example.org/posts/one/">' in page
    assert "<title>Do they? - edition of 2024-03-01</title>" in page


def test_a_site_without_an_address_names_no_canonical_one() -> None:
    built = BUILT.replace('<link rel="canonical"', '<link rel="author"')
    assert "canonical" not in frozen_page(built, edition(), frozenset(), "")


def test_a_theme_that_marks_no_article_is_told_what_is_missing() -> None:
    with pytest.raises(UsageError, match="md-content__inner"):
        frozen_page("<h1>x</h1>", edition(), frozenset(), "")
