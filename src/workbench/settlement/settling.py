"""Settling: each due claim gets its one look, by the notebook that made it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from workbench.archive.ledgers import LedgerArchive, remembered
from workbench.archive.sealed import SealedArchive
from workbench.core.clock import format_instant
from workbench.core.errors import ExitCode, Reason, UsageError
from workbench.core.evidence import SettlementLook
from workbench.core.records import Plain, to_plain
from workbench.core.registration import run_name
from workbench.core.runs import RunRecord, RunSpec
from workbench.studies.catalogue import Study
from workbench.studies.planning import Planned, Planner
from workbench.studies.sealed import sealed_study
from workbench.takeaways.ledger import Line, chain
from workbench.takeaways.record import ClaimRecord, key_of
from workbench.takeaways.settling import (
    Decided,
    NoEstimateError,
    OverlapError,
    decide,
    due,
)

_STUCK = {
    "no-estimate": (
        "enough fresh occurrences came, and the sealed notebook gives no estimate of "
        "them; the claim stays open, and past its deadline the record counts it as "
        "lost. Look at what the estimator says of them."
    ),
    "settlement-overlap": (
        "the run says nothing of its fresh occurrences, or some of them began before "
        "the claim; it stays open. Look at `began` in the notebook that was sealed."
    ),
}


class Said(Protocol):
    """What a run said of the claims it settles."""

    @property
    def settlements(self) -> tuple[SettlementLook, ...]:
        """A look at the fresh occurrences of each."""
        ...


Reader = Callable[[RunSpec], Said]


@dataclass(frozen=True, slots=True)
class Batch:
    """Due claims of one study that one run settles: one seal, one variant, one date.

    Attributes:
        study: The study as it was sealed.
        variant: Their variant.
        as_of: Their deadline.
        claims: The claims.
    """

    study: Study
    variant: str
    as_of: datetime
    claims: tuple[ClaimRecord, ...]

    @property
    def opens(self) -> list[datetime]:
        """As-of of each claim, once."""
        return sorted({claim.as_of for claim in self.claims})


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of the due claims of a study.

    Attributes:
        lines: New ledger lines, one for each claim that met its fate.
        stuck: Claims that stay open although they are due.
        reasons: What kept others from being looked at, with exit codes.
    """

    lines: tuple[Line, ...]
    stuck: int
    reasons: tuple[tuple[ExitCode, Reason], ...] = ()


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles claims.

    Attributes:
        planner: Turns a study into the run that settles.
        ledgers: Where claims are.
        sealed: Where their code is.
        read: Reads what a run said.
    """

    planner: Planner
    ledgers: LedgerArchive
    sealed: SealedArchive
    read: Reader

    def due(
        self, study: Study, as_of: datetime | None = None
    ) -> tuple[list[Batch], list[Settled]]:
        """The due claims of a study by run; and those of which none can be made.

        Args:
            study: As it stands now.
            as_of: What is known; by default the watermark of the data that were sealed.
        """
        lines = self.ledgers.read(study.name)
        sealed: dict[str, list[ClaimRecord]] = {}
        for claim in remembered(study.name, lines).open:
            sealed.setdefault(claim.seal, []).append(claim)
        batches, stuck = [], []
        for seal, claims in sorted(sealed.items()):
            try:
                then = sealed_study(study, seal, lines, self.sealed)
                now = as_of or self.planner.as_of(then.registration)
            except UsageError as error:
                reasons = tuple(
                    (error.exit_code, replace(each, subject=each.subject or study.name))
                    for each in error.reasons
                )
                stuck.append(Settled((), len(claims), reasons))
            else:
                batches += _batches(
                    then, [claim for claim in claims if due(claim, now)]
                )
        return batches, stuck

    def plan(self, batch: Batch) -> Planned:
        """The run that settles a batch.

        Raises:
            UsageError: A dataset holds no data yet, or none that late.
        """
        values = batch.study.registration.values_of(batch.variant)
        return self.planner.plan(batch.study, values, batch.as_of, settles=batch.opens)

    def settle(self, batch: Batch, record: RunRecord) -> Settled:
        """What the finished run makes of its claims; the ledger is not written yet.

        A run that failed settles nothing, not even where the deadline is over: why it
        failed may have to do with how the claims came out, and it can be mended.
        """
        if not record.succeeded:
            message = "the run that would settle its claims failed; they stay open."
            reason = Reason(
                code="run-failed", message=message, subject=batch.study.name
            )
            why = (ExitCode(record.exit_code), reason)
            return Settled((), len(batch.claims), (why,))
        looks = {
            (look.claim, look.opens): look
            for look in self.read(record.spec).settlements
        }
        lines: list[Line] = []
        reasons = []
        for claim in batch.claims:
            try:
                look = looks[claim.claim, format_instant(claim.as_of)]
                scored = _scored(claim, decide(claim, look))
            except (KeyError, OverlapError):
                reasons.append(
                    (ExitCode.STUDY_FAILED, _stuck(claim, code="settlement-overlap"))
                )
            except NoEstimateError:
                reasons.append(
                    (ExitCode.STUDY_FAILED, _stuck(claim, code="no-estimate"))
                )
            else:
                lines.append(settled_line(claim, scored, _provenance(record.spec)))
        return Settled(tuple(lines), len(reasons), tuple(reasons))

    def enter(self, study: str, lines: Sequence[Line]) -> None:
        """Append lines to a ledger, chained to what it holds.

        A claim that another process settled or withdrew meanwhile is left as it is.

        Raises:
            TryLater: Another process is writing it, or the disk is full.
        """
        held = list(self.ledgers.read(study))
        unsettled = {claim.key for claim in remembered(study, held).open}
        whole = list(held)
        for line in lines:
            if key_of(line) in unsettled:
                whole.append(chain(whole, line))
        self.ledgers.extend(study, whole[len(held) :])


def settled_line(
    claim: ClaimRecord, decided: Decided, provenance: dict[str, Plain]
) -> Line:
    """The ledger's line, not yet chained."""
    return {
        "line": "settled",
        "key": claim.plain_key,
        "study": claim.study,
        "replay": claim.replay,
        "outcome": decided.state,
        "settled": to_plain(decided.outcome),
        "provenance": provenance,
    }


def _batches(study: Study, claims: Sequence[ClaimRecord]) -> list[Batch]:
    groups: dict[tuple[str, datetime], list[ClaimRecord]] = {}
    for claim in claims:
        if claim.forecast is not None:
            when = claim.variant, claim.forecast.deadline
            groups.setdefault(when, []).append(claim)
    return [
        Batch(study, variant, deadline, tuple(held))
        for (variant, deadline), held in sorted(groups.items())
    ]


def _provenance(spec: RunSpec) -> dict[str, Plain]:
    return {"run": spec.run_id, "lock": spec.lock_id, "engine": spec.engine_id}


def _scored(claim: ClaimRecord, decided: Decided) -> Decided:
    outcome, forecast = decided.outcome, claim.forecast
    if outcome.estimate is None or forecast is None:
        return decided
    from workbench.settlement.scores import scores_of  # loads scipy, seldom needed

    scores = scores_of(claim, forecast, outcome.estimate)
    return replace(decided, outcome=replace(outcome, scores=scores))


def _stuck(claim: ClaimRecord, *, code: str) -> Reason:
    """Why a claim stays open although it is due."""
    return Reason(
        code=code,
        message=_STUCK[code],
        subject=run_name(claim.study, claim.variant),
        place=f"claim {claim.claim}",
    )
