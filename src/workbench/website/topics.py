"""Posts by topic: the page that lists them, and what each post says of its own.

The page is a source like any other, so that a new post changes it and nothing else has
to be known of the whole site when a single page is built.
"""

import json
import re
from collections.abc import Mapping, Sequence

from workbench.core.markup import inert
from workbench.core.posts import Post
from workbench.website.listing import NOTHING_YET, folder_of, leads, list_page, up_from

_NO_WORD = re.compile(r"\W+")


def topics_page(posts: Sequence[Post]) -> str:
    """Every topic with its posts; topics by name, posts as they come."""
    named: dict[str, str] = {}
    held: dict[str, list[Post]] = {}
    for post in leads(posts):
        for name, anchor in topics_of(post).items():
            named.setdefault(anchor, name)
            held.setdefault(anchor, []).append(post)
    parts = [_topic(named[anchor], anchor, held[anchor]) for anchor in sorted(held)]
    return list_page(
        "Topics", "Every post by topic.", "\n\n".join(parts) or NOTHING_YET
    )


def topics_of(post: Post) -> Mapping[str, str]:
    """A post's topics, each with its anchor on the page of topics, by name."""
    anchors = {tag: _NO_WORD.sub("-", tag.lower()).strip("-") for tag in post.tags}
    return {tag: f"tag:{anchors[tag]}" for tag in sorted(anchors)}


def with_topics(page: str, post: Post) -> str:
    """A post's page with its topics in its front matter, for the theme to show."""
    if not post.tags:
        return page
    topics = json.dumps(topics_of(post), ensure_ascii=False)  # JSON is YAML as well
    return page.replace("---\n", f"---\ntopics: {topics}\n", 1)


def _topic(name: str, anchor: str, posts: Sequence[Post]) -> str:
    up = up_from("tags.md")
    links = (
        f'<li><a href="{up}{folder_of(p)}/">{inert(p.title)}</a></li>' for p in posts
    )
    head = f'## <span class="md-tag">{inert(name)}</span> {{ #{anchor} }}'
    return "\n".join((head, "", "<ul>", *links, "</ul>"))
