"""A small ledger by the engine itself: sealed terms, claims and their fates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import claims
from workbench.core.canonical import sha256_of_value
from workbench.core.clock import format_instant
from workbench.core.evidence import Evidence, SettlementLook
from workbench.core.records import Plain, to_plain
from workbench.publishing.forecasting import forecast_of
from workbench.settlement.scores import scores_of
from workbench.settlement.settling import settled_line
from workbench.takeaways.ledger import Line, chain
from workbench.takeaways.record import ClaimRecord, fold
from workbench.takeaways.settling import Decided, decide
from workbench.takeaways.verdict import place

STUDY = "early"
CLAIM = replace(
    claims.CLAIM,
    occurrence="month",
    settlement_size=400,
    settles_on="fresh occurrences",
    deadline="P90D",
)
SEALED: dict[str, Plain] = {"claims": [to_plain(CLAIM)], "variants": {}, "code": "c0de"}
SEAL = sha256_of_value(SEALED)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def evidence(
    estimate: float = 0.20, *, low: float = 0.10, high: float = 0.30, n: int = 1000
) -> Evidence:
    """An estimate of 1,000 occurrences with a standard error of .03."""
    return Evidence(
        name="gap",
        estimand="difference_in_proportions",
        estimate=estimate,
        low=low,
        high=high,
        level=0.95,
        interval_kind="confidence sequence",
        se=0.03,
        n=n,
        units=n,
        unit="customer",
        occurrence="customer-month",
        measure="share",
        groups=(),
        method="by hand",
        information=float(n),
        planned=1000,
        log_e=4.0,
        needed=0,
        began=None,
        checks=(),
    )


def registered() -> Line:
    return chain(
        [],
        {
            "line": "registered",
            "study": STUDY,
            "seal": SEAL,
            "sealed": SEALED,
            "looked_until": None,
        },
    )


def claimed(lines: list[Line], as_of: datetime, found: Evidence) -> Line:
    """The next line: a claim as of a date."""
    made = forecast_of(
        CLAIM,
        found,
        as_of=as_of,
        series=(STUDY, SEAL, "base", "gap"),
        records={STUDY: fold(STUDY, lines)},
    )
    verdict = place(CLAIM, found.low, found.high).value
    values = {
        name: getattr(found, name)
        for name in (
            "estimate", "low", "high", "level", "se", "n", "units", "information",
            "planned", "log_e", "measure",
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
                "verdict": verdict,
                "takeaway_verdict": verdict,
            },
            "forecast": to_plain(made),
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
    began = (format_instant(opens), format_instant(opens + timedelta(days=1)))
    found = replace(
        evidence(n=n),
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
    if outcome.estimate is not None and claim.forecast and outcome.held is not None:
        scores = scores_of(claim.forecast, outcome.estimate, held=outcome.held)
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
        decided = decide(claim, look(claim, fresh), as_of + timedelta(days=30))
        assert decided is not None
        lines.append(settled(lines, claim, decided))
    return lines
