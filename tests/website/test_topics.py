"""Posts by topic."""

from collections.abc import Callable
from dataclasses import replace

import yaml

from workbench.core.posts import Post
from workbench.website.topics import topics_of, topics_page, with_topics


def test_topics_are_listed_by_name_and_their_posts_as_they_come(posts: list[Post]):
    page = topics_page(posts)
    assert page.index("#tag:habits") < page.index("#tag:retention")
    links = [f'"../posts/{p.study}/"' for p in posts if p.variant == "base"]
    habits = page[page.index("#tag:habits") : page.index("#tag:retention")]
    assert [habits.index(link) for link in links] == sorted(map(habits.index, links))
    assert "early-birds/month" not in page


def test_names_that_differ_in_marks_alone_share_one_topic(post: Callable[..., Post]):
    posts = [
        replace(post("one"), tags=("Repeat & stay",)),
        replace(post("two"), tags=("repeat stay",)),
    ]
    page = topics_page(posts)
    assert page.count("## ") == 1
    assert "Repeat &amp; stay" in page
    assert "{ #tag:repeat-stay }" in page


def test_a_post_carries_its_topics_for_the_theme(post: Callable[..., Post]):
    one = replace(post("one"), tags=('he said "no": never',))
    page = with_topics(one.markdown, one)
    said = yaml.safe_load(page.split("---\n")[1])
    assert said["topics"] == topics_of(one)
    assert with_topics("---\na: 1\n---\n", replace(one, tags=())) == "---\na: 1\n---\n"
