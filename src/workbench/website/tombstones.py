"""Tombstones: what stands at the address of a page that was taken down.

The address stays; words, figures and numbers are gone. A tombstone says when and why,
asks search engines to forget the page, and leads to the history of the study's claims,
which stay public. It keeps a name inside the page only where a page of the site leads
to that name: a name was the author's words, too.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from workbench.core.clock import show_instant
from workbench.core.markup import in_attribute, inert
from workbench.core.posts import FROZEN_PAGE, Editions, Tombstone, Withdrawal
from workbench.core.track import Memory
from workbench.website.listing import folder_of
from workbench.website.pages import generated_pages

STAYS = "What it claimed stays in the ledger and in the track record."
_MARK = 'class="warning tombstone" role="note"'
# A heading's name in a generated page, in Markdown or HTML.
_NAMED = re.compile(r"(?:\{ #|\bid=\")([\w:.-]+)")
_HEADING = "withdrawn"


def tombstone_page(
    tombstone: Tombstone, memory: Memory, others: Iterable[str] = ()
) -> str:
    """The Markdown of a post that was taken down.

    Args:
        tombstone: The post, and its withdrawal.
        memory: What the ledgers say.
        others: Pages that may lead to it.
    """
    post = tombstone.post
    folder = folder_of(post)
    title = f"Withdrawn: {post.title}"
    up = "../" * (folder.count("/") + 1)
    history = (
        f" [What became of its claims]({up}takeaways/history/{post.study}.md)."
        if post.study in memory.versions
        else ""
    )
    return (
        f"---\ntitle: {json.dumps(in_attribute(title))}\nrobots: noindex\n"
        "hide: [navigation, toc]\nsearch:\n  exclude: true\n---\n\n"
        f"# {inert(title)} {{ #{_HEADING} }}\n\n"
        f"{withdrawn_line(tombstone.withdrawal)}\n\n"
        f"{STAYS}{history}\n\n"
        f"{_anchors(_linked(folder, others))}\n"
    )


def withdrawn_line(withdrawal: Withdrawal) -> str:
    """When and why, as HTML; the mark by which a tombstone is known."""
    day = show_instant(withdrawal.at)[:10]
    why = inert(withdrawal.why)
    return f"<p {_MARK}><strong>Withdrawn on {day}:</strong> {why}</p>"


def with_lost_anchors(
    pages: Mapping[str, str], tombstones: Sequence[Tombstone], memory: Memory
) -> dict[str, str]:
    """Lists that keep the names which posts had in them before they were taken down.

    A hand-written page may lead there; it must not break because a post is withdrawn.

    Args:
        pages: The lists as they are now, by path.
        tombstones: Posts that are in no list any more.
        memory: What the ledgers say.
    """
    before = generated_pages([each.post for each in tombstones], {}, memory)
    kept = dict(pages)
    for path, page in before.items():
        there = set(_NAMED.findall(pages[path]))
        lost = [name for name in _NAMED.findall(page) if name not in there]
        if lost:
            kept[path] = f"{pages[path].rstrip()}\n\n{_anchors(lost)}\n"
    return kept


def shows(release: Path, folder: str, editions: Editions) -> bool:
    """Whether a release shows what was taken down of a post.

    Args:
        release: A release.
        folder: The post's, below the site's root.
        editions: The post's, with what was taken down of them.
    """
    places = [f"{folder}/{e.address}" for e in editions.published if e.withdrawn]
    if editions.tombstone:
        places.append(folder)
    pages = (release / place / FROZEN_PAGE for place in places)
    return any(page.is_file() and _MARK not in _text(page) for page in pages)


def _linked(folder: str, others: Iterable[str]) -> list[str]:
    """Names in a post that other pages lead to; each link names at least its study."""
    study = re.escape(folder.removeprefix("posts/"))
    link = re.compile(rf"\b{study}/(?:index\.(?:md|html))?#([^)\s\"'>]+)")
    return sorted({name for page in others for name in link.findall(page)})


def _anchors(names: Iterable[str]) -> str:
    """Empty elements that links find."""
    distinct = dict.fromkeys(name for name in names if name != _HEADING)
    spans = "".join(f'<span id="{escape(name)}"></span>' for name in distinct)
    return f'<div class="anchors" aria-hidden="true">{spans}</div>' if spans else ""


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
