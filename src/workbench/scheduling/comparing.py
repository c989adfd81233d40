"""Whether a replay into an empty store says what the committed ledger says."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from workbench.core.canonical import canonical_json
from workbench.core.clock import parse_instant
from workbench.core.records import Plain
from workbench.core.registration import BASE_VARIANT
from workbench.publishing.claims import agree, still
from workbench.takeaways.ledger import Line

# Not `known_until` and `heads`: a rehearsal begins with empty ledgers, and the data of
# its own day. Nor `accepted`, which a person wrote, nor provenance.
DECIDED = ("terms", "values", "forecast", "outcome", "settled", "replay", "views")
# The words of a takeaway may be mended after the terms were sealed, in another notebook
# then; the same one has the same to say of the same data.
WRITTEN = ("kind", "text")
COMPARED = (*DECIDED, *WRITTEN, "notebook")


def differences(
    committed: Sequence[Line],
    replayed: Sequence[Line],
    *,
    seal: str,
    moments: Collection[datetime],
) -> Iterator[str]:
    """Every claim and outcome in which the two differ, provenance left out.

    Args:
        committed: Lines of the ledger in version control.
        replayed: Lines of the ledger that was replayed.
        seal: Terms that were replayed.
        moments: Dates that were replayed.
    """
    ours = decided(committed, seal, moments)
    theirs = decided(replayed, seal, moments)
    for name in sorted({*ours, *theirs}):
        kind, key = name
        if name not in ours:
            yield f"{kind} {key} is replayed and not in the committed ledger."
        elif name not in theirs:
            yield f"{kind} {key} is in the committed ledger and not replayed."
        elif parts := list(_parting(ours[name], theirs[name])):
            yield f"{kind} {key} differs in {', '.join(parts)}."


def _parting(ours: Mapping[str, Plain], theirs: Mapping[str, Plain]) -> Iterator[str]:
    """Parts of two lines that differ; a newer line's values may say more."""
    for part in DECIDED:
        one, other = ours[part], theirs[part]
        if not (still(one, other) if part == "values" else agree(one, other)):
            yield part
    if ours["notebook"] == theirs["notebook"]:
        yield from (part for part in WRITTEN if ours[part] != theirs[part])


def decided(
    lines: Sequence[Line], seal: str, moments: Collection[datetime]
) -> dict[tuple[str, str], dict[str, Plain]]:
    """What a replay decides anew, by kind of line and key."""
    found: dict[tuple[str, str], dict[str, Plain]] = {}
    for line in lines:
        key = line.get("key")
        if line["line"] not in ("claimed", "settled") or not isinstance(key, dict):
            continue
        if key["seal"] != seal or key["variant"] != BASE_VARIANT:
            continue
        if parse_instant(str(key["as_of"])) not in moments or not _within(
            line, moments
        ):
            continue
        short = canonical_json({k: v for k, v in key.items() if k != "seal"})
        found[str(line["line"]), short] = {part: line.get(part) for part in COMPARED}
    return found


def _within(line: Line, moments: Collection[datetime]) -> bool:
    """Whether a settlement came within the time that was replayed."""
    settled = line.get("settled")
    if not isinstance(settled, Mapping):
        return True
    return parse_instant(str(settled["as_of"])) <= max(moments)
