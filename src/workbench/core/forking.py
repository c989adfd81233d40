"""What processes that fork share, and what a fork does before it is a process anew.

A fork is as good as a new interpreter only of a process that has one thread; and it has
to forget what its parent was told: folder, environment, signals, chance. Imports next
to nothing of its own, for the processes that fork wait for it.
"""

import builtins
import importlib
import os
import runpy
import signal
import site
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace


def load(modules: Sequence[str]) -> None:
    """Load what a notebook finds loaded; what cannot be, the cell that imports it says.

    pandas looks whether a kernel is around it when it is loaded, and folds the frames
    it shows accordingly.
    """
    kernel = SimpleNamespace(kernel=True)
    setattr(builtins, "get_ipython", lambda: kernel)  # noqa: B010 - no typed attribute
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001, S112 - any module may fail in any way
            continue
    delattr(builtins, "get_ipython")


def has_one_thread() -> bool:
    """Whether a fork copies all of this process: other threads would be cut off."""
    return len([*Path("/proc/self/task").iterdir()]) == 1


def begin_anew(folder: Path, environment: Mapping[str, str]) -> None:
    """Undo in a fork what it inherits and a new interpreter would not have.

    Args:
        folder: Its working directory from now on.
        environment: All of its variables.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(folder)  # noqa: TID251 - this process is the command's own
    os.environ.clear()  # noqa: TID251
    os.environ.update(environment)  # noqa: TID251
    time.tzset()
    tempfile.tempdir = None  # it is looked up once
    site.USER_BASE = site.USER_SITE = None  # by the home that there is now
    site.getusersitepackages()
    sysconfig.get_config_vars()["userbase"] = site.USER_BASE
    if "multiprocessing.process" in sys.modules:
        setattr(sys.modules["multiprocessing.process"], "ORIGINAL_DIR", str(folder))  # noqa: B010 - no typed attribute
    if "numpy" in sys.modules:  # Python reseeds its own generator after a fork
        sys.modules["numpy"].random.seed()


def is_module(command: Sequence[str]) -> bool:
    """Whether a command is `python -m` of a module, which a fork can run itself."""
    return list(command[:2]) == [sys.executable, "-m"]


def run_module(command: Sequence[str], folder: Path) -> None:
    """Run the module of such a command in this process, as Python would have.

    Args:
        command: Its words, see `is_module`.
        folder: Where Python was started: modules are looked for there first.
    """
    sys.path[0] = str(folder)
    sys.argv = list(command[2:])
    main = ModuleType("__main__")
    for name in ("__main__", "__mp_main__"):  # the second where multiprocessing is
        if name in sys.modules:
            sys.modules[name] = main
    runpy._run_module_as_main(command[2])  # type: ignore[attr-defined] # noqa: SLF001 - `-m`
