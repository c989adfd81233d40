"""What is loaded once, before runs are forked from a process that has it.

Only libraries of the run-time lock that are the same after a fork as after an import:
they look at nothing around them when they are loaded, start no thread and change no
other library. What else a study imports it loads itself, in its own run.
"""

from collections.abc import Iterable

RUNNER = (
    "workbench.execution.runner",
    "workbench.execution.engine",
    "workbench.execution.kernel",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "tornado.queues",
)
KERNEL = (
    "pandas",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "workbench.notebook.tables",
    "workbench.notebook.estimating",
    "workbench.notebook.exhibiting",
    "workbench.notebook.takeaways",
)
LIBRARIES = frozenset({"numpy", "pandas", "pyarrow", "scipy", "statsmodels"})


def modules_for(imports: Iterable[str]) -> list[str]:
    """The modules to load for studies that import these, each once, in order.

    Args:
        imports: Dotted names, as `Notebook.imports` finds them.
    """
    wanted = [name for name in imports if name.partition(".")[0] in LIBRARIES]
    return list(dict.fromkeys((*RUNNER, *KERNEL, *sorted(wanted))))
