"""What a command came to, for people on a terminal and for programs."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workbench.core.disk import NO_SPACE
from workbench.core.errors import ExitCode, Reason, WorkbenchError, gravest

WORD = {
    ExitCode.OK: "done",
    ExitCode.STUDY_FAILED: "failed",
    ExitCode.USAGE: "wrong",
    ExitCode.DATA: "data-refused",
    ExitCode.BUG: "bug",
    ExitCode.TRY_LATER: "try-later",
    ExitCode.REFUSED: "refused",
    ExitCode.DEADLINE: "deadline",
}
INTERRUPTED = 130


@dataclass(slots=True)
class Outcome:
    """Collects what happened while a command runs.

    Attributes:
        command: Name of the command.
        acted: Whether anything was done; a command without work ends as `noop`.
        lines: What a person reads on standard output.
        data: What a program reads beside outcome and reasons.
        reasons: What went wrong, each with its exit code.
        notes: What is as somebody wanted it, and is told all the same: reasons at exit
            code 0, printed with the lines and waking nobody.
        interrupted: Whether Ctrl-C, or a request to end, stopped the command.
    """

    command: str
    acted: bool = False
    lines: list[str] = field(default_factory=list)
    data: dict[str, object] = field(default_factory=dict)
    reasons: list[tuple[ExitCode, Reason]] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    interrupted: bool = False

    def failed(self, error: Exception, subject: str = "") -> None:
        """Note all reasons of an error and go on.

        Of a bug the frames are told on standard error, and never the exception's own
        text: it may hold a customer's value.

        Args:
            error: What was raised, on purpose or not.
            subject: What failed, where the error itself does not know.
        """
        if isinstance(error, WorkbenchError):
            self.reasons += [
                (error.exit_code, replace(each, subject=each.subject or subject))
                for each in error.reasons
            ]
        elif isinstance(error, OSError):
            self.reasons.append(_of_the_file_system(error, subject))
        else:
            import traceback  # no other command pays for it

            print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
            message = (
                f"a bug of ours ({type(error).__name__}); nothing comes of what it "
                "met. Please report the lines above."
            )
            reason = Reason(code="bug", message=message, subject=subject)
            self.reasons.append((ExitCode.BUG, reason))

    @property
    def exit_code(self) -> int:
        """The gravest of all that went wrong; 130, as in shells, when interrupted."""
        return INTERRUPTED if self.interrupted else gravest(c for c, _ in self.reasons)

    @property
    def word(self) -> str:
        """`done`, `noop`, `interrupted`, or what the exit code means."""
        if self.interrupted:
            return "interrupted"
        code = gravest(code for code, _ in self.reasons)
        return "noop" if code is ExitCode.OK and not self.acted else WORD[code]

    @property
    def told(self) -> list[tuple[ExitCode, Reason]]:
        """Each reason once, in whatever parts of a command it was met."""
        return list(dict.fromkeys(self.reasons))

    def envelope(self) -> Mapping[str, object]:
        """The one JSON object of `--json`."""
        return {
            "command": self.command,
            "outcome": self.word,
            "exit_code": int(self.exit_code),
            "reasons": [
                {**reason.as_json(), "exit_code": int(code)}
                for code, reason in (
                    *self.told,
                    *((ExitCode.OK, n) for n in self.notes),
                )
            ],
            **self.data,
        }


def _of_the_file_system(error: OSError, subject: str) -> tuple[ExitCode, Reason]:
    """What the operating system refused, and where; never what was in the file."""
    what = error.strerror or type(error).__name__
    message = f"{error.filename or 'a file'}: {what}."
    full = error.errno in NO_SPACE
    code = "disk-full" if full else "file-system"
    exit_code = ExitCode.TRY_LATER if full else ExitCode.USAGE
    return exit_code, Reason(code=code, message=message, subject=subject)
