"""Other copies of the ledgers: they tell where the one that lies here was cut short.

What is cut off the end of a chain leaves it whole, and a ledger that was deleted leaves
nothing at all. But version control holds each as it was committed, and the release that
serves each as it was published, or that which served before a person rolled back; what
lies here must begin with all that they hold.
"""

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench.archive.layout import Layout
from workbench.archive.ledgers import parse_lines, read_lines
from workbench.archive.rollbacks import Rollback
from workbench.core.errors import Reason
from workbench.takeaways.heads import named_beyond
from workbench.takeaways.ledger import Line, first_lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Copies of the ledgers that somebody else keeps.

    Attributes:
        name: Who keeps them.
        place: Where they can be restored from.
        ledgers: The lines of each, by study.
    """

    name: str
    place: str
    ledgers: Mapping[str, Sequence[Line]]


def committed(layout: Layout) -> Witness:
    """What version control holds; nothing without git, or without a commit."""
    listed = _git(layout, "ls-tree", "-z", "--name-only", "HEAD", "takeaways/")
    places = map(
        PurePosixPath, filter(None, listed.decode(errors="replace").split("\0"))
    )
    return Witness(
        name="the newest commit",
        place="version control",
        ledgers={
            place.stem: parse_lines(_git(layout, "cat-file", "blob", f"HEAD:./{place}"))
            for place in places
            if place.suffix == ".jsonl"
        },
    )


def published(layout: Layout, rollback: Rollback | None) -> Iterator[Witness]:
    """What was put before readers; of a release that is not there, nothing.

    Args:
        layout: Where everything lies.
        rollback: The last rollback, if there was one. The release that serves is an
            older one while it holds, and on until the switch of the publication that
            ends it; the newest lines are in that which it left.
    """
    yield _released(layout, "the release that serves", "current")
    if rollback:
        name = "the release that served before the last rollback"
        yield _released(layout, name, f"releases/{rollback.before}")


def _released(layout: Layout, name: str, release: str) -> Witness:
    folder = layout.released_ledgers(release)
    return Witness(
        name=name,
        place=f"{folder.relative_to(layout.root).as_posix()}/",
        ledgers={
            file.stem: read_lines(file) for file in sorted(folder.glob("*.jsonl"))
        },
    )


def cut_short(
    ledgers: Mapping[str, Sequence[Line]], witnesses: Iterable[Witness]
) -> Iterator[Reason]:
    """The first line of each ledger that each witness holds and the ledger does not."""
    for witness in witnesses:
        for study, held in witness.ledgers.items():
            number = first_lost(ledgers.get(study, ()), held)
            if number is not None:
                yield _cut(study, number, witness)


def not_committed(layout: Layout, commit: Witness) -> Iterator[Reason]:
    """What claims of the newest commit name, and it lacks: no clone could publish."""
    listed = _git(layout, "ls-tree", "-z", "--name-only", "HEAD", "takeaways/heads/")
    places = listed.decode(errors="replace").split("\0")
    held = {PurePosixPath(place).stem for place in places}
    for study, number, name in named_beyond(commit.ledgers, held):
        message = (
            f"{commit.name} holds the claim, and lacks what it names; commit "
            f"takeaways/heads/{name}.json, too."
        )
        place = f"line {number}"
        yield Reason(code="heads-missing", message=message, subject=study, place=place)


def _cut(study: str, number: int, witness: Witness) -> Reason:
    message = (
        f"{witness.name} holds a line that is not here: it was cut off, or is another. "
        f"Restore takeaways/{study}.jsonl from {witness.place}."
    )
    return Reason(
        code="ledger-cut", message=message, subject=study, place=f"line {number}"
    )


def _git(layout: Layout, *words: str) -> bytes:
    """What git says in the root; nothing where it is not there, or says no.

    Whoever owns the folder: containers and schedulers work on those of others.
    """
    git = shutil.which("git")
    if git is None:
        return b""
    done = subprocess.run(  # noqa: S603 - every word of it is ours
        [git, "-c", "safe.directory=*", *words],
        cwd=layout.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else b""
