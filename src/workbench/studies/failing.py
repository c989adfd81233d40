"""What is done about a run that failed: who is told, and how it is opened again."""

from workbench.core.canonical import SHORT, canonical_json
from workbench.core.clock import show_instant
from workbench.core.errors import ExitCode, Reason
from workbench.core.records import to_plain
from workbench.core.registration import EXPLORATORY, run_name
from workbench.core.runs import RunRecord, RunSpec
from workbench.studies.planning import UNLUCKY


def for_good(record: RunRecord | None, tries: int, attempts: int) -> bool:
    """Whether a run failed and nothing will try it again by itself.

    Args:
        record: How the run ended; None where it never came to an end.
        tries: How many came to nothing since it last succeeded, this one with them.
        attempts: Times that a run is tried whose time, or the disk, ran out, or whose
            process was killed.
    """
    if record is None or record.exit_code in UNLUCKY:
        return tries >= attempts
    return not record.succeeded


def given_up(tries: int, why: str) -> str:
    """Why a run that may end otherwise is not tried again."""
    return f"{tries} tries came to nothing, the last: {why}; use --force"


def retry_later(spec: RunSpec, why: str) -> Reason:
    """That a run waits for another try."""
    subject = run_name(spec.study, spec.variant)
    return Reason(code="retry-later", message=f"{why}.", subject=subject)


def never_ended(spec: RunSpec, why: str) -> Reason:
    """Why a run failed of which there is no record that could say so."""
    message = f"{why}. `workbench status` tells when each was."
    subject = run_name(spec.study, spec.variant)
    return Reason(code="never-ended", message=message, subject=subject)


def reopening(record: RunRecord | None) -> str:
    """The command that opens a failed run at the failing cell; else empty."""
    if record is None or record.succeeded:
        return ""
    return f"workbench lab {record.spec.study} --run {record.run_id[:SHORT]}"


def account_of(spec: RunSpec, record: RunRecord | None, last: int, why: str) -> str:
    """What the command for failures reads: one JSON object.

    The reasons are in our own words, which quote no value of the data.

    Args:
        spec: The run.
        record: How it ended; None where it never came to an end.
        last: Number of the last attempt.
        why: Why it was given up, where it has no record that could say so.
    """
    lost = (never_ended(spec, why),)
    reasons = record.reasons if record else lost
    return canonical_json(
        {
            "study": spec.study,
            "variant": spec.variant or EXPLORATORY,
            "as_of": show_instant(spec.as_of),
            "run": spec.run_id,
            "attempt": last,
            "exit_code": record.exit_code if record else int(ExitCode.STUDY_FAILED),
            "reasons": [to_plain(reason) for reason in reasons],
            "reopen": reopening(record),
        }
    )
