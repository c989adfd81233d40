"""A registered claim for tests to change: two shares, one row a customer."""

from workbench.core.registration import Claim

CLAIM = Claim(
    name="gap",
    estimand="difference_in_proportions",
    population="Everybody.",
    formula="One share minus the other.",
    unit="customer",
    occurrence="",
    direction="greater",
    margin=0.05,
    planned_occurrences=1000,
    alpha=0.05,
    smallest_effect=0.05,
    horizon="P30D",
    settlement_size=100,
    settles_on="new units",
    deadline="P365D",
    sequence="mixture",
    quantile=None,
    bounds=None,
)
