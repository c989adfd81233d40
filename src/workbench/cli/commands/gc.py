"""`workbench gc`: what nothing refers to goes, and how many bytes it was is told."""

from argparse import Namespace
from collections.abc import Iterable
from functools import partial

from workbench.app import App
from workbench.archive.clearing import Waste, size_of
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.core.errors import TryLater
from workbench.website.kept import drop_release

KINDS = ("scratch", "attempts", "runs", "reopened", "rendered", "preview", "releases")


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Remove what is left over below a root."""
    clear(App(find_root(arguments.root)), outcome, dry=arguments.dry_run)


def clear(app: App, outcome: Outcome, *, dry: bool) -> None:
    """Remove it piece by piece; what is in use stays, and is named.

    Raises:
        TryLater: Somebody ticks, or publishes.
    """
    skipped: list[str] = []
    with app.ticking(), app.publishing():
        found = [*app.clearing.found(app.editions.serving()), *_releases(app)]
        gone = found if dry else _remove(found, skipped)
    outcome.acted = bool(gone) and not dry
    _tell(gone, outcome, "would free" if dry else "freed")
    outcome.data["skipped"] = skipped
    outcome.lines += [f"left alone: {each}" for each in skipped]


def _remove(found: Iterable[Waste], skipped: list[str]) -> list[Waste]:
    gone = []
    for waste in found:
        try:
            waste.remove()
        except TryLater as error:
            skipped += [reason.message for reason in error.reasons]
        else:
            gone.append(waste)
    return gone


def _releases(app: App) -> list[Waste]:
    return [
        Waste(
            kind="releases",
            name=place.relative_to(app.layout.root).as_posix(),
            size=size_of(place),
            remove=partial(drop_release, place),
        )
        for place in app.rolling_back.superfluous(app.settings.keep_releases)
    ]


def _tell(gone: list[Waste], outcome: Outcome, verb: str) -> None:
    told: dict[str, object] = {}
    for kind in KINDS:
        of_kind = [waste for waste in gone if waste.kind == kind]
        total = sum(waste.size for waste in of_kind)
        told[kind] = {"count": len(of_kind), "bytes": total}
        if of_kind:
            outcome.lines.append(f"{kind}: {len(of_kind):,}, {verb} {total:,} bytes")
        outcome.lines += [f"    {waste.name}" for waste in of_kind]
    if not gone:
        outcome.lines.append("nothing to remove")
    outcome.data["removed"] = told
