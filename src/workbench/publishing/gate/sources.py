"""Rules about where a post comes from: its registration and its notebook."""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.core.findings import Severity
from workbench.publishing.gate.draft import Cells, Draft, source_of
from workbench.publishing.gate.rule import Hit, Rule


def _unregistered(draft: Draft) -> Iterator[Hit]:
    if not draft.post.registered:
        yield "registration", "it ran before the study was sealed on these terms."


def _exploratory(draft: Draft) -> Iterator[Hit]:
    if draft.post.variant is None:
        yield "parameters", "the parameter values are of no registered variant."


def _outputs(draft: Draft) -> Iterator[Hit]:
    for number, cell in enumerate(draft.cells, start=1):
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield f"cell {number}", "the notebook's source carries outputs or counts."
        if cell.get("attachments"):
            yield f"cell {number}", "the notebook's source carries a pasted file."
    if draft.notebook.get("metadata", {}).get("widgets"):
        yield "notebook", "its metadata carry the state of widgets."


def _newer(draft: Draft) -> Iterator[Hit]:
    """Compared by what decides a run: kind, source and tags of each cell."""
    if _deciding(draft.cells) != _deciding(draft.run_cells):
        yield "notebook", "it was changed after it was run; the post shows the old one."


def _deciding(cells: Cells) -> list[tuple[str, str, list[str]]]:
    def tags(cell: Mapping[str, Any]) -> list[str]:
        return sorted(cell.get("metadata", {}).get("tags", ()))

    return [(cell["cell_type"], source_of(cell), tags(cell)) for cell in cells]


def _strays(draft: Draft) -> Iterator[Hit]:
    for stray in draft.post.strays:
        place, _, kind = stray.partition(": ")
        yield place, f"an output that is not the workbench's ({kind}) was left out."


def _unused_claims(draft: Draft) -> Iterator[Hit]:
    used = {name for takeaway in draft.post.takeaways for name in takeaway.evidence}
    for claim in draft.claims:
        if used and claim not in used:  # no takeaway at all is another finding
            yield f"claim {claim}", "no takeaway rests on this claim."


RULES = (
    Rule(
        "unregistered",
        "A claim counts only when it was written down before the data were looked at.",
        "Seal the study with `workbench register STUDY` unless it is; then run it.",
        _unregistered,
    ),
    Rule(
        "exploratory",
        "A run with values that nobody registered is one of many that could have been "
        "chosen; it is shown to its author and never published.",
        "Add the values as a variant, register the study again, or run without -p.",
        _exploratory,
    ),
    Rule(
        "notebook-outputs",
        "Outputs in version control are copies of customer data that nobody reviews.",
        "Clear all outputs and save; `workbench lab` does it on every save.",
        _outputs,
    ),
    Rule(
        "source-newer",
        "The notebook in the repository is no longer the one behind the post.",
        "Run the study again.",
        _newer,
        Severity.WARNING,
    ),
    Rule(
        "stray-output",
        "Prints, frames, tracebacks and figures that the engine did not make may hold "
        "rows of data, and nobody counted what is behind them.",
        "Remove the output, or make it with wb.figure, wb.exhibit or wb.evidence.",
        _strays,
    ),
    Rule(
        "claim-unused",
        "A registered claim that no takeaway speaks of looks like a dropped one.",
        "Name the claim in a takeaway's `evidence`.",
        _unused_claims,
    ),
)
