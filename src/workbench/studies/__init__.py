"""Studies: from a registration to a run's evidence."""
