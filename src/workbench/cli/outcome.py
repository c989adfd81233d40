"""What a command came to, for people on a terminal and for programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Outcome:
    """Collects what happened while a command runs.

    Attributes:
        command: Name of the command.
        acted: Whether anything was done; a command without work ends as `noop`.
        lines: What a person reads on standard output.
        data: What a program reads beside outcome and reasons.
        reasons: What went wrong, each with its exit code.
    """

    command: str
    acted: bool = False
    lines: list[str] = field(default_factory=list)
    data: dict[str, object] = field(default_factory=dict)
    reasons: list[tuple[ExitCode, Reason]] = field(default_factory=list)

    def failed(self, error: WorkbenchError) -> None:
        """Note all reasons of an error and go on."""
        self.reasons += [(error.exit_code, reason) for reason in error.reasons]

    @property
    def exit_code(self) -> ExitCode:
        """The gravest of all that went wrong."""
        return gravest(code for code, _ in self.reasons)

    @property
    def word(self) -> str:
        """`done`, `noop`, or what the exit code means."""
        if self.exit_code is ExitCode.OK and not self.acted:
            return "noop"
        return WORD[self.exit_code]

    def envelope(self) -> Mapping[str, object]:
        """The one JSON object of `--json`."""
        return {
            "command": self.command,
            "outcome": self.word,
            "exit_code": int(self.exit_code),
            "reasons": [
                {**reason.as_json(), "exit_code": int(code)}
                for code, reason in self.reasons
            ],
            **self.data,
        }
