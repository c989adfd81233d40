"""The page that says how the forecasts did: live and replayed claims, never mixed."""

import math
from collections.abc import Iterator

from workbench.charts.numbers import show_level
from workbench.core.markup import inert
from workbench.core.scorecard import COVERAGE, FREE_WIN, Measured, Score, Track
from workbench.core.track import FALSE_DISCOVERY_RATE, Memory
from workbench.stats.calibration import ALARM, FEWEST_WINDOWS
from workbench.takeaways.grammar import plural
from workbench.website.fragments import NOTHING, Column, figure, table

DEK = (
    "A claim seals a forecast of data that do not exist yet. Once they do, it is "
    "won or lost, and it stays. This page counts how the forecasts did."
)
_REPLAY = (
    '<p class="warning" role="note"><strong>Replay: its authors could have known.'
    "</strong> These claims were made of history, date by date, each from what was "
    "known on its date. But the data after it were already there when the terms were "
    "sealed, so this shows how the method behaves. It proves no foresight.</p>"
)
_VOID: dict[str, str] = {
    "insufficient-n": "too few fresh occurrences by the deadline",
    "empty-arm": "fewer than two units to estimate from",
}
_COLUMNS = (
    Column("What"),
    Column("Came out", "number"),
    Column("To hold against it", "number"),
)


def record_page(memory: Memory) -> str:
    """The record as Markdown below its title; without claims it says so."""
    return "\n\n".join(
        [
            "## Live claims { #live }",
            *_section(memory.live, memory),
            "## Replayed history { #replay }",
            _REPLAY,
            *_section(memory.replayed, memory),
            _registered(memory),
            _meaning(),
            _files(),
        ]
    )


def _section(track: Track, memory: Memory) -> Iterator[str]:
    kind = "replay" if track.replay else "live"
    if not track.claims:
        yield f"No {'replayed' if track.replay else 'live'} claim has been made yet."
        return
    yield _summary(track)
    if track.settled:
        caption = f"Scores of the {'replayed' if track.replay else 'live'} claims"
        yield table(caption, _COLUMNS, list(_score_rows(track)))
        yield _free_wins(track)
    if kind in memory.reliability:
        yield figure(memory.reliability[kind], _caption(track))


def _summary(track: Track) -> str:
    """What became of every claim; the counts add up to all of them."""
    parts = [
        f"{track.won:,} won",
        f"{track.lost:,} lost",
        f"{track.open:,} open",
        f"{track.voided:,} void",
        f"{track.withdrawn:,} withdrawn",
    ]
    if track.superseded:
        fates = ", ".join(f"{n:,} {fate}" for fate, n in track.superseded.items())
        count = sum(track.superseded.values())
        parts.append(f"{count:,} replayed again on newer terms ({fates})")
    if track.older:
        parts.append(f"{track.older:,} made before claims sealed a forecast")
    whole = f"**{_counted(track.claims, 'claim')}**: {', '.join(parts)}."
    if track.void:
        reasons = "; ".join(
            f"{count:,}: {_VOID.get(reason, inert(reason))}"
            for reason, count in track.void.items()
        )
        whole += f" Void, by reason: {reasons}."
    if track.overdue:
        whole += (
            f" **Overdue**: of the open, {track.overdue:,} should have been settled by "
            "now."
        )
    return f"{whole} {_judgement(track)}"


def _judgement(track: Track) -> str:
    if not track.settled:
        return "None is settled yet."
    windows = _counted(track.windows, "settlement window")
    words = {
        "too few to judge": "That is **too few to judge**.",
        "not calibrated": "The forecasts are **not calibrated**: what they called "
        "likely did not happen as often as they said.",
    }.get(track.calibration, f"There is **{track.calibration}**.")
    return f"The settled claims span {windows} that do not overlap. {words}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun if count == 1 else plural(noun)}"


def _score_rows(track: Track) -> Iterator[tuple[str, str, str]]:
    level = show_level(track.level or 0)
    expected = f"{track.hits_expected:.1f} of {track.settled:,}"
    yield (
        f"Sealed {level} intervals that held",
        _share(track.hit_rate),
        f"{level}, {expected}; held {track.won:,}",
    )
    void = _rate(track.voided, track.settled + track.voided)
    yield (
        "The same, void, overdue and withdrawn counted as lost",
        _share(track.hit_rate_strict),
        f"{level}; void {void}, overdue {track.overdue:,}",
    )
    yield from _of_score("Brier", track.brier)
    yield from _of_score("Logarithmic", track.log)
    for name, ratio in (("CRPS", track.crps_ratio), ("Interval", track.interval_ratio)):
        yield (
            f"{name} score over what was expected",
            _bounded(ratio),
            "1 if calibrated, more is worse",
        )
    yield (
        "Evidence against the intervals, log e",
        f"{track.log_e:+.2f}",
        f"an alarm from {math.log(ALARM):+.2f}",
    )


def _of_score(name: str, score: Score | None) -> Iterator[tuple[str, str, str]]:
    if score is None:
        return
    expected = NOTHING if score.expected is None else f"{score.expected:.3f}"
    yield f"{name} score", _bounded(score.mean), f"{expected} expected of itself"
    yield f"{name} skill over one half", _part(score.over_half), "0% is no better"
    yield f"{name} skill over base rate", _part(score.over_base_rate), "0% is no better"


def _share(found: Measured | None) -> str:
    if found is None:
        return NOTHING
    return f"{found.value:.0%}{_ends(found, '.0%')}"


