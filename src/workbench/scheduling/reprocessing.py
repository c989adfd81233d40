"""What a backfill does with a date, by what is known of it: one table, and no more.

`none`, `failed` and `completed` mean what they mean to Airflow. A run is known by its
identity, so another source or engine makes it another run; a date may also be known by
the claim in the ledger alone, whose run lies elsewhere or was of another engine.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from workbench.studies.planning import Planned

Reprocess = Literal["none", "failed", "completed"]
REPROCESS: tuple[str, ...] = get_args(Reprocess)
History = Literal["never", "claimed", "succeeded", "failed", "unfinished"]
Action = Literal["run", "run again", "look up", "leave"]

# by history: without --reprocess, then with none, failed and completed
TABLE: Mapping[History, tuple[Action, Action, Action, Action]] = {
    "never": ("run", "run", "run", "run"),
    "claimed": ("run", "leave", "leave", "run"),
    "succeeded": ("look up", "look up", "look up", "run again"),
    "failed": ("look up", "look up", "run again", "run again"),
    "unfinished": ("run again", "look up", "run again", "run again"),
}
WHY: Mapping[History, str] = {
    "never": "it was never run",
    "claimed": "its claim is in the ledger, and this very run is not here",
    "succeeded": "it ran, and nothing changed since",
    "failed": "it failed, with nothing changed since",
    "unfinished": "time, or the disk, ran out the last time",
}


def history_of(planned: Planned, *, claimed: bool) -> History:
    """What is known of a date.

    Args:
        planned: The run that the date wants.
        claimed: Whether the ledger holds a claim of that date on these terms.
    """
    match planned.state:
        case "fresh":
            return "succeeded"
        case "failed":
            return "failed"
        case "unlucky":
            return "unfinished"
    return "claimed" if claimed else "never"


def action_of(history: History, reprocess: Reprocess | None) -> Action:
    """What is done with a date of that history."""
    column = 0 if reprocess is None else 1 + REPROCESS.index(reprocess)
    return TABLE[history][column]
