"""Scheduling: which dates are due, and history run again as if it were new."""
