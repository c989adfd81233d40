"""The page of one study's memory: its interval over the looks, terms and claims."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from workbench.charts.histories import short_number
from workbench.charts.numbers import evidence_format, show_level
from workbench.core.clock import show_instant
from workbench.core.markup import inert
from workbench.core.track import LookRow, Memory, Terms, VersionTerms, newest_look
from workbench.takeaways.grammar import plural
from workbench.website.fragments import (
    CAME,
    DATA_TO,
    ESTIMATE,
    FORESEEN,
    OUTCOME,
    VERDICT,
    Column,
    below,
    came_cell,
    estimate_cell,
    fate_word,
    figure,
    foreseen_cell,
    number,
    outcome_cell,
    span,
    table,
    verdict_cell,
    verdict_word,
)

SHORT = 12
_READING = (
    "Thin lines are the intervals of the looks, with a dot at the estimate; the shaded "
    "band is what all looks so far have in common. The dashed line is the registered "
    "margin. A ring is fresh data that fell where the claim of that date had foreseen "
    "them; a cross is fresh data that did not. Dotted: older terms, and where they "
    "changed."
)
_COMMON = Column("All looks have in common", "number")
_LOOKS = (DATA_TO, VERDICT, ESTIMATE, _COMMON, FORESEEN, CAME, OUTCOME)
_TERMS = (
    Column("Terms", "date"),
    Column("Claim, and settings"),
    Column("Holds if the truth is", "date"),
    Column("Alpha", "date"),
    Column("Planned"),
    Column("Settled by"),
    Column("Sealed after data were seen to", "date"),
    Column("Seal", "date"),
)
_TEXTS = (Column("Data to, claim, outcome"), Column("What was claimed"))


def history_page(study: str, memory: Memory) -> str:
    """A study's history as Markdown below its title."""
    rows = memory.of_study(study)
    parts = [part for group in _questions(rows) for part in _question(group, memory)]
    if not rows:
        parts.append("Its terms are sealed; nothing has been claimed on them yet.")
    return "\n\n".join([*parts, _terms(memory.versions[study], rows), *_texts(rows)])


def _questions(rows: Sequence[LookRow]) -> list[list[LookRow]]:
    """Rows by variant and claim, in the order of the newest terms that have them."""
    order: dict[tuple[str, str, str], int] = {}
    for place, row in enumerate(sorted(rows, key=lambda row: -row.version)):
        order.setdefault(row.question, place)
    by_question = sorted(rows, key=lambda row: order[row.question])
    return [list(g) for _, g in groupby(by_question, key=attrgetter("question"))]


def _question(rows: Sequence[LookRow], memory: Memory) -> Iterator[str]:
    last = newest_look(rows)
    yield f"## {inert(last.name)} {{ #{last.variant}-{last.claim} }}"
    yield _now(last)
    picture = memory.histories.get(last.question)
    if picture:
        yield figure(picture, f"<strong>{inert(last.name)}.</strong> {_READING}")
    newest = sorted(rows, key=lambda row: (row.as_of, row.version), reverse=True)
    caption = f"Every look at {last.name}, newest data first"
    yield table(caption, _LOOKS, [_look(row) for row in newest], "data claims")


def _now(row: LookRow) -> str:
    """Where the claim stands after its newest look."""
    shared = span(row, row.running_low, row.running_high)
    running = (
        "Its looks contradict each other: they have nothing in common."
        if row.contradicted
        else f"If the truth stands still, it lies in what all looks have in common, "
        f"{shared}.{_moved(row)}"
    )
    words = f"{verdict_word(row.verdict)} on data to {show_instant(row.as_of)}."
    return f'<p markdown="span">{words} {running}</p>'


def _moved(row: LookRow) -> str:
    """That the newest estimate has left what the looks have in common."""
    value, low, high = row.evidence.estimate, row.running_low, row.running_high
    if value is None or low is None or high is None or low <= value <= high:
        return ""
    return (
        f" The newest estimate, {number(row, value)}, does not: it seems to move, and "
        "the verdict goes by the newest interval."
    )


def _look(row: LookRow) -> tuple[str, ...]:
    common = span(row, row.running_low, row.running_high)
    counted = f"n = {row.evidence.n:,}, terms {row.version}"
    return (
        below(show_instant(row.as_of), counted),
        verdict_cell(row),
        estimate_cell(row),
        "nothing" if row.contradicted else common,
        foreseen_cell(row),
        came_cell(row),
        outcome_cell(row),
    )


def _terms(versions: Sequence[VersionTerms], rows: Sequence[LookRow]) -> str:
    lines = [
        _version(version, terms, rows)
        for version in reversed(versions)
        for terms in version.claims
    ]
    shown = table(
        "Each version of the terms, newest first", _TERMS, lines, "data claims"
    )
    return (
        "## The terms { #terms }\n\n"
        "What a version claimed is settled by its own terms, and its looks are never "
        "pooled with those of another.\n\n"
        f"{shown}"
    )


def _version(
    version: VersionTerms, terms: Terms, rows: Sequence[LookRow]
) -> tuple[str, ...]:
    occurrences = inert(plural(terms.occurrence))
    seen = show_instant(version.seen_until) if version.seen_until else "none"
    family = len(version.claims) * len(version.variants)
    shared = f", shared by {family}" if family > 1 else ""
    return (
        f"{version.number}",
        below(inert(terms.claim), inert(_settings(version))),
        _holds(terms, rows),
        f"{show_level(terms.alpha)}{shared}",
        f"{terms.planned:,} {occurrences}",
        f"{terms.settlement_size:,} fresh {occurrences}",
        seen,
        f"<code>{version.seal[:SHORT]}</code>",
    )


def _settings(version: VersionTerms) -> str:
    return ", ".join(f"{name} {value}" for name, value in version.settings.items())


def _holds(terms: Terms, rows: Sequence[LookRow]) -> str:
    of_claim = [row.evidence for row in rows if row.claim == terms.claim]
    spec = evidence_format(of_claim[-1]) if of_claim else ".6f"
    margin = short_number(terms.margin, spec)
    if terms.direction == "within":
        return inert(f"between {short_number(-terms.margin, spec)} and {margin}")
    return inert(f"{terms.direction} than {margin}")


def _texts(rows: Sequence[LookRow]) -> Iterator[str]:
    if not rows:
        return
    newest = sorted(rows, key=lambda row: (row.as_of, row.version), reverse=True)
    yield "## Each claim in its own words { #words }"
    yield table("Every claim as it was published", _TEXTS, [_text(k) for k in newest])


def _text(row: LookRow) -> tuple[str, ...]:
    kind = "replay" if row.replay else "live"
    claim = f"{inert(row.name)}, terms {row.version}, {kind}"
    notes = [f"Let pass: {inert(row.accepted)}."] if row.accepted else []
    notes += [
        f"Computed again in line {again.line}: {number(row, again.estimate)}, "
        f"{span(row, again.low, again.high)}, n = {again.n:,}."
        for again in row.recomputed
    ]
    return (
        f"{below(show_instant(row.as_of), claim)}<br>{_ended(row)}",
        below(inert(row.text), " ".join(notes)),
    )


def _ended(row: LookRow) -> str:
    """Its outcome; one that was withdrawn says why, in its author's words."""
    word = fate_word(row.fate, row.reason)
    return below(word, inert(row.reason) if row.fate == "withdrawn" else "")
