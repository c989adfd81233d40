"""Estimators, intervals, designs and customer models: sums in, numbers out."""
