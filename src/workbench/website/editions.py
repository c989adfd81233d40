"""Editions on the site: each keeps a page of its own that is never built again.

posts/<study>/                    the current edition, as MkDocs builds it
posts/<study>/2024-03-01/         the edition of that date, as its first readers saw it
posts/<study>/editions/           all of them, where they are too many for one line

What stands at an edition's address was made once, of the page that MkDocs had built
when the edition was current. It holds its own small style, no script, and nothing of a
theme, so that no later theme can break it. Of an edition that was withdrawn a tombstone
stands there.
"""

import re
from functools import lru_cache
from html import escape
from pathlib import Path

from workbench.core.errors import Reason, UsageError
from workbench.core.posts import Edition, Editions
from workbench.website.markup import read_page
from workbench.website.relinking import one_folder_down
from workbench.website.tombstones import STAYS, withdrawn_line

SHOWN = 12  # editions named on a post; the others are one link away
ALL = "editions"
_ARTICLE = re.compile(
    r"<article[^>]*\bmd-content__inner\b[^>]*>.*?(?P<text><h1.*?)\s*</article>",
    re.DOTALL,
)
_HEADING = re.compile(r'<h1[^>]*>(.*?)(?:<a class="headerlink".*?)?</h1>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LINE = re.compile(r'<p class="editions".*?</p>\s*', re.DOTALL)
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title>
{head}<style>
{style}</style>
</head>
<body>
{top}<main>
<article class="md-content__inner">
{article}
</article>
</main>
</body>
</html>
"""


def editions_line(editions: Editions) -> str:
    """What a post says of its editions: newest first, and not more than a line or two.

    It is left out of the search, and of the frozen page: there it would soon be old.
    """
    newest = list(reversed(editions.published))
    items = [_named(each, editions) for each in newest[:SHOWN]]
    if len(newest) > SHOWN:
        items.append(f'<a href="{ALL}/">all {len(newest):,}</a>')
    return (
        '<p class="editions" data-search-exclude="true">Every edition keeps its '
        f"address: {', '.join(items)}.</p>"
    )


def _named(edition: Edition, editions: Editions) -> str:
    link = f'<a href="{edition.address}/">{edition.address}</a>'
    is_shown = edition == editions.current
    return f"{link} (this one)" if is_shown else f"{link}{_gone(edition)}"


def frozen_page(
    built: str, edition: Edition, files: frozenset[str], history: str
) -> str:
    """The page that stands at an edition's address for good.

    Args:
        built: The page of the post as MkDocs built it.
        edition: Its edition.
        files: Names of the files that go with it.
        history: Address of the history of the study's claims; empty without one.

    Raises:
        UsageError: The theme marks no article in it.
    """
    found = _ARTICLE.search(built)
    if found is None:
        message = (
            "no article of class md-content__inner with a heading is on a post's page, "
            "so its edition cannot be kept; leave that element of the theme in place."
        )
        raise UsageError(Reason(code="site-config", message=message, subject="theme"))
    article = one_folder_down(_LINE.sub("", found["text"]), files)
    claims = (
        f' What became of its claims is in <a href="{history}">their history</a>.'
        if history
        else ""
    )
    head = (
        f"<strong>This is the edition of {edition.address}</strong>, as it was "
        f'published. <a href="../">The newest is here.</a>{claims}'
    )
    return _laid_out(built, f"edition of {edition.address}", head, article)


def editions_page(built: str, editions: Editions) -> str:
    """The list of all editions of a post.

    Args:
        built: The page of the post as MkDocs built it.
        editions: Its editions.
    """
    items = "\n".join(
        f'<li><a href="../{each.address}/">{each.address}</a>{_gone(each)}</li>'
        for each in reversed(editions.published)
    )
    head = 'Every edition keeps its address. <a href="../">The newest is here.</a>'
    article = f"<h1>{_title(built)}: all editions</h1>\n<ul>\n{items}\n</ul>"
    return _laid_out(built, "all editions", head, article)


def buried_page(edition: Edition, posts: str, history: str, *, serves: bool) -> str:
    """The tombstone that stands at the address of an edition that was withdrawn.

    Args:
        edition: The edition.
        posts: Address of the list of posts.
        history: Address of the history of the study's claims; empty without one.
        serves: Whether the post has an edition that serves.
    """
    assert edition.withdrawn is not None  # noqa: S101 - that is why it is buried
    title = f"Withdrawn: the edition of {edition.address}"
    links = ' <a href="../">The newest edition is here.</a>' if serves else ""
    if history:
        links += f' <a href="{history}">What became of its claims.</a>'
    return _PAGE.format(
        title=title,
        head='<meta name="robots" content="noindex">\n',
        style=_style(),
        top="",
        article=(
            f'<p><a href="{posts}">All posts</a></p>\n'
            f"<h1>{title}</h1>\n{withdrawn_line(edition.withdrawn)}\n"
            f"<p>{STAYS}{links}</p>"
        ),
    )


def _gone(edition: Edition) -> str:
    return " (withdrawn)" if edition.withdrawn else ""


def _laid_out(built: str, what: str, head: str, article: str) -> str:
    address = read_page(built.partition("</head>")[0]).canonical
    canonical = f'<link rel="canonical" href="{escape(address)}">\n' if address else ""
    return _PAGE.format(
        title=f"{_title(built)} - {what}",
        head=canonical,
        style=_style(),
        top=f'<header class="edition">\n<p>{head}</p>\n</header>\n',
        article=article,
    )


def _title(built: str) -> str:
    found = _HEADING.search(built)
    return _TAG.sub("", found[1]).strip() if found else "Post"


@lru_cache(maxsize=1)
def _style() -> str:
    return (Path(__file__).parent / "frozen.css").read_text(encoding="utf-8")
