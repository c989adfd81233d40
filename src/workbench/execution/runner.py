"""One run from its folder to its report: kernel, papermill, judge, `executed.ipynb`."""

import asyncio
import json
import shutil
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from time import monotonic

from workbench.core import disk
from workbench.core.errors import TryLater
from workbench.core.records import from_plain
from workbench.core.runs import RunReason, RunSpec
from workbench.execution import executed
from workbench.execution.judge import judge
from workbench.execution.kernels import running_kernel
from workbench.execution.outcome import Execution, Fault, Limits
from workbench.execution.processes import kill_descendants
from workbench.execution.report import Report, report_of

_VERSIONS = ("papermill", "nbclient", "ipykernel", "jupyter-client")


def run(folder: Path, limits: Limits) -> Report:
    """Run the notebook of a run folder and judge it.

    Leaves `executed.ipynb` and `out/` in the folder, and no process.

    Args:
        folder: Absolute path; holds `in/run.json` and `notebook.ipynb`.
        limits: What the run may use.
    """
    watch = _Watch()
    reasons: list[RunReason] = []
    try:
        with disk.full_disk_is_try_later("the run"):
            spec = _read_spec(folder)
            execution = _execute(folder, spec, limits, watch)
            reasons += judge(spec, execution, *_said(folder))
            executed.save(folder, execution.notebook)
    except TryLater as error:
        reasons += [
            RunReason(code=reason.code, message=reason.message, cell=None)
            for reason in error.reasons
        ]
    watch.mark("judge")
    return report_of(reasons, watch.seconds, _provenance())


class _Watch:
    """Seconds by phase."""

    def __init__(self) -> None:
        self._begun = self._last = monotonic()
        self.seconds: dict[str, float] = {}

    def mark(self, phase: str, at: float | None = None) -> None:
        """End a phase, now or at a moment of the monotonic clock."""
        at = monotonic() if at is None else at
        self.seconds[phase] = round(at - self._last, 3)
        self._last = at

    def until(self, seconds: float) -> float:
        """The moment that many seconds after the beginning."""
        return self._begun + seconds


def _read_spec(folder: Path) -> RunSpec:
    text = (folder / "in" / "run.json").read_text(encoding="utf-8")
    return from_plain(RunSpec, json.loads(text))


def _execute(folder: Path, spec: RunSpec, limits: Limits, watch: _Watch) -> Execution:
    for name in ("out", executed.WORK):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    try:
        with (
            executed.journal(folder) as keep,
            asyncio.Runner() as loop,
            running_kernel(folder, limits, loop) as manager,
        ):
            watch.mark("start")
            # Imported while the kernel starts on the other core.
            from workbench.execution.engine import Engine

            watch.mark("import")
            engine = Engine(manager, loop, limits, watch.until(limits.deadline_s), keep)
            execution = engine.run(folder / "notebook.ipynb", spec.parameters)
            watch.mark("boot", engine.ready)
            watch.mark("cells")
    finally:
        kill_descendants()
        shutil.rmtree(folder / executed.WORK, ignore_errors=True)
        watch.mark("shutdown")
    return execution


def _said(folder: Path) -> tuple[list[str], list[Fault]]:
    """What the kernel said through `wb`, and its faults."""
    faults = [
        from_plain(Fault, json.loads(line))
        for line in _lines(folder / "out" / "faults.jsonl")
    ]
    return _lines(folder / "out" / "outputs.jsonl"), faults


def _lines(file: Path) -> list[str]:
    """Lines end in a line feed alone; the texts in them may hold other separators."""
    if not file.exists():
        return []
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _provenance() -> dict[str, str]:
    return {"python": python_version(), **{name: version(name) for name in _VERSIONS}}
