"""Rules about markup: nothing asks, watches, runs, imitates or loads from outside."""

import re
from collections.abc import Iterator

from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.links import SCRIPTED
from workbench.publishing.gate.reading import Element
from workbench.publishing.gate.rule import Hit, Rule
from workbench.publishing.gate.words import (
    fixed,
    prose_shown,
    prose_written,
    templates,
)
from workbench.takeaways.binding import without_code

GATES = ("form", "input", "select", "textarea", "dialog")
ACTIVE = ("script", "iframe", "object", "embed", "link", "meta", "base", "style")
_ENGINES = re.compile(r'<data value="[^"<>]*">[^<>]*</data>')
_TAG = re.compile(r"</?[A-Za-z][\w-]*(?=[\s/>])|<[!?]")
_ATTRIBUTES = re.compile(r"\{:?\s*(?:[#.][\w-]|[\w-]+\s*=)[^{}\n]*\}")
_REFERENCE = re.compile(r"&#\w+;?")
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


def _raw(draft: Draft) -> Iterator[Hit]:
    """HTML in any words: as the author wrote them, and as they stand in the page."""
    written = [*fixed(draft), *templates(draft), *prose_written(draft)]
    shown = [(place, _ENGINES.sub(" ", text)) for place, text in prose_shown(draft)]
    hits: list[Hit] = []
    for place, text in (*written, *shown):
        bare = without_code(text)
        for pattern in (_TAG, _ATTRIBUTES, _REFERENCE):
            hits += [
                (place, f"it holds {match.group().rstrip()!r}.")
                for match in pattern.finditer(bare)
            ]
    yield from dict.fromkeys(hits)


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
        if SCRIPTED.match(target):
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


RULES = (
    Rule(
        "raw-markup",
        "HTML of an author's own could imitate a verdict, a figure or a bound number, "
        "or hide what stands below it.",
        "Say it in Markdown, or with wb.figure, wb.exhibit or a bound number.",
        _raw,
    ),
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
        "Draw it with wb.figure, or link to it in words.",
        _outside,
    ),
)
