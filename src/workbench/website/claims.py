"""Every look of every claim: one table for readers, CSV and JSON for machines."""

import csv
import io
from collections.abc import Mapping, Sequence

from workbench.core.canonical import pretty_json
from workbench.core.clock import format_instant, show_instant
from workbench.core.markup import inert
from workbench.core.records import Plain, to_plain
from workbench.core.track import FALSE_DISCOVERY_RATE, LookRow, Memory
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
    foreseen_cell,
    outcome_cell,
    table,
    verdict_cell,
)

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WORDS = ("reason", "accepted", "text")  # written by people; a spreadsheet may run them
_SCORES = ("brier", "log", "interval", "crps")
_COLUMNS = (Column("Claim"), DATA_TO, VERDICT, ESTIMATE, FORESEEN, CAME, OUTCOME)


def claims_table(rows: Sequence[LookRow]) -> str:
    """Every version and look, open and settled, won and lost; newest data first."""
    newest = sorted(rows, key=lambda row: row.as_of, reverse=True)
    caption = "Every claim at every look, newest data first"
    return table(caption, _COLUMNS, [_cells(row) for row in newest], "data claims")


def _cells(row: LookRow) -> tuple[str, ...]:
    kind = "replay" if row.replay else "live"
    link = f'<a href="../history/{row.study}/">{inert(row.study)}</a>'
    return (
        below(link, f"{inert(row.name)}, terms {row.version}, {kind}"),
        below(show_instant(row.as_of), f"n = {row.evidence.n:,}"),
        verdict_cell(row),
        estimate_cell(row),
        foreseen_cell(row),
        came_cell(row),
        outcome_cell(row),
    )


def claims_json(memory: Memory) -> bytes:
    """The same rows with every number unrounded."""
    whole: dict[str, Plain] = {
        "false_discovery_rate": FALSE_DISCOVERY_RATE,
        "registered": memory.registered,
        "claims": [dict(_plain(row)) for row in memory.rows],
    }
    return pretty_json(whole).encode()


def claims_csv(memory: Memory) -> bytes:
    """The same rows for a spreadsheet, which shall run none of their words."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    for row in memory.rows:
        plain = _plain(row)
        writer.writerow([_cell(name, plain[name]) for name in FIELDS])
    return text.getvalue().encode()


def _cell(name: str, value: Plain) -> Plain:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(map(str, value))
    if name in _WORDS and isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _plain(row: LookRow) -> Mapping[str, Plain]:
    evidence, foreseen, fresh = row.evidence, row.foreseen, row.fresh
    scores = fresh.scores if fresh else {}
    return {
        "study": row.study,
        "version": row.version,
        "variant": row.variant,
        "claim": row.claim,
        "as_of": format_instant(row.as_of),
        "line": row.line,
        "replay": row.replay,
        "verdict": row.verdict,
        "state": row.life,
        "holds": row.holds,
        "estimand": evidence.estimand,
        "measure": evidence.measure,
        "estimate": evidence.estimate,
        "low": evidence.low,
        "high": evidence.high,
        "level": evidence.level,
        "log_e": evidence.log_e,
        "n": evidence.n,
        "occurrence": evidence.occurrence,
        "units": evidence.units,
        "unit": evidence.unit,
        "running_low": row.running_low,
        "running_high": row.running_high,
        "contradicted": row.contradicted,
        "p_anytime": row.p_anytime,
        "probability": foreseen.probability if foreseen else None,
        "foreseen_low": foreseen.low if foreseen else None,
        "foreseen_high": foreseen.high if foreseen else None,
        "foreseen_level": foreseen.level if foreseen else None,
        "settlement_size": foreseen.size if foreseen else None,
        "deadline": to_plain(foreseen.deadline) if foreseen else None,
        "outcome": row.fate,
        "overdue": row.overdue,
        "reason": row.reason,
        "settled": to_plain(fresh.as_of) if fresh else None,
        "fresh_estimate": fresh.estimate if fresh else None,
        "fresh_n": fresh.n if fresh else None,
        "held": fresh.held if fresh else None,
        **{f"score_{name}": scores.get(name) for name in _SCORES},
        "accepted": row.accepted,
        "recomputed": [each.line for each in row.recomputed],
        "text": row.text,
    }


FIELDS = (
    *("study", "version", "variant", "claim", "as_of", "line", "replay"),
    *("verdict", "state", "holds", "estimand", "measure"),
    *("estimate", "low", "high", "level", "log_e"),
    *("n", "occurrence", "units", "unit"),
    *("running_low", "running_high", "contradicted", "p_anytime"),
    *("probability", "foreseen_low", "foreseen_high", "foreseen_level"),
    *("settlement_size", "deadline", "outcome", "overdue", "reason", "settled"),
    *("fresh_estimate", "fresh_n", "held"),
    *(f"score_{name}" for name in _SCORES),
    *("accepted", "recomputed", "text"),
)
