"""The grammar of a tradable takeaway, the verdict rule and the ledger's lines."""

from workbench.takeaways.grammar import compose
from workbench.takeaways.verdict import combine, judge

__all__ = ["combine", "compose", "judge"]
