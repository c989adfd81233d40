"""The gate: rules that a post must pass before anybody reads it."""

from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.links import anchors
from workbench.publishing.gate.rule import Rule
from workbench.publishing.gate.rules import RULES, inspect

__all__ = ["RULES", "Draft", "Rule", "anchors", "inspect"]
