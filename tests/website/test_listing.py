"""Order, leads and the spelling of estimates."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from workbench.core.errors import GateRefused
from workbench.core.posts import Post
from workbench.website.listing import (
    entries,
    folder_of,
    leads,
    newest_first,
    show_estimate,
)

MakePost = Callable[..., Post]


def test_posts_are_listed_by_the_date_of_their_data_newest_first(
    posts: list[Post],
) -> None:
    folders = [folder_of(post) for post in newest_first(posts)]
    assert folders == [
        "posts/late-comers",
        "posts/first-basket",
        "posts/early-birds",
        "posts/early-birds/month",
    ]


def test_the_base_leads_its_study_even_when_a_variant_has_newer_data(
    post: MakePost,
) -> None:
    newer = post(variant="month", day=9)
    assert [each.variant for each in leads(newest_first([newer, post()]))] == ["base"]
    assert leads([newer]) == [newer]


def test_an_exploratory_run_is_never_published(post: MakePost) -> None:
    with pytest.raises(GateRefused, match="exploratory"):
        newest_first([post(variant=None)])


def test_estimates_are_spelt_as_in_the_post(post: MakePost) -> None:
    [evidence] = post().evidence
    assert show_estimate(evidence) == "+12.3 pp [+10.1 pp, +14.5 pp]"
    dollars = replace(
        evidence, estimand="mean", measure="USD", estimate=37.24, low=35.1, high=39.38
    )
    assert show_estimate(dollars) == "37.2 USD [35.1, 39.4]"
    assert show_estimate(replace(evidence, low=None)) == "+12 pp"
    assert show_estimate(replace(evidence, estimate=None)) == "not known yet"


def test_an_entry_shows_the_claim_that_decided_it(post: MakePost) -> None:
    [entry] = entries([post()])
    assert entry.evidence.name == "gap"
    assert entry.folder == "posts/early-birds"
