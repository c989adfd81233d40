"""The only door to customer rows: ingestion, content-addressed objects, as-of views.

Importing it, and asking for a view that was asked for before, loads no data library.
"""

from workbench.warehouse.pseudonyms import default_key_file
from workbench.warehouse.store import Warehouse

__all__ = ["Warehouse", "default_key_file"]
