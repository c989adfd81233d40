"""The ledger lines that a published post owes: one for each claim."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from workbench.core.canonical import sha256_of_value
from workbench.core.clock import format_instant
from workbench.core.evidence import Evidence
from workbench.core.posts import Post
from workbench.core.records import Plain, to_plain
from workbench.core.registration import BASE_VARIANT
from workbench.core.runs import RunRecord
from workbench.core.takeaway import Takeaway
from workbench.takeaways.ledger import Line, chain, claimed, seen_before

NOTHING = 1e-12  # what is left of a difference that should be zero
SAME = 1e-6  # relative to the larger; below it two computations are one


def owed_lines(
    posts: Sequence[tuple[Post, RunRecord]], lines: Sequence[Line]
) -> list[Line]:
    """The lines that a study's ledger lacks, chained to those it has.

    A claim already there with the same values makes no line, whatever machine or
    version computed it; other values make a `recomputed` line that says so.

    Args:
        posts: Posts of one study with their runs.
        lines: Its ledger as it is.
    """
    whole = list(lines)
    seen = seen_before(lines)
    for post, record in posts:
        for entry in _entries(post, record, seen):
            known = claimed(whole, _key(entry))
            if known is not None and _agree(known["values"], entry["values"]):
                continue
            kind = "claimed" if known is None else "recomputed"
            whole.append(chain(whole, {"line": kind, **entry}))
    return whole[len(lines) :]


def _key(entry: dict[str, Plain]) -> dict[str, str]:
    key = entry["key"]
    assert isinstance(key, dict)  # noqa: S101 - made below
    return {name: str(value) for name, value in key.items()}


def _entries(
    post: Post, record: RunRecord, seen: datetime | None
) -> Iterator[dict[str, Plain]]:
    spec = record.spec
    evidence = {each.name: each for each in post.evidence}
    terms = {claim.name: claim for claim in spec.claims}
    for takeaway in post.takeaways:
        for each in takeaway.claims:
            yield {
                "key": {
                    "seal": spec.seal,
                    "variant": spec.variant or BASE_VARIANT,
                    "as_of": format_instant(spec.as_of),
                    "claim": each.claim,
                },
                "study": post.study,
                "replay": seen is not None and spec.as_of <= seen,
                "kind": takeaway.kind,
                "terms": to_plain(terms[each.claim]),
                "values": {
                    **_values(evidence[each.claim]),
                    "verdict": each.verdict.value,
                    "takeaway_verdict": takeaway.verdict.value,
                },
                "text": _text(takeaway),
                "notebook": spec.notebook_id,
                "views": {view.dataset: view.view_id for view in spec.views},
                "provenance": {
                    "run": record.run_id,
                    "lock": spec.lock_id,
                    "engine": spec.engine_id,
                    "page": sha256_of_value(post.markdown),
                },
            }


def _text(takeaway: Takeaway) -> Plain:
    return dict(takeaway.text.items())


def _values(evidence: Evidence) -> dict[str, Plain]:
    return {
        "estimate": evidence.estimate,
        "low": evidence.low,
        "high": evidence.high,
        "level": evidence.level,
        "interval": evidence.interval_kind,
        "n": evidence.n,
        "units": evidence.units,
    }


def _agree(known: Plain, fresh: Plain) -> bool:
    """Whether two blocks of values are the same up to the last bits of a float."""
    if isinstance(known, dict) and isinstance(fresh, dict):
        return known.keys() == fresh.keys() and all(
            _agree(known[name], fresh[name]) for name in known
        )
    if isinstance(known, float) or isinstance(fresh, float):
        return (
            isinstance(known, float | int)
            and isinstance(fresh, float | int)
            and math.isclose(known, fresh, rel_tol=SAME, abs_tol=NOTHING)
        )
    return known == fresh  # counts, words, and what is not known
