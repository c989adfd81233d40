"""A small ledger by the engine itself: sealed terms, claims and their fates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import claims
from workbench.core.canonical import sha256_of_value
from workbench.core.clock import format_instant
from workbench.core.evidence import Evidence, SettlementLook
from workbench.core.records import Plain, to_plain
from workbench.publishing.forecasting import (
    Known,
    basis_of,
    learnt_by,
    sealed_forecast,
)
from workbench.settlement.scores import scores_of
from workbench.settlement.settling import settled_line
from workbench.stats.looks import Measured, Sequence, seen
from workbench.stats.restating import against_margin
from workbench.takeaways.ledger import Line, chain
from workbench.takeaways.record import ClaimRecord, fold
from workbench.takeaways.settling import Decided, decide
from workbench.takeaways.verdict import place

Lines = list[dict[str, Any]]
STUDY = "early"
CLAIM = replace(
    claims.CLAIM,
    estimand="mean",
    occurrence="month",
    settlement_size=400,
    settles_on="fresh occurrences",
    deadline="P30D",
)
SEALED: dict[str, Plain] = {"claims": [to_plain(CLAIM)], "variants": {}, "code": "c0de"}
SEAL = sha256_of_value(SEALED)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def evidence(estimate: float = 0.20, *, n: int = 1000) -> Evidence:
    """An estimate of n occurrences with a standard error of .03, and its sequence."""
    found = seen(
        Measured(estimate=estimate, se=0.03, df=n - 1, information=n, method="by hand"),
        Sequence(alpha=CLAIM.alpha, planned=CLAIM.planned_occurrences),
    )
    return Evidence(
        name="gap",
        estimand="mean",
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        level=found.level,
        interval_kind=found.kind,
        se=found.se,
        centre=found.centre,
        df=found.df,
        n=n,
        units=n,
        unit="customer",
        occurrence="customer-month",
        measure="share",
        groups=(),
        method=found.method,
        information=found.information,
        planned=1000,
        log_e=against_margin(CLAIM, found),
        needed=0,
        began=None,
        checks=(),
    )


def registered(study: str = STUDY) -> Line:
    return chain(
        [],
        {
            "line": "registered",
            "study": study,
            "seal": SEAL,
            "sealed": SEALED,
            "looked_until": None,
        },
    )


def claimed(
    lines: list[Line], as_of: datetime, found: Evidence, **others: list[Line]
) -> Line:
    """The next line: a claim as of a date, made while other ledgers held theirs."""
    records = {name: fold(name, held) for name, held in others.items()}
    basis = basis_of(CLAIM, found)
    assert basis is not None
    series = (STUDY, SEAL, "base", "gap")
    known = Known(as_of, {**records, STUDY: fold(STUDY, lines)})
    learnt = learnt_by(basis, CLAIM, series, known)
    verdict = place(CLAIM, found.low, found.high).value
    values = {
        name: getattr(found, name)
        for name in (
            "estimate", "low", "high", "level", "se", "centre", "df", "scale", "n",
            "units", "information", "window_effect", "windows", "planned", "log_e",
            "measure",
        )
    }  # fmt: skip
    return chain(
        lines,
        {
            "line": "claimed",
            "key": {
                "seal": SEAL,
                "variant": "base",
                "as_of": format_instant(as_of),
                "claim": "gap",
            },
            "study": STUDY,
            "replay": False,
            "kind": "lesson",
            "terms": to_plain(CLAIM),
            "values": {
                **values,
                "interval": "confidence sequence",
                "groups": [],
                "group_estimates": [],
                "verdict": verdict,
                "takeaway_verdict": verdict,
            },
            "known_until": format_instant(as_of),
            "forecast": to_plain(sealed_forecast(CLAIM, basis, learnt, as_of)),
            "heads": {name: to_plain(record.head) for name, record in records.items()},
            "text": {"claim": "It is so."},
            "notebook": "n0te",
            "views": {"visits": "v1ew"},
            "provenance": {},
        },
    )


def look(
    claim: ClaimRecord, estimate: float | None = 0.18, *, n: int = 400
) -> SettlementLook:
    """What the archived notebook found among n fresh occurrences."""
    opens = claim.as_of
    began = (format_instant(opens), format_instant(opens))
    found = replace(
        evidence(),
        n=n,
        units=n,
        estimate=estimate,
        low=None,
        high=None,
        interval_kind="fixed-sample",
        began=began if n else None,
    )
    return SettlementLook(claim="gap", opens=format_instant(opens), evidence=found)


def settled(lines: list[Line], claim: ClaimRecord, decided: Decided) -> Line:
    """The next line: a claim's fate."""
    outcome = decided.outcome
    if outcome.estimate is not None and claim.forecast:
        scores = scores_of(claim, claim.forecast, outcome.estimate)
        decided = replace(decided, outcome=replace(outcome, scores=scores))
    return chain(lines, settled_line(claim, decided, {}))


def ledger(
    estimates: tuple[float, ...] = (0.20, 0.21), fresh: float = 0.18
) -> list[Any]:
    """Sealed terms, a claim each month, and the fate of each a month later."""
    lines: list[Any] = [registered()]
    for number, estimate in enumerate(estimates):
        as_of = FIRST + timedelta(days=30 * number)
        lines.append(claimed(lines, as_of, evidence(estimate)))
        (claim,) = fold(STUDY, lines).open
        decided = decide(claim, look(claim, fresh))
        lines.append(settled(lines, claim, decided))
    return lines


def rechained(lines: Lines) -> Lines:
    """The same contents with every hash made again, as a forger would."""
    whole: Lines = []
    for line in lines:
        body = {
            k: v for k, v in line.items() if k not in ("hash", "previous", "number")
        }
        whole.append(dict(chain(whole, body)))
    return whole
