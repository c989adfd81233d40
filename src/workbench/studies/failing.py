"""What is done about a run that failed: who is told, and how it is opened again."""

import shlex
from dataclasses import dataclass

from workbench.archive.past import Past
from workbench.core.canonical import SHORT, canonical_json
from workbench.core.clock import show_instant
from workbench.core.errors import ExitCode, Reason, gravest
from workbench.core.records import to_plain
from workbench.core.registration import BASE_VARIANT, EXPLORATORY, run_name
from workbench.core.runs import RunReason, RunRecord, RunSpec
from workbench.core.states import RunState
from workbench.studies.planning import UNLUCKY, Planned

Told = tuple[tuple[ExitCode, Reason], ...]
"""Reasons with the exit code of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a run was refused before its notebook began.

    Attributes:
        why: In a word, as its attempt says it.
        told: As it is told.
    """

    why: str
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A run that failed, and that no further try will mend.

    Attributes:
        attempt: Number of the attempt that is told of.
        exit_code: What it comes to.
        reasons: Why.
        record: What there is to open; None where that is nothing.
    """

    attempt: int
    exit_code: int
    reasons: tuple[Reason | RunReason, ...]
    record: RunRecord | None = None


def failure_of(
    planned: Planned,
    record: RunRecord | None,
    past: Past,
    attempts: int,
    refusal: Refusal | None = None,
) -> Failure | None:
    """Of what the owner of a study hears; None where there is nothing to tell.

    Args:
        planned: The run.
        record: How it ended; None where it never came to an end.
        past: What the attempts at it came to, this one with them.
        attempts: Times that a run is tried whose time, or the disk, ran out, or whose
            process was killed.
        refusal: Why it was refused now, if it was. That is tried at every tick, and
            told once for each reason; what no attempt tells of is not.
    """
    if refusal and past.refused and refusal.why == past.refused.why:
        return Failure(
            attempt=past.refused.number,
            exit_code=gravest(code for code, _ in refusal.told),
            reasons=tuple(reason for _, reason in refusal.told),
        )
    reasons = record.reasons if record else ()
    if why := given_up(record, past, attempts):
        return Failure(
            attempt=past.tries[-1].number,
            exit_code=ExitCode.STUDY_FAILED,
            reasons=(never_ended(planned, why), *reasons),
            record=record,
        )
    if record is None or record.succeeded or record.exit_code in UNLUCKY:
        return None
    return Failure(
        attempt=record.attempt,
        exit_code=record.exit_code,
        reasons=reasons,
        record=record,
    )


def given_up(record: RunRecord | None, past: Past, attempts: int) -> str:
    """Why a run that may end otherwise is not tried again; empty where it is."""
    number = len(past.tries)
    settled = record is not None and record.exit_code not in UNLUCKY
    if settled or not number or number < attempts:
        return ""
    last = past.tries[-1]
    ended = last.state is RunState.FAILED and record is not None and record.reasons
    what = ended[0].code if ended else last.why
    tries = "1 try" if number == 1 else f"{number} tries"
    return f"{tries} came to nothing, the last: {what}"


def retry_later(spec: RunSpec, why: str) -> Reason:
    """That a run waits for another try."""
    subject = run_name(spec.study, spec.variant)
    return Reason(code="retry-later", message=f"{why}.", subject=subject)


def never_ended(planned: Planned, why: str) -> Reason:
    """That nothing tries a run again that may end otherwise, and who can."""
    # Status is about what is registered.
    more = ", `workbench status` tells more" if planned.spec.variant else ""
    message = f"{why}; `{_again(planned)}` tries it again{more}."
    subject = run_name(planned.spec.study, planned.spec.variant)
    return Reason(code="never-ended", message=message, subject=subject)


def _again(planned: Planned) -> str:
    """The command that makes a run again, and no other run of its study."""
    spec = planned.spec
    if spec.settles:
        return f"workbench settle {spec.study}"
    until = f"--as-of {show_instant(spec.as_of)}"
    words = ["workbench run", spec.study, *_which(planned), until, "--force"]
    return " ".join(words)


def _which(planned: Planned) -> list[str]:
    """The arguments that tell a run from others of its study and date."""
    spec = planned.spec
    if spec.variant is None:
        base = planned.study.registration.values_of(BASE_VARIANT)
        other = {k: v for k, v in spec.parameters.items() if v != base.get(k)}
        values = [f"{name}={value}" for name, value in other.items()]
        return [f"-p {shlex.quote(value)}" for value in values]
    if spec.variant != BASE_VARIANT or planned.study.registration.variants:
        return [f"--variant {spec.variant}"]
    return []


def reopening(record: RunRecord | None) -> str:
    """The command that opens a failed run at the failing cell; else empty."""
    if record is None or record.succeeded:
        return ""
    return f"workbench lab {record.spec.study} --run {record.run_id[:SHORT]}"


def account_of(spec: RunSpec, failure: Failure) -> str:
    """What the command for failures reads: one JSON object.

    The reasons are in our own words, which quote no value of the data.

    Args:
        spec: The run.
        failure: What is told of it.
    """
    return canonical_json(
        {
            "study": spec.study,
            "variant": spec.variant or EXPLORATORY,
            "as_of": show_instant(spec.as_of),
            "run": spec.run_id,
            "attempt": failure.attempt,
            "exit_code": failure.exit_code,
            "reasons": [to_plain(reason) for reason in failure.reasons],
            "reopen": reopening(failure.record),
        }
    )
