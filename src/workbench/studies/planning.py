"""What a run would be made of, and whether it has been made already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.archive.ledgers import LedgerArchive
from workbench.archive.runs import RunArchive
from workbench.contracts.datasets import Contract
from workbench.core.canonical import SHORT
from workbench.core.clock import show_instant
from workbench.core.errors import ExitCode, Reason, UsageError
from workbench.core.registration import (
    BASE_VARIANT,
    EXPLORATORY,
    Registration,
    Scalar,
    Status,
)
from workbench.core.runs import RunRecord, RunSpec
from workbench.studies.catalogue import Study
from workbench.studies.ports import Views
from workbench.takeaways.ledger import is_sealed

State = Literal["fresh", "missing", "failed", "unlucky", "forced"]
SETTLED = frozenset({"fresh", "failed"})  # running it again would change nothing
UNLUCKY = frozenset({ExitCode.TRY_LATER, ExitCode.DEADLINE})


@dataclass(frozen=True, slots=True)
class Planned:
    """One run that is wanted.

    Attributes:
        study: The study.
        spec: What the run is made of.
        state: `fresh` when it was made and succeeded, `failed` when it was made and
            will fail again; otherwise why it will be made.
        record: How it ended the last time, if it did.
        backfill: Whether its as-of was asked for.
    """

    study: Study
    spec: RunSpec
    state: State
    record: RunRecord | None
    backfill: bool

    @property
    def why(self) -> str:
        """The state in words."""
        return {
            "fresh": "nothing changed since it ran",
            "missing": "it was never run on these data with this source",
            "failed": "failed, with nothing changed since: mend it or use --force",
            "unlucky": "time, or the disk, ran out the last time",
            "forced": "it was asked for",
        }[self.state]


@dataclass(frozen=True, slots=True)
class Planner:
    """Turns studies into runs."""

    views: Views
    runs: RunArchive
    ledgers: LedgerArchive
    contracts: Mapping[str, Contract]
    lock_id: str
    engine_id: str

    def as_of(self, registration: Registration) -> datetime:
        """The smallest watermark of a study's datasets.

        Raises:
            UsageError: A dataset holds no data yet, or has no contract any more.
        """
        marks: list[datetime] = []
        empty: list[Reason] = []
        for use in registration.data:
            contract = self.contracts.get(use.dataset)
            if contract is None:
                message = (
                    f"dataset {use.dataset!r} has no contract any more; restore "
                    f"research/contracts/{use.dataset}.yaml from version control."
                )
                empty.append(
                    Reason(
                        code="sealed-missing",
                        message=message,
                        subject=registration.study,
                    )
                )
                continue
            mark = self.views.watermark(contract)
            if mark is None:
                message = (
                    f"dataset {use.dataset!r} is empty; take its data in with "
                    f"`workbench data add {use.dataset}`."
                )
                empty.append(
                    Reason(code="no-data", message=message, subject=registration.study)
                )
            else:
                marks.append(mark)
        if empty:
            raise UsageError(empty)
        return min(marks)

    def plan(
        self,
        study: Study,
        values: Mapping[str, Scalar],
        as_of: datetime | None = None,
        *,
        force: bool = False,
        settles: Sequence[datetime] = (),
    ) -> Planned:
        """The run of a study with these parameter values.

        Args:
            study: The study.
            values: Value of every parameter.
            as_of: What is known then; by default the data's watermark.
            force: Whether to run it although nothing changed.
            settles: As-of of each earlier claim that the run also settles.

        Raises:
            UsageError: A dataset holds no data yet, or none that late.
        """
        watermark = self.as_of(study.registration)
        if as_of is not None and as_of > watermark:
            message = (
                f"--as-of {show_instant(as_of)} is too late: the data are complete up "
                f"to {show_instant(watermark)}."
            )
            raise UsageError(
                Reason(code="as-of-too-late", message=message, subject=study.name)
            )
        spec = self._spec(study, values, as_of or watermark, settles)
        record = self.runs.find(spec)
        state = state_of(record, force=force)
        return Planned(study, spec, state, record, backfill=as_of is not None)

    def rewritten(self, planned: Planned) -> tuple[str, ...]:
        """Datasets whose past is another than the last claim on these terms saw."""
        spec, study = planned.spec, planned.study
        looks = [
            claim
            for claim in self.ledgers.record(spec.study).claims
            if claim.seal == spec.seal and claim.as_of < spec.as_of
        ]
        last = max(looks, key=lambda look: look.as_of, default=None)
        if last is None:
            return ()
        return tuple(
            use.dataset
            for use in study.registration.data
            if self.views.view(
                self.contracts[use.dataset], use.columns, last.as_of
            ).view_id
            != last.views.get(use.dataset)
        )

    def variants(self, study: Study, wanted: Sequence[str] = ()) -> list[str]:
        """The registered variants asked for; all of them when none is.

        Raises:
            UsageError: There is no such variant.
        """
        known = [BASE_VARIANT, *study.registration.variants]
        wrong = [
            Reason(
                code="variant-unknown",
                message=f"there is no variant {name!r}; there are {', '.join(known)}.",
                subject=study.name,
            )
            for name in wanted
            if name not in known
        ]
        if wrong:
            raise UsageError(wrong)
        return list(wanted) or known

    def _spec(
        self,
        study: Study,
        values: Mapping[str, Scalar],
        as_of: datetime,
        settles: Sequence[datetime],
    ) -> RunSpec:
        registration = study.registration
        sealed = is_sealed(registration, self.ledgers.read(study.name))
        return RunSpec(
            study=study.name,
            title=registration.title,
            variant=registration.variant_of(values),
            status=Status.REGISTERED if sealed else Status.DRAFT,
            as_of=as_of,
            parameters=dict(values),
            views=tuple(
                self.views.view(self.contracts[use.dataset], use.columns, as_of)
                for use in registration.data
            ),
            claims=registration.claims_of(values),
            family=registration.family,
            settles=tuple(sorted(set(settles))),
            seal=registration.seal,
            notebook_id=study.notebook.notebook_id,
            lock_id=self.lock_id,
            engine_id=self.engine_id,
        )


def state_of(record: RunRecord | None, *, force: bool) -> State:
    """Whether a run with this record is due, and why."""
    if force:
        return "forced"
    if record is None:
        return "missing"
    if record.succeeded:
        return "fresh"
    return "unlucky" if record.exit_code in UNLUCKY else "failed"


def describe(planned: Planned) -> dict[str, str]:
    """One run of a plan as plain values, for people and programs."""
    spec = planned.spec
    return {
        "study": spec.study,
        "variant": spec.variant or EXPLORATORY,
        "as_of": show_instant(spec.as_of),
        "run": spec.run_id[:SHORT],
        "state": planned.state,
        "why": planned.why,
        "status": spec.status.value,
    }
