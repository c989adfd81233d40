"""Posts as they were last rendered, so that an unchanged run is not rendered again.

rendered/<study>/<variant>/<key>/   one rendering of each, the newest

What is here can be thrown away at any moment: whatever is missing or cannot be read is
rendered again. The gate keeps nothing here; it looks at every post anew.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.archive.kept import keep_post, post_id, read_post
from workbench.archive.pointers import read_pointer
from workbench.core.canonical import pretty_json
from workbench.core.disk import make_folder, write_text
from workbench.core.errors import TryLater
from workbench.core.posts import Post
from workbench.core.registration import EXPLORATORY


@dataclass(frozen=True, slots=True)
class RenderingArchive:
    """The newest rendering of each study and variant."""

    rendered: Path

    def get(self, study: str, variant: str | None, key: str) -> Post | None:
        """The post rendered under a key; None where it is not kept, or not whole."""
        place = self._home(study, variant) / key
        try:
            post = read_post(place)
        except (OSError, ValueError):
            return None
        return (
            post if read_pointer(place / "id.json", "post") == post_id(post) else None
        )

    def put(self, post: Post, variant: str | None, key: str) -> None:
        """Keep a rendering, in the place of the one before; a full disk is no matter.

        Its id is written last: without it, the post is not read.
        """
        home = self._home(post.study, variant)
        with suppress(TryLater):
            make_folder(self.rendered, 0o700)  # no gate has seen it yet
            keep_post(post, home / key)
            write_text(home / key / "id.json", pretty_json({"post": post_id(post)}))
        for other in home.glob("[!.]*"):
            if other.name != key:
                shutil.rmtree(other, ignore_errors=True)

    def _home(self, study: str, variant: str | None) -> Path:
        return self.rendered / study / (variant or EXPLORATORY)
