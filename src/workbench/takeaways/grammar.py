"""The words of a tradable takeaway: which are owed for which verdict."""

import math
from collections.abc import Mapping, Sequence
from typing import get_args

from workbench.core.evidence import Evidence
from workbench.core.registration import Claim
from workbench.core.takeaway import ClaimVerdict, Takeaway, TakeawayKind, Verdict
from workbench.takeaways.binding import Name, bind_text
from workbench.takeaways.verdict import combine, judge

KINDS: tuple[str, ...] = get_args(TakeawayKind)
OWED: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.TRADE: ("claim", "entry", "action", "exit"),
    Verdict.DO_NOT_TRADE: ("claim", "action"),
}
MINUTES_PER_TAKEAWAY = 15


def compose(
    *,
    kind: str,
    claims: Sequence[Claim],
    evidence: Mapping[str, Evidence],
    when: Mapping[str, Mapping[str, str]],
    names: Mapping[str, Name],
) -> Takeaway:
    """The takeaway for the verdict that the evidence gives, its numbers bound.

    Args:
        kind: `faq`, `lesson` or `tool`.
        claims: The registered claims that carry it, at least one.
        evidence: Evidence by name; one of each claim's name.
        when: The author's words for each verdict but "no trade yet".
        names: What the words may name.

    Raises:
        ValueError: With every mistake that would leave nothing to show, one a line. A
            missing case for a verdict that did not come is left to the gate.
    """
    problems = _problems(kind, claims, evidence, when)
    if problems:
        raise ValueError("\n".join(problems))
    verdicts = tuple(judge(claim, evidence[claim.name]) for claim in claims)
    verdict = combine([each.verdict for each in verdicts])
    if verdict is Verdict.NO_TRADE_YET:
        text = _no_trade_yet(claims, evidence, verdicts)
    else:
        text = _bound_words(when.get(verdict.value, {}), names)
    return Takeaway(
        kind=kind,  # type: ignore[arg-type]  # checked above
        evidence=tuple(claim.name for claim in claims),
        verdict=verdict,
        claims=verdicts,
        text=text,
        when={case: dict(words) for case, words in when.items()},
    )


def _problems(
    kind: str,
    claims: Sequence[Claim],
    evidence: Mapping[str, Evidence],
    when: Mapping[str, Mapping[str, str]],
) -> list[str]:
    problems: list[str] = []
    if kind not in KINDS:
        problems.append(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.")
    if not claims:
        problems.append("evidence must name at least one registered claim.")
    problems += [
        f"claim {claim.name!r} has no evidence yet: call "
        f"wb.evidence({claim.name!r}) before the takeaway."
        for claim in claims
        if claim.name not in evidence
    ]
    cases = [verdict.value for verdict in OWED]
    problems += [
        f"`when` has no case {case!r}; the cases are {', '.join(cases)} "
        f'("{Verdict.NO_TRADE_YET.value}" is written by the engine).'
        for case in when
        if case not in cases
    ]
    return problems


def _bound_words(words: Mapping[str, str], names: Mapping[str, Name]) -> dict[str, str]:
    bound = {part: bind_text(template, names) for part, template in words.items()}
    unknown = [line for each in bound.values() for line in each.unknown]
    if unknown:
        raise ValueError("\n".join(unknown))
    return {part: each.text for part, each in bound.items()}


def _no_trade_yet(
    claims: Sequence[Claim],
    evidence: Mapping[str, Evidence],
    verdicts: Sequence[ClaimVerdict],
) -> dict[str, str]:
    undecided = [
        (claim, each)
        for claim, each in zip(claims, verdicts, strict=True)
        if each.verdict is Verdict.NO_TRADE_YET
    ]
    claim, verdict = max(undecided, key=lambda pair: pair[1].occurrences_needed)
    seen = evidence[claim.name]
    counted = f"{seen.n:,} {plural(seen.occurrence)}"
    return {
        "claim": (
            f"Not decided yet. {verdict.why} Seen so far: {counted}; "
            f"{_still_needed(verdict.occurrences_needed)}"
        ),
        "action": (
            "Change nothing on this account. When later data come in the study runs "
            "again, and this page will say what they showed."
        ),
    }


def _still_needed(needed: int) -> str:
    if needed == 0:
        return (
            "a truth that lies the registered distance from the margin would almost "
            "surely have been found by now, so how many more it takes nobody can say."
        )
    return (
        f"if the truth lies the registered distance from the margin, about {needed:,} "
        "more would likely decide it."
    )


def plural(noun: str) -> str:
    """The plural of a unit's name, as English makes it for regular nouns."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def missing_words(takeaway: Takeaway) -> tuple[str, ...]:
    """What the author still owes: `trade: exit` for each part of each case."""
    return tuple(
        f"{verdict.value}: {part}"
        for verdict, parts in OWED.items()
        for part in parts
        if not takeaway.when.get(verdict.value, {}).get(part, "").strip()
    )


def takeaways_owed(reading_minutes: int) -> int:
    """One for every started 15 minutes of reading, at least one."""
    return max(1, math.ceil(reading_minutes / MINUTES_PER_TAKEAWAY))
