"""Where a post's takeaway stands now: its life, and what fresh data made of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.charts.numbers import show_level
from workbench.core.clock import show_instant
from workbench.core.markup import inert
from workbench.core.posts import Post
from workbench.core.registration import BASE_VARIANT
from workbench.core.takeaway import Takeaway, Verdict
from workbench.core.track import FALSE_DISCOVERY_RATE, Life, LookRow, Memory
from workbench.takeaways.grammar import plural
from workbench.website.fragments import (
    life_word,
    number,
    probability,
    span,
)

GRAVEST_FIRST: tuple[Life, ...] = (
    "withdrawn",
    "contradicted",
    "reversed",
    "weakened",
    "strengthened",
    "new",
    "unchanged",
)
_LOST = '<span class="fate fate--lost">Lost at settlement</span>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the ledger says of one takeaway of a post.

    Attributes:
        life: The gravest of its claims' states.
        holds: Whether it trades, and all of them hold at the site-wide false discovery
            rate; that rate alone asks for less than a verdict does.
        looks: The look of each claim that the post shows.
        settled: The newest settled look of each claim, where there is one.
    """

    life: Life
    holds: bool
    looks: tuple[LookRow, ...]
    settled: tuple[LookRow, ...]

    @property
    def lost(self) -> tuple[LookRow, ...]:
        """Claims that fresh data refuted when last asked."""
        return tuple(row for row in self.settled if row.fate == "lost")


def standing_of(post: Post, takeaway: Takeaway, memory: Memory) -> Standing | None:
    """Where a takeaway stands; None while its ledger holds none of its claims."""
    variant = post.variant or BASE_VARIANT
    looks, settled = [], []
    for claim in takeaway.evidence:
        rows = memory.of_question(post.study, variant, claim)
        shown = [row for row in rows if row.as_of == post.as_of]
        # A new version of the terms does not wipe out what became of an older one.
        tested = [row for row in rows if row.fate in ("won", "lost")]
        looks += sorted(shown, key=lambda row: row.version)[-1:]
        settled += sorted(tested, key=lambda row: (row.version, row.as_of))[-1:]
    if not looks:
        return None
    all_hold = len(looks) == len(takeaway.evidence) and all(
        look.holds and look.newest and look.life != "withdrawn" for look in looks
    )
    return Standing(
        life=min((row.life for row in looks), key=GRAVEST_FIRST.index),
        holds=takeaway.verdict is Verdict.TRADE and all_hold,
        looks=tuple(looks),
        settled=tuple(settled),
    )


def life_link(post: Post, standing: Standing, up: str) -> str:
    """The state in one word, as a link to the takeaway's history, in Markdown."""
    word = standing.life.capitalize()
    address = f"{up}takeaways/history/{post.study}.md"
    return f"[{word}]({address}){{ .life .life--{standing.life} }}"


def holds_badge(standing: Standing) -> str:
    """That it holds beside all other claims of the site; empty where it does not."""
    if not standing.holds:
        return ""
    rate = show_level(FALSE_DISCOVERY_RATE)
    return (
        '<span class="holds">Holds at a site-wide false discovery rate of '
        f"{rate}</span>"
    )


def short_state(post: Post, standing: Standing | None, up: str) -> str:
    """State for a list, and that it was lost where it was, as HTML; may be empty."""
    if standing is None:
        return ""
    address = f"{up}takeaways/history/{post.study}/"
    link = f'<a href="{address}">{life_word(standing.life)}</a>'
    return f"{link} {_LOST}" if standing.lost else link


def standing_block(post: Post, memory: Memory, up: str) -> str:
    """What stands below a post's dek: state, badge, and every warning that is due."""
    found = [standing_of(post, takeaway, memory) for takeaway in post.takeaways]
    standings = [each for each in found if each is not None]
    if not standings:
        return ""
    several = len(standings) > 1
    lines = []
    for place, each in enumerate(standings, start=1):
        of = f" of takeaway {place}" if several else ""
        label = f'<span class="standing-label">State{of}:</span>'
        badge = holds_badge(each)
        parts = " ".join(
            part for part in (label, life_link(post, each, up), badge) if part
        )
        lines.append(f'<p class="standing" markdown="span">{parts}</p>')
        lines += [_foreseen(row) for row in each.looks if row.fate == "open"]
        lines += [_note(*note) for note in _notes(each)]
    return "\n\n".join(lines)


def _foreseen(row: LookRow) -> str:
    """What an open claim says of the data that will settle it."""
    if row.foreseen is None:
        return ""
    level = show_level(row.foreseen.level)
    words = (
        f"{span(row, row.foreseen.low, row.foreseen.high)} with a probability of "
        f"{level}; beyond the margin with {probability(row.foreseen.probability)}."
    )
    label = '<span class="standing-label">Foreseen for fresh data:</span>'
    return f'<p class="standing">{label} {words}</p>'


def _note(head: str, words: str) -> str:
    return f'<p class="warning" role="note"><strong>{head}</strong> {words}</p>'


def _notes(standing: Standing) -> Iterator[tuple[str, str]]:
    yield from (_lost(row) for row in standing.lost)
    for row in standing.looks:
        if row.life == "withdrawn":
            yield "Withdrawn by its authors.", f"Why: {inert(row.reason)}."
        if row.contradicted:
            yield "Its looks contradict each other.", _contradiction(row)
        if is_revised(row):
            yield "The data were revised.", _revision(row)


def _lost(row: LookRow) -> tuple[str, str]:
    fresh, foreseen = row.fresh, row.foreseen
    assert fresh is not None  # noqa: S101 - a lost claim was settled
    assert foreseen is not None  # noqa: S101 - and had sealed a forecast
    kind = "replayed claim" if row.replay else "claim"
    counted = inert(plural(row.evidence.occurrence))
    terms = "" if row.newest else f" on version {row.version} of its terms"
    words = (
        f"The {kind} {inert(row.claim)} on data to {show_instant(row.as_of)}{terms} "
        f"foresaw {span(row, foreseen.low, foreseen.high)} for fresh data, with a "
        f"probability of {show_level(foreseen.level)}. On {show_instant(fresh.as_of)} "
        f"they came to {number(row, fresh.estimate)} (n = {fresh.n:,} {counted})."
    )
    return "Its newest settled claim was lost.", words


def _contradiction(row: LookRow) -> str:
    chance = show_level(1 - row.evidence.level)
    return (
        f"At one look the interval of {inert(row.claim)} began at "
        f"{number(row, row.running_low)}, at another it ended at "
        f"{number(row, row.running_high)}. Were the truth the same at all of them, the "
        f"chance of that would be {chance} at most: something has changed."
    )


def is_revised(row: LookRow) -> bool:
    """Whether its values, when last computed, are not those that were claimed."""
    if not row.recomputed:
        return False
    was, now = row.evidence, row.recomputed[-1]
    before = (was.estimate, was.low, was.high, was.n)
    return before != (now.estimate, now.low, now.high, now.n)


def _revision(row: LookRow) -> str:
    again, was = row.recomputed[-1], row.evidence
    return (
        f"What was claimed of {inert(row.claim)} on data to {show_instant(row.as_of)} "
        f"was {number(row, was.estimate)}, {span(row, was.low, was.high)}, "
        f"n = {was.n:,}. Computed again it is {number(row, again.estimate)}, "
        f"{span(row, again.low, again.high)}, n = {again.n:,}. What was claimed stays "
        "in the ledger, and is what gets settled."
    )
