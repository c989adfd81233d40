"""The run a notebook belongs to: its terms, and all that it has said so far."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from workbench.contracts.mistakes import did_you_mean
from workbench.core.canonical import canonical_json
from workbench.core.disk import append_line
from workbench.core.errors import Reason, UsageError
from workbench.core.evidence import Evidence
from workbench.core.records import from_plain, to_plain
from workbench.core.registration import Claim
from workbench.core.runs import Output, RunSpec, View
from workbench.notebook.surroundings import (
    REOPENED_FOLDER,
    RUN_FOLDER,
    cell_number,
    prepared_folder,
    study_of_session,
    told,
)

NAME = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = ("as_of", "constant")


@dataclass
class Session:
    """One notebook's run, from its first `wb` call to its last.

    Attributes:
        folder: The run folder.
        spec: What the run is made of.
        batch: Whether the runner executes it; otherwise a person does, cell by cell.
        said: Outputs by name, in order; a takeaway's name is its number.
        cells: Cell in which each was said.
    """

    folder: Path
    spec: RunSpec
    batch: bool
    said: dict[str, Output] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)

    @property
    def evidence(self) -> dict[str, Evidence]:
        """Evidence and counts so far, by name."""
        found = {name: output.evidence for name, output in self.said.items()}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def registration(self) -> str:
        """The file in which the author changes the study's terms."""
        return f"research/{self.spec.study}.yaml"

    def claim(self, name: str) -> Claim | None:
        """The registered claim of that name."""
        return next((claim for claim in self.spec.claims if claim.name == name), None)

    def view(self, dataset: str) -> View:
        """The view of a dataset.

        Raises:
            UsageError: The study does not declare it.
        """
        for view in self.spec.views:
            if view.dataset == dataset:
                return view
        declared = [view.dataset for view in self.spec.views]
        raise self.wrong(
            "table-undeclared",
            f"this study declares no table {dataset!r}; it declares "
            f"{', '.join(declared)}.{did_you_mean(dataset, declared)} Add it under "
            f"`data` in {self.registration}.",
            f"table {dataset}",
        )

    def wrong(self, code: str, message: str, place: str) -> UsageError:
        """An error of one reason about this study."""
        return UsageError(self.reason(code, message, place))

    def reason(self, code: str, message: str, place: str) -> Reason:
        """A reason about this study."""
        return Reason(code=code, message=message, subject=self.spec.study, place=place)

    def check_name(self, name: str, place: str) -> None:
        """Whether a new figure, table or evidence may have this name.

        A person may run a cell again; then the later call replaces the earlier.

        Raises:
            UsageError: It is malformed, reserved or taken.
        """
        if not NAME.fullmatch(name):
            problem = "is no name: use lower-case letters, digits and underscores"
        elif name in RESERVED or name in self.spec.parameters:
            problem = "is taken by a parameter or by the engine; choose another"
        elif name in self.said and (self.batch or self.cells[name] == cell_number()):
            problem = "is used already; texts could not tell the two apart: rename one"
        else:
            return
        raise self.wrong("name", f"{name!r} {problem}.", place)

    def say(self, name: str, output: Output) -> None:
        """Record one output: here, and in the run folder for the runner to judge."""
        self.record(output)
        self.said[name] = output
        self.cells[name] = output.cell

    def record(self, output: Output) -> None:
        """Write one output to the run folder; no text can name it."""
        line = canonical_json(to_plain(output))
        append_line(self.folder / "out" / "outputs.jsonl", line)


def current_session() -> Session:
    """The session of this kernel.

    Raises:
        UsageError: There is no run folder and none can be made.
    """
    given = told(RUN_FOLDER)
    if given:
        return _opened(Path(given), batch=True)
    reopened = told(REOPENED_FOLDER)
    if reopened:
        return _opened(Path(reopened), batch=False)
    return _opened(prepared_folder(study_of_session()), batch=False)


@cache
def _opened(folder: Path, *, batch: bool) -> Session:
    file = folder / "in" / "run.json"
    try:
        spec = from_plain(RunSpec, json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        message = (
            f"the run folder has no readable in/run.json ({type(error).__name__}); it "
            "is made by `workbench run`, never by hand."
        )
        raise UsageError(Reason(code="no-run", message=message)) from error
    return Session(folder, spec, batch)


def listed(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(names) or "none"
