"""The author's names with their types, for editors; loaded lazily at run time."""

from workbench.notebook import (
    as_of,
    count,
    evidence,
    exhibit,
    figure,
    table,
    takeaway,
)

__all__ = ["as_of", "count", "evidence", "exhibit", "figure", "table", "takeaway"]
__version__: str
