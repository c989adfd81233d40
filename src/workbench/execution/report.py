"""The runner's command line and its answer, one JSON object on its last line."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core.canonical import canonical_json
from workbench.core.records import from_plain, to_plain
from workbench.core.runs import RunReason
from workbench.execution.judge import exit_code_of
from workbench.execution.outcome import Limits, signal_name

_GRACE_S = 15.0  # for the runner to end the kernel and write what there is


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How one run ended.

    Attributes:
        exit_code: 0 when the run succeeded by our own finding.
        reasons: Why not, otherwise.
        timings: Seconds by phase, for people.
        provenance: Versions of what ran, for people.
    """

    exit_code: int
    reasons: tuple[RunReason, ...]
    timings: Mapping[str, float]
    provenance: Mapping[str, str]

    def as_line(self) -> str:
        """The report as the runner prints it."""
        return canonical_json(to_plain(self))


def command(folder: Path, limits: Limits) -> list[str]:
    """The runner's command line for one run folder."""
    return [
        sys.executable,
        "-m",
        "workbench.execution",
        str(folder.absolute()),
        f"--deadline={limits.deadline_s}",
        f"--cell-deadline={limits.cell_deadline_s}",
        f"--silence-deadline={limits.silence_deadline_s}",
        f"--memory-mb={limits.memory_mb}",
        f"--output-mb={limits.output_mb}",
        f"--threads={limits.threads}",
    ]


def outer_deadline_s(limits: Limits) -> float:
    """Seconds after which the runner itself must be taken for lost."""
    return limits.deadline_s + _GRACE_S


def report_of(
    reasons: Sequence[RunReason],
    timings: Mapping[str, float],
    provenance: Mapping[str, str],
) -> Report:
    """A report whose exit code is the gravest of its reasons'."""
    return Report(
        exit_code=exit_code_of(reasons),
        reasons=tuple(reasons),
        timings=timings,
        provenance=provenance,
    )


def read_report(
    *, exit_status: int | None, signal: int | None, timed_out: bool, stdout: str
) -> Report:
    """What a finished runner reported, or that it ended without a report.

    Args:
        exit_status: The runner's exit status; None when a signal ended it.
        signal: The signal that ended it, if one did.
        timed_out: Whether it was ended from outside because its time was over.
        stdout: The end of its standard output.
    """
    if timed_out:
        message = "the run was still going after its deadline and was killed."
        return _lost("deadline", message)
    last = stdout.removesuffix("\n").rpartition("\n")[2]  # splitlines also cuts texts
    try:
        report = from_plain(Report, json.loads(last))
    except ValueError:
        report = None
    if report is None or report.exit_code != exit_status:
        how = f"by {signal_name(signal)}" if signal else f"with {exit_status}"
        message = f"the runner ended {how} and left no report; try --force."
        return _lost("runner-lost", message)
    return report


def _lost(code: str, message: str) -> Report:
    return report_of([RunReason(code=code, message=message, cell=None)], {}, {})
