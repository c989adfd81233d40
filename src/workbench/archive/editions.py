"""Editions: posts that passed the gate, kept so that the last good one can serve.

editions/<study>/<variant>/<edition>/post.json    the post; its files under assets/
editions/<study>/<variant>/<edition>/frozen.html  its page as it was first released
editions/<study>/<variant>/published.json         what was released, and its addresses
editions/<study>/<variant>/current.json           which of them serves
editions/<study>/withdrawn.json                   what was taken down of them, and why

A withdrawn edition stays here, and its address stays its own; no site shows it again.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.archive.kept import keep_post, post_id, read_post
from workbench.archive.pointers import read_pointer
from workbench.core.canonical import pretty_json
from workbench.core.clock import format_instant, parse_instant
from workbench.core.disk import write_bytes, write_text
from workbench.core.errors import Reason, UsageError
from workbench.core.posts import (
    Edition,
    Editions,
    Post,
    TakenDown,
    Tombstone,
    Withdrawal,
    address_for,
)
from workbench.core.records import from_plain, to_plain
from workbench.core.registration import BASE_VARIANT, run_name


@dataclass(frozen=True, slots=True)
class EditionArchive:
    """The editions of a root, by study and variant."""

    editions: Path

    def store(self, post: Post) -> None:
        """Store a post to which nothing points yet."""
        home = self._home(post.study, post.variant or BASE_VARIANT)
        keep_post(post, home / post_id(post))

    def keep(self, post: Post) -> str:
        """Store a post and make it the current edition; returns its id."""
        self.store(post)
        edition = post_id(post)
        home = self._home(post.study, post.variant or BASE_VARIANT)
        if read_pointer(home / "current.json", "edition") != edition:
            write_text(home / "current.json", pretty_json({"edition": edition}))
        return edition

    def current(self, study: str, variant: str) -> Post | None:
        """The edition that serves now, if any; none where it was taken down.

        Raises:
            UsageError: It cannot be read: another version wrote it, or it is torn.
        """
        edition = self._pointed(study, variant)
        if edition is None or edition in self._withdrawn(study):
            return None
        return self.read(study, variant, edition)

    def read(self, study: str, variant: str, edition: str) -> Post:
        """One edition, also one that was taken down.

        Raises:
            UsageError: It cannot be read.
        """
        try:
            return read_post(self._home(study, variant) / edition)
        except (OSError, ValueError) as error:
            raise _unreadable(study, variant) from error

    def tombstone(self, study: str, variant: str) -> Tombstone | None:
        """What was taken down of the post itself; None while it serves.

        Raises:
            UsageError: It cannot be read.
        """
        edition = self._pointed(study, variant)
        withdrawal = self._withdrawn(study).get(edition or "")
        if edition is None or withdrawal is None:
            return None
        post = self.read(study, variant, edition)
        return Tombstone(post=post, withdrawal=withdrawal)

    def of_post(self, post: Post) -> Editions:
        """The editions of a post's study and variant, the post's own among them.

        The post's own has its address from now on, and its files once it is frozen.
        """
        published = self.published(post.study, post.variant or BASE_VARIANT)
        edition = post_id(post)
        for each in published:
            if each.edition == edition:
                return Editions(published=published, current=each)
        fresh = Edition(
            edition=edition,
            as_of=post.as_of,
            address=address_for(post.as_of, {each.address for each in published}),
            files={},
            folder=None,
        )
        return Editions(published=(*published, fresh), current=fresh)

    def published(self, study: str, variant: str) -> tuple[Edition, ...]:
        """The editions that have a frozen page, in the order of their publication.

        Those of an archive from before there were frozen pages have none.

        Raises:
            UsageError: The list of them cannot be read.
        """
        home = self._home(study, variant)
        try:
            taken = self._withdrawn(study)
            return tuple(_edition(home, entry, taken) for entry in _entries(home))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unreadable(study, variant) from error

    def freeze(
        self, post: Post, edition: Edition, page: bytes, files: Mapping[str, str]
    ) -> None:
        """Keep the page of an edition as readers see it first; later calls do nothing.

        Args:
            post: The post, which is kept already.
            edition: Its edition.
            page: The page at the edition's address.
            files: SHA-256 of each file at that address, by name.
        """
        home = self._home(post.study, post.variant or BASE_VARIANT)
        known = _entries(home)
        if any(entry["edition"] == edition.edition for entry in known):
            return
        write_bytes(home / edition.edition / "frozen.html", page)
        entry = {
            "edition": edition.edition,
            "as_of": format_instant(edition.as_of),
            "address": edition.address,
            "files": dict(files),
        }
        write_text(home / "published.json", pretty_json([*known, entry]))

    def standing(self, study: str) -> dict[str, TakenDown]:
        """Every edition that was published and not taken down, by its address.

        The address holds its variant, unless it is the base. An edition that a killed
        publication kept and nobody has seen has none, and an empty name in its place.

        Raises:
            UsageError: One of them cannot be read.
        """
        found: dict[str, TakenDown] = {}
        taken = self._withdrawn(study)
        for variant in self.variants(study):
            folder = "" if variant == BASE_VARIANT else f"{variant}/"
            known = {e.edition: e for e in self.published(study, variant)}
            named = {edition: (e.address, e.as_of) for edition, e in known.items()}
            serving = self.current(study, variant)
            if serving is not None:
                named.setdefault(post_id(serving), ("", serving.as_of))
            for edition in named.keys() - taken.keys():
                address, as_of = named[edition]
                file = self._home(study, variant) / edition / "post.json"
                found[folder + address] = TakenDown(
                    variant=variant,
                    edition=edition,
                    as_of=as_of,
                    run_id=read_pointer(file, "run_id") or "",
                )
        return dict(sorted(found.items()))

    def seal(self, study: str, taken: TakenDown) -> str | None:
        """Terms on which an edition was published; None where it does not say."""
        folder = self._home(study, taken.variant) / taken.edition
        return read_pointer(folder / "assets" / "result.json", "seal")

    def is_current(self, study: str, taken: TakenDown) -> bool:
        """Whether an edition is the one that its post shows."""
        return self._pointed(study, taken.variant) == taken.edition

    def withdrawals(self, study: str) -> tuple[Withdrawal, ...]:
        """What was taken down of a study's posts, in order.

        Raises:
            UsageError: The note of it cannot be read.
        """
        file = self._note(study)
        try:
            plain = json.loads(file.read_text(encoding="utf-8"))
            return tuple(from_plain(Withdrawal, each) for each in plain)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            message = (
                "what was withdrawn of it cannot be read any more, so nothing is "
                f"published; bring {file.name} of its editions back from a copy."
            )
            reason = Reason(code="edition-unreadable", message=message, subject=study)
            raise UsageError(reason) from error

    def withdraw(self, study: str, withdrawal: Withdrawal) -> None:
        """Note durably what is taken down; every publication from now on heeds it."""
        noted = [*self.withdrawals(study), withdrawal]
        write_text(self._note(study), pretty_json(to_plain(noted)))

    def variants(self, study: str) -> list[str]:
        """Variants of a study that have an edition."""
        return sorted(f.name for f in (self.editions / study).iterdir() if f.is_dir())

    def studies(self) -> list[str]:
        """Studies that have an edition."""
        if not self.editions.is_dir():
            return []
        return sorted(folder.name for folder in self.editions.iterdir())

    def serving(self) -> set[str]:
        """Ids of the runs whose posts serve, as far as they can be read."""
        found = set()
        for study in self.studies():
            for variant in self.variants(study):
                with suppress(UsageError):  # its post stays, and is told elsewhere
                    post = self.current(study, variant)
                    found |= {post.run_id} if post else set()
        return found

    def _withdrawn(self, study: str) -> dict[str, Withdrawal]:
        """What took each edition down, by the edition's id."""
        return {
            taken.edition: withdrawal
            for withdrawal in self.withdrawals(study)
            for taken in withdrawal.editions
        }

    def _pointed(self, study: str, variant: str) -> str | None:
        return read_pointer(self._home(study, variant) / "current.json", "edition")

    def _note(self, study: str) -> Path:
        return self.editions / study / "withdrawn.json"

    def _home(self, study: str, variant: str) -> Path:
        return self.editions / study / variant


def _entries(home: Path) -> list[dict[str, Any]]:
    file = home / "published.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


def _edition(
    home: Path, entry: Mapping[str, Any], taken: Mapping[str, Withdrawal]
) -> Edition:
    return Edition(
        edition=entry["edition"],
        as_of=parse_instant(entry["as_of"]),
        address=entry["address"],
        files=entry["files"],
        folder=home / entry["edition"],
        withdrawn=taken.get(entry["edition"]),
    )


def _unreadable(study: str, variant: str) -> UsageError:
    message = (
        "its last edition cannot be read any more, so no site can be made of it; the "
        "one that serves stays. Run and publish the study anew."
    )
    subject = run_name(study, variant)
    return UsageError(
        Reason(code="edition-unreadable", message=message, subject=subject)
    )
