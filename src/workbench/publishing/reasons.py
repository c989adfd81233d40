"""Why something is kept out of a publication, for the command line."""

from typing import TYPE_CHECKING

from workbench.core.errors import ExitCode, Reason
from workbench.core.findings import Finding
from workbench.core.registration import Status

if TYPE_CHECKING:  # a plan has reasons, too, and pays for no press
    from workbench.publishing.drafting import Source


def verdict_changed(subject: str, study: str, changed: str) -> Reason:
    """A verdict that is another than at the last look waits for a person."""
    message = (
        f"its verdict changed from {changed}; its last edition stays until a person "
        "has looked. Read `workbench preview`, then let it pass with `workbench "
        f'publish --accept {study} --why "..."`.'
    )
    return Reason(code="verdict-changed", message=message, subject=subject)


def was_sealed(source: "Source") -> bool:
    """Whether a study says that it is registered, on terms or code no longer sealed."""
    return not source.sealed and source.registration.status is Status.REGISTERED


def unsealed(study: str) -> tuple[ExitCode, Reason]:
    """Of a registered study whose terms or code are not those that were sealed."""
    message = (
        "it says that it is registered, and its terms or its code are not what was "
        f"sealed; what serves stays. Seal them with `workbench register {study}`, or "
        "take the change back."
    )
    reason = Reason(code="unregistered", message=message, subject=study)
    return ExitCode.REFUSED, reason


def as_reason(finding: Finding) -> Reason:
    """A finding as the command line's reason."""
    return Reason(
        code=finding.code,
        message=f"{finding.message} {finding.remedy}",
        subject=finding.study,
        place=finding.place,
    )
