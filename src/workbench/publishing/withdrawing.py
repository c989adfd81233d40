"""Posts that their authors take down, and what follows for every later publication.

The fact is written down before anything else. From then on any publication puts
tombstones where the pages were, and the very edition that was taken down never serves
again. Nor is the same said of the same date on the same terms, whatever run it comes
from, unless an edition that stands says it, too. Nothing of that date is published at
all unless an edition with better words stood before the other was withdrawn; a study
that is given other terms begins anew.
"""

from collections.abc import Iterable, Iterator, Set
from datetime import datetime
from pathlib import Path

from workbench.archive.editions import EditionArchive
from workbench.archive.kept import post_id
from workbench.core.clock import show_instant
from workbench.core.errors import Reason, UsageError
from workbench.core.posts import FROZEN_PAGE, Editions, Post, TakenDown, Withdrawal
from workbench.core.registration import BASE_VARIANT, Registration, run_name
from workbench.core.runs import RunRecord, RunSpec
from workbench.website.listing import place_of
from workbench.website.tombstones import shows


def withdrawal_of(
    editions: EditionArchive, study: str, address: str | None
) -> dict[str, TakenDown]:
    """What is to be taken down, by address; nothing where all is down already.

    Args:
        editions: The editions.
        study: The study.
        address: Of one edition, `1998-03-11` or `month/1998-03-11`; None for the whole
            post.

    Raises:
        UsageError: Nothing of it was ever published, there is no such edition, or it is
            the one that serves.
    """
    if study not in editions.studies():
        raise _wrong(
            study, "no post of it was ever published, so none can be withdrawn."
        )
    standing = editions.standing(study)
    if address is None:
        return standing
    known = set(addresses(editions, study))
    if address not in known:
        named = ", ".join(sorted(known)) or "none"
        raise _wrong(study, f"it has no edition {address!r}; there is: {named}.")
    taken = {place: each for place, each in standing.items() if place == address}
    if any(editions.is_current(study, each) for each in taken.values()):
        message = f"{address} is the edition that serves; withdraw it with --post."
        raise _wrong(study, message)
    return taken


def addresses(editions: EditionArchive, study: str) -> Iterator[str]:
    """Addresses of all published editions below the post's, withdrawn ones too."""
    for variant in editions.variants(study):
        folder = "" if variant == BASE_VARIANT else f"{variant}/"
        for edition in editions.published(study, variant):
            yield f"{folder}{edition.address}"


def withdrawn_files(editions: EditionArchive, study: str) -> set[str]:
    """Every file of the site that showed what was withdrawn of a study."""
    found: set[str] = set()
    for folder, each in kept_editions(editions).items():
        if folder.split("/")[1] != study:
            continue
        for edition in each.published:
            if edition.withdrawn:
                place = f"{folder}/{edition.address}"
                found |= {f"{place}/{name}" for name in edition.files}
        if each.tombstone:
            names = (FROZEN_PAGE, *each.tombstone.post.assets)
            found |= {f"{folder}/{name}" for name in names}
    return found


def kept_editions(editions: EditionArchive) -> dict[str, Editions]:
    """All that was ever published, by the folder of its post, none of it serving."""
    return {
        place_of(study, variant): Editions(
            published=editions.published(study, variant),
            current=None,
            tombstone=editions.tombstone(study, variant),
        )
        for study in editions.studies()
        for variant in editions.variants(study)
    }


def shown_by(release: Path, editions: EditionArchive) -> list[str]:
    """Studies of which a release shows what was withdrawn."""
    shown = {
        folder.split("/")[1]
        for folder, each in kept_editions(editions).items()
        if shows(release, folder, each)
    }
    return sorted(shown)


def lacking(release: Path, editions: EditionArchive, down: Set[str]) -> list[str]:
    """Addresses of the editions that stand and that a release does not have.

    Args:
        release: A release.
        editions: The editions.
        down: Ids of those that are about to be withdrawn.
    """
    return sorted(
        place
        for folder, each in kept_editions(editions).items()
        for edition in each.published
        if not edition.withdrawn and edition.edition not in down
        for place in [f"{folder}/{edition.address}"]
        if not (release / place / FROZEN_PAGE).is_file()
    )


def withdrawn_runs(editions: EditionArchive) -> Set[str]:
    """Ids of the runs whose posts were taken down, and of which no edition stands."""
    found: set[str] = set()
    for study in editions.studies():
        if taken := {each.run_id for each, _ in _taken(editions, study)}:
            standing = editions.standing(study).values()
            found |= taken - {each.run_id for each in standing}
    return found


