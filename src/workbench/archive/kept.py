"""A post as a folder: `post.json`, and its files under `assets/`."""

import json
from dataclasses import replace
from pathlib import Path

from workbench.core.canonical import SHORT, canonical_json, pretty_json, sha256_of_bytes
from workbench.core.disk import (
    adopt_tree,
    full_disk_is_try_later,
    remove_abandoned,
    scratch_folder,
)
from workbench.core.posts import Post
from workbench.core.records import from_plain, to_plain


def keep_post(post: Post, place: Path) -> None:
    """Write a post into a folder that appears whole; one that is there stays."""
    remove_abandoned(place.parent)
    if (place / "post.json").is_file():
        return
    with scratch_folder(place.parent, "post") as scratch:
        whole = scratch / place.name
        (whole / "assets").mkdir(parents=True)
        with full_disk_is_try_later("a post"):
            for name, data in post.assets.items():
                (whole / "assets" / name).write_bytes(data)
            (whole / "post.json").write_bytes(
                pretty_json(_without_assets(post)).encode()
            )
        adopt_tree(whole, place)  # syncs all of it at once


def read_post(place: Path) -> Post:
    """The post in a folder.

    Raises:
        OSError: A part of it is missing.
        ValueError: It is torn, or another version wrote it.
    """
    assets = {
        file.name: file.read_bytes() for file in sorted((place / "assets").iterdir())
    }
    plain = json.loads((place / "post.json").read_text(encoding="utf-8"))
    return replace(from_plain(Post, plain), assets=assets)


def post_id(post: Post) -> str:
    """Hash of every byte of a post."""
    hashes = {name: sha256_of_bytes(data) for name, data in post.assets.items()}
    whole = canonical_json([_without_assets(post), hashes])
    return sha256_of_bytes(whole.encode())[:SHORT]


def _without_assets(post: Post) -> object:
    return to_plain(replace(post, assets={}))
