"""Settlement: open claims meet fresh data."""
