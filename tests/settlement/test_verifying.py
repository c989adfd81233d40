"""A ledger that was tampered with is found out: by its chain, or by its own numbers."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from tests.settlement.ledgers import (
    FIRST,
    STUDY,
    Lines,
    claimed,
    evidence,
    ledger,
    rechained,
    registered,
)
from workbench.core.clock import format_instant
from workbench.settlement.verifying import faults
from workbench.takeaways.heads import Heads, id_of
from workbench.takeaways.ledger import chain, first_break, parting
from workbench.takeaways.record import fold, heads_of


def test_an_honest_ledger_has_no_fault() -> None:
    assert list(faults(STUDY, ledger(), {})) == []


@given(st.floats(-0.5, 0.9), st.floats(-0.5, 0.9))
def test_no_honest_ledger_is_called_false(estimate: float, fresh: float) -> None:
    assert list(faults(STUDY, ledger((estimate,), fresh), {})) == []


def test_evidence_of_nought_is_held_to_what_its_digits_can_bear() -> None:
    """Where the bet has won nothing, few digits of its logarithm can be checked."""

    def won(estimate: float) -> float:
        return evidence(estimate).log_e or 0.0

    nothing = brentq(won, 0.06, 0.3, xtol=1e-12)
    for step in range(-20, 21):
        lines = [registered()]
        lines.append(claimed(lines, FIRST, evidence(nothing + step * 7e-9)))
        assert list(faults(STUDY, lines, {})) == []


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
    assert [place for place, _ in faults(STUDY, lines, {})] == [number]


def test_two_lines_that_continue_the_same_line_are_a_fork() -> None:
    lines = ledger()
    other = claimed(lines[:3], FIRST + timedelta(days=60), evidence(0.3))
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


FORGERIES: dict[str, tuple[Callable[[Lines], Any], int, str]] = {
    "seal of other terms": (lambda ls: ls[0].update(seal="0" * 64), 0, "ledger"),
    "other terms": (lambda ls: ls[0]["sealed"].update(code="other"), 1, "seal"),
    "a claim's terms": (lambda ls: ls[1]["terms"].update(margin=0.01), 2, "terms"),
    "verdict": (_values("verdict", "no trade yet"), 2, "verdict"),
    "level": (_values("level", 0.99), 2, "level"),
    "plan": (_values("planned", 500), 2, "plan"),
    "low": (_values("low", 0.06), 2, "its low is not"),
    "high": (_values("high", 0.26), 2, "its high is not"),
    "e-value": (_values("log_e", 12.0), 2, "its log_e is not"),
    "centre": (_values("centre", 0.21), 2, "its low is not"),
    "degrees of freedom": (_values("df", 30.0), 2, "its high is not"),
    "information": (_values("information", 2000.0), 2, "its low is not"),
    "no degrees of freedom": (lambda ls: ls[1]["values"].pop("df"), 2, "low is not"),
    "more degrees of freedom": (_values("df", 1000.0), 2, "than its units give"),
    "no middle": (_values("centre", None), 2, "cannot be read"),
    "n in words": (_values("n", "many"), 2, "cannot be read"),
    "no n": (_values("n", 0), 2, "more units than occurrences"),
    "no groups": (lambda ls: ls[1]["values"].pop("groups"), 2, "cannot be read"),
    "no forecast": (lambda ls: ls[3].update(forecast=None), 4, "seals no forecast"),
    "a variant": (lambda ls: ls[1]["key"].update(variant="x"), 0, "cannot be read"),
    "horizon": (lambda ls: ls[1]["terms"].update(horizon="P1D"), 2, "terms"),
    "another study": (lambda ls: ls[1].update(study="late"), 2, "another study"),
    "replay of what nobody knew": (
        lambda ls: (ls[1].update(replay=True), ls[2].update(replay=True)),
        2,
        "passes as a replay",
    ),
    "no heads": (lambda ls: ls[3].pop("heads"), 4, "heads"),
    "error": (_values("se", 0.02), 2, "its forecast"),
    "mean": (_forecast("mean", 0.1), 2, "its forecast is not"),
    "foreseen low": (_forecast("low", 0.0), 2, "its forecast is not"),
    "probability": (_forecast("probability", 0.999), 2, "its forecast is not"),
    "claims known": (_forecast("known", 20), 2, "its forecast is not"),
    "scale": (_forecast("tau", 0.5), 2, "its forecast is not"),
    "drift": (_forecast("drift", 0.02), 2, "its forecast is not"),
    "stretches of the past": (
        _values("windows", [[0.1, 0.03], [0.3, 0.03], [0.1, 0.03], [0.3, 0.03]]),
        2,
        "its forecast is not",
    ),
    "no stretches": (_values("windows", [0.1]), 2, "cannot be read"),
    "live after all was seen": (
        lambda ls: ls[0].update(looked_until="2026-03-01T00:00:00Z"),
        2,
        "passes as live",
    ),
    "live after a later look": (
        lambda ls: ls.insert(1, ls.pop(3)), 3, "passes as live",
    ),
    "a fate of a replay": (lambda ls: ls[2].update(replay=True), 3, "is a replay"),
    "fate": (lambda ls: ls[2].update(outcome="lost"), 3, "says won"),
    "fresh estimate": (_settled("estimate", 0.9), 3, "says lost"),
    "fresh n": (_settled("n", 399), 3, "fewer"),
    "first": (_settled("first", "2026-02-28T00:00:00Z"), 3, "began before"),
    "early": (_settled("as_of", "2026-03-30T00:00:00Z"), 3, "before all of its"),
    "late": (_settled("as_of", "2026-06-30T00:00:00Z"), 3, "known at its deadline"),
    "last": (_settled("last", "2026-04-30T00:00:00Z"), 3, "before all of its"),
    "held": (_settled("held", False), 3, "margin"),
    "score": (lambda ls: ls[2]["settled"]["scores"].update(brier=0.0), 3, "scores"),
    "claimed twice": (lambda ls: ls.append(ls[1]), 6, "claimed twice"),
    "settled twice": (lambda ls: ls.append(ls[2]), 6, "had ended at line 3"),
    "settled after it was withdrawn": (
        lambda ls: ls.insert(2, {**ls[2], "line": "withdrawn", "why": "It is bad."}),
        4,
        "had ended at line 3",
    ),
    "claimed on older terms": (
        lambda ls: ls.insert(1, {**ls[0], "seal": "0" * 64}), 3, "newer",
    ),
    "no interval": (
        lambda ls: ls[1]["values"].update(low=None, high=None, log_e=500.0),
        2,
        "has no interval",
    ),
    "no word of what was known": (lambda ls: ls[1].pop("known_until"), 2, "up to when"),
    "arms": (_settled("arms", [1, 399]), 3, "make it void"),
    "a reason": (_settled("reason", "empty-arm"), 3, "make it void"),
    "units": (_settled("units", 401), 3, "more units"),
    "fresh error": (_settled("se", -0.1), 3, "below nought"),
    "computed again": (
        lambda ls: ls.append(
            {
                "line": "recomputed",
                "key": ls[1]["key"],
                "values": {**ls[1]["values"], "low": 0.19},
            }
        ),
        6,
        "its low is not",
    ),
    "an older head": (
        lambda ls: (
            ls[1].update(heads={"late": {"line": 2, "hash": "x"}}),
            ls[3].update(heads={"late": {"line": 1, "hash": "x"}}),
        ),
        4,
        "older line of late",
    ),
    "void for nothing": (lambda ls: ls[2].update(outcome="void"), 3, "no reason"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("tamper", "number", "word"), FORGERIES.values(), ids=FORGERIES.keys()
)
def test_a_forged_number_is_found_although_every_hash_was_made_again(
    tamper: Callable[[Lines], Any], number: int, word: str
) -> None:
    lines = copy.deepcopy(ledger())
    tamper(lines)
    found = [
        told for place, told in faults(STUDY, rechained(lines), {}) if place == number
    ]
    assert any(word in told for told in found), found


@pytest.mark.parametrize(
    ("days", "n", "arms", "reason", "word"),
    [
        (29, 1, [], "insufficient-n", "known at its deadline"),
        (31, 1, [], "insufficient-n", "known at its deadline"),
        (30, 400, [], "insufficient-n", "number of occurrences"),
        (30, 399, [1, 398], "empty-arm", "number of occurrences"),
        (30, 400, [2, 398], "empty-arm", "had none"),
        (30, 399, [], "insufficient-n", None),
        (30, 400, [1, 399], "empty-arm", None),
    ],
)
def test_a_claim_is_void_by_what_was_known_at_its_deadline(
    days: int, n: int, arms: list[int], reason: str, word: str | None
) -> None:
    lines = copy.deepcopy(ledger((0.2,)))
    lines[2]["outcome"] = "void"
    when = format_instant(FIRST + timedelta(days=days))
    lines[2]["settled"] |= {
        "reason": reason, "n": n, "estimate": None, "as_of": when, "arms": arms,
    }  # fmt: skip
    told = [said for _, said in faults(STUDY, rechained(lines), {})]
    assert (told == []) if word is None else any(word in said for said in told)


@pytest.mark.parametrize(
    ("claims", "estimate", "verdict", "word"),
    [
        (1, 0.1, "trade", "says more than it does"),
        (1, 0.2, "trade", None),
        (1, 0.2, "no trade yet", "says another thing"),
        (1, 0.1, "do not trade", "says another thing"),
        (2, 0.1, "trade", "says more than it does"),
        (2, 0.2, "no trade yet", None),
        (2, 0.1, "do not trade", None),
    ],
)
def test_a_takeaway_says_what_its_claims_do(
    claims: int, estimate: float, verdict: str, word: str | None
) -> None:
    """What it says beside a claim that rests with others may come from these."""
    lines: Any = copy.deepcopy([registered()])
    lines.append(copy.deepcopy(claimed(lines, FIRST, evidence(estimate))))
    lines[0]["sealed"]["claims"] *= claims
    lines[1]["values"]["takeaway_verdict"] = verdict
    told = [said for _, said in faults(STUDY, rechained(lines), {})]
    found = [said for said in told if "its takeaway" in said]
    assert (found == []) if word is None else (len(found) == 1 and word in found[0])


@pytest.mark.parametrize(("days", "late"), [(0, False), (29, False), (30, True)])
def test_a_claim_is_not_withdrawn_once_an_outcome_can_be_known(
    days: int, late: bool
) -> None:
    lines = [registered()]
    lines.append(claimed(lines, FIRST, evidence()))
    line = {
        "line": "withdrawn",
        "key": lines[1]["key"],
        "replay": False,
        "known_until": format_instant(FIRST + timedelta(days=days)),
        "why": "It was wrong.",
    }
    told = [said for _, said in faults(STUDY, [*lines, chain(lines, line)], {})]
    assert any("withdrawn when" in said for said in told) == late


def test_a_withdrawal_is_judged_by_what_the_ledger_proves_was_known() -> None:
    """Its own date says March; a claim before it had data to May."""
    lines = [registered()]
    lines.append(claimed(lines, FIRST, evidence()))
    lines.append(claimed(lines, FIRST + timedelta(days=60), evidence()))
    line = {
        "line": "withdrawn",
        "key": lines[1]["key"],
        "replay": False,
        "known_until": format_instant(FIRST),
        "why": "It was wrong.",
    }
    told = [said for _, said in faults(STUDY, [*lines, chain(lines, line)], {})]
    assert any("withdrawn when" in said for said in told)


def test_terms_sealed_again_do_not_forget_what_was_seen_before() -> None:
    first = {**registered(), "looked_until": format_instant(FIRST)}
    lines: Any = rechained([first, {**registered(), "looked_until": None}])
    lines.append(claimed(lines, FIRST, evidence()))
    told = [said for _, said in faults(STUDY, lines, {})]
    assert any("passes as live" in said for said in told)


def test_what_is_cut_off_one_ledger_is_told_by_another() -> None:
    late = ledger()
    lines = [registered()]
    lines.append(claimed(lines, FIRST + timedelta(days=90), evidence(), late=late))
    assert list(faults(STUDY, lines, {"late": late})) == []
    more = [*late, claimed(late, FIRST + timedelta(days=90), evidence(0.19))]
    assert list(faults(STUDY, lines, {"late": more})) == []

    for harmed in (late[:-1], [], rechained(late[:1] + late[3:])):
        found = list(faults(STUDY, lines, {"late": harmed}))
        assert [number for number, told in found if "line 5 of late" in told] == [2]


def named(lines: list[Any], place: int, heads: Heads) -> list[Any]:
    """The ledger whose claim there names these heads by their hash."""
    changed = [dict(line) for line in lines]
    changed[place]["heads"] = id_of(heads)
    return rechained(changed)


def test_heads_that_are_named_by_their_hash_are_held_against_every_ledger() -> None:
    late, own = ledger(), [registered()]
    day = FIRST + timedelta(days=90)
    lines = [*own, claimed(own, day, evidence(), late=late)]
    now = heads_of({"late": fold("late", late), STUDY: fold(STUDY, own)})
    whole, held = named(lines, 1, now), {id_of(now): now}
    assert list(faults(STUDY, whole, {"late": late}, held)) == []
    assert [n for n, _ in faults(STUDY, whole, {"late": late[:-1]}, held)][:1] == [2]
    for lost in ({}, {"0" * 64: now}):
        [(number, told)] = faults(STUDY, whole, {"late": late}, lost)
        assert (number, f"heads/{id_of(now)}.json is not here" in told) == (2, True)
    for study in now:  # a line that is another
        other = {**now, study: replace(now[study], hash="0" * 64)}
        found = faults(
            STUDY, named(lines, 1, other), {"late": late}, {id_of(other): other}
        )
        assert any(f"of {study}, which it was made after" in told for _, told in found)


def test_no_claim_names_an_older_line_than_the_claim_before_it() -> None:
    late, lines = ledger(), [registered()]
    for days in (90, 120):
        day = FIRST + timedelta(days=days)
        lines.append(claimed(lines, day, evidence(), late=late))
    then = heads_of({"late": fold("late", late)})
    ago = heads_of({"late": fold("late", late[:2])})
    held = {id_of(then): then, id_of(ago): ago}
    whole = named(named(lines, 1, then), 2, ago)
    told = [said for _, said in faults(STUDY, whole, {"late": late}, held)]
    assert "it names an older line of late than a claim before it." in told
    lost = faults(STUDY, whole, {"late": late}, {id_of(ago): ago})
    assert [number for number, _ in lost if number != 3] == [2]
