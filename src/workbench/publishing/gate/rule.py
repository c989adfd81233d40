"""A rule of the gate: a stable code, why it is there, and a check."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workbench.core.findings import Finding, Severity
from workbench.publishing.gate.draft import Draft

Hit = tuple[str, str]  # place and message
Check = Callable[[Draft], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        code: Stable word; people grep for it.
        why: Why the rule is there, one or two sentences.
        remedy: What to do about a finding.
        check: Yields place and message of everything that breaks it.
        severity: Whether a finding stops the post.
    """

    code: str
    why: str
    remedy: str
    check: Check
    severity: Severity = Severity.ERROR

    def findings(self, draft: Draft) -> list[Finding]:
        """Everything in a draft that breaks this rule."""
        return [
            Finding(
                code=self.code,
                severity=self.severity,
                study=draft.post.study,
                place=place,
                message=message,
                remedy=self.remedy,
            )
            for place, message in self.check(draft)
        ]
