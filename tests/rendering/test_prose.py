"""Headings of a notebook fit below the page's own; words are counted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.rendering.prose import place_headings, reading_minutes

HEADINGS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["One", "Two", "Three"])), max_size=6
)


def test_the_title_is_not_printed_twice_and_the_rest_stays_in_place() -> None:
    cells = ["# Who  Stays?\n\nWe ask.", "## What we did\n\n### How"]
    assert place_headings(cells, "Who stays?") == [
        "\nWe ask.",
        "## What we did\n\n### How",
    ]


def test_headings_of_level_one_move_all_others_down() -> None:
    cells = ["# Part one", "## Inside\n\n###### Deep"]
    assert place_headings(cells, "Another title") == [
        "## Part one",
        "### Inside\n\n###### Deep",
    ]


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("Part\n====\n\nText", "## Part\n\nText"),
        ("# A\n\nPart\n---", "## A\n\n### Part"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("- item\n---", "- item\n---"),
        ("| a | b |\n|---|---|", "| a | b |\n|---|---|"),
        ("```python\n# a comment\n```\n\n# B", "```python\n# a comment\n```\n\n## B"),
        ("````\n```\n# x\n````\n# B", "````\n```\n# x\n````\n## B"),
        ("#hashtag", "#hashtag"),
        ("#", "## "),
    ],
)
def test_only_real_headings_move(text: str, placed: str) -> None:
    assert place_headings([text], "T") == [placed]


@given(HEADINGS)
def test_no_heading_is_above_level_two_and_their_order_of_depth_is_kept(
    headings: list[tuple[int, str]],
) -> None:
    cells = [f"{'#' * level} {text}" for level, text in headings]
    placed = place_headings(cells, "Title")
    levels = [len(re.match("#+", cell)[0]) for cell in placed]  # type: ignore[index]
    assert all(level >= 2 for level in levels)
    before = [level for level, _ in headings]
    for i in range(len(levels)):
        for j in range(len(levels)):
            if before[i] <= before[j]:
                assert levels[i] <= levels[j]


def test_minutes_are_words_by_200_rounded_up_and_at_least_one() -> None:
    assert reading_minutes([]) == 1
    assert reading_minutes(["word " * 200]) == 1
    assert reading_minutes(["word " * 200, "one more"]) == 2
    assert reading_minutes(["it's +12.3% of <data value='n'>1,204</data>"] * 50) == 1


def test_tables_code_and_addresses_are_not_read() -> None:
    table = "| a | b |\n|---|---|\n" + "| many words here | and here |\n" * 200
    code = "```\n" + "x = 1\n" * 500 + "```"
    assert reading_minutes([table, code, "[a](b/c/d/e)"]) == 1
