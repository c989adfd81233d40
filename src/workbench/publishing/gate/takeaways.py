"""Rules about the takeaway: there, last, complete, and enough of them."""

import re
from collections.abc import Iterator

from workbench.publishing.gate.draft import Draft
from workbench.publishing.gate.rule import Hit, Rule
from workbench.takeaways.grammar import missing_words, takeaways_owed

SECTION = "tradable-takeaway"
_H2 = re.compile(r"^##\s+.*$|<h2\b[^>]*>", re.MULTILINE)
_CALL = re.compile(r"\bwb\s*\.\s*takeaway\s*\(|\btakeaway\s*\(")


def _missing(draft: Draft) -> Iterator[Hit]:
    if not draft.post.takeaways or SECTION not in draft.page:
        yield "post", "there is no tradable takeaway."


def _not_last(draft: Draft) -> Iterator[Hit]:
    headings = _H2.findall(draft.page)
    if headings and SECTION not in headings[-1]:
        yield "post", "another section comes after the takeaway."
    sources = [_source(cell) for cell in draft.cells]
    calls = [at for at, source in enumerate(sources) if _CALL.search(source)]
    if calls:
        for at in range(calls[0] + 1, len(sources)):
            if sources[at].strip() and at not in calls:
                yield f"cell {at + 1}", "a cell comes after the takeaway."


def _incomplete(draft: Draft) -> Iterator[Hit]:
    for number, takeaway in enumerate(draft.post.takeaways, start=1):
        for words in missing_words(takeaway):
            yield f"takeaway {number}", f"`when` has no words for {words}."


def _sparse(draft: Draft) -> Iterator[Hit]:
    owed = takeaways_owed(draft.post.reading_minutes)
    there = len(draft.post.takeaways)
    if 0 < there < owed:
        minutes = draft.post.reading_minutes
        yield "post", f"{minutes} minutes of reading owe {owed} takeaways, not {there}."


def _source(cell: object) -> str:
    source = cell.get("source", "") if isinstance(cell, dict) else ""
    return "".join(source)


RULES = (
    Rule(
        "takeaway-missing",
        "A post that ends in nothing a reader can use is not published.",
        "End the notebook with wb.takeaway(...).",
        _missing,
    ),
    Rule(
        "takeaway-not-last",
        "Readers find the takeaway at the end of every post, and only there.",
        "Move the cells that call wb.takeaway to the end of the notebook.",
        _not_last,
    ),
    Rule(
        "takeaway-incomplete",
        "The words for each verdict are written before the verdict is known; a case "
        "without words would be written with the answer in view.",
        "Write claim, entry, action and exit for `trade`, claim and action for `do not "
        "trade`.",
        _incomplete,
    ),
    Rule(
        "takeaway-sparse",
        "Readers are owed one takeaway for every started 15 minutes.",
        "Add a takeaway, or cut the post.",
        _sparse,
    ),
)
