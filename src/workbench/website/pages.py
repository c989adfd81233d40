"""The pages that no hand writes: lists of posts, takeaways and topics."""

from collections.abc import Mapping, Sequence

from workbench.core.clock import show_instant
from workbench.core.markup import badge, inert
from workbench.core.posts import Post
from workbench.core.takeaway import Takeaway, TakeawayKind
from workbench.core.track import NOTHING_REMEMBERED, Memory
from workbench.takeaways.grammar import plural
from workbench.website.listing import (
    NOTHING_YET,
    Entry,
    entries,
    folder_of,
    leads,
    list_page,
    show_estimate,
)
from workbench.website.standing import (
    holds_badge,
    short_state,
    standing_of,
    state_cell,
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
    for kind, (title, dek) in KIND_PAGES.items():
        of_kind = [each for each in every if each.takeaway.kind == kind]
        body = "\n\n".join(_kind_entry(each, "../", memory) for each in of_kind)
        pages[f"takeaways/{kind}.md"] = list_page(title, dek, body or NOTHING_YET)
    return pages


def blocks(
    posts: Sequence[Post], memory: Memory = NOTHING_REMEMBERED
) -> dict[str, str]:
    """What stands where a hand-written page says `<!-- workbench:<name> -->`."""
    latest = leads(posts)[:LATEST_SHOWN]
    cards = "\n\n".join(_card(post, "", "###", memory) for post in latest)
    return {"latest-takeaways": cards or NOTHING_YET}


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
    cards = "\n\n".join(_card(post, "../", "##", memory) for post in leads(posts))
    dek = (
        "Newest data first. Each post says what was asked, what was done, what came "
        "out and what to do about it."
    )
    return list_page("Posts", dek, cards or NOTHING_YET)


def _card(post: Post, up: str, level: str, memory: Memory) -> str:
    """One post in a list: title, verdict, state, answer, dates."""
    link = f"{up}{folder_of(post)}/index.md"
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
    return "\n\n".join(
        [
            '<div class="card" markdown>',
            f"{level} [{inert(post.title)}]({link}) {{ #{post.study} }}",
            badges,
            answer,
            f'<p class="meta">{" · ".join(facts)}</p>',
            "</div>",
        ]
    )


def _in_a_row(*parts: str) -> str:
    shown = " ".join(part for part in parts if part)
    return f'<p class="standing" markdown="span">{shown}</p>'


def _kind_entry(entry: Entry, up: str, memory: Memory) -> str:
    post, takeaway = entry.post, entry.takeaway
    standing = standing_of(post, takeaway, memory)
    state = short_state(post, standing, up)
    held = holds_badge(standing) if standing else ""
    heading = post.question if takeaway.kind == "faq" else post.title
    number = post.takeaways.index(takeaway) + 1
    anchor = entry.folder.removeprefix("posts/").replace("/", "-")
    parts = [
        f"## {inert(heading)} {{ #{anchor}-{number} }}",
        _in_a_row(badge(takeaway.verdict), state, held),
        _claim(takeaway),
    ]
    parts += [
        f"**{part.capitalize()}.** {inert(takeaway.text[part])}"
        for part in ("entry", "action", "exit")
        if part in takeaway.text
    ]
    link = f"{up}{entry.folder}/index.md"
    parts.append(
        f'<p class="meta" markdown="span">{inert(show_estimate(entry.evidence))} · '
        f"n = {entry.evidence.n:,} · data to {show_instant(post.as_of)} · "
        f"[How we know]({link})</p>"
    )
    return "\n\n".join(parts)


def _claim(takeaway: Takeaway) -> str:
    return inert(takeaway.text.get("claim", ""))


def _table_page(
    every: Sequence[Entry], ledgers: Mapping[str, Sequence[object]], memory: Memory
) -> str:
    dek = (
        "Every takeaway on one page, whatever its verdict. The interval is the one "
        "that decided it; [the method](../method.md) says how. What was "
        "claimed before, and what fresh data made of it, is in [every claim ever made]"
        "(all.md) and in [the record](record.md)."
    )
    rows = "\n".join(_row(each, memory) for each in every)
    table = f"{_TABLE_HEAD}\n{rows}\n</tbody>\n</table>\n</div>"
    body = table if every else NOTHING_YET
    page = list_page("Takeaways", dek, f"{body}\n\n{_ledger_links(ledgers)}")
    wide = page.replace("title:", "hide: [toc]\ntitle:", 1)
    return wide.replace('<p class="dek">', '<p class="dek" markdown="span">')


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


def _row(entry: Entry, memory: Memory) -> str:
    post, evidence = entry.post, entry.evidence
    standing = standing_of(post, entry.takeaway, memory)
    title = inert(post.title)
    if post.variant and entry.folder.count("/") > 1:
        title += f" ({inert(post.variant)})"
    return (
        f'<tr><th scope="row"><a href="../{entry.folder}/">{title}</a></th>'
        f"<td>{badge(entry.takeaway.verdict)}</td><td>{state_cell(post, standing)}</td>"
        f"<td>{_KIND_NAMES[entry.takeaway.kind]}</td>"
        f'<td class="number">{inert(show_estimate(evidence))}</td>'
        f'<td class="number">{evidence.n:,}</td>'
        f'<td class="date">{show_instant(post.as_of)}</td></tr>'
    )


def _ledger_links(ledgers: Mapping[str, Sequence[object]]) -> str:
    if not ledgers:
        return ""
    items = "\n".join(
        f"- [{study}.jsonl](ledger/{study}.jsonl): {len(lines):,} "
        f"{'line' if len(lines) == 1 else 'lines'}"
        for study, lines in sorted(ledgers.items())
    )
    return (
        "## The ledger { #ledger }\n\n"
        "What has been claimed is written down once and never changed. Each line holds "
        "the hash of the line before it, so that a line edited, dropped or moved shows."
        f"\n\n{items}"
    )
