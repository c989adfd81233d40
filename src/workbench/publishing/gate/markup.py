"""Rules about markup: nothing asks, watches, loads from outside or breaks."""

import re
from collections.abc import Iterator

from workbench.publishing.gate.draft import Draft, Element
from workbench.publishing.gate.rule import Hit, Rule

GATES = ("form", "input", "select", "textarea", "dialog")
ACTIVE = ("script", "iframe", "object", "embed", "link", "meta", "base", "style")
_ASKS = re.compile(
    r"\b(?:sign up|subscribe|register|log in|enter your e-?mail)\b[^.\n]{0,60}"
    r"\b(?:to read|to continue|to unlock|to download|for the rest|for access)\b",
    re.IGNORECASE,
)
_WATCHES = re.compile(
    r"document\.cookie|localStorage|sendBeacon|google-analytics|googletagmanager|"
    r"fbq\(|_paq|plausible\.io|hotjar",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
_SCRIPTED = re.compile(
    r"^\s*(?:javascript|vbscript|data\s*:\s*text/html)", re.IGNORECASE
)
_SCHEMES = ("http:", "https:", "mailto:", "doi:")


def _gates(draft: Draft) -> Iterator[Hit]:
    for element in draft.elements:
        if element.tag in GATES:
            yield "post", f"it holds a <{element.tag}> element."
    if _ASKS.search(draft.page):
        yield "post", "it asks for something in return for reading on."


def _active(draft: Draft) -> Iterator[Hit]:
    for element in draft.elements:
        if element.tag in ACTIVE:
            yield "post", f"it holds a <{element.tag}> element."
        for name in element.attributes:
            if name.startswith("on"):
                yield "post", f"a <{element.tag}> element carries {name}=."
    for target in draft.links:
        if _SCRIPTED.match(target):
            yield "post", "a link runs a script."


def _watches(draft: Draft) -> Iterator[Hit]:
    if match := _WATCHES.search(draft.page):
        yield "post", f"it speaks to a tracker or keeps a cookie ({match.group()})."


def _outside(draft: Draft) -> Iterator[Hit]:
    for element in draft.elements:
        if element.tag != "a" and any(map(_OUTSIDE.match, _loads(element))):
            yield "post", f"a <{element.tag}> element loads from another site."
    if re.search(r"!\[[^\]]*\]\(\s*<?(?:https?:)?//", draft.page):
        yield "post", "an image loads from another site."


def _loads(element: Element) -> list[str]:
    names = ("src", "srcset", "href", "data", "poster")
    return [element.attributes[name] for name in names if name in element.attributes]


def _broken(draft: Draft) -> Iterator[Hit]:
    for target in draft.links:
        path = target.split("#")[0].split("?")[0]
        if target.startswith(_SCHEMES) or _SCRIPTED.match(target):
            continue
        if target.startswith("#") or path in draft.post.assets:
            continue
        if path.startswith("../") and _on_site(draft, path):
            continue
        yield "post", f"the link to {target!r} leads nowhere."


def _on_site(draft: Draft, path: str) -> bool:
    here = ["posts", draft.post.study]
    if draft.post.variant not in ("base", None):
        here.append(str(draft.post.variant))
    parts = here[:]
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return False
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) in draft.site_paths


RULES = (
    Rule(
        "lead-gate",
        "Readers are served, not measured: nothing is asked for in return.",
        "Remove the form or the demand.",
        _gates,
    ),
    Rule(
        "active-markup",
        "Scripts, frames and handlers run in the reader's browser, unreviewed.",
        "Remove the markup; say it in words or with an exhibit.",
        _active,
    ),
    Rule(
        "tracker",
        "No reader is watched, and nothing is kept on their machine.",
        "Remove it.",
        _watches,
    ),
    Rule(
        "outside-resource",
        "What is loaded from elsewhere tells that place who reads, and can change.",
        "Put the file beside the notebook's post, or link to it in words.",
        _outside,
    ),
    Rule(
        "link-broken",
        "A link that leads nowhere costs the reader's trust.",
        "Correct the link; pages of this site are reached by relative paths.",
        _broken,
    ),
)
