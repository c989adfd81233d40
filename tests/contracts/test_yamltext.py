"""YAML is read one way only, with the line of everything."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.contracts.mistakes import Mistakes
from workbench.contracts.yamltext import Node, read_yaml, span_of
from workbench.core.errors import UsageError


def read(text: str) -> Node:
    mistakes = Mistakes("test", "some.yaml")
    node = read_yaml(text, mistakes)
    mistakes.raise_all()
    return node


def plain(node: Node) -> object:
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(item) for key, item in node.value.items()}
    return node.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0.5", -0.5),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("true", True),
        ("yes", "yes"),
        ("no", "no"),
        ("~", None),
        ("1997-01-01", "1997-01-01"),
        ("'30'", "30"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_plain_scalar_is_read_as_yaml_1_2_reads_it(text, value):
    assert plain(read(f"a: {text}")) == {"a": value}


def test_every_key_and_item_knows_its_line():
    node = read("a: 1\nb:\n  - x\n  - c: 2\n    d: 3\n")
    assert isinstance(node.value, dict)
    items = node.value["b"].value
    assert isinstance(items, list)
    assert isinstance(items[1].value, dict)
    assert node.value["b"].line == 2
    assert [item.line for item in items] == [3, 4]
    assert items[1].value["d"].line == 5


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("a: 1\nb: 2\na: 3", "line 3", "first on line 1"),
        ("a: 1\nb: !!python/object:os.system x", "line 2", "tag"),
        ("a: &x 1\nb: *x", "line 2", "alias"),
        ("x: 1\na: b: c", "line 2", "not YAML"),
        ("? [a]\n: 1", "line 1", "key"),
        ("", "line 1", "empty; the handbook lists"),
        ("a: 1\n---\nb: 1", "line 2", "document"),
        ("[" * 30, "line 1", "nested"),
        ("a: \x00", "line 1", "YAML"),
        ("a: \ud800", "line 1", "YAML"),
    ],
)
def test_what_could_be_read_in_two_ways_is_a_mistake_with_its_line(text, place, word):
    with pytest.raises(UsageError) as caught:
        read(text)
    assert any(r.place == place and word in r.message for r in caught.value.reasons)


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"\\ \n\t01.,?%@`\ud800\x85é", max_size=60))
def test_any_text_is_a_value_or_a_usage_error(text):
    with suppress(UsageError):
        read(text)


def test_the_span_of_a_value_leaves_its_comment_outside():
    text = "# é\nstudy: x\nstatus: 'draft' # not yet\n"
    begin, end = span_of(text, "status") or (0, 0)
    assert text[begin:end] == "'draft'"
    assert span_of(text, "title") is None
