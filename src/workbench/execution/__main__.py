"""The runner's process: runs one notebook and prints its report as the last line.

Usage: python -m workbench.execution RUN_FOLDER --deadline S --cell-deadline S
       --silence-deadline S --memory-mb M --output-mb N --threads T
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.execution.outcome import Limits
from workbench.execution.runner import run

_INTERRUPTED = 130  # what shells call it


def main(arguments: Sequence[str]) -> int:
    """Run, print the report, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m workbench.execution")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--deadline", type=float, required=True)
    parser.add_argument("--cell-deadline", type=float, required=True)
    parser.add_argument("--silence-deadline", type=float, required=True)
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("--output-mb", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    given = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    limits = Limits(
        deadline_s=given.deadline,
        cell_deadline_s=given.cell_deadline,
        silence_deadline_s=given.silence_deadline,
        memory_mb=given.memory_mb,
        output_mb=given.output_mb,
        threads=given.threads,
    )
    try:
        report = run(given.folder.absolute(), limits)
    except KeyboardInterrupt:
        return _INTERRUPTED
    sys.stdout.write(report.as_line() + "\n")
    return report.exit_code


def _interrupted(_number: int, _frame: object) -> None:
    """Asked to end in either way, the runner ends its kernel on the way out."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
