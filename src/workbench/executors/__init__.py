"""Where runs happen: one verb, so that a cluster can take this machine's place.

An executor carries one command to its end. It promises three things whatever the
command does: the deadline holds, nothing of the command is left running afterwards, and
an interrupt of the caller, or a stop asked of the executor, ends the command too.
tests/executors/test_conformance.py holds every executor to that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a command ended.

    Attributes:
        exit_status: Its exit status; None when a signal ended it.
        signal: Number of the signal that ended it; None when it exited by itself.
        timed_out: Whether the executor ended it because its time was over.
        stdout_tail: The last part of its standard output.
        stderr_tail: The last part of its standard error.
        seconds: Wall time from start to end.
    """

    exit_status: int | None
    signal: int | None
    timed_out: bool
    stdout_tail: str
    stderr_tail: str
    seconds: float


class Executor(Protocol):
    """Carries commands to their end."""

    def run(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        deadline_s: float,
        environment: Mapping[str, str],
    ) -> Ending:
        """Run a command and wait for its end.

        Args:
            command: Program and arguments.
            folder: Working directory of the command.
            deadline_s: Seconds of wall time after which it is ended.
            environment: Variables it gets; the caller's own are not passed on.

        Raises:
            TryLater: The executor was asked to stop.
        """
        ...
