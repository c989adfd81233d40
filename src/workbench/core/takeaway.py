"""The tradable takeaway: what a reader can do tomorrow, and what decided it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

TakeawayKind = Literal["faq", "lesson", "tool"]


class Verdict(StrEnum):
    """What the evidence says of a claim; computed, never typed."""

    TRADE = "trade"
    DO_NOT_TRADE = "do not trade"
    NO_TRADE_YET = "no trade yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVerdict:
    """One registered claim and what its evidence says.

    Attributes:
        claim: Name of the claim and of its evidence.
        verdict: Where its interval lies against the margin.
        why: One sentence that says why, numbers in it computed here.
        occurrences_needed: More occurrences to plan for; 0 when the claim is decided.
    """

    claim: str
    verdict: Verdict
    why: str
    occurrences_needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeaway:
    """One takeaway as it stands in a post.

    Attributes:
        kind: A question answered, a lesson learnt, or a tool to use.
        evidence: Names of the claims that carry it.
        verdict: Of all its claims together.
        claims: Each claim's own verdict.
        text: The words for this verdict, numbers bound: `claim`, `action`, and where
            the verdict is to trade also `entry` and `exit`.
        when: The author's words for each verdict, unbound, for the gate.
    """

    kind: TakeawayKind
    evidence: tuple[str, ...]
    verdict: Verdict
    claims: tuple[ClaimVerdict, ...]
    text: Mapping[str, str]
    when: Mapping[str, Mapping[str, str]]
