"""The pages of the ledgers: record, all claims, histories, and files of the rows."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from tests.publishing.looks import Ledger, remembered
from workbench.core.posts import Post
from workbench.core.track import Memory
from workbench.website.claims import FIELDS, claims_csv, claims_json
from workbench.website.remembered import remembered_pages

GOLDEN = Path(__file__).parent / "golden" / "history.md"
HISTORY = "takeaways/history/early-birds.md"


def page(name: str, memory: Memory, posts: list[Post]) -> str:
    return remembered_pages(memory, posts)[name].decode()


def test_a_history_is_the_golden_page(memory: Memory, posts: list[Post]) -> None:
    """After a wanted change: write the page there, and read the difference."""
    assert page(HISTORY, memory, posts) == GOLDEN.read_text(encoding="utf-8")


def test_a_sealed_study_without_a_claim_has_a_history_that_says_so() -> None:
    memory = remembered(Ledger("silent").registered())
    text = page("takeaways/history/silent.md", memory, [])
    assert "nothing has been claimed on them yet" in text
    assert "greater than 0.1" in text
    assert "No post on it is published now." in text
    record = page("takeaways/record.md", memory, [])
    assert "On 1 sealed version of the terms nothing was ever claimed" in record


def test_the_record_keeps_two_books_and_says_which_one_proves_nothing(
    memory: Memory, posts: list[Post]
) -> None:
    live, replayed = page("takeaways/record.md", memory, posts).split("## Replayed")
    assert "Replay: its authors could have known." in replayed.split("\n\n")[1]
    assert "**4 claims**: 0 won, 1 lost, 3 open, 0 void, 0 withdrawn." in live
    assert "**3 claims**: 2 won, 0 lost, 0 open, 1 void, 0 withdrawn." in replayed
    assert "1: too few fresh occurrences by the deadline" in replayed
    assert "**too few to judge**" in live
    assert "reliability-live.dark-narrow.svg" in live
    assert "reliability-replay.dark-narrow.svg" in replayed


def test_without_a_ledger_the_pages_are_there_and_say_so() -> None:
    assert "No live claim has been made yet." in page(
        "takeaways/record.md", Memory(), []
    )
    assert "Nothing has been claimed yet." in page("takeaways/all.md", Memory(), [])


def test_every_look_is_a_row_of_the_table_the_csv_and_the_json(
    memory: Memory, posts: list[Post]
) -> None:
    table = page("takeaways/all.md", memory, posts)
    assert table.count("<tr>") == 1 + len(memory.rows) == 8
    rows = list(csv.DictReader(io.StringIO(claims_csv(memory).decode())))
    whole = json.loads(claims_json(memory))
    assert len(rows) == len(whole["claims"]) == 7
    for row, claim in zip(rows, whole["claims"], strict=True):
        assert set(row) == set(claim) == set(FIELDS)
        assert row["as_of"] == claim["as_of"]
        assert row["fresh_estimate"] == str(claim["fresh_estimate"] or "")
    assert [row["outcome"] for row in rows[:3]] == ["won", "void", "lost"]
    assert [row["state"] for row in rows[:4]] == [
        "new",
        "unchanged",
        "new",
        "unchanged",
    ]


def test_words_that_a_spreadsheet_would_run_are_kept_as_words() -> None:
    ledger = Ledger().registered().claimed("1998-01-01", -0.2, 0.2, text="=cmd()")
    [row] = csv.DictReader(io.StringIO(claims_csv(remembered(ledger)).decode()))
    assert row["text"] == "'=cmd()"
    assert row["low"] == "-0.2"  # a number stays one


def test_a_claims_words_are_read_as_nothing_more() -> None:
    words = "<script>x</script> {{ y }} | [z](w)"
    ledger = Ledger().registered().claimed("1998-01-01", 0.1, 0.2, text=words)
    text = page("takeaways/history/early-birds.md", remembered(ledger), [])
    assert "<script>" not in text
    assert "{{" not in text


def test_figures_stand_where_their_pages_look_for_them(
    memory: Memory, posts: list[Post]
) -> None:
    files = remembered_pages(memory, posts)
    assert "takeaways/history/early-birds/base-gap.light-wide.svg" in files
    assert "takeaways/record/reliability-replay.dark-narrow.svg" in files
    assert (
        "takeaways/history/early-birds/month-gap.light-wide.svg" not in files
    )  # one look


def test_a_claim_is_never_shown_as_certain(post: Callable[..., Post]) -> None:
    ledger = Ledger().registered().claimed("1998-01-01", 0.2, 0.3, probability=1.0)
    text = page("takeaways/all.md", remembered(ledger), [post()])
    assert "over 99%" in text
    assert "100%" not in text
