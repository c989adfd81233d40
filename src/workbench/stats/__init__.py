"""Estimators, intervals and customer models: sums in, numbers out."""
