"""Editions: posts that passed the gate, kept so that the last good one can serve."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.archive.pointers import read_pointer
from workbench.core.canonical import canonical_json, pretty_json, sha256_of_bytes
from workbench.core.disk import (
    adopt_tree,
    remove_abandoned,
    scratch_folder,
    write_bytes,
    write_text,
)
from workbench.core.errors import Reason, UsageError
from workbench.core.posts import Post
from workbench.core.records import from_plain, to_plain
from workbench.core.registration import BASE_VARIANT, run_name

SHORT = 16


@dataclass(frozen=True, slots=True)
class EditionArchive:
    """The editions of a root, by study and variant."""

    editions: Path

    def keep(self, post: Post) -> str:
        """Store a post and make it the current edition; returns its id."""
        edition = edition_id(post)
        home = self._home(post.study, post.variant or BASE_VARIANT)
        remove_abandoned(home)
        if not (home / edition / "post.json").is_file():
            with scratch_folder(home, "edition") as scratch:
                whole = scratch / edition
                for name, data in post.assets.items():
                    write_bytes(whole / "assets" / name, data)
                write_text(whole / "post.json", pretty_json(_without_assets(post)))
                adopt_tree(whole, home / edition)
        write_text(home / "current.json", pretty_json({"edition": edition}))
        return edition

    def current(self, study: str, variant: str) -> Post | None:
        """The edition that serves now, if any.

        Raises:
            UsageError: It cannot be read: another version wrote it, or it is torn.
        """
        home = self._home(study, variant)
        edition = read_pointer(home / "current.json", "edition")
        if edition is None:
            return None
        try:
            return _read(home / edition)
        except (OSError, ValueError) as error:
            message = (
                "its last edition cannot be read any more, so no site can be made of "
                "it; the one that serves stays. Run and publish the study anew."
            )
            reason = Reason(
                code="edition-unreadable",
                message=message,
                subject=run_name(study, variant),
            )
            raise UsageError(reason) from error

    def variants(self, study: str) -> list[str]:
        """Variants of a study that have an edition."""
        return sorted(folder.name for folder in (self.editions / study).iterdir())

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

    def _home(self, study: str, variant: str) -> Path:
        return self.editions / study / variant


def _read(folder: Path) -> Post:
    assets = {
        file.name: file.read_bytes() for file in sorted((folder / "assets").iterdir())
    }
    plain = json.loads((folder / "post.json").read_text(encoding="utf-8"))
    return replace(from_plain(Post, plain), assets=assets)


def edition_id(post: Post) -> str:
    """Hash of every byte of a post."""
    hashes = {name: sha256_of_bytes(data) for name, data in post.assets.items()}
    whole = canonical_json([_without_assets(post), hashes])
    return sha256_of_bytes(whole.encode())[:SHORT]


def _without_assets(post: Post) -> object:
    return to_plain(replace(post, assets={}))
