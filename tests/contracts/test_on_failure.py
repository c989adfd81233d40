"""Whom to call is read as words; what is none is told, and no seal depends on it."""

import pytest

from tests.contracts.test_registrations import GOOD, mistakes, parse


def with_hook(text: str) -> str:
    return GOOD.replace("cadence: monthly\n", f"cadence: monthly\non_failure: {text}\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[scripts/notify, two words, '3', '3']",
            ("scripts/notify", "two words") + 2 * ("3",),
        ),
        ("scripts/notify 'two words' $HOME", ("scripts/notify", "two words", "$HOME")),
    ],
)
def test_a_command_is_a_list_or_cut_as_a_shell_would(
    text: str, words: tuple[str, ...]
) -> None:
    assert parse(with_hook(text)).on_failure == words
    assert parse(GOOD).on_failure == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "on_failure must hold a command"),
        ("''", "on_failure must be text"),
        ("'notify \"ops'", "cannot be cut into words (no closing quotation)"),
        ("[notify, 3]", "every word of on_failure must be text, not 3"),
        ("{notify: ops}", "on_failure must be text, not a mapping"),
        ('["a\\0b"]', "holds a null character"),
    ],
)
def test_what_is_no_command_is_told_beside_every_other_mistake(
    text: str, said: str
) -> None:
    wrong = with_hook(text).replace("tags: [retention]", "tags: 7")
    [tags, hook] = mistakes(wrong)
    assert "tags must be a list" in tags[1]
    assert said in hook[1]
    assert hook[0] == 1 + wrong.splitlines().index(f"on_failure: {text}")


def test_whom_to_call_is_no_part_of_the_seal() -> None:
    assert parse(with_hook("[notify]")).seal == parse(GOOD).seal
