"""Rules about markup: nothing asks, watches, runs, imitates or loads from outside."""

import re
from collections.abc import Iterator

from workbench.publishing.gate.allowed import foreign
from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.links import is_scripted
from workbench.publishing.gate.rule import Hit, Rule
from workbench.publishing.gate.words import Words, fixed, prose_shown, templates

ACTIVE = ("iframe", "object", "embed", "link", "meta", "base", "style")
_MARKUP = re.compile(r"</?[A-Za-z][\w-]*(?=[\s/>])|<[!?]|&#?\w+;")  # in plain words
_YOURS = (
    r"your\s+(?:\w+\s+)?(?:e-?mail|(?:phone|mobile|telephone)\b|number|contact|name)"
)
_RETURN = (  # what is held out for it
    r"(?:to (?:read|continue|unlock|download|see|get|receive|view|access)|for (?:the "
    r"(?:rest|full)|full|access|more|updates)|newsletter|mailing list|the rest)"
)
_ASKS = re.compile(
    rf"\b(?:leave|enter|give us|tell us|send us|submit|provide|drop|type(?: in)?"
    rf"|fill in|share|add|confirm)\s+(?:us\s+)?{_YOURS}(?!\s*(?:list|campaign|s\b))"
    rf"|\b(?:sign up|subscribe|register|log in|sign in)\b[^.\n]{{0,60}}\b{_RETURN}\b"
    rf"|\b(?:join|get on)\s+(?:our|the)\s+(?:newsletter|mailing list|list)\b"
    rf"|\b(?:contact|e-?mail|write to|message|call) us\b[^.\n]{{0,60}}\b{_RETURN}\b"
    rf"|\bcreate (?:an|your) account\b[^.\n]{{0,60}}\b{_RETURN}\b"
    rf"|\bwe(?:['\u2019]ll| will| shall)? (?:send|e-?mail|mail) (?:it to )?you\b"
    rf"|\bin (?:return|exchange) for your\b",
    re.IGNORECASE,
)
_WATCHES = re.compile(
    r"document\.cookie|localStorage|sendBeacon|google-analytics|googletagmanager|"
    r"fbq\(|_paq|plausible\.io|hotjar",
    re.IGNORECASE,
)


def _raw(draft: Draft) -> Iterator[Hit]:
    """Elements that Markdown did not make, and markup in words that are none."""
    hits = list(draft.authored.faults)
    for region in draft.authored.regions:
        hits += [(region.place, each) for each in foreign(region, draft.authored.marks)]
    for place, text in (*fixed(draft), *templates(draft)):
        hits += [(place, f"it holds {each!r}.") for each in _MARKUP.findall(text)]
    yield from dict.fromkeys(hits)


def _shown(draft: Draft) -> Words:
    yield from fixed(draft)
    yield from templates(draft)
    for place, text in prose_shown(draft):
        yield place, " ".join(text.split())


def _gates(draft: Draft) -> Iterator[Hit]:
    yield from _seen_by_the_site(draft, "lead-gate")
    if any(element.tag == "dialog" for element in draft.elements):
        yield "post", "it holds a <dialog> element."
    for place, text in _shown(draft):
        if match := _ASKS.search(text):
            message = "it asks for something in return for reading on"
            yield place, f"{message} ({match.group()!r})."


def _active(draft: Draft) -> Iterator[Hit]:
    yield from _seen_by_the_site(draft, "active-markup")
    for element in draft.elements:
        if element.tag in ACTIVE:
            yield "post", f"it holds a <{element.tag}> element."
    if any(map(is_scripted, draft.links)):
        yield "post", "a link runs a script."


def _watches(draft: Draft) -> Iterator[Hit]:
    yield from _seen_by_the_site(draft, "tracker")
    for place, text in _shown(draft):
        if match := _WATCHES.search(text):
            message = "it speaks to a tracker or keeps a cookie"
            yield place, f"{message} ({match.group()})."


def _outside(draft: Draft) -> Iterator[Hit]:
    yield from _seen_by_the_site(draft, "outside-resource")


def _seen_by_the_site(draft: Draft, code: str) -> Iterator[Hit]:
    """What the finished site would be refused for, told while there is a post only."""
    for remark in draft.remarks:
        if remark.code == code:
            yield "post", remark.message


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
