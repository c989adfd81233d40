"""The pages and files made from the ledgers: record, all claims, histories."""

from collections.abc import Iterable, Sequence

from workbench.core.canonical import canonical_json
from workbench.core.markup import in_attribute, inert
from workbench.core.posts import Post
from workbench.core.track import Memory, Picture
from workbench.website.claims import claims_csv, claims_json, claims_table
from workbench.website.history import history_page
from workbench.website.listing import folder_of, leads
from workbench.website.record import DEK, record_page

_ALL = (
    "Every claim of every version at every look: open and settled, won and lost. What "
    "was claimed is never taken out of this table. [The record](record.md) adds it up."
)


def remembered_pages(memory: Memory, posts: Sequence[Post]) -> dict[str, bytes]:
    """Every page and file of the ledgers, by its path among the pages.

    Args:
        memory: What is told.
        posts: Posts that serve; histories lead to them.
    """
    pages = {
        "takeaways/record.md": _page("Track record", DEK, record_page(memory)),
        "takeaways/all.md": _wide("Every claim ever made", _ALL, _all_claims(memory)),
    }
    by_study = {post.study: post for post in leads(posts)}
    for study in memory.versions:
        title, dek = _head(study, by_study.get(study))
        body = history_page(study, memory)
        pages[f"takeaways/history/{study}.md"] = _wide(title, dek, body)
    return {
        **{path: text.encode() for path, text in pages.items()},
        "takeaways/claims.csv": claims_csv(memory),
        "takeaways/claims.json": claims_json(memory),
        **{
            f"takeaways/ledger/heads/{name}.json": canonical_json(heads).encode()
            for name, heads in memory.heads.items()
        },
        **_pictures("takeaways/record", memory.reliability.values()),
        **{
            path: data
            for (study, _, _), picture in memory.histories.items()
            for path, data in _pictures(f"takeaways/history/{study}", [picture]).items()
        },
    }


def _pictures(folder: str, pictures: Iterable[Picture]) -> dict[str, bytes]:
    return {
        f"{folder}/{name}": data
        for picture in pictures
        for name, data in picture.files.items()
    }


def _all_claims(memory: Memory) -> str:
    if not memory.rows:
        return "Nothing has been claimed yet."
    files = (
        "The same rows as files: [claims.csv](claims.csv), [claims.json](claims.json)."
    )
    return f"{claims_table(memory.rows)}\n\n{files}"


def _head(study: str, post: Post | None) -> tuple[str, str]:
    what = "Every look at its claims, and what fresh data made of them."
    if post is None:
        return f"History of {study}", f"{what} No post on it is published now."
    link = f"[{inert(post.title)}](../../{folder_of(post)}/index.md)"
    return f"History of {study}", f"{link} {what}"


def _page(title: str, dek: str, body: str, hidden: str = "") -> str:
    named = in_attribute(title)
    head = f"---\ntitle: {named}\n{hidden}search:\n  exclude: true\n---"
    shown = f'<p class="dek" markdown="span">{dek}</p>'
    return f"{head}\n\n# {inert(title)}\n\n{shown}\n\n{body}\n"


def _wide(title: str, dek: str, body: str) -> str:
    """A page of wide tables, with nothing beside them."""
    return _page(title, dek, body, "hide: [toc, navigation]\n")
