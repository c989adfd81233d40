"""Every mistake of one text, collected and raised together."""

from collections.abc import Iterable
from difflib import get_close_matches

from workbench.core.errors import Reason, UsageError


class Mistakes:
    """The mistakes found in one file so far."""

    def __init__(self, code: str, file: str) -> None:
        self.code = code
        self.file = file
        self._found: list[tuple[int, str]] = []

    def note(self, line: int, message: str) -> None:
        """Remember one mistake at a line counted from 1."""
        self._found.append((line, message))

    def raise_all(self) -> None:
        """Do nothing when none was found.

        Raises:
            UsageError: With all of them, in the order of the lines.
        """
        if not self._found:
            return
        raise UsageError(
            [
                Reason(
                    code=self.code,
                    message=message,
                    subject=self.file,
                    place=f"line {line}",
                )
                for line, message in sorted(set(self._found))
            ]
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` with a leading space, or nothing."""
    near = get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def one_of(known: Iterable[str]) -> str:
    """`a, b, c`, or `none` for an empty list."""
    return ", ".join(known) or "none"
