"""A ledger that was tampered with is found out: by its chain, or by its own numbers."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.settlement.ledgers import FIRST, STUDY, claimed, evidence, ledger
from workbench.core.clock import format_instant
from workbench.settlement.verifying import faults
from workbench.takeaways.ledger import chain, first_break, parting

Lines = list[dict[str, Any]]


def rechained(lines: Lines) -> Lines:
    """The same contents with every hash made again, as a forger would."""
    whole: Lines = []
    for line in lines:
        body = {
            k: v for k, v in line.items() if k not in ("hash", "previous", "number")
        }
        whole.append(dict(chain(whole, body)))
    return whole


def test_an_honest_ledger_has_no_fault() -> None:
    assert list(faults(STUDY, ledger())) == []


@pytest.mark.parametrize(
    ("tamper", "number", "kind"),
    [
        (lambda lines: lines[1].update(study="late"), 2, "edited"),
        (lambda lines: lines.pop(2), 3, "dropped or reordered"),
        (lambda lines: lines.insert(3, lines.pop(2)), 3, "dropped or reordered"),
        (lambda lines: lines.insert(2, lines[1]), 3, "duplicated"),
    ],
    ids=["edited", "dropped", "reordered", "duplicated"],
)
def test_the_chain_names_the_first_broken_line_and_how(
    tamper: Callable[[Lines], Any], number: int, kind: str
) -> None:
    lines = copy.deepcopy(ledger())
    tamper(lines)
    found = first_break(lines)
    assert found is not None
    assert (found.number, found.kind) == (number, kind)
    assert [place for place, _ in faults(STUDY, lines)] == [number]


def test_two_lines_that_continue_the_same_line_are_a_fork() -> None:
    lines = ledger()
    other = claimed(lines[:3], FIRST + timedelta(days=60), evidence(0.3, high=0.4))
    found = first_break([*lines[:4], other])
    assert found is not None
    assert (found.number, found.kind) == (5, "forked")


def test_two_copies_that_part_are_told_apart_from_one_that_only_grew() -> None:
    lines = ledger()
    other = [*lines[:3], claimed(lines[:3], FIRST + timedelta(days=45), evidence())]
    assert parting(lines, other) == 4
    assert parting(lines, lines[:3]) is None


def _forecast(name: str, value: object) -> Callable[[Lines], None]:
    return lambda lines: lines[1]["forecast"].update({name: value})


def _values(name: str, value: object) -> Callable[[Lines], None]:
    return lambda lines: lines[1]["values"].update({name: value})


def _settled(name: str, value: object) -> Callable[[Lines], None]:
    return lambda lines: lines[2]["settled"].update({name: value})


@pytest.mark.parametrize(
    ("tamper", "number", "word"),
    [
        (lambda lines: lines[0].update(seal="0" * 64), 0, "ledger"),
        (lambda lines: lines[0]["sealed"].update(code="other"), 1, "seal"),
        (lambda lines: lines[1]["terms"].update(margin=0.01), 2, "terms"),
        (_values("verdict", "no trade yet"), 2, "verdict"),
        (_values("level", 0.99), 2, "level"),
        (_values("planned", 500), 2, "plan"),
        (_values("se", 0.02), 2, "its forecast"),
        (_forecast("mean", 0.1), 2, "forecast"),
        (_forecast("low", 0.0), 2, "its forecast is"),
        (_forecast("probability", 0.999), 2, "its forecast is not"),
        (lambda lines: lines[2].update(outcome="lost"), 3, "says won"),
        (_settled("estimate", 0.9), 3, "says lost"),
        (_settled("n", 399), 3, "fewer"),
        (_settled("first", "2026-02-28T00:00:00Z"), 3, "began before"),
        (_settled("as_of", "2026-03-30T00:00:00Z"), 3, "before any outcome"),
        (_settled("as_of", "2026-06-30T00:00:00Z"), 3, "after its deadline"),
        (_settled("held", False), 3, "margin"),
        (lambda lines: lines[2]["settled"]["scores"].update(brier=0.0), 3, "scores"),
        (lambda lines: lines.append(lines[2]), 6, "twice"),
        (lambda lines: lines[2].update(outcome="void"), 3, "no reason"),
    ],
)
def test_a_forged_number_is_found_although_every_hash_was_made_again(
    tamper: Callable[[Lines], Any], number: int, word: str
) -> None:
    lines = copy.deepcopy(ledger())
    tamper(lines)
    found = [told for place, told in faults(STUDY, rechained(lines)) if place == number]
    assert any(word in told for told in found), found


@pytest.mark.parametrize(
    ("days", "n", "reason", "word"),
    [
        (31, 1, "insufficient-n", "known at its deadline"),
        (91, 1, "insufficient-n", "known at its deadline"),
        (90, 400, "insufficient-n", "number of occurrences"),
        (31, 399, "empty-arm", "number of occurrences"),
        (90, 399, "insufficient-n", None),
        (31, 400, "empty-arm", None),
    ],
)
def test_a_claim_is_void_by_what_was_known_at_its_deadline(
    days: int, n: int, reason: str, word: str | None
) -> None:
    lines = copy.deepcopy(ledger())
    lines[2]["outcome"] = "void"
    when = format_instant(FIRST + timedelta(days=days))
    lines[2]["settled"] |= {
        "reason": reason, "n": n, "estimate": None, "as_of": when,
    }  # fmt: skip
    told = [said for _, said in faults(STUDY, rechained(lines))]
    assert (told == []) if word is None else any(word in said for said in told)
