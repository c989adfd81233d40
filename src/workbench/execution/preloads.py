"""What a kernel has loaded when its notebook begins, forked or not.

Only what `wb` needs, and what of a few libraries the notebook itself imports: they look
at nothing around them when they are loaded, start no thread and change no other
library. What else it imports it loads itself. So a process that has loaded the same
once can be forked for each run, and no notebook finds more, or less, than in a new
interpreter, whatever other studies import.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_SHELL = (
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
_WB = (
    "pandas",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "workbench.notebook.tables",
    "workbench.notebook.estimating",
    "workbench.notebook.exhibiting",
    "workbench.notebook.takeaways",
)
_RUNNER = ("workbench.execution.runner", "workbench.execution.engine")
NOTED = "workbench.execution.noted"  # loaded by no process that only starts kernels
LIBRARIES = frozenset({"numpy", "pandas", "pyarrow", "scipy", "statsmodels"})
_LOADED_BY_WB = frozenset({"numpy", "pandas", "pyarrow"})


def modules_for(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    """What a kernel loads before the first cell of this notebook, in order.

    Args:
        notebook: The JSON value of a file.
    """
    found = {name for name in _imports(notebook) if _root(name) in LIBRARIES}
    wanted = found - _LOADED_BY_WB
    return tuple(dict.fromkeys((*_WB, *sorted(wanted))))


def modules_before_forks(modules: Sequence[str]) -> tuple[str, ...]:
    """What a process loads that forks runners, and they their kernels, in order.

    What a kernel has comes first and is noted, so that it can forget what follows.

    Args:
        modules: What a kernel loads before the first cell.
    """
    return (*_SHELL, *modules, NOTED, *_RUNNER)


def _imports(notebook: Mapping[str, Any]) -> Iterator[str]:
    """Dotted names that its cells import; none of a cell that is no plain Python."""
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = cell["source"]
        try:
            tree = ast.parse(source if isinstance(source, str) else "".join(source))
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module


def _root(name: str) -> str:
    return name.partition(".")[0]
