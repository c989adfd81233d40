"""Going back to an earlier release that is kept, until a person publishes again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.archive.editions import EditionArchive
from workbench.archive.leases import Lease, Leases
from workbench.archive.rollbacks import Rollback, Rollbacks
from workbench.core.canonical import SHORT
from workbench.core.clock import show_instant
from workbench.core.errors import GateRefused, Reason, UsageError
from workbench.core.posts import TakenDown
from workbench.publishing.withdrawing import lacking, shown_by
from workbench.website.kept import (
    Kept,
    kept_releases,
    serve_release,
    serving_tree,
    superfluous,
)


@dataclass(frozen=True, slots=True)
class RollingBack:
    """Serves earlier releases of a root.

    Attributes:
        build: Folder of the releases and of `current`.
        editions: What was withdrawn.
        notes: Which release a person chose.
        leases: Who may switch.
    """

    build: Path
    editions: EditionArchive
    notes: Rollbacks
    leases: Leases

    def target(self, start: str | None) -> Kept:
        """The release to go back to: so named, or the one that served before.

        Raises:
            UsageError: There is none, several begin so, it serves already, or it is not
                whole any more.
            GateRefused: It shows what was withdrawn since.
        """
        kept = kept_releases(self.build)
        chosen = _named(kept, start) if start else _before(kept)
        if not chosen.is_whole:
            message = (
                f"the release {chosen.tree[:SHORT]} is not what it was, so it is not "
                "served again; choose another from `workbench rollback --list`."
            )
            raise UsageError(Reason(code="release-damaged", message=message))
        self._refuse_withdrawn(chosen)
        return chosen

    def roll_back(self, chosen: Kept, why: str, at: datetime, lease: Lease) -> Rollback:
        """Note it, then switch; a crash between the two is completed by a tick.

        Raises:
            TryLater: Another process publishes in our place, or the disk is full.
        """
        active = self.notes.active()  # what one left already, the next leaves as well
        before = active.before if active else serving_tree(self.build) or ""
        rollback = Rollback(
            tree=chosen.tree, before=before, why=why, at=at, ended=False
        )
        with self.leases.fenced(lease):
            self.notes.begin(rollback)
            serve_release(self.build, chosen.tree)
        return rollback

    def refuse_to_end(self, study: str, taken: Collection[TakenDown]) -> None:
        """What releases all that stands would let serve again what was taken back.

        Args:
            study: Whose post is to be taken down.
            taken: What of it.

        Raises:
            GateRefused: A rollback holds; the reason names what would come back.
        """
        active = self.notes.active()
        if active is None:
            return
        serving = self.build / "releases" / active.tree
        back = lacking(serving, self.editions, {each.edition for each in taken})
        named = f", {', '.join(back)} among it" if back else ""
        message = (
            f"a withdrawal ends the rollback to {active.tree[:SHORT]} "
            f"({active.why.rstrip('.')}), and what that took back serves again{named}. "
            "This call changed nothing: say --end-rollback if that may be, or mend it "
            "and call `workbench publish` first."
        )
        raise GateRefused(Reason(code="ends-rollback", message=message, subject=study))

    def is_complete(self, rollback: Rollback) -> bool:
        """Whether the release that was chosen serves."""
        return serving_tree(self.build) == rollback.tree

    def complete(self, rollback: Rollback, lease: Lease) -> None:
        """Make the switch of a rollback that was killed before it.

        Raises:
            UsageError: The release is gone, or not whole.
            GateRefused: It shows what was withdrawn.
            TryLater: Another process publishes in our place.
        """
        chosen = self.target(rollback.tree)
        with self.leases.fenced(lease):
            serve_release(self.build, chosen.tree)

    def superfluous(self, keep: int) -> list[Path]:
        """Releases that can go: those beyond the newest, and all that are refused.

        What a rollback chose stays, though it were killed before its switch; what it
        left is the newest.
        """
        active = self.notes.active()
        needed = {active.tree} if active else set()
        beyond = superfluous(self.build, keep, needed)
        refused = [
            each.folder
            for each in kept_releases(self.build)
            if not each.serves and shown_by(each.folder, self.editions)
        ]
        return sorted({*beyond, *refused})

    def _refuse_withdrawn(self, chosen: Kept) -> None:
        message = (
            f"the release {chosen.tree[:SHORT]} shows what was withdrawn of it since, "
            "and no release does that again; choose a later one from `workbench "
            "rollback --list`."
        )
        reasons = [
            Reason(code="shows-withdrawn", message=message, subject=study)
            for study in shown_by(chosen.folder, self.editions)
        ]
        if reasons:
            raise GateRefused(reasons)


def rolled_back(active: Rollback) -> Reason:
    """What a pass says that publishes nothing because of a rollback."""
    message = (
        f"the release {active.tree[:SHORT]} serves since {show_instant(active.at)}, "
        f"chosen by a person: {active.why.rstrip('.')}. Nothing is published until a "
        "person calls `workbench publish`."
    )
    return Reason(code="rolled-back", message=message)


def _named(kept: list[Kept], start: str) -> Kept:
    found = [each for each in kept if each.tree.startswith(start)]
    if len(found) == 1 and not found[0].serves:
        return found[0]
    names = ", ".join(each.tree[:SHORT] for each in found or kept) or "none"
    if not found:
        message = f"no release that is kept begins with {start!r}; there is: {names}."
    elif len(found) > 1:
        message = f"several releases begin with {start!r}: {names}; write more of it."
    else:
        message = f"the release {names} serves already."
    raise _unknown(message)


def _before(kept: list[Kept]) -> Kept:
    """The release that was published last before the one that serves."""
    places = [place for place, each in enumerate(kept) if each.serves]
    earlier = kept[places[0] + 1 :] if places else kept
    if not earlier:
        message = (
            "no release that served before is kept (see `keep_releases`); "
            "publish a change instead."
        )
        raise _unknown(message)
    return earlier[0]


def _unknown(message: str) -> UsageError:
    return UsageError(Reason(code="release-unknown", message=message))
