"""Settling: each due claim gets its one look, by the notebook that made it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from workbench.archive.ledgers import LedgerArchive
from workbench.archive.sealed import SealedArchive
from workbench.core.clock import format_instant
from workbench.core.errors import ExitCode, Reason, UsageError
from workbench.core.evidence import SettlementLook
from workbench.core.forecasts import VoidReason
from workbench.core.records import Plain, to_plain
from workbench.core.registration import run_name
from workbench.core.runs import RunRecord, RunSpec
from workbench.settlement.scores import scores_of
from workbench.studies.catalogue import Study
from workbench.studies.planning import Planned, Planner
from workbench.studies.sealed import sealed_study
from workbench.takeaways.ledger import Line, chain
from workbench.takeaways.record import ClaimRecord, fold, key_of
from workbench.takeaways.settling import Decided, OverlapError, decide, due, void


class Said(Protocol):
    """What a run said of the claims it settles."""

    @property
    def settlements(self) -> tuple[SettlementLook, ...]:
        """A look at the fresh occurrences of each."""
        ...


Reader = Callable[[RunSpec], Said]


@dataclass(frozen=True, slots=True)
class Batch:
    """Due claims of one study that one run settles: one seal, one variant.

    Attributes:
        study: The study as it was sealed.
        variant: Their variant.
        claims: The claims.
    """

    study: Study
    variant: str
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
        waiting: Claims that still have too few fresh occurrences.
        reasons: What kept others from being looked at, with exit codes.
    """

    lines: tuple[Line, ...]
    waiting: int
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
        """The due claims of a study by run; and what is void because none can be made.

        Args:
            study: As it stands now.
            as_of: What is known; by default the watermark of its data.
        """
        lines = self.ledgers.read(study.name)
        now = as_of or self.planner.as_of(study.registration)
        groups: dict[tuple[str, str], list[ClaimRecord]] = {}
        for claim in fold(study.name, lines).open:
            if due(claim, now):
                groups.setdefault((claim.seal, claim.variant), []).append(claim)
        batches, lost = [], []
        for (seal, variant), claims in sorted(groups.items()):
            try:
                then = sealed_study(study, seal, lines, self.sealed)
            except UsageError as error:
                reasons = [(error.exit_code, each) for each in error.reasons]
                lost.append(self._unsettled(claims, now, "definition-changed", reasons))
            else:
                batches.append(Batch(then, variant, tuple(claims)))
        return batches, lost

    def plan(self, batch: Batch, as_of: datetime | None = None) -> Planned:
        """The run that settles a batch.

        Raises:
            UsageError: A dataset holds no data yet, or none that late.
        """
        values = batch.study.registration.values_of(batch.variant)
        return self.planner.plan(batch.study, values, as_of, settles=batch.opens)

    def settle(self, batch: Batch, record: RunRecord) -> Settled:
        """What the finished run makes of its claims; the ledger is not written yet."""
        now = record.spec.as_of
        if not record.succeeded:
            message = "the run that would settle its claims failed; they stay open."
            reason = Reason(
                code="run-failed", message=message, subject=batch.study.name
            )
            code = ExitCode(record.exit_code)
            return self._unsettled(
                batch.claims, now, "source-unavailable", [(code, reason)]
            )
        looks = {
            (look.claim, look.opens): look
            for look in self.read(record.spec).settlements
        }
        lines: list[Line] = []
        waiting, reasons = 0, []
        for claim in batch.claims:
            try:
                look = looks[claim.claim, format_instant(claim.as_of)]
                decided = decide(claim, look, now)
            except (KeyError, OverlapError):
                reasons.append((ExitCode.STUDY_FAILED, _overlap(claim)))
                continue
            if decided is None:
                waiting += 1
            else:
                lines.append(settled_line(claim, _scored(claim, decided), record.spec))
        return Settled(tuple(lines), waiting, tuple(reasons))

    def enter(self, study: str, lines: Sequence[Line]) -> None:
        """Append lines to a ledger, chained to what it holds.

        A claim that another process settled or withdrew meanwhile is left as it is.

        Raises:
            TryLater: Another process is writing it, or the disk is full.
        """
        held = list(self.ledgers.read(study))
        unsettled = {claim.key for claim in fold(study, held).open}
        whole = list(held)
        for line in lines:
            if key_of(line) in unsettled:
                whole.append(chain(whole, line))
        self.ledgers.extend(study, whole[len(held) :])

    def _unsettled(
        self,
        claims: Sequence[ClaimRecord],
        now: datetime,
        why: VoidReason,
        reasons: Sequence[tuple[ExitCode, Reason]],
    ) -> Settled:
        """Claims whose run cannot be had: void once their deadline is over."""
        over = [c for c in claims if c.forecast and c.forecast.deadline <= now]
        lines = tuple(settled_line(claim, void(now, why), None) for claim in over)
        waiting = len(claims) - len(over)
        return Settled(lines, waiting, tuple(reasons) if waiting else ())


def settled_line(claim: ClaimRecord, decided: Decided, spec: RunSpec | None) -> Line:
    """The ledger's line, not yet chained."""
    provenance: dict[str, Plain] = {}
    if spec is not None:
        provenance = {
            "run": spec.run_id,
            "lock": spec.lock_id,
            "engine": spec.engine_id,
        }
    return {
        "line": "settled",
        "key": claim.plain_key,
        "study": claim.study,
        "replay": claim.replay,
        "outcome": decided.state,
        "settled": to_plain(decided.outcome),
        "provenance": provenance,
    }


def _scored(claim: ClaimRecord, decided: Decided) -> Decided:
    outcome, forecast = decided.outcome, claim.forecast
    if outcome.estimate is None or outcome.held is None or forecast is None:
        return decided
    scores = scores_of(forecast, outcome.estimate, held=outcome.held)
    return replace(decided, outcome=replace(outcome, scores=scores))


def _overlap(claim: ClaimRecord) -> Reason:
    message = (
        "the run says nothing of its fresh occurrences, or some of them began before "
        "the claim; it stays open. Look at `began` in the notebook that was sealed."
    )
    return Reason(
        code="settlement-overlap",
        message=message,
        subject=run_name(claim.study, claim.variant),
        place=f"claim {claim.claim}",
    )
