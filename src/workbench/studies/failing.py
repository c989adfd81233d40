"""What is done about a run that failed: who is told, and how it is opened again."""

from workbench.core.canonical import SHORT, canonical_json
from workbench.core.clock import show_instant
from workbench.core.records import to_plain
from workbench.core.registration import EXPLORATORY
from workbench.core.runs import RunRecord
from workbench.studies.planning import UNLUCKY


def for_good(record: RunRecord, tries: int, attempts: int) -> bool:
    """Whether a run failed and nothing will try it again by itself.

    Args:
        record: How the run ended.
        tries: How many came to nothing since it last succeeded, this one with them.
        attempts: Times that a run is tried whose time, or the disk, ran out.
    """
    retried = record.exit_code in UNLUCKY and tries < attempts
    return not record.succeeded and not retried


def reopening(record: RunRecord | None) -> str:
    """The command that opens a failed run at the failing cell; else empty."""
    if record is None or record.succeeded:
        return ""
    return f"workbench lab {record.spec.study} --run {record.run_id[:SHORT]}"


def account_of(record: RunRecord) -> str:
    """What the command for failures reads: one JSON object.

    The reasons are in our own words, which quote no value of the data.
    """
    spec = record.spec
    return canonical_json(
        {
            "study": spec.study,
            "variant": spec.variant or EXPLORATORY,
            "as_of": show_instant(spec.as_of),
            "run": record.run_id,
            "attempt": record.attempt,
            "exit_code": record.exit_code,
            "reasons": [to_plain(reason) for reason in record.reasons],
            "reopen": reopening(record),
        }
    )
