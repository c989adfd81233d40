"""Every rule of the gate, in the order in which findings are shown."""

from workbench.core.findings import Finding
from workbench.publishing.gate import (
    evidence,
    exhibits,
    links,
    markup,
    numbers,
    sources,
    takeaways,
)
from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.rule import Rule

RULES: tuple[Rule, ...] = (
    *sources.RULES,
    *takeaways.RULES,
    *evidence.RULES,
    *numbers.RULES,
    *exhibits.RULES,
    *markup.RULES,
    *links.RULES,
)


def inspect(draft: Draft) -> list[Finding]:
    """All findings of all rules; an empty list lets the post pass."""
    return [finding for rule in RULES for finding in rule.findings(draft)]
