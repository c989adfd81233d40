"""The pages that no hand writes: lists of posts, takeaways and topics.

Their items are HTML, for they grow with the site: every new edition changes each of
them, and to turn a thousand items from Markdown takes several times as long.
"""

from collections.abc import Callable, Mapping, Sequence

from workbench.core.clock import show_instant
from workbench.core.markup import badge, inert
from workbench.core.posts import Post
from workbench.core.registration import BASE_VARIANT
from workbench.core.takeaway import Takeaway, TakeawayKind
from workbench.core.track import NOTHING_REMEMBERED, Memory
from workbench.takeaways.grammar import plural
from workbench.website.fragments import NOTHING
from workbench.website.listing import (
    NOTHING_YET,
    Entry,
    entries,
    folder_of,
    leads,
    list_page,
    show_estimate,
    up_from,
)
from workbench.website.standing import (
    holds_badge,
    short_state,
    standing_of,
)
from workbench.website.topics import topics_page

LATEST_SHOWN = 3
KIND_PAGES: Mapping[TakeawayKind, tuple[str, str]] = {
    "faq": (
        "Questions answered",
        "Questions people ask about customers, and what the data answer.",
    ),
    "lesson": (
        "Lessons",
        "What the data taught, stated so that fresh data can prove it wrong.",
    ),
    "tool": (
        "Tools",
        "Methods and numbers to take away and use on customers of your own.",
    ),
}
_KIND_NAMES: Mapping[TakeawayKind, str] = {
    "faq": "question",
    "lesson": "lesson",
    "tool": "tool",
}


def generated_pages(
    posts: Sequence[Post],
    ledgers: Mapping[str, Sequence[object]],
    memory: Memory = NOTHING_REMEMBERED,
) -> dict[str, str]:
    """Markdown of every generated page, by its path among the pages.

    Args:
        posts: Newest data first.
        ledgers: The lines of each study's ledger; only counted and linked here.
        memory: What they say; a takeaway is shown with its state.
    """
    every = entries(posts)
    pages = {
        "posts/index.md": _posts_page(posts, memory),
        "takeaways/index.md": _table_page(every, ledgers, memory),
        "tags.md": topics_page(posts),
    }
    for kind in KIND_PAGES:
        of_kind = [each for each in every if each.takeaway.kind == kind]
        pages[f"takeaways/{kind}.md"] = _kind_page(kind, of_kind, memory)
    return pages


def block_for(
    name: str, page: str, posts: Sequence[Post], memory: Memory = NOTHING_REMEMBERED
) -> str:
    """What stands where a hand-written page says `<!-- workbench:<name> -->`.

    Args:
        name: One of `BLOCKS`.
        page: The page's path among the pages, for links from there.
        posts: Newest data first.
        memory: What the ledgers say.
    """
    return BLOCKS[name](posts, up_from(page), memory)


def _latest(posts: Sequence[Post], up: str, memory: Memory) -> str:
    latest = leads(posts)[:LATEST_SHOWN]
    return "\n".join(_card(post, up, "h3", memory) for post in latest) or NOTHING_YET


BLOCKS: Mapping[str, Callable[[Sequence[Post], str, Memory], str]] = {
    "latest-takeaways": _latest
}


def variants_block(post: Post, posts: Sequence[Post]) -> str:
    """Links from a study's lead post to its other registered variants; may be empty."""
    others = [p for p in posts if p.study == post.study and p is not post]
    if post not in leads(posts) or not others:
        return ""
    up = "../" * (folder_of(post).count("/") + 1)
    links = ", ".join(f"[{p.variant}]({up}{folder_of(p)}/index.md)" for p in others)
    return (
        '<p class="variants" markdown="span">The same study with other registered '
        f"settings: {links}.</p>"
    )


def _posts_page(posts: Sequence[Post], memory: Memory) -> str:
    up = up_from("posts/index.md")
    cards = "\n".join(_card(post, up, "h2", memory) for post in leads(posts))
    dek = (
        "Newest data first. Each post says what was asked, what was done, what came "
        "out and what to do about it."
    )
    return list_page("Posts", dek, cards or NOTHING_YET, has_contents=False)


def _card(post: Post, up: str, heading: str, memory: Memory) -> str:
    """One post in a list: title, verdict, state, answer, dates."""
    badges = "" if post.registered else '<span class="draft">Draft</span>'
    answer = inert(post.question)
    facts = []
    for entry in entries([post])[:1]:
        state = short_state(post, standing_of(post, entry.takeaway, memory), up)
        badges = _in_a_row(badge(entry.takeaway.verdict), state, badges)
        answer = _claim(entry.takeaway)
        counted = entry.evidence
        facts.append(f"n = {counted.n:,} {inert(plural(counted.occurrence))}")
    facts.append(f"data to {show_instant(post.as_of)}")
    facts.append(f"{post.reading_minutes} min to read")
    link = f'<a href="{up}{folder_of(post)}/">{inert(post.title)}</a>'
    return (
        f'<div class="card">\n<{heading} id="{post.study}">{link}</{heading}>\n'
        f'{badges}\n<p>{answer}</p>\n<p class="meta">{" · ".join(facts)}</p>\n</div>'
    )


