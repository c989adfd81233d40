"""The peers and limits that runs are timed beside, each in processes of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import reference

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ONE_THREAD = dict.fromkeys(THREADS, "1")
LEAN = ("papermill", "ipykernel", "pandas", "pyarrow", "statsmodels")
API = """
import sys, time
import papermill
source, out, runs = sys.argv[1:]
for number in range(int(runs)):
    papermill.execute_notebook(source, f"{out}-{number}.ipynb", progress_bar=False)
"""
LIMIT = """
import json, os, shutil, sys, time
from pathlib import Path
import pandas, pyarrow.dataset, pyarrow.parquet, statsmodels.formula.api
import workbench.notebook.tables, workbench.notebook.estimating
import workbench.notebook.exhibiting, workbench.notebook.takeaways
from workbench.notebook import session

run, scratch, runs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
cells = [c["source"] for c in json.loads((run / "notebook.ipynb").read_text())["cells"]]
folders = [scratch / f"limit-{number}" for number in range(runs + 1)]
for folder in folders:
    shutil.copytree(run / "in", folder / "in")
    (folder / "out").mkdir()
for number, folder in enumerate(folders):
    if number == 1:
        began = time.perf_counter()
    os.environ["WB_RUN"] = str(folder)
    session._opened.cache_clear()
    names = {}
    for cell in cells:
        exec(cell, names)
print((time.perf_counter() - began) / runs)
"""


def seconds(
    words: Sequence[str],
    folder: Path,
    more: Mapping[str, str] = ONE_THREAD,
    *,
    may_fail: bool = False,
) -> float:
    """Wall time of one command in a fresh process."""
    import os

    began = time.perf_counter()
    subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, **more},
        check=not may_fail,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


class Papermill:
    """Papermill in an environment that holds it, what the notebook imports, no more."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        home = folder / "lean"
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        self.python = str(home / "bin" / "python")
        wanted = [f"{name}=={version(name)}" for name in LEAN]
        install = [self.python, "-m", "pip", "install", "--quiet", *wanted, "plotly"]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)

    def command(self, notebook: Path, threads: Mapping[str, str] = ONE_THREAD) -> float:
        """One run by the command."""
        words = [str(Path(self.python).with_name("papermill")), "--no-progress-bar"]
        return seconds([*words, str(notebook), "out.ipynb"], self.folder, threads)

    def api(
        self, notebook: Path, runs: int, threads: Mapping[str, str] = ONE_THREAD
    ) -> float:
        """A run of several in one process."""
        words = [self.python, "-c", API, str(notebook), "many", str(runs)]
        return seconds(words, self.folder, threads) / runs


def limit(run: Path, scratch: Path, runs: int) -> float:
    """A run's cells in a process that has its libraries; state leaks from each to each.

    Args:
        run: A finished run folder of the reference study.
        scratch: An empty folder.
        runs: How many are timed, after one that is not.
    """
    import os

    done = subprocess.run(
        [sys.executable, "-c", LIMIT, str(run), str(scratch), str(runs)],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def empty_cells(folder: Path, count: int, output: int = 0) -> Path:
    """A notebook of cells that do nothing, or print so many characters each."""
    cell = f"print('x' * {output})" if output else "pass"
    parameters = ("parameters", reference.PARAMETERS)
    cells = [parameters, *((f"cell-{n}", cell) for n in range(count))]
    file = folder / f"cells-{count}-{output}.ipynb"
    file.write_text(json.dumps(reference.notebook(cells, kernel="python3")))
    return file
