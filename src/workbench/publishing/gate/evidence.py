"""Rules about evidence: do the data bear the interval, does its past bear it out."""

from collections.abc import Callable, Iterator

from workbench.core.clock import show_instant
from workbench.core.evidence import Check, Evidence
from workbench.core.findings import Severity
from workbench.core.takeaway import Verdict
from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.rule import Hit, Rule
from workbench.publishing.scorecard import is_free
from workbench.stats.minimums import SURE_CLUSTERS
from workbench.stats.sequences import running_intersection
from workbench.takeaways.grammar import plural

LAST_DIGITS = 1e-9


def _failing(code: str) -> Callable[[Draft], Iterator[Hit]]:
    """Every claim whose evidence fails this check."""

    def check(draft: Draft) -> Iterator[Hit]:
        for evidence in _of_claims(draft):
            for failed in evidence.failed:
                if failed.code == code:
                    yield f"evidence {evidence.name}", _words(failed, evidence)

    return check


def _words(check: Check, evidence: Evidence) -> str:
    measured, threshold = f"{check.measured:,.0f}", f"{check.threshold:,.0f}"
    units, occurrences = plural(evidence.unit), plural(evidence.occurrence)
    return {
        "small-n": f"it rests on {measured} {units}; an interval needs {threshold}.",
        "unit-of-analysis": f"{evidence.n:,} {occurrences} are of only {measured} "
        f"{units}; an interval by unit needs {threshold}.",
        "rare-events": f"the outcome, or its absence, was seen {measured} times; an "
        f"interval needs {threshold}.",
        "skew": f"the outcome is so skewed that {threshold} {units} are needed; there "
        f"are {measured}.",
        "look-ahead": f"{measured} {occurrences} began at or after the run's date, or "
        "use what came after they began.",
        "immature": f"the outcome of {measured} {occurrences} is not known yet.",
    }[check.code]


def _of_claims(draft: Draft) -> Iterator[Evidence]:
    for evidence in draft.post.evidence:
        if evidence.name in draft.claims:
            yield evidence


def _few_clusters(draft: Draft) -> Iterator[Hit]:
    for evidence in _of_claims(draft):
        recurring = evidence.n > evidence.units
        if recurring and evidence.units < SURE_CLUSTERS and not evidence.failed:
            units, occurrences = plural(evidence.unit), plural(evidence.occurrence)
            message = (
                f"{evidence.n:,} {occurrences} are of {evidence.units:,} {units}; an "
                f"interval by unit is sure of its width from {SURE_CLUSTERS} on."
            )
            yield f"evidence {evidence.name}", message


def _decided(draft: Draft) -> set[str]:
    """Claims whose verdict is more than that nothing is known yet."""
    return {
        each.claim
        for takeaway in draft.post.takeaways
        for each in takeaway.claims
        if each.verdict is not Verdict.NO_TRADE_YET
    }


def _unforeseen(draft: Draft) -> Iterator[Hit]:
    for name in sorted(_decided(draft) - draft.stated.keys()):
        message = (
            "its interval decides, and no forecast can be made of it: all that was "
            "seen is alike, so it has no standard error."
        )
        yield f"claim {name}", message


def _unborne(draft: Draft) -> Iterator[Hit]:
    decided = _decided(draft)
    for evidence in _of_claims(draft):
        stands = evidence.low is not None or evidence.high is not None
        if evidence.failed and (stands or evidence.name in decided):
            code = evidence.failed[0].code
            message = f"an interval, or a verdict, stands although it fails {code}."
            yield f"evidence {evidence.name}", message


def _plan_drift(draft: Draft) -> Iterator[Hit]:
    family = int(draft.result.get("family", 1))
    for evidence in _of_claims(draft):
        claim = draft.claims[evidence.name]
        level = 1 - claim.alpha / family
        if evidence.planned != claim.planned_occurrences:
            message = (
                f"its interval follows a plan of {evidence.planned:,}; registered are "
                f"{claim.planned_occurrences:,}."
            )
            yield f"evidence {evidence.name}", message
        elif evidence.low is not None and abs(evidence.level - level) > LAST_DIGITS:
            message = (
                f"its interval covers {evidence.level:g}, registered is {level:g}."
            )
            yield f"evidence {evidence.name}", message


def _rewritten(draft: Draft) -> Iterator[Hit]:
    for dataset in draft.rewritten:
        message = "what was known at its last claim is not what is said to be now."
        yield f"data {dataset}", message