def _in_a_row(*parts: str) -> str:
    shown = " ".join(part for part in parts if part)
    return f'<p class="standing">{shown}</p>'


def _kind_page(kind: TakeawayKind, of_kind: Sequence[Entry], memory: Memory) -> str:
    title, dek = KIND_PAGES[kind]
    up = up_from(f"takeaways/{kind}.md")
    body = "\n".join(_kind_entry(each, up, memory) for each in of_kind)
    return list_page(title, dek, body or NOTHING_YET, has_contents=False)


def _kind_entry(entry: Entry, up: str, memory: Memory) -> str:
    post, takeaway = entry.post, entry.takeaway
    standing = standing_of(post, takeaway, memory)
    state = short_state(post, standing, up)
    held = holds_badge(standing) if standing else ""
    heading = post.question if takeaway.kind == "faq" else post.title
    number = post.takeaways.index(takeaway) + 1
    anchor = f"{entry.folder.removeprefix('posts/').replace('/', '-')}-{number}"
    parts = [
        f'<h2 id="{anchor}">{_with_variant(heading, post)}</h2>',
        _in_a_row(badge(takeaway.verdict), state, held),
        f"<p>{_claim(takeaway)}</p>",
    ]
    parts += [
        f"<p><strong>{part.capitalize()}.</strong> {inert(takeaway.text[part])}</p>"
        for part in ("entry", "action", "exit")
        if part in takeaway.text
    ]
    parts.append(
        f'<p class="meta">{inert(show_estimate(entry.evidence))} · '
        f"n = {entry.evidence.n:,} · data to {show_instant(post.as_of)} · "
        f'<a href="{up}{entry.folder}/">How we know</a></p>'
    )
    return "\n".join(parts)


def _claim(takeaway: Takeaway) -> str:
    return inert(takeaway.text.get("claim", ""))


def _table_page(
    every: Sequence[Entry], ledgers: Mapping[str, Sequence[object]], memory: Memory
) -> str:
    dek = (
        "Every takeaway on one page, whatever its verdict. The interval is the one "
        'that decided it; <a href="../method/">the method</a> says how. What was '
        'claimed before, and what fresh data made of it, is in <a href="all/">every '
        'claim ever made</a> and in <a href="record/">the record</a>.'
    )
    rows = "\n".join(_row(each, memory) for each in every)
    table = f"{_TABLE_HEAD}\n{rows}\n</tbody>\n</table>\n</div>"
    body = table if every else NOTHING_YET
    body = f"{body}\n\n{_ledger_links(ledgers, memory)}"
    return list_page("Takeaways", dek, body, has_contents=False)


_TABLE_HEAD = """\
<div class="scroll" tabindex="0" role="region" aria-label="Table of all takeaways">
<table class="data">
<caption>All takeaways, newest data first</caption>
<thead>
<tr><th scope="col">Study</th><th scope="col">Verdict</th><th scope="col">State</th>\
<th scope="col">Kind</th>\
<th scope="col" class="number">Estimate [interval]</th>\
<th scope="col" class="number">n</th><th scope="col">Data to</th></tr>
</thead>
<tbody>"""


def _with_variant(words: str, post: Post) -> str:
    """What heads a takeaway, told apart from those of the study's other settings."""
    own = "" if post.variant in (None, BASE_VARIANT) else f" ({post.variant})"
    return inert(f"{words}{own}")


def _row(entry: Entry, memory: Memory) -> str:
    post, evidence = entry.post, entry.evidence
    up = up_from("takeaways/index.md")
    standing = standing_of(post, entry.takeaway, memory)
    state = short_state(post, standing, up) or NOTHING
    title = _with_variant(post.title, post)
    return (
        f'<tr><th scope="row"><a href="{up}{entry.folder}/">{title}</a></th>'
        f"<td>{badge(entry.takeaway.verdict)}</td><td>{state}</td>"
        f"<td>{_KIND_NAMES[entry.takeaway.kind]}</td>"
        f'<td class="number">{inert(show_estimate(evidence))}</td>'
        f'<td class="number">{evidence.n:,}</td>'
        f'<td class="date">{show_instant(post.as_of)}</td></tr>'
    )


def _ledger_links(ledgers: Mapping[str, Sequence[object]], memory: Memory) -> str:
    if not ledgers:
        return ""
    items = "\n".join(
        f"- [{study}.jsonl](ledger/{study}.jsonl): {len(lines):,} "
        f"{'line' if len(lines) == 1 else 'lines'}"
        for study, lines in sorted(ledgers.items())
    )
    heads = (
        " What all ledgers held when a claim was made lies beside them, as "
        "`ledger/heads/HASH.json`; the claim names it by the hash of that file."
    )
    return (
        "## The ledger { #ledger }\n\n"
        "What has been claimed is written down once and never changed. Each line holds "
        "the hash of the line before it, so that a line edited, dropped or moved shows."
        f"{heads if memory.heads else ''}\n\n{items}"
    )
