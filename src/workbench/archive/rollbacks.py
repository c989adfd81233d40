"""The note of a rollback: which earlier release a person chose to serve, and why.

It is written before the switch and ended before the switch of the publication that ends
it. So a crash between the two never leaves the older release serving unnoticed: either
the note tells of it, or the next pass publishes.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from workbench.core.canonical import pretty_json
from workbench.core.disk import write_text
from workbench.core.errors import Reason, UsageError
from workbench.core.records import from_plain, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """One rollback.

    Attributes:
        tree: The release that is to serve.
        before: The one that served until then.
        why: Why, in a person's words.
        at: When.
        ended: Whether a publication by a person ended it.
    """

    tree: str
    before: str
    why: str
    at: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class Rollbacks:
    """The note of a root; it keeps the last rollback, also once that is over."""

    file: Path

    def last(self) -> Rollback | None:
        """The last rollback, whether it is over or not.

        Raises:
            UsageError: The note cannot be read. To take it for none would publish what
                a person took back.
        """
        try:
            plain = json.loads(self.file.read_text(encoding="utf-8"))
            return from_plain(Rollback, plain)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            message = (
                f"the note of a rollback, {self.file.name}, cannot be read, so it is "
                "not known which release is to serve; remove it, then `workbench "
                "rollback` or `workbench publish`."
            )
            raise UsageError(
                Reason(code="rollback-unreadable", message=message)
            ) from error

    def active(self) -> Rollback | None:
        """The rollback that holds now, if any."""
        last = self.last()
        return None if last is None or last.ended else last

    def begin(self, rollback: Rollback) -> None:
        """Note a rollback, before its switch."""
        write_text(self.file, pretty_json(to_plain(rollback)))

    def end(self) -> None:
        """A person publishes: whatever holds is over, before their switch."""
        active = self.active()
        if active is not None:
            self.begin(replace(active, ended=True))
