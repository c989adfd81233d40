"""How this machine starts runs: each a child process, forked where many are alike.

.workbench/preload.json   what the runs of the last command imported
"""

import atexit
import json
import os
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from workbench.core.canonical import canonical_json
from workbench.core.disk import scratch_folder, temporary_home, write_text
from workbench.core.errors import WorkbenchError
from workbench.core.settings import Settings

if TYPE_CHECKING:  # loaded only where something runs
    from workbench.executors.preloaded import Preloaded
    from workbench.studies.planning import Planned
    from workbench.studies.ports import Ending


Modules = tuple[str, ...]


class Starting:
    """Starts prepared runs, and keeps what makes the next ones quick."""

    def __init__(self, settings: Settings, stop: threading.Event, note: Path) -> None:
        """Nothing is started yet.

        Args:
            settings: Limits of a run, and how many alike are forked.
            stop: Ends whatever runs when it is set.
            note: Where it is kept for the next command what the runs of one imported.
        """
        self.settings = settings
        self.stop = stop
        self.note = note
        self._kept = ExitStack()
        self._preloaded: dict[Modules, Preloaded] = {}
        self._foreseen: Modules | None = None

    def close(self) -> None:
        """End what was started for runs to come."""
        self._kept.close()
        atexit.unregister(self.close)

    def foresee(self) -> None:
        """Load what the last command's runs imported, while this one works out its own.

        For a command that will most likely run something. Runs that import the same
        are forked then, though it be one alone; where none does, what was loaded is
        ended unused. One processor has nothing to spare for it.
        """
        modules = self._noted()
        spare = len(os.sched_getaffinity(0)) > 1
        if self.settings.preload_from and modules and spare:
            self._load(modules)
            self._foreseen = modules

    def expect(self, planned: "Sequence[Planned]") -> None:
        """Load what these runs will import, once, where enough import the same.

        A process that has it forks a run in milliseconds; it ends with this one.
        """
        from workbench.execution.preloads import modules_for
        from workbench.studies.planning import SETTLED

        due = [each for each in planned if each.state not in SETTLED]
        counted = Counter(modules_for(each.study.notebook.plain) for each in due)
        if self._foreseen not in counted and self._foreseen in self._preloaded:
            self._preloaded.pop(self._foreseen).close()
        self._foreseen = None
        if not due or not self.settings.preload_from:
            return
        for modules, runs in counted.items():
            if modules not in self._preloaded and runs >= self.settings.preload_from:
                self._load(modules)
        self._keep(counted.most_common(1)[0][0])

    def _load(self, modules: Modules) -> None:
        """Start a process that loads what a kernel of these modules has.

        Where there can be none the runs begin as new interpreters: it only saves time.
        """
        from workbench.execution.environment import library_environment
        from workbench.execution.preloads import modules_before_forks
        from workbench.executors.preloaded import Preloaded

        if not self._preloaded:
            atexit.register(self.close)
        environment = library_environment(self.settings.numerical_threads)
        with suppress(OSError, WorkbenchError):
            home = temporary_home(Path(gettempdir()))
            scratch = scratch_folder(home, "preloaded")
            folder = self._kept.enter_context(scratch)
            process = Preloaded(modules_before_forks(modules), environment, folder)
            self._preloaded[modules] = self._kept.enter_context(process)

    def _noted(self) -> Modules:
        """What was kept; nothing where it cannot be read, for it only saves time."""
        try:
            return tuple(map(str, json.loads(self.note.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            return ()

    def _keep(self, modules: Modules) -> None:
        if self._noted() == modules:
            return
        with suppress(OSError, WorkbenchError):  # whose disk is full has other cares
            write_text(self.note, canonical_json(list(modules)))

    def _preloaded_for(self, folder: Path) -> "Preloaded | None":
        """The process that has loaded just what the notebook of a run imports."""
        if not self._preloaded:
            return None
        from workbench.execution.preloads import modules_for

        text = (folder / "notebook.ipynb").read_text(encoding="utf-8")
        return self._preloaded.get(modules_for(json.loads(text)))

    def run_folder(self, folder: Path) -> "Ending":
        """Execute a prepared run folder in a child process of this machine.

        Raises:
            TryLater: We were asked to stop.
        """
        from workbench.execution.executed import recover
        from workbench.execution.outcome import Limits
        from workbench.execution.report import command, outer_deadline_s, read_report
        from workbench.executors.local import LocalExecutor

        settings = self.settings
        limits = Limits(
            deadline_s=settings.run_deadline_s,
            cell_deadline_s=settings.cell_deadline_s,
            silence_deadline_s=settings.silence_deadline_s,
            memory_mb=settings.memory_mb,
            output_mb=settings.output_limit_mb,
            threads=settings.numerical_threads,
        )
        executor = LocalExecutor(self.stop, self._preloaded_for(folder))
        try:
            ended = executor.run(
                command(folder, limits),
                folder=folder,
                deadline_s=outer_deadline_s(limits),
                environment={},
            )
        finally:
            recover(folder)
        return read_report(
            exit_status=ended.exit_status,
            signal=ended.signal,
            timed_out=ended.timed_out,
            stdout=ended.stdout_tail,
        )
