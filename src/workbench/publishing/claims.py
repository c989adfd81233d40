"""The ledger lines that published takeaways owe: one for each claim."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.core.clock import format_instant
from workbench.core.evidence import Evidence
from workbench.core.records import Plain, to_plain
from workbench.core.registration import BASE_VARIANT
from workbench.core.runs import RunRecord
from workbench.core.takeaway import Takeaway
from workbench.publishing.forecasting import forecast_of
from workbench.takeaways.ledger import Line, chain, claimed, sealing, seen_until
from workbench.takeaways.record import Record, fold, plain_key

NOTHING = 1e-12  # what is left of a difference that should be zero
SAME = 1e-6  # relative to the larger; below it two computations are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a run claims.

    Attributes:
        record: The run.
        evidence: Its evidence.
        takeaways: Its takeaways.
        known_until: Up to when the study's data lay here when it claimed.
        page: Hash of the page that shows them; None for a replay, which has none.
        accepted: Why a person let a changed verdict pass.
    """

    record: RunRecord
    evidence: Sequence[Evidence]
    takeaways: Sequence[Takeaway]
    known_until: datetime
    page: str | None = None
    accepted: str | None = None


def owed_lines(
    claims: Sequence[Claims],
    lines: Sequence[Line],
    records: Mapping[str, Record],
    heads: str,
) -> list[Line]:
    """The lines that a study's ledger lacks, chained to those it has.

    A claim already there with the same values makes no line, whatever machine or
    version computed it; other values make a `recomputed` line that says so. A claim
    whose data bear no interval yet is none.

    Args:
        claims: What the runs of one study claim.
        lines: Its ledger as it is.
        records: What every ledger holds, for what is known of claims at large.
        heads: The hash of what they hold, which claims name; whoever enters the lines
            keeps it.
    """
    whole = list(lines)
    for each in claims:
        study = each.record.spec.study
        known = {**records, study: fold(study, whole)}
        for entry in _entries(each, whole, known, heads):
            before = claimed(whole, _key(entry))
            if before is not None and still(before["values"], entry["values"]):
                continue
            if before is None and entry["forecast"] is None:
                continue  # no interval, no claim; one that lost its own says so below
            if before is None:
                whole.append(chain(whole, {"line": "claimed", **entry}))
            else:
                again = {k: v for k, v in entry.items() if k not in _ONCE}
                whole.append(chain(whole, {"line": "recomputed", **again}))
    return whole[len(lines) :]


_ONCE = frozenset({"forecast", "heads", "known_until", "accepted"})
"""What the first line of a claim alone seals."""


def _key(entry: dict[str, Plain]) -> dict[str, str]:
    key = entry["key"]
    assert isinstance(key, dict)  # noqa: S101 - made below
    return {name: str(value) for name, value in key.items()}


def _entries(
    claims: Claims, whole: Sequence[Line], records: Mapping[str, Record], heads: str
) -> Iterator[dict[str, Plain]]:
    spec = claims.record.spec
    evidence = {each.name: each for each in claims.evidence}
    terms = {claim.name: claim for claim in spec.claims}
    variant = spec.variant or BASE_VARIANT
    for takeaway, name, verdict in _carried(claims.takeaways):
        found = forecast_of(spec, terms[name], evidence[name], records)
        accepted = {"accepted": claims.accepted} if claims.accepted else {}
        yield {
            "key": plain_key(spec.seal, variant, spec.as_of, name),
            "study": spec.study,
            "replay": known_already(spec.as_of, claims.known_until, whole),
            "known_until": format_instant(claims.known_until),
            "kind": takeaway.kind,
            "terms": to_plain(terms[name]),
            "values": {
                **_values(evidence[name]),
                "verdict": verdict,
                "takeaway_verdict": takeaway.verdict.value,
            },
            "forecast": to_plain(found),
            "heads": heads,
            "text": dict(takeaway.text.items()),
            "notebook": spec.notebook_id,
            "views": {view.dataset: view.view_id for view in spec.views},
            **accepted,
            "provenance": {
                "run": claims.record.run_id,
                "lock": spec.lock_id,
                "engine": spec.engine_id,
                "page": claims.page,
            },
        }


def known_already(
    as_of: datetime, known_until: datetime, lines: Sequence[Line]
) -> bool:
    """Whether a claim is a replay: its authors could know more than its date says.

    Later data lay here when it was made, or the ledger proves that they did. And where
    the terms were sealed when the claim's own data had been seen, to its very date, it
    is none either: they may have been chosen to fit.

    Args:
        as_of: Date of the claim's data.
        known_until: Up to when the study's data lay here when it was made.
        lines: The ledger before the claim's own line.
    """
    sealed = sealing(lines)
    until = int(str(sealed["number"])) if sealed else 0
    seen, latest = seen_until(lines[:until]), seen_until(lines)
    sealed_after = seen is not None and as_of <= seen
    return sealed_after or as_of < max(known_until, latest or known_until)


def _carried(takeaways: Iterable[Takeaway]) -> Iterator[tuple[Takeaway, str, str]]:
    for takeaway in takeaways:
        for each in takeaway.claims:
            yield takeaway, each.claim, each.verdict.value


def _values(evidence: Evidence) -> dict[str, Plain]:
    return {
        "estimate": evidence.estimate,
        "low": evidence.low,
        "high": evidence.high,
        "level": evidence.level,
        "interval": evidence.interval_kind,
        "se": evidence.se,
        "centre": evidence.centre,
        "df": evidence.df,
        "scale": evidence.scale,
        "n": evidence.n,
        "units": evidence.units,
        "information": evidence.information,
        "window_effect": evidence.window_effect,
        "windows": [list(window) for window in evidence.windows],
        "planned": evidence.planned,
        "log_e": evidence.log_e,
        "measure": evidence.measure,
        "groups": [group.n for group in evidence.groups],
        "group_estimates": [group.estimate for group in evidence.groups],
    }


def still(known: Plain, fresh: Plain) -> bool:
    """Whether all that a line's values say still holds; newer lines may say more."""
    if not (isinstance(known, dict) and isinstance(fresh, dict)):
        return agree(known, fresh)
    return all(agree(known[name], fresh.get(name)) for name in known)


def agree(known: Plain, fresh: Plain) -> bool:
    """Whether two blocks of values are the same up to the last bits of a float."""
    if isinstance(known, dict) and isinstance(fresh, dict):
        return known.keys() == fresh.keys() and all(
            agree(known[name], fresh[name]) for name in known
        )
    if isinstance(known, list) and isinstance(fresh, list):
        return len(known) == len(fresh) and all(map(agree, known, fresh))
    if isinstance(known, float) or isinstance(fresh, float):
        return (
            isinstance(known, float | int)
            and isinstance(fresh, float | int)
            and math.isclose(known, fresh, rel_tol=SAME, abs_tol=NOTHING)
        )
    return known == fresh  # counts, words, and what is not known
