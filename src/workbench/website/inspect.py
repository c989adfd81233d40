"""The finished site is read page by page: links, outside files, gates, trackers.

MkDocs's own strictness sees Markdown links only; this reads what a browser would get.
"""

import re
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urljoin, urlsplit

from workbench.core.canonical import sha256_of_file
from workbench.core.findings import Finding, Severity
from workbench.website.markup import Page, outside_in_css
from workbench.website.readings import Readings
from workbench.website.tree import hashes_below

REMEDIES: Mapping[str, str] = {
    "link-broken": "Correct the link, or add the page, file or heading it names.",
    "outside-resource": "Put the file beside the page and link to it there.",
    "active-markup": "Remove it; say it in words or with an exhibit.",
    "lead-gate": "Remove it: a reader gives nothing in return for reading.",
    "tracker": "Remove it: readers are counted from access logs, without cookies.",
}
_HOST = "https://site.invalid"
# Nearly every address of a site; to follow it by the rules of the web takes ten times
# as long and leads to the same place.
_PLAIN = re.compile(r"((?!/)[\w./-]*)(?:#([\w-]*))?", re.ASCII)


def inspect_site(
    folder: Path,
    files: Mapping[str, str] | None = None,
    *,
    settled: Set[str] = frozenset(),
    readings: Readings | None = None,
) -> list[Finding]:
    """Everything wrong with a built site.

    Args:
        folder: Root of the site as it would be served.
        files: SHA-256 of each of its files, by path, where they are known.
        settled: Files of editions that were frozen, and so inspected, in an earlier
            release. They are the bytes that passed then, which their hashes prove. A
            link of theirs may have lost its target since; that cannot be mended in a
            page that stays for good, so to find it would stop every later release.
        readings: What was read of pages before; takes what is read now.

    Returns:
        Findings by study and page; none when the site may be released.
    """
    hashes = hashes_below(folder) if files is None else files
    known = readings or Readings()
    pages = {
        name: known.page(folder / name, hashes[name])
        for name in sorted(hashes.keys() - settled)
        if name.endswith((".html", ".svg"))
    }
    home = pages.get("index.html", Page()).canonical or f"{_HOST}/"
    found = [
        *_own_remarks(pages),
        *_link_findings(pages, hashes.keys(), home),
        *_style_findings(folder, hashes.keys() - settled),
        *_script_findings(hashes),
    ]
    return sorted(found, key=lambda each: (each.study, each.place.partition(" ")[0]))


def _finding(code: str, study: str, place: str, message: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.ERROR,
        study=study,
        place=place,
        message=message,
        remedy=REMEDIES[code],
    )


def _on_page(code: str, name: str, line: int, message: str) -> Finding:
    parts = PurePosixPath(name).parts
    is_post = len(parts) > 2 and parts[0] == "posts"  # noqa: PLR2004 - posts/<study>/file
    study = parts[1] if is_post else "site"
    return _finding(code, study, f"{name} line {line:,}", message)


def _own_remarks(pages: Mapping[str, Page]) -> Iterator[Finding]:
    for name, page in pages.items():
        for remark in page.remarks:
            yield _on_page(remark.code, name, remark.line, remark.message)


def _link_findings(
    pages: Mapping[str, Page], names: Set[str], home: str
) -> Iterator[Finding]:
    resolver = _Resolver(names, home)
    for name, page in pages.items():
        links = [(line, address, True) for line, address in page.links]
        links += [(line, address, False) for line, address in page.resources]
        for line, address, is_link in links:
            found = resolver(name, address)
            if found is None:
                continue
            target, fragment = found
            if target is None:
                message = f"{address} leads to no page or file."
                yield _on_page("link-broken", name, line, message)
            elif is_link and not _has_anchor(pages.get(target), fragment):
                message = f"{address}: the page has no such heading or anchor."
                yield _on_page("link-broken", name, line, message)


class _Resolver:
    """Where addresses on pages lead: a file or none, and a fragment.

    A menu has the same addresses on every page of one depth; climbing to the root of
    the site, they lead to the same place, and are followed once.
    """

    def __init__(self, names: Set[str], home: str) -> None:
        self._names = names
        self._home = home
        self._known: dict[tuple[int, str], tuple[str | None, str] | None] = {}

    def __call__(self, name: str, address: str) -> tuple[str | None, str] | None:
        """None for an address that leaves the site."""
        depth = name.count("/")
        if not depth or not address.startswith("../" * depth):
            return self._followed(name, address)
        if (depth, address) not in self._known:
            self._known[depth, address] = self._followed(name, address)
        return self._known[depth, address]

    def _followed(self, name: str, address: str) -> tuple[str | None, str] | None:
        if plain := _PLAIN.fullmatch(address):
            path, fragment = plain[1], plain[2] or ""
            inside = normpath(join(dirname(name), path)) if path else name
            if not inside.startswith("."):  # the root, or above it: by the rules
                end = "/" if path.endswith(("/", "..", "/.")) else ""
                return _file(inside + end, self._names), fragment
        own = urljoin(self._home, name.removesuffix("index.html"))
        parts = urlsplit(urljoin(own, address))
        if parts.scheme not in {"http", "https"}:
            return None
        if f"{parts.scheme}://{parts.netloc}" != _origin(self._home):
            return None
        return _target(parts.path, self._home, self._names), parts.fragment


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _target(path: str, home: str, names: Set[str]) -> str | None:
    """The file of the site that a path leads to, if there is one."""
    base = urlsplit(home).path or "/"
    if not f"{path}/".startswith(base):
        return None
    return _file(unquote(path.removeprefix(base).lstrip("/")), names)


def _file(inside: str, names: Set[str]) -> str | None:
    as_folder = f"{inside.rstrip('/')}/index.html".lstrip("/")
    for candidate in (inside, as_folder):
        if candidate in names:
            return candidate
    return None


def _has_anchor(page: Page | None, fragment: str) -> bool:
    wanted = unquote(fragment)
    return page is None or not wanted or wanted in page.anchors


def _style_findings(folder: Path, names: Set[str]) -> Iterator[Finding]:
    for name in sorted(names):
        if name.endswith(".css"):
            for address in outside_in_css((folder / name).read_text(encoding="utf-8")):
                message = f"the style sheet fetches {address}."
                yield _on_page("outside-resource", name, 1, message)


def _script_findings(hashes: Mapping[str, str]) -> Iterator[Finding]:
    """A script is the theme's own, byte for byte, or it is refused."""
    for name in sorted(hashes):
        is_script = name.endswith((".js", ".mjs", ".wasm"))
        if is_script and hashes[name] not in _theme_scripts():
            message = "this script is not the theme's own."
            yield _on_page("active-markup", name, 1, message)


@lru_cache(maxsize=1)
def _theme_scripts() -> frozenset[str]:
    spec = find_spec("material")
    if spec is None or spec.origin is None:
        return frozenset()
    folder = Path(spec.origin).parent / "templates" / "assets" / "javascripts"
    return frozenset(sha256_of_file(path) for path in folder.rglob("*.js"))