def _bounded(found: Measured | None) -> str:
    return NOTHING if found is None else f"{found.value:.3f}{_ends(found, '.3f')}"


def _ends(found: Measured, form: str) -> str:
    if found.low is None or found.high is None:
        return ""
    return " " + inert(f"[{found.low:{form}}, {found.high:{form}}]")


def _rate(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}"


def _part(share: float | None) -> str:
    return "all came out alike" if share is None else f"{share:.0%}"


def _free_wins(track: Track) -> str:
    if not track.free_wins:
        return "None of the stated probabilities was a free win."
    return (
        f"**Free wins: {_rate(track.free_wins, track.settled)}.** Their stated "
        f"probability was above {show_level(FREE_WIN)} or below "
        f"{show_level(1 - FREE_WIN)}, so they risked next to nothing; "
        f"{track.free_wins_came:,} came out as foreseen. They are in the scores, and "
        "not in the figure below."
    )


def _caption(track: Track) -> str:
    level = show_level(track.level or 0)
    return (
        "<strong>What was stated, beside what came.</strong> A point on the dashed "
        "line is a forecast that happens as often as it says. The square stands for "
        f"the sealed {level} intervals, circles for stated probabilities in tenths. "
        f"Upright lines are {show_level(COVERAGE)} intervals; claims settled on one "
        "day count as one case."
    )


def _registered(memory: Memory) -> str:
    rate = show_level(FALSE_DISCOVERY_RATE)
    unpublished = memory.unpublished
    said = (
        "On all terms that were ever sealed something was claimed, in public."
        if not unpublished
        else f"On {_counted(unpublished, 'sealed version')} of the terms nothing was "
        "ever claimed, neither live nor in a replay."
    )
    return (
        "## Asked, and published { #registered }\n\n"
        f"{said} Registered were "
        f"{_counted(memory.registered, 'claim')}, each variant and each version of the "
        "terms counted. A claim *holds "
        f"at a site-wide false discovery rate of {rate}* when its evidence is strong "
        "enough beside all of these, so that of the claims that hold, no more than "
        f"{rate} are false on average. A claim that was never looked at, was "
        "withdrawn, or has newer terms counts against the others."
    )


def _meaning() -> str:
    return f"""\
## What the numbers mean {{ #meaning }}

Won and lost
:   A claim seals an interval for the estimate that fresh data will give. If they fall
    inside, it is won; outside, lost. The intervals are meant to lose a known share of
    the time. A record without losses would be one of forecasts too vague to use.

Void
:   A claim that could not be settled, for a reason named beforehand and decided without
    seeing the outcome: by its deadline too few fresh occurrences had come, or one arm
    had fewer than two units. Nothing else makes a claim void. Where its notebook fails,
    or its data cannot be read, it stays open, and past its deadline it is overdue.
    Because voiding what looks bad would polish any record, and so would withdrawing or
    never settling it, the share that held is given a second time with every void, every
    withdrawn and every overdue claim counted as lost.

Replayed again on newer terms
:   When terms change, history may be replayed on the new ones. Of a question as of one
    date only the claim on the newest terms is counted; else the same months would count
    as often as there are versions. What was lost, void, withdrawn or overdue is counted
    until the newest terms met data themselves; else one could replay it and leave it
    open. The fates of what is not counted are told in brackets; all stay in their
    ledger and in the list of all claims. Terms that count otherwise, or foresee another
    time, replace nothing, and no live claim is ever replaced.

Brier and logarithmic score
:   Each claim also states a probability that fresh data will lie beyond its margin. The
    Brier score is the squared distance of that probability from what happened: nought
    is best, and always saying one half scores a quarter. The logarithmic score punishes
    confident mistakes harder. *Expected of itself* is the score that the forecasts
    would have if every probability they stated were exactly right; a much higher score
    is bad luck or bad calibration. *Skill* is the share of a simple forecast's score
    that was saved: of one that always says one half, and of one that knew beforehand
    which share would come true, which nobody did.

CRPS and interval score
:   They judge the whole distribution and the interval. They are in the measure of each
    claim, so they cannot be averaged over claims; what can is their ratio to what each
    forecast expects of its own.

Settlement windows, and when they are too few
:   Claims that wait for the same months share their luck. So not claims are counted but
    spans of time that do not overlap, each from the claim to the last of the outcomes
    that settled it, and below {FEWEST_WINDOWS} of them nothing is
    concluded from a good record. Evidence against the intervals may come earlier: it is
    what a bet against them has won. The bet pays nothing on average if they are
    calibrated; multiplying its stake by {ALARM:.0f} is an alarm."""


def _files() -> str:
    return """\
## The same rows as files { #files }

[Every claim at every look](all.md) is also in [claims.csv](claims.csv) and
[claims.json](claims.json), with every number unrounded. One row is one claim as of one
date: whose it is (`study`, `version` of the terms, `variant`, `claim`, `as_of`,
`line` of the ledger, `replay`), what was found (`verdict`, `state`, `holds`,
`estimate`, `low`, `high`, `level`, `log_e`, `n`, `units`), what all looks so far
have in common (`running_low`, `running_high`, `contradicted`, `p_anytime`), what was
foreseen (`probability`, `foreseen_low`, `foreseen_high`, `foreseen_level`,
`settlement_size`, `deadline`), and what came (`outcome`, `overdue`, `reason`,
`settled`, `fresh_estimate`, `fresh_n`, `held`, the scores). `accepted` says why a
person let a changed verdict pass, `recomputed` which later lines gave other values,
`text` what the takeaway claimed. An empty cell is something not known."""
