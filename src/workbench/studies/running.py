"""From a planned run to its record: prepare the run folder, run, keep what came."""

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.archive.runs import RunArchive
from workbench.core.canonical import pretty_json
from workbench.core.clock import Clock
from workbench.core.disk import write_text
from workbench.core.errors import Reason, TryLater
from workbench.core.records import to_plain
from workbench.core.registration import run_name
from workbench.core.runs import RunRecord
from workbench.core.states import RunState
from workbench.studies.planning import SETTLED, Planned, Planner, state_of
from workbench.studies.ports import Runner


@dataclass(frozen=True, slots=True)
class Running:
    """Makes planned runs, each at most once."""

    planner: Planner
    runs: RunArchive
    runner: Runner
    clock: Clock

    def ensure(self, planned: Planned) -> tuple[RunRecord, bool]:
        """The record of this run, and whether it was made now.

        A run that succeeded before is looked up, and so is one that would only fail
        again: it is tried again when its time or the disk had run out, or when forced.

        Raises:
            TryLater: The same run is under way, its data changed meanwhile, the disk is
                full, or the workbench was asked to stop.
        """
        spec = planned.spec
        self.runs.note_look(spec.study, spec.as_of)
        record, made = planned.record, False
        if record is None or planned.state not in SETTLED:
            record, made = self._made(planned)
        else:
            self.runs.sweep(spec)  # what is looked up may lack its row still
        if not spec.settles:  # what settles is no edition of its study
            self.runs.make_current(spec, backfill=planned.backfill)
        return record, made

    def _made(self, planned: Planned) -> tuple[RunRecord, bool]:
        spec = planned.spec
        with self.runs.opened(spec) as lease:
            record = self.runs.find(spec)  # another process may have made it meanwhile
            forced = planned.state == "forced"
            if record is not None and state_of(record, force=forced) in SETTLED:
                return record, False
            with self.runs.attempt(spec, lease) as making:
                started = self.clock()
                self.prepare(planned, making.folder)
                making.reach(RunState.MATERIALISED)
                making.reach(RunState.EXECUTING)
                ending = self.runner(making.folder)
                record = RunRecord(
                    run_id=spec.run_id,
                    spec=spec,
                    exit_code=ending.exit_code,
                    reasons=ending.reasons,
                    rewritten=self.planner.rewritten(planned),
                    started=started,
                    finished=self.clock(),
                    timings=ending.timings,
                    provenance=ending.provenance,
                    known_until=self.planner.as_of(planned.study.registration),
                    attempt=making.number,
                )
                making.end(record)
        return record, True

    def prepare(self, planned: Planned, folder: Path) -> None:
        """Write all that the notebook may see: its data, its terms, its source.

        Raises:
            TryLater: The data changed between planning and reading.
        """
        spec = planned.spec
        for use, view in zip(planned.study.registration.data, spec.views, strict=True):
            made = self.planner.views.materialise(
                self.planner.contracts[use.dataset],
                use.columns,
                spec.as_of,
                use.purpose,
                folder / "in" / f"{use.dataset}.parquet",
            )
            if made != view:
                message = "its data changed while the run was prepared; run it again."
                raise TryLater(
                    Reason(code="data-moved", message=message, subject=spec.study)
                )
        write_text(folder / "in" / "run.json", pretty_json(to_plain(spec)))
        write_text(folder / "in" / "undeclared.json", self._undeclared(planned))
        source = json.dumps(planned.study.notebook.plain, ensure_ascii=False)
        write_text(folder / "notebook.ipynb", source)
        (folder / "out").mkdir(exist_ok=True)

    def _undeclared(self, planned: Planned) -> str:
        """Columns that the data have and the study does not declare, for messages."""
        registration = planned.study.registration
        columns = {
            use.dataset: [
                name
                for name in self.planner.contracts[use.dataset].names
                if name not in use.columns
            ]
            for use in registration.data
        }
        file = f"research/{registration.study}.yaml"
        return pretty_json({"registration": file, "columns": columns})


def reasons_of(record: RunRecord) -> list[Reason]:
    """Why a run failed, for the command line."""
    subject = run_name(record.spec.study, record.spec.variant)
    return [
        Reason(
            code=reason.code,
            message=reason.message,
            subject=subject,
            place=f"cell {reason.cell}" if reason.cell else "",
        )
        for reason in record.reasons
    ]
