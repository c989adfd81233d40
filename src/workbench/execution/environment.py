"""Every variable that a kernel sees: made from nothing, and known before it starts."""

import os
import sys
from pathlib import Path

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",  # Arrow's processor count is this one too
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "ARROW_IO_THREADS",
)


def library_environment(threads: int) -> dict[str, str]:
    """Variables that libraries look at, when they are loaded or later.

    What depends on the machine (language, time zone, hash seed, width of a terminal) is
    pinned.
    """
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "COLUMNS": "80",  # pandas folds its frames at this width
        "LINES": "24",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",  # a fork keeps no thread
        **dict.fromkeys(_THREAD_VARIABLES, str(threads)),
    }


def kernel_environment(folder: Path, scratch: Path, threads: int) -> dict[str, str]:
    """All variables of a kernel; nothing of ours leaks into it.

    Whatever looks for a home finds the scratch folder.
    """
    return {
        **library_environment(threads),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_CONFIG_DIR": str(scratch / "jupyter"),
        "JUPYTER_DATA_DIR": str(scratch / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "jupyter"),
        "WB_RUN": str(folder),
    }
