"""What a run is allowed, and what the engine and the kernel saw of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from signal import Signals
from typing import Literal

from workbench.core.errors import Reason

StopCode = Literal["kernel-died", "cell-deadline", "silent", "deadline", "engine-error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may use.

    Attributes:
        deadline_s: Seconds of wall time from the runner's start.
        cell_deadline_s: Seconds of wall time of one cell.
        silence_deadline_s: Seconds that may pass without a word of the kernel.
        memory_mb: Address space of the kernel and of each process it starts, in MiB.
        output_mb: What the kernel may send to be shown, envelopes included, in MiB.
        threads: Numerical threads of the kernel.
    """

    deadline_s: float
    cell_deadline_s: float
    silence_deadline_s: float
    memory_mb: int
    output_mb: int
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEnd:
    """The kernel's own reply about one code cell.

    Attributes:
        cell: Number of the code cell, counted from 1; None for injected parameters.
        error: Type name of the exception that ended it; empty when it finished.
        full_disk: Whether that exception says that the disk is full.
        asked_exit: Whether the cell asked for the end of the kernel, as `exit()` does.
    """

    cell: int | None
    error: str
    full_disk: bool
    asked_exit: bool

    @property
    def finished(self) -> bool:
        """Whether the next cell may run."""
        return not (self.error or self.asked_exit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why the engine stopped although no cell had reported an error.

    Attributes:
        code: What happened.
        cell: Number of the code cell that was running, where one was.
        detail: Name of the signal or of the foreign error; empty when unknown.
    """

    code: StopCode
    cell: int | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """All that one execution showed from outside.

    Attributes:
        notebook: The notebook as executed, papermill's own metadata left out.
        ends: Replies in order of execution: the n-th is the kernel's prompt number n.
        stop: Why it stopped early, if no reply says so.
        left_running: Processes still running a moment after the last cell.
    """

    notebook: Mapping[str, object]
    ends: tuple[CellEnd, ...]
    stop: Stop | None
    left_running: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong inside the kernel and Jupyter does not tell us.

    Attributes:
        kind: An exception that ended a thread, or a task that nobody awaited; more
            output than allowed, or a refusal of ours that ended a cell.
        error: Type name of the exception; never its message, which may hold data.
        prompt: The kernel's prompt number at that moment.
        full_disk: Whether the exception says that the disk is full.
        reasons: What a refusal of ours says, or which column is not declared; holds no
            value of the data.
    """

    kind: Literal["thread", "task", "output", "refusal"]
    error: str
    prompt: int
    full_disk: bool
    reasons: tuple[Reason, ...]


def signal_name(number: int) -> str:
    """`SIGKILL` for 9; the number where it has no name."""
    return Signals(number).name if number in {*Signals} else f"signal {number}"
