"""Values, errors, settings, clock, hashing and the one door to the disk."""
