"""One run of one study: what it is made of, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.core.canonical import sha256_of_value
from workbench.core.errors import ExitCode
from workbench.core.evidence import Evidence, SettlementLook
from workbench.core.exhibits import Figure, Table
from workbench.core.records import to_plain
from workbench.core.registration import Claim, Scalar, Status
from workbench.core.takeaway import Takeaway


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known of one dataset at as-of, in the declared columns.

    Attributes:
        dataset: Name of the dataset.
        columns: Declared columns, in the contract's order.
        direct: Those of them that name a person, sorted; a run sees pseudonyms there.
        view_id: SHA-256 of the content of these columns as known at as-of.
        rows: Rows in it.
        unit: Unit of analysis, such as `customer`.
        unit_column: Column that identifies the unit (a pseudonym where it is direct).
        minimum_units: Fewest distinct units a published cell may rest on.
    """

    dataset: str
    columns: tuple[str, ...]
    direct: tuple[str, ...]
    view_id: str
    rows: int
    unit: str
    unit_column: str
    minimum_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """All that decides the bytes of a run; written to the run folder as `in/run.json`.

    Attributes:
        study: Name of the study.
        title: Title of the post, for the page.
        variant: Registered variant, or None when the values are of none (exploratory).
        status: Draft or registered, when the run was made.
        as_of: Nothing known later than this instant is read.
        parameters: Value of every declared parameter.
        views: What the notebook may read.
        claims: The registered claims, their horizons as these parameters give them.
        family: Intervals that share one alpha, see `Registration.family`.
        settles: Since when occurrences are fresh, for each earlier claim that this run
            also settles; it changes no other byte of what the run says.
        seal: Hash of the registration's sealed part.
        notebook_id: Hash of the notebook's cells, outputs and metadata left out.
        lock_id: Hash of the run-time lock.
        engine_id: Hash of the engine source that a kernel loads.
    """

    study: str
    title: str
    variant: str | None
    status: Status
    as_of: datetime
    parameters: Mapping[str, Scalar]
    views: tuple[View, ...]
    claims: tuple[Claim, ...]
    family: int
    settles: tuple[datetime, ...]
    seal: str
    notebook_id: str
    lock_id: str
    engine_id: str

    @property
    def run_id(self) -> str:
        """SHA-256 of what decides the run; equal id, equal bytes.

        The status is left out on purpose: registering a study changes no number. So is
        the title: prose may change without a new run.
        """
        plain = to_plain(self)
        assert isinstance(plain, dict)  # noqa: S101 - a dataclass is a mapping
        kept = {k: v for k, v in plain.items() if k not in {"status", "title"}}
        return sha256_of_value(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReason:
    """Why a run failed: a code the handbook explains, the cell, and one sentence."""

    code: str
    message: str
    cell: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """How one run ended; written to the run folder as `run.json`.

    Attributes:
        run_id: Identity of the run.
        spec: What it was made of.
        exit_code: 0 when every cell finished and every claim has its evidence.
        reasons: Why not, otherwise.
        rewritten: Datasets whose past, when it ran, was another than the last claim on
            these terms had seen.
        started: When the runner began, by the clock; part of no id.
        finished: When it ended.
        timings: Seconds by phase, for people.
        provenance: Versions of what ran, for people.
        known_until: Up to when the study's data lay here; None in older records.
        attempt: Which attempt it was at this very run, from 1; no number comes twice.
    """

    run_id: str
    spec: RunSpec
    exit_code: int
    reasons: tuple[RunReason, ...]
    rewritten: tuple[str, ...]
    started: datetime
    finished: datetime
    timings: Mapping[str, float]
    provenance: Mapping[str, str]
    known_until: datetime | None = None
    attempt: int = 1

    @property
    def succeeded(self) -> bool:
        """Whether its evidence may be used."""
        return self.exit_code == ExitCode.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One thing a notebook said through `wb`, in order.

    Attributes:
        kind: Which of the values below is there.
        cell: Number of the cell as the kernel counts, the injected parameters with it;
            0 when unknown.
        evidence: An estimate or a count.
        settlement: A look at the fresh occurrences that settle an earlier claim.
        figure: A figure.
        table: A table.
        takeaway: A takeaway.
        aliases: Notebook variables that name evidence (`gap` -> `repeat_gap`); given
            with the takeaway, for texts.
    """

    kind: Literal["evidence", "settlement", "figure", "table", "takeaway"]
    cell: int
    evidence: Evidence | None = None
    settlement: SettlementLook | None = None
    figure: Figure | None = None
    table: Table | None = None
    takeaway: Takeaway | None = None
    aliases: Mapping[str, str] | None = None
