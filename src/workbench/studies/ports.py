"""What studies need from the rooms below, as the composition root hands it over."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from workbench.contracts.datasets import Contract
from workbench.core.runs import RunReason, View


class Views(Protocol):
    """As much of the warehouse as a run needs."""

    def watermark(self, contract: Contract) -> datetime | None:
        """Up to when the data are complete; None when there are none."""
        ...

    def changed(self, contract: Contract) -> datetime:
        """When data were last taken in, by the clock; long ago when never."""
        ...

    def view(self, contract: Contract, columns: Sequence[str], as_of: datetime) -> View:
        """Identity of what is known at as-of in these columns."""
        ...

    def materialise(
        self,
        contract: Contract,
        columns: Sequence[str],
        as_of: datetime,
        purpose: str,
        path: Path,
    ) -> View:
        """The same, written as one Parquet file."""
        ...


class Ending(Protocol):
    """How the execution of one run folder ended, as its runner reports it."""

    @property
    def exit_code(self) -> int:
        """0 when the run succeeded."""
        ...

    @property
    def reasons(self) -> tuple[RunReason, ...]:
        """Why not, otherwise."""
        ...

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds by phase, for people."""
        ...

    @property
    def provenance(self) -> Mapping[str, str]:
        """Versions of what ran, for people."""
        ...


class Runner(Protocol):
    """Runs the notebook of a prepared run folder, wherever that is."""

    def __call__(self, folder: Path) -> Ending:
        """Run it to its end, whatever the end is.

        Raises:
            TryLater: The workbench was asked to stop.
        """
        ...
