"""Workbench: studies of customer data that end in a takeaway with a fate.

`import workbench as wb` in a notebook gives the author's names (`table`, `as_of`,
`evidence`, `figure`, `exhibit`, `count`, `takeaway`); they are loaded when first used,
so that the command line never pays for them.
"""

from importlib import import_module

__all__ = ["as_of", "count", "evidence", "exhibit", "figure", "table", "takeaway"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("workbench.notebook"), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
