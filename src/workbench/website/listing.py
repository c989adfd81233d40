"""What the site lists: posts in order, and every takeaway with the number behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench.charts.numbers import evidence_format, show_number
from workbench.core.errors import GateRefused, Reason
from workbench.core.evidence import Evidence
from workbench.core.posts import Post
from workbench.core.registration import BASE_VARIANT
from workbench.core.takeaway import Takeaway

NOTHING_YET = "Nothing is published here yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One takeaway on the site.

    Attributes:
        post: The post it stands in.
        folder: The post's folder below the site's root: `posts/second-purchase`.
        takeaway: The takeaway.
        evidence: The estimate that decided it.
    """

    post: Post
    folder: str
    takeaway: Takeaway
    evidence: Evidence


def folder_of(post: Post) -> str:
    """Where a post lives: the base variant at the study's own address."""
    return place_of(post.study, post.variant)


def place_of(study: str, variant: str | None) -> str:
    """Where the posts of a study's variant live."""
    own = f"posts/{study}"
    return own if variant == BASE_VARIANT else f"{own}/{variant}"


def newest_first(posts: Iterable[Post]) -> list[Post]:
    """Posts by date of their data, newest first; the base before other variants.

    Raises:
        GateRefused: A post is of no registered variant; such a run is shown to its
            author and never published.
    """
    listed = list(posts)
    exploratory = [post.study for post in listed if post.variant is None]
    if exploratory:
        message = (
            "a run outside the registered variants is exploratory and never published; "
            "name its parameters as a variant in the registration."
        )
        raise GateRefused(
            [
                Reason(code="exploratory", message=message, subject=s)
                for s in exploratory
            ]
        )
    by_name = sorted(
        listed,
        key=lambda post: (post.study, post.variant != BASE_VARIANT, post.variant or ""),
    )
    return sorted(by_name, key=lambda post: post.as_of, reverse=True)


def leads(posts: Sequence[Post]) -> list[Post]:
    """One post per study: the base, or the first variant where there is no base."""
    by_study: dict[str, Post] = {}
    for post in posts:
        held = by_study.setdefault(post.study, post)
        if post.variant == BASE_VARIANT and held is not post:
            by_study[post.study] = post
    return [post for post in posts if by_study[post.study] is post]


def entries(posts: Sequence[Post]) -> list[Entry]:
    """Every takeaway of these posts, in their order."""
    return [
        Entry(
            post=post,
            folder=folder_of(post),
            takeaway=takeaway,
            evidence=_deciding(post, takeaway),
        )
        for post in posts
        for takeaway in post.takeaways
    ]


def _deciding(post: Post, takeaway: Takeaway) -> Evidence:
    """The first claim whose own verdict is the takeaway's."""
    decided = [c.claim for c in takeaway.claims if c.verdict is takeaway.verdict]
    wanted = (*decided, *takeaway.evidence)[0]
    return next(each for each in post.evidence if each.name == wanted)


def show_estimate(evidence: Evidence) -> str:
    """`+12.3% [+9.1%, +15.5%]`, or `37.2 USD [35.1, 39.4]`; words when unknown."""
    if evidence.estimate is None:
        return "not known yet"
    spec = evidence_format(evidence)
    shown = show_number(evidence.estimate, spec)
    if evidence.measure != "share":
        shown = f"{shown} {evidence.measure}"
    if evidence.low is None or evidence.high is None:
        return shown
    low, high = show_number(evidence.low, spec), show_number(evidence.high, spec)
    return f"{shown} [{low}, {high}]"


def up_from(page: str) -> str:
    """From where a page is served to the site's root; HTML must say it itself.

    Args:
        page: Path among the pages: `takeaways/faq.md` is served as `takeaways/faq/`.
    """
    place = PurePosixPath(page)
    is_folder = place.name in {"index.md", "README.md"}
    return "../" * (len(place.parts) - is_folder)


def list_page(title: str, dek: str, body: str, *, has_contents: bool = True) -> str:
    """A page of a list; left out of the search, which finds the posts themselves.

    Args:
        title: As text that means nothing to Markdown.
        dek: What is listed, as HTML.
        body: The list.
        has_contents: Whether its headings are shown beside it; a list of posts is
            itself a table of contents.
    """
    hide = "" if has_contents else "hide: [toc]\n"
    head = f"---\n{hide}title: {title}\nsearch:\n  exclude: true\n---"
    return f'{head}\n\n# {title}\n\n<p class="dek">{dek}</p>\n\n{body}\n'
