"""`result.json`: every quantity of a post, for programs and for those who recompute."""

from typing import Any

from workbench.core.canonical import pretty_json
from workbench.core.clock import format_instant
from workbench.core.evidence import Evidence
from workbench.core.records import to_plain
from workbench.core.runs import RunRecord
from workbench.rendering.said import Said


def result_json(record: RunRecord, said: Said) -> str:
    """The file's text; equal runs give equal bytes."""
    spec = record.spec
    return pretty_json(
        {
            "study": spec.study,
            "variant": spec.variant,
            "as_of": format_instant(spec.as_of),
            "run": record.run_id,
            "seal": spec.seal,
            "parameters": dict(spec.parameters),
            "family": spec.family,
            "quantities": {each.name: _quantity(each) for each in said.evidence},
            "figures": {each.name: to_plain(each) for each in said.figures},
            "tables": {each.name: to_plain(each) for each in said.tables},
            "claims": _claims(record, said),
            "takeaways": [
                {
                    "kind": takeaway.kind,
                    "evidence": list(takeaway.evidence),
                    "verdict": takeaway.verdict.value,
                    "text": dict(takeaway.text),
                }
                for takeaway in said.takeaways
            ],
        }
    )


def _quantity(evidence: Evidence) -> dict[str, Any]:
    return {
        "estimand": evidence.estimand,
        "value": evidence.estimate,
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
        "unit": evidence.unit,
        "occurrence": evidence.occurrence,
        "measure": evidence.measure,
        "groups": [
            {"label": g.label, "value": g.estimate, "n": g.n, "units": g.units}
            for g in evidence.groups
        ],
        "method": evidence.method,
        "information": evidence.information,
        "window_effect": evidence.window_effect,
        "windows": [list(window) for window in evidence.windows],
        "planned": evidence.planned,
        "log_e": evidence.log_e,
        "began": list(evidence.began) if evidence.began else None,
        "checks": [to_plain(check) for check in evidence.checks],
    }


def _claims(record: RunRecord, said: Said) -> list[dict[str, Any]]:
    """The registered claims as sealed, each with what its evidence says of it."""
    verdicts = {each.claim: each for t in said.takeaways for each in t.claims}
    claims: list[dict[str, Any]] = []
    for claim in record.spec.claims:
        plain = to_plain(claim)
        assert isinstance(plain, dict)  # noqa: S101 - a dataclass is a mapping
        verdict = verdicts.get(claim.name)
        plain["verdict"] = verdict.verdict.value if verdict else None
        plain["why"] = verdict.why if verdict else None
        plain["occurrences_needed"] = verdict.occurrences_needed if verdict else None
        claims.append(plain)
    return claims
