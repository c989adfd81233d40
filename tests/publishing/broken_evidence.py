"""Posts whose evidence breaks a rule of the gate, the takeaway made again to fit it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.publishing.conftest import Root
from workbench.core.canonical import canonical_json
from workbench.core.clock import format_instant, parse_instant
from workbench.core.evidence import Evidence
from workbench.core.records import from_plain, to_plain
from workbench.core.runs import RunSpec
from workbench.takeaways import compose
from workbench.takeaways.binding import names_for
from workbench.takeaways.ledger import chain

Change = Callable[[Root, pytest.MonkeyPatch], None]


def evidence(**changes: Any) -> Change:
    """The claim `gap` with other values."""

    def apply(root: Root, _: pytest.MonkeyPatch) -> None:
        spec = from_plain(
            RunSpec, json.loads((root.run() / "in" / "run.json").read_text())
        )

        def change(lines: list[Any]) -> None:
            said = {
                x["evidence"]["name"]: x["evidence"] for x in lines if x["evidence"]
            }
            said["gap"].update(changes)
            last = next(line for line in lines if line["takeaway"])
            last["takeaway"] = _composed(last, said, spec)

        root.edit_outputs(change)

    return apply


def _composed(line: dict[str, Any], said: dict[str, Any], spec: RunSpec) -> Any:
    found = {name: from_plain(Evidence, plain) for name, plain in said.items()}
    names = names_for(
        evidence=found,
        parameters=spec.parameters,
        as_of=spec.as_of,
        aliases=line["aliases"],
    )
    takeaway = line["takeaway"]
    made = compose(
        kind=takeaway["kind"],
        claims=[c for c in spec.claims if c.name in takeaway["evidence"]],
        evidence=found,
        when=takeaway["when"],
        names=names,
    )
    return to_plain(made)


def looked_before(**changes: Any) -> Change:
    """The ledger holds an earlier look of the same terms, with other values."""

    def apply(root: Root, _: pytest.MonkeyPatch) -> None:
        lines = root.ledger()
        last = next(x for x in reversed(lines) if x["line"] == "claimed")
        rest = [x for x in lines if x["line"] != "claimed"]
        earlier = {k: v for k, v in last.items() if k not in ("hash", "previous")}
        as_of = parse_instant(last["key"]["as_of"]) - timedelta(days=1)
        earlier["key"] = last["key"] | {"as_of": format_instant(as_of), "claim": "gap"}
        earlier["values"] = last["values"] | changes.get("values", {})
        earlier["views"] = last["views"] | changes.get("views", {})
        earlier.pop("number")
        rest.append(dict(chain(rest, earlier)))
        text = "".join(canonical_json(line) + "\n" for line in rest)
        root.rewrite_ledger(text)

    return apply


def borne_by_nothing(root: Root, patch: pytest.MonkeyPatch) -> None:
    """An interval stands although it fails a check, as the engine leaves none."""
    small = {"code": "small-n", "measured": 12, "threshold": 30, "passed": False}
    evidence(low=0.1, high=0.9, log_e=None, checks=[small])(root, patch)


def as_it_was(root: Root, _: pytest.MonkeyPatch) -> None:
    """When it ran, rows of the past were others than its last claim had seen."""
    root.edit_record(lambda record: record.update(rewritten=["visits"]))


def elsewhere(root: Root, patch: pytest.MonkeyPatch) -> None:
    """An earlier interval has nothing in common with this one."""
    far = {"estimate": 0.02, "low": 0.01, "high": 0.03}
    looked_before(values=far)(root, patch)


BROKEN_EVIDENCE: tuple[tuple[str, str, Change], ...] = (
    ("interval-unborne", "evidence gap", borne_by_nothing),
    ("plan-drift", "evidence gap", evidence(planned=60)),
    ("history-rewrite", "data visits", as_it_was),
    ("empty-intersection", "evidence gap", elsewhere),
    ("claim-unforeseen", "claim gap", evidence(se=0.0)),
    ("free-win", "claim gap", evidence(se=0.0001, windows=[])),
)
