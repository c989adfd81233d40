"""The record's figures, drawn: each question's looks, and how the forecasts did."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter

from workbench.charts.histories import history_spec, history_words
from workbench.charts.reliability import reliability_spec, reliability_words
from workbench.core.errors import StudyFailed
from workbench.core.scorecard import Track
from workbench.core.track import LookRow, Memory, Picture, VersionTerms, newest_look
from workbench.rendering.drawing import SpecOf, draw_spec

FEWEST_LOOKS = 2  # one interval is read more easily in words


def illustrated(memory: Memory) -> Memory:
    """The same memory with its figures."""
    histories = dict(_histories(memory))
    tracks = {"live": memory.live, "replay": memory.replayed}
    drawn = {name: _reliability(name, track) for name, track in tracks.items()}
    return replace(
        memory,
        histories=histories,
        reliability={name: one for name, one in drawn.items() if one},
    )


def _histories(
    memory: Memory,
) -> Iterator[tuple[tuple[str, str, str], Picture]]:
    rows = sorted(memory.rows, key=attrgetter("question"))
    for question, group in groupby(rows, key=attrgetter("question")):
        looks = [k for k in group if k.evidence.low is not None]
        if len({look.as_of for look in looks}) < FEWEST_LOOKS:
            continue
        study, variant, claim = question
        margins = margins_of(memory.versions[study], looks)
        picture = _drawn(
            f"{variant}-{claim}",
            history_words(looks, margins),
            partial(history_spec, looks, margins),
        )
        if picture:
            yield question, picture


def margins_of(
    versions: Sequence[VersionTerms], looks: Sequence[LookRow]
) -> tuple[float, ...]:
    """Where the margin lay on the newest terms of these looks."""
    last = newest_look(looks)
    version = next(each for each in versions if each.number == last.version)
    terms = next(each for each in version.claims if each.claim == last.claim)
    is_both = terms.direction == "within"
    return (-terms.margin, terms.margin) if is_both else (terms.margin,)


def _reliability(name: str, track: Track) -> Picture | None:
    if not track.settled:
        return None
    return _drawn(
        f"reliability-{name}",
        reliability_words(track),
        partial(reliability_spec, track),
    )


def _drawn(name: str, words: str, spec_of: SpecOf) -> Picture | None:
    """The figure; None where its numbers fit on no axis, for the table has them too."""
    try:
        drawing = draw_spec(name, spec_of)
    except StudyFailed:
        return None
    return Picture(
        name=name, alternative=words, files=drawing.files, sizes=drawing.sizes
    )
