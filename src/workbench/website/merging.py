"""What MkDocs writes of all pages together, when it has built only some of them.

Two files speak of every page: the search index and the sitemap. Their entries for pages
that were not built come from the last release, and all are put in MkDocs's own order.
How these files are written is not ours to decide, so each is first written as MkDocs
has just written it, of the same few pages; where that does not come out byte for byte,
nothing is merged and the site is built whole.
"""

import gzip
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from html import escape, unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin

_LOCATION = re.compile(r"<loc>(.*?)</loc>")
_DATE = re.compile(r"<lastmod>(.*?)</lastmod>")
_URL = """
    <url>
         <loc>{address}</loc>
         <lastmod>{date}</lastmod>
    </url>"""
_SITEMAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}
</urlset>"""


def in_order(pages: Iterable[str]) -> list[str]:
    """Pages as MkDocs walks over them: folders by name, in each its index first."""

    def place(page: str) -> tuple[tuple[str, ...], bool, str]:
        path = PurePosixPath(page)
        return path.parts[:-1], path.stem != "index", path.name

    return sorted(pages, key=place)


def address_of(page: str) -> str:
    """Where a page is served, from the root of the site: `posts/early-birds/`."""
    path = PurePosixPath(page)
    folder = path.parent if path.stem == "index" else path.with_suffix("")
    return "" if folder == PurePosixPath() else f"{folder}/"


def file_of(page: str) -> str:
    """The file that a page becomes: `posts/early-birds/index.html`."""
    return f"{address_of(page)}index.html"


def merged_index(
    partial: bytes, last: bytes, pages: Sequence[str], built: Set[str]
) -> bytes | None:
    """The search index of all pages; None when it cannot be told for certain.

    Args:
        partial: The index that MkDocs wrote of the pages it built.
        last: The index of the last release.
        pages: All pages in their order.
        built: Those that were built.
    """
    new, old = json.loads(partial), json.loads(last)
    fresh, before = _ByPage(new["docs"]), _ByPage(old["docs"])
    own = [entry for page in pages if page in built for entry in fresh(page)]
    if _written_index(new, own) != partial:
        return None
    docs = [e for page in pages for e in (fresh if page in built else before)(page)]
    return _written_index(new, docs)


class _ByPage:
    """Entries of the search by the page they are of."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self._held: dict[str, list[Mapping[str, Any]]] = {}
        for entry in entries:
            address = str(entry["location"]).partition("#")[0]
            self._held.setdefault(address, []).append(entry)

    def __call__(self, page: str) -> Sequence[Mapping[str, Any]]:
        return self._held.get(address_of(page), ())


def _written_index(like: Mapping[str, Any], docs: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps({**like, "docs": docs}, separators=(",", ":")).encode()


def merged_sitemap(
    partial: bytes, pages: Sequence[str], built: Set[str]
) -> bytes | None:
    """The sitemap of all pages; None when it cannot be told for certain.

    Without an address of the site it lists none.

    Args:
        partial: The sitemap that MkDocs wrote of the pages it built, the home page
            among them.
        pages: All pages in their order.
        built: Those that were built.
    """
    text = partial.decode()
    home, date = _LOCATION.search(text), _DATE.search(text)
    if home is None or date is None:
        return partial if partial == _written_sitemap((), "", "").encode() else None

    def written(listed: Iterable[str]) -> bytes:
        return _written_sitemap(listed, unescape(home[1]), date[1]).encode()

    if written(page for page in pages if page in built) != partial:
        return None
    return written(pages)


def _written_sitemap(pages: Iterable[str], home: str, date: str) -> str:
    urls = (
        _URL.format(address=escape(urljoin(home, address_of(page))), date=date)
        for page in pages
    )
    return _SITEMAP.format(urls="".join(urls))


def packed(like: bytes, text: bytes, partial: bytes) -> bytes | None:
    """The sitemap compressed as MkDocs does it; None when it cannot be told.

    Args:
        like: The compressed sitemap that MkDocs wrote.
        text: What is to be compressed.
        partial: What MkDocs compressed.
    """

    def pack(data: bytes) -> bytes:
        file = io.BytesIO()
        stamp = int.from_bytes(like[4:8], "little")
        with gzip.GzipFile("sitemap.xml.gz", "wb", fileobj=file, mtime=stamp) as made:
            made.write(data)
        return file.getvalue()

    return pack(text) if pack(partial) == like else None
