"""What the gate found in a post or a notebook."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stops the post; a warning is shown and lets it pass."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the gate found.

    Attributes:
        code: Stable code, such as `number-unbound`; `workbench check --explain CODE`.
        severity: Whether it stops the post.
        study: Name of the study.
        place: Where: `cell 4`, `figure repeat_curve`, `takeaway 1`.
        message: What was found; never a customer's value.
        remedy: What to do next.
    """

    code: str
    severity: Severity
    study: str
    place: str
    message: str
    remedy: str
