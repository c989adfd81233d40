"""Addresses of a page that moves one folder down."""

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.website.markup import read_page
from workbench.website.relinking import one_folder_down

BESIDE = {"curve.svg", "result.json"}


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ('<a href="../../method/">x</a>', '<a href="../../../method/">x</a>'),
        ('<a href="month/#x">', '<a href="../month/#x">'),
        ('<a href="#x">', '<a href="#x">'),
        ('<a href="./#x">', '<a href="./#x">'),
        ('<a href="result.json">', '<a href="result.json">'),
        ('<a href="https://example.org/a">', '<a href="https://example.org/a">'),
        ('<a href="mailto:a@example.org">', '<a href="mailto:a@example.org">'),
        ('<a href="/top">', '<a href="/top">'),
        ("<a href='../x?a=1&amp;b=2'>", "<a href='../../x?a=1&amp;b=2'>"),
        ('<img src="curve.svg#only-dark">', '<img src="curve.svg#only-dark">'),
        (
            '<source srcset="curve.svg, ../b.svg 2x">',
            '<source srcset="curve.svg, ../../b.svg 2x">',
        ),
        ('<p>a href="../x" is no tag</p>', '<p>a href="../x" is no tag</p>'),
        ('\n<b>é</b>\n<a\nhref="../x">', '\n<b>é</b>\n<a\nhref="../../x">'),
    ],
)
def test_only_addresses_change_and_only_those_that_lead_out(was: str, is_now: str):
    assert one_folder_down(was, BESIDE) == is_now


names = st.text("abc", min_size=1, max_size=3)
steps = st.lists(st.just("..") | names, min_size=1, max_size=4)


@given(steps, st.sampled_from(["", "/", "/?q=1", "/#x"]))
def test_a_link_leads_where_it_led(path: list[str], end: str):
    address = "/".join(path) + end
    moved = read_page(one_folder_down(f'<a href="{address}">', set())).links[0][1]
    home = "https://site.invalid/posts/one/two/three/"
    assert urljoin(f"{home}2024-03-01/", moved) == urljoin(home, address)