def is_down(editions: EditionArchive, registration: Registration) -> bool:
    """Whether a study's post was withdrawn on the very terms that it has now.

    On those it had then, or on those of an edition that came down with it.
    """
    study = registration.study
    down = {
        seal
        for whole in editions.withdrawals(study)
        if whole.whole
        for seal in (
            whole.seal,
            *(_terms(editions, study, whole, taken) for taken in whole.editions),
        )
    }
    return registration.seal in down


def is_taken_down(editions: EditionArchive, record: RunRecord) -> bool:
    """Whether what a run would publish was withdrawn on these terms.

    Nothing of a date whose edition was withdrawn is published again, unless another
    edition of that date stands, as one with better words does.
    """
    taken = _taken_of(editions, record.spec)
    return bool(taken) and not _standing_of(editions, record.spec)


def is_said_again(editions: EditionArchive, spec: RunSpec, post: Post) -> bool:
    """Whether a post of a run says what was withdrawn of its date on these terms.

    A comment in a cell makes another run and another page, and says nothing new. What
    an edition that stands says, too, may be said, but not by the very one withdrawn.
    """
    if post_id(post) in {each.edition for each, _ in _taken(editions, spec.study)}:
        return True
    taken = _taken_of(editions, spec)
    variant = post.variant or BASE_VARIANT

    def says(edition: str) -> bool:
        return _said(editions.read(post.study, variant, edition)) == _said(post)

    return any(map(says, taken)) and not any(map(says, _standing_of(editions, spec)))


def _said(post: Post) -> tuple[object, ...]:
    """What a post tells its readers, without the run that it comes from."""
    prose = [text for _, text in post.prose]
    shown = post.evidence, post.figures, post.tables, post.takeaways
    return post.title, post.question, prose, *shown


def _taken_of(editions: EditionArchive, spec: RunSpec) -> list[str]:
    """Editions of a run's terms, variant and date that were taken down."""
    taken = _taken(editions, spec.study)
    return _of_slot((each for each, seal in taken if seal == spec.seal), spec)


def _standing_of(editions: EditionArchive, spec: RunSpec) -> list[str]:
    """Editions of a run's variant and date that were not."""
    return _of_slot(editions.standing(spec.study).values(), spec)


def _of_slot(found: Iterable[TakenDown], spec: RunSpec) -> list[str]:
    slot = (spec.variant, spec.as_of)
    return [each.edition for each in found if (each.variant, each.as_of) == slot]


def _taken(editions: EditionArchive, study: str) -> Iterator[tuple[TakenDown, str]]:
    """Each edition of a study that was taken down, and the terms it came from."""
    for withdrawal in editions.withdrawals(study):
        for taken in withdrawal.editions:
            yield taken, _terms(editions, study, withdrawal, taken)


def _terms(
    editions: EditionArchive, study: str, withdrawal: Withdrawal, taken: TakenDown
) -> str:
    """Seal of the terms of an edition; the study may have had others by then."""
    return editions.seal(study, taken) or withdrawal.seal


def taken_down(spec: RunSpec) -> Reason:
    """Why a run is not published whose edition was withdrawn."""
    message = (
        f"its edition of {show_instant(spec.as_of)} was withdrawn, and what it said is "
        "not published again on the same terms; run it as of another date, or register "
        "other terms. Where a better edition of that date serves, say it otherwise."
    )
    subject = run_name(spec.study, spec.variant or BASE_VARIANT)
    return Reason(code="post-withdrawn", message=message, subject=subject)


def post_is_down(study: str) -> Reason:
    """Why a study is not published whose post was withdrawn."""
    message = (
        "its post was withdrawn, and is not published again on the same terms; change "
        f"them, and seal them with `workbench register {study}`."
    )
    return Reason(code="post-withdrawn", message=message, subject=study)


def withdrawal(
    taken: dict[str, TakenDown], *, at: datetime, why: str, seal: str, whole: bool
) -> Withdrawal:
    """The fact as it is written down."""
    return Withdrawal(
        at=at, why=why, seal=seal, whole=whole, editions=tuple(taken.values())
    )


def _wrong(study: str, message: str) -> UsageError:
    return UsageError(Reason(code="usage", message=message, subject=study))
