"""What a process had loaded for kernels when it loaded this; the rest is a runner's.

A kernel is forked from its runner, and so begins with the runner's libraries. No cold
kernel has them: a name that one of them takes could be a file of the notebook's own.
"""

import logging
import sys
import warnings
from types import ModuleType

# A kernel runs as `__main__`, is forked from afar, and ends no orphans.
_NOT_ITS_OWN = {
    __name__,
    "workbench.core.orphans",
    "workbench.execution.kernel",
    "workbench.executors",
}
_MODULES = {*sys.modules} - _NOT_ITS_OWN
_FILTERS = [*warnings.filters]
_LOGGERS = {
    name: logger
    for name, logger in logging.root.manager.loggerDict.items()
    if isinstance(logger, logging.Logger)
}
_FORGOTTEN: dict[str, ModuleType] = {}

# PyYAML's part in C is set up once in a process, for the classes it then finds. The
# runner's libraries do without, so that it is a notebook's when that imports it.
sys.modules.setdefault("yaml._yaml", None)  # type: ignore[arg-type]


def forget_the_rest() -> None:
    """Undo in a kernel's fork the imports since; importing again works as ever.

    The modules are kept where nobody finds them: freeing them would take time, and some
    of them are written in C.
    """
    for name in sys.modules.keys() - _MODULES:
        module = _FORGOTTEN[name] = sys.modules.pop(name)
        package, _, leaf = name.rpartition(".")
        if package in _MODULES and vars(sys.modules[package]).get(leaf) is module:
            delattr(sys.modules[package], leaf)
    _forget_loggers()
    warnings.resetwarnings()  # what was ignored or shown once is looked at anew
    warnings.filters[:] = _FILTERS  # type: ignore[index]  # a list


def _forget_loggers() -> None:
    """Leave those that were noted, each below the nearest of them.

    A library that is imported again would give its logger the same handler once more.
    """
    manager = logging.root.manager
    manager.loggerDict.clear()
    manager.loggerDict.update(_LOGGERS)
    for logger in _LOGGERS.values():
        manager._fixupParents(logger)  # type: ignore[attr-defined] # noqa: SLF001 - as it does for a new one
