"""What was read of pages before, so that a page that is the same is not read again.

Only the reading is remembered, by the hash of what was read; whether a link still leads
somewhere is asked anew of every release.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.core import disk
from workbench.core.canonical import canonical_json, sha256_of_file
from workbench.website import markup
from workbench.website.markup import Page, Remark, read_page


@dataclass(slots=True)
class Readings:
    """Pages by the hash of their bytes: those known, and those met this time."""

    known: Mapping[str, Any] = field(default_factory=dict)
    met: dict[str, Any] = field(default_factory=dict)

    def page(self, path: Path, sha: str) -> Page:
        """What a page or drawing holds; read only if it never was."""
        kind = path.suffix
        key = f"{sha}{kind}"
        plain = self.met.get(key) or self.known.get(key)
        if plain is None:
            text = path.read_text(encoding="utf-8")
            plain = _to_plain(read_page(text, is_drawing=kind == ".svg"))
        self.met[key] = plain
        return _from_plain(plain)


def read_readings(file: Path) -> Readings:
    """Those remembered in a file; none where the rules of reading have changed."""
    try:
        plain = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Readings()
    return Readings(plain["pages"] if plain.get("rules") == _rules() else {})


def remember_readings(file: Path, readings: Readings) -> None:
    """Keep what was met this time; what was not is gone from the site."""
    if readings.met.keys() != readings.known.keys():
        plain = {"rules": _rules(), "pages": readings.met}
        disk.write_text(file, canonical_json(plain))


def _rules() -> str:
    return sha256_of_file(Path(markup.__file__))


def _to_plain(page: Page) -> list[Any]:
    remarks = [[each.line, each.code, each.message] for each in page.remarks]
    return [
        sorted(page.anchors),
        page.links,
        page.resources,
        remarks,
        page.canonical,
    ]


def _from_plain(plain: list[Any]) -> Page:
    anchors, links, resources, remarks, canonical = plain
    return Page(
        anchors=set(anchors),
        links=links,
        resources=resources,
        remarks=[Remark(*each) for each in remarks],
        canonical=canonical,
    )
