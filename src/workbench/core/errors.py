"""Everything the workbench raises on purpose, each with the exit code it ends in.

WorkbenchError            root; the command line catches these and no bug
├── UsageError        2   the command, a setting or a registration is wrong
├── ContractBroken   65   data are not what their owner promised
├── StudyFailed       1   a notebook ran and did not end as a study must
├── DeadlinePassed  124   a run was stopped because its time was over
├── TryLater         75   a full disk, a busy lease: the same call may work later
└── GateRefused      77   the gate said no
A bug of ours ends in 70.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a scheduler may believe about a finished command."""

    OK = 0
    STUDY_FAILED = 1
    USAGE = 2
    DATA = 65
    BUG = 70
    TRY_LATER = 75
    REFUSED = 77
    DEADLINE = 124


GRAVEST_FIRST = (
    ExitCode.USAGE,
    ExitCode.BUG,
    ExitCode.DATA,
    ExitCode.REFUSED,
    ExitCode.STUDY_FAILED,
    ExitCode.DEADLINE,
    ExitCode.TRY_LATER,
    ExitCode.OK,
)


def gravest(codes: Iterable[ExitCode]) -> ExitCode:
    """The one exit code of a command that did several things."""
    return min(codes, key=GRAVEST_FIRST.index, default=ExitCode.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that went wrong, for people and for programs.

    Attributes:
        code: Stable word, such as `kernel-died`; the handbook explains each.
        message: What, which value (never a customer's), what is allowed, what to do.
        subject: The study, dataset or file it is about; empty when the whole command.
        place: Where in the subject: `line 12`, `cell 3`, `column dollars`; or empty.
    """

    code: str
    message: str
    subject: str = ""
    place: str = ""

    def as_line(self) -> str:
        """`subject, place: message [code]`, without what is empty."""
        head = ", ".join(part for part in (self.subject, self.place) if part)
        return f"{head + ': ' if head else ''}{self.message} [{self.code}]"

    def as_json(self) -> dict[str, str]:
        """The same as plain values."""
        return asdict(self)


class WorkbenchError(Exception):
    """Root of all that is raised on purpose.

    Attributes:
        reasons: Every mistake found, not only the first.
    """

    exit_code = ExitCode.STUDY_FAILED

    def __init__(self, reasons: Reason | Sequence[Reason]) -> None:
        self.reasons = (reasons,) if isinstance(reasons, Reason) else tuple(reasons)
        super().__init__("\n".join(reason.as_line() for reason in self.reasons))


class UsageError(WorkbenchError):
    """The command, a setting, a contract file or a registration is wrong."""

    exit_code = ExitCode.USAGE


class ContractBroken(WorkbenchError):  # noqa: N818 - the name is the sentence
    """Data are not what their contract promises; nothing was taken in."""

    exit_code = ExitCode.DATA


class StudyFailed(WorkbenchError):  # noqa: N818 - the name is the sentence
    """A notebook ran and did not end as a study must."""

    exit_code = ExitCode.STUDY_FAILED


class DeadlinePassed(WorkbenchError):  # noqa: N818 - the name is the sentence
    """A run was stopped because its time was over."""

    exit_code = ExitCode.DEADLINE


class TryLater(WorkbenchError):  # noqa: N818 - the name is the sentence
    """Nothing is wrong with the study; the same call may work later."""

    exit_code = ExitCode.TRY_LATER


class GateRefused(WorkbenchError):  # noqa: N818 - the name is the sentence
    """The gate stopped a post."""

    exit_code = ExitCode.REFUSED


OF_EXIT_CODE: dict[ExitCode, type[WorkbenchError]] = {
    kind.exit_code: kind
    for kind in (
        UsageError,
        ContractBroken,
        StudyFailed,
        DeadlinePassed,
        TryLater,
        GateRefused,
    )
}
