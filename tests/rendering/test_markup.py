"""Text from data stays text."""

from html import unescape

import markdown  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.takeaways.test_binding import names
from workbench.core.markup import badge, in_attribute, inert
from workbench.core.takeaway import Verdict
from workbench.rendering.markup import inert_bound

MARKS = st.text("ab 1.<>&\"'`*_{}[]()#|\\~^=$@!-+:/%\n", max_size=40)
NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1))",
    "![x](https://example.org/pixel.png)",
    "{{ config }} {% include 'x' %}",
    '--8<-- "secret.md"',
    "[[wiki]]",
    "**bold** _it_ `code` ~~s~~ | a | b",
    "{: onclick=alert(1) }",
    "<https://example.org>",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_lose_what_makes_them_active(text: str) -> None:
    safe = inert(text)
    for mark in ("<", "{{", "{%", "--8<--", "[", "`", "*"):
        assert mark not in safe
    assert unescape(safe) == text


@given(MARKS)
def test_markdown_shows_an_inert_text_as_its_letters(text: str) -> None:
    page = markdown.markdown(
        f"x {inert(text)} y",
        extensions=["attr_list", "footnotes", "md_in_html", "tables"],
    )
    shown = unescape(page.removeprefix("<p>").removesuffix("</p>"))
    assert shown.split() == f"x {text} y".split()


def test_control_characters_are_shown_as_such() -> None:
    # Python-Markdown keeps its own places between U+0002 and U+0003
    assert inert("a\x02wzxhzdk:0\x03\x00b") == "a\ufffdwzxhzdk:0\ufffd\ufffdb"


def test_front_matter_cannot_leave_its_attribute() -> None:
    assert in_attribute('a "b" <c>\n& d') == "a &quot;b&quot; &lt;c&gt; &amp; d"


def test_an_authors_text_is_inert_but_its_numbers_are_marked() -> None:
    assert inert_bound("**up** {gap.estimate:+.1%} *or* {early_days}", names()) == (
        '&#42;&#42;up&#42;&#42; <data value="gap.estimate">+12.3%</data> '
        '&#42;or&#42; <data value="early_days">60</data>'
    )


def test_an_author_cannot_smuggle_an_element_as_a_number() -> None:
    text = '<data value="x" onclick="y">1</data><data value="a"><b>2</b></data>'
    assert "<" not in inert_bound(text, names())


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_has_a_badge_of_the_same_form(verdict: Verdict) -> None:
    slug = verdict.value.replace(" ", "-")
    words = verdict.value.capitalize()
    assert badge(verdict) == f'<span class="verdict verdict--{slug}">{words}</span>'
