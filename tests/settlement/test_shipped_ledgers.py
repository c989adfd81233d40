"""The ledgers in version control are true; made again by a forger, they are not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.places import ROOT
from tests.settlement.ledgers import Lines, rechained
from workbench.archive.ledgers import read_lines
from workbench.settlement.verifying import faults

LEDGERS: dict[str, Lines] = {
    file.stem: read_lines(file) for file in sorted((ROOT / "takeaways").glob("*.jsonl"))
}
STUDY = "second-purchase"
OTHERS = {name: lines for name, lines in LEDGERS.items() if name != STUDY}


def newest_claim(lines: Lines) -> dict[str, Any]:
    """The last claim of the base variant."""
    of_base = [k for k in lines if k["line"] == "claimed" and _variant(k) == "base"]
    return of_base[-1]


def _variant(line: dict[str, Any]) -> Any:
    return line["key"]["variant"]


def values(**changes: Any) -> Callable[[Lines], None]:
    return lambda lines: newest_claim(lines)["values"].update(changes)


def another_variant(lines: Lines) -> None:
    """A claim that was won once more, under a name that nobody sealed."""
    fates = [k for k in lines if k.get("outcome") == "won" and "arms" in k["settled"]]
    won = fates[-1]["key"]
    for line in [k for k in lines if k.get("key") == won]:
        lines.append(copy.deepcopy(line))
        lines[-1]["key"]["variant"] = "last-week"


FORGERIES: dict[str, Callable[[Lines], None]] = {
    "no middle, no groups": values(
        centre=None, groups=[], group_estimates=[], low=0.3, high=0.4, log_e=9.0
    ),
    "a middle of its own": values(centre=0.25),
    "an estimate of its own": values(estimate=0.26, centre=0.26),
    "more information": values(information=400_000.0),
    "n without its groups": values(n=400_000),
    "more units than occurrences": values(units=400_000),
    "in dollars": values(measure="USD"),
    "no measure": lambda lines: newest_claim(lines)["values"].pop("measure"),
    "a takeaway of its own": values(takeaway_verdict="do not trade"),
    "a negative error": values(se=-0.003),
    "not a number of anything": values(n={"many": 1}),
    "a level of one": values(level=1.0),
    "an empty group": values(groups=[0, 0]),
    "no heads": lambda lines: newest_claim(lines).update(heads={}),
    "a line nought": lambda lines: newest_claim(lines)["heads"]["first-basket"].update(
        line=0
    ),
    "a line before the first": lambda lines: newest_claim(lines)["heads"][
        "first-basket"
    ].update(line=-99),
    "a variant that was never sealed": another_variant,
    "another horizon": lambda lines: newest_claim(lines)["terms"].update(horizon="P1D"),
    "no horizon": lambda lines: newest_claim(lines)["terms"].update(horizon="soon"),
    "another study": lambda lines: newest_claim(lines).update(study="first-basket"),
    "live": lambda lines: newest_claim(lines).update(replay=False),
}


@pytest.mark.parametrize("study", sorted(LEDGERS))
def test_what_is_shipped_is_whole_and_true(study: str) -> None:
    others = {name: lines for name, lines in LEDGERS.items() if name != study}
    assert list(faults(study, LEDGERS[study], others)) == []


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_claim_is_told_and_breaks_no_verification(
    forge: Callable[[Lines], None],
) -> None:
    lines = copy.deepcopy(LEDGERS[STUDY])
    forge(lines)
    assert list(faults(STUDY, rechained(lines), OTHERS)) != []


def test_a_ledger_under_another_name_is_none() -> None:
    told = [said for _, said in faults("copied", LEDGERS[STUDY], LEDGERS)]
    assert set(told) == {"it is a line of another study."}


def test_the_newest_terms_risk_something() -> None:
    """Directions that are all but certain stay under half of what was foreseen."""
    newest = {name: lines_seal(lines) for name, lines in LEDGERS.items()}
    stated = [
        line["forecast"]["probability"]
        for name, lines in LEDGERS.items()
        for line in lines
        if line["line"] == "claimed" and line["key"]["seal"] == newest[name]
    ]
    free = [p for p in stated if not 0.05 <= p <= 0.95]
    assert len(free) < len(stated) / 2


def lines_seal(lines: Lines) -> Any:
    return [line["seal"] for line in lines if line["line"] == "registered"][-1]