def _contradiction(draft: Draft) -> Iterator[Hit]:
    for evidence in _of_claims(draft):
        looks = [look for look in draft.looks if look.claim == evidence.name]
        ends = [(look.number("low"), look.number("high")) for look in looks]
        common = running_intersection([*ends, (evidence.low, evidence.high)])
        if common.empty:
            first = show_instant(min(look.as_of for look in looks))
            message = (
                f"its interval and those of its looks since {first} have nothing in "
                "common."
            )
            yield f"evidence {evidence.name}", message


def _free_win(draft: Draft) -> Iterator[Hit]:
    for name, probability in draft.stated.items():
        if is_free(probability):
            message = (
                "that fresh data lie beyond its margin has a probability of "
                f"{probability:.1%}; it risks next to nothing."
            )
            yield f"claim {name}", message


_MORE = (
    "Nothing: the engine states no interval and decides nothing until there are more."
)

RULES = (
    Rule(
        "small-n",
        "With fewer than 30 units, each there once, an interval by a standard error is "
        "not what it says.",
        _MORE,
        _failing("small-n"),
        Severity.WARNING,
    ),
    Rule(
        "unit-of-analysis",
        "Occurrences of one unit resemble each other, so the units are what is "
        "counted; a standard error over fewer than 20 of them is itself a guess.",
        "Wait for more units, or count one occurrence of each.",
        _failing("unit-of-analysis"),
        Severity.WARNING,
    ),
    Rule(
        "few-clusters",
        "The standard error of recurring units is as uncertain as their number is "
        "small. From 20 to 39 of them Student's quantile makes up for it more or less "
        "(Cameron and Miller 2015), so the interval stands.",
        "Nothing: read its ends with care until there are more units.",
        _few_clusters,
        Severity.WARNING,
    ),
    Rule(
        "rare-events",
        "With fewer than 25 occurrences with the outcome, or without it, looking again "
        "and again finds more than alpha allows (simulation S2).",
        "Wait for more, or register the exact sequence: `sequence: exact`.",
        _failing("rare-events"),
        Severity.WARNING,
    ),
    Rule(
        "skew",
        "An estimate of skewed influences, as the mean of skewed values is, needs 25 "
        "units for each squared unit of skewness before a normal interval holds "
        "(Cochran 1977; simulation S2).",
        "Wait for more, or register another measure: a share, a quantile, a logarithm.",
        _failing("skew"),
        Severity.WARNING,
    ),
    Rule(
        "look-ahead",
        "Nothing that began at or after the run's date may be part of what it knows; "
        "nor may an arm or a forecast know what came after a row began.",
        "Leave out rows whose `began` is not before `wb.as_of()`; make arms and "
        "regressors of what came before `began`.",
        _failing("look-ahead"),
    ),
    Rule(
        "immature",
        "Counted too early, occurrences with a fast outcome are too many.",
        "Leave out rows whose horizon is not over: `began + horizon <= wb.as_of()`.",
        _failing("immature"),
    ),
    Rule(
        "interval-unborne",
        "Where the data do not bear an interval there is none, and nothing is decided.",
        "Run the study again; the engine leaves such an interval out.",
        _unborne,
    ),
    Rule(
        "plan-drift",
        "A plan that follows the data crosses its boundary in the end, whatever the "
        "truth; so plan and alpha come from the sealed registration alone.",
        "Run the study again on its registered terms.",
        _plan_drift,
    ),
    Rule(
        "history-rewrite",
        "A confidence sequence holds while data are added. Rows that change what was "
        "known at an earlier look make its promise void.",
        "Find out what was changed. A person may let it pass, with the reason in the "
        'ledger: `workbench publish --accept STUDY --why "..."`.',
        _rewritten,
    ),
    Rule(
        "empty-intersection",
        "All intervals of one claim hold together with probability 1 - alpha. Where "
        "two have nothing in common something has changed: the post says so.",
        "Look for what changed; register a new question where the old one is over.",
        _contradiction,
        Severity.WARNING,
    ),
    Rule(
        "claim-unforeseen",
        "A verdict without a forecast could not be settled: it would risk nothing, and "
        "stand in no ledger.",
        "Wait for data that are not all alike, or register another measure.",
        _unforeseen,
    ),
    Rule(
        "free-win",
        "A direction that is all but certain teaches nobody anything, however often it "
        "comes true. The record counts such claims apart.",
        "Register a margin nearer to the truth as you expect it: one that you could "
        "miss, and would act on.",
        _free_win,
        Severity.WARNING,
    ),
)
