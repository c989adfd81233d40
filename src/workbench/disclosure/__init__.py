"""Statistical disclosure control: what of an exhibit may be shown."""

from workbench.disclosure.cells import SmallCell, small_cells

__all__ = ["SmallCell", "small_cells"]
