"""Generated pages, and hand-written ones against the code they describe."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from markdown import markdown  # type: ignore[import-untyped]  # it has no types
from typing_extensions import override

from workbench.contracts.datasets import parse_contract
from workbench.contracts.registrations import parse_registration
from workbench.core.markup import inert
from workbench.core.posts import Post
from workbench.website.inspect import REMEDIES
from workbench.website.listing import newest_first, up_from
from workbench.website.pages import block_for, generated_pages

HANDBOOK = Path(__file__).parents[2] / "site" / "pages" / "handbook"
CODE_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


class Text(HTMLParser):
    """The text of some HTML, and how many elements it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags = "", 0
        self.feed(html)
        self.close()

    @override
    def handle_data(self, data: str) -> None:
        self.text += data

    @override
    def handle_starttag(self, *_: object) -> None:
        self.tags += 1


printable = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1)


@given(printable)
def test_any_title_is_read_as_its_letters_and_nothing_more(title: str) -> None:
    shown = " ".join(title.split())
    read = Text(markdown(f"Title: {inert(title)}"))
    assert read.text.rstrip() == f"Title: {shown}".rstrip()
    assert read.tags == 1


def test_every_takeaway_is_a_row_and_every_verdict_is_shown(posts: list[Post]) -> None:
    page = generated_pages(newest_first(posts), {})["takeaways/index.md"]
    assert page.count("<tr>") == 1 + len(posts)
    for slug in ("trade", "do-not-trade", "no-trade-yet"):
        assert f"verdict--{slug}" in page
    assert "+12.3 pp &#91;+10.1 pp, +14.5 pp&#93;" in page


def test_a_kind_has_a_page_that_says_what_to_do(posts: list[Post]) -> None:
    pages = generated_pages(newest_first(posts), {})
    assert ">Who comes back?</h2>" in pages["takeaways/faq.md"]
    assert "Write to them in the second week." in pages["takeaways/lesson.md"]
    assert 'href="../../posts/first-basket/"' in pages["takeaways/tool.md"]


def test_takeaways_of_one_study_are_told_apart_by_their_variant(
    posts: list[Post],
) -> None:
    pages = generated_pages(newest_first(posts), {})
    heads = re.findall(r"<h2 id=.*?>(.*?)</h2>", pages["takeaways/lesson.md"])
    assert len(heads) == len(set(heads)) == 2
    assert [head for head in heads if head.endswith(" (month)")]


def test_a_site_without_posts_says_so() -> None:
    pages = generated_pages([], {})
    assert "Nothing is published here yet." in pages["takeaways/faq.md"]
    shown = block_for("latest-takeaways", "index.md", [])
    assert shown == "Nothing is published here yet."


def test_links_from_a_page_begin_where_it_is_served(posts: list[Post]) -> None:
    served = {"index.md": "", "posts/index.md": "../", "tags.md": "../"}
    served |= {"handbook/gate.md": "../../", "handbook/README.md": "../"}
    assert {page: up_from(page) for page in served} == served
    cards = block_for("latest-takeaways", "handbook/gate.md", newest_first(posts))
    assert 'href="../../posts/early-birds/"' in cards


def test_a_draft_without_a_takeaway_is_listed_by_its_question(
    post: Callable[..., Post],
) -> None:
    draft = replace(post(), takeaways=(), registered=False)
    page = generated_pages([draft], {})["posts/index.md"]
    assert "Who comes back?" in page
    assert "Draft" in page


def test_the_ledgers_are_linked_with_their_length() -> None:
    page = generated_pages([], {"early-birds": [{}, {}]})["takeaways/index.md"]
    assert "[early-birds.jsonl](ledger/early-birds.jsonl): 2 lines" in page


def test_the_handbook_lists_every_rule_on_the_built_site() -> None:
    page = (HANDBOOK / "gate.md").read_text(encoding="utf-8")
    for code in (*REMEDIES, "site-warning", "site-config"):
        assert f"| `{code}` |" in page


def test_the_handbooks_contract_and_registration_are_valid() -> None:
    page = (HANDBOOK / "write-a-study.md").read_text(encoding="utf-8")
    contract_text, registration_text = CODE_BLOCK.findall(page)
    contract = parse_contract(contract_text, file="research/contracts/orders.yaml")
    registration = parse_registration(
        registration_text,
        file="research/early-birds.yaml",
        contracts={"orders": contract},
    )
    assert contract.minimum_units == 10
    assert [claim.name for claim in registration.claims] == ["repeat_gap"]
