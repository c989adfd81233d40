"""Rules about the takeaway: there, last, complete, computed, and enough of them."""

import ast
import re
from collections.abc import Iterator

from workbench.core.takeaway import Takeaway
from workbench.publishing.gate.draft import Draft, source_of
from workbench.publishing.gate.rule import Hit, Rule
from workbench.takeaways import compose
from workbench.takeaways.grammar import OWED, missing_words, takeaways_owed

SECTION = "tradable-takeaway"
_H2 = re.compile(r"^##\s+.*$|<h2\b[^>]*>", re.MULTILINE)
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)  # IPython's own, no Python
_WORD = re.compile(r"[^\W\d_]{2,}")


def _missing(draft: Draft) -> Iterator[Hit]:
    if not draft.post.takeaways or SECTION not in draft.page:
        yield "post", "there is no tradable takeaway."


def _not_last(draft: Draft) -> Iterator[Hit]:
    headings = _H2.findall(draft.page)
    there = any(SECTION in heading for heading in headings)
    if there and SECTION not in headings[-1]:
        yield "post", "another section comes after the takeaway."
    calls = [_calls_takeaway(source_of(cell)) for cell in draft.run_cells]
    first = calls.index(True) if True in calls else len(calls)
    for number, cell in enumerate(draft.run_cells[first:], start=first + 1):
        if source_of(cell).strip() and not calls[number - 1]:
            yield f"cell {number}", "it comes after the takeaway."


def _calls_takeaway(source: str) -> bool:
    """Whether a cell calls `wb.takeaway` or `takeaway`; a comment does not."""
    try:
        tree = ast.parse(_MAGIC.sub("", source))
    except SyntaxError:
        return False
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(
        (isinstance(each, ast.Attribute) and each.attr == "takeaway")
        or (isinstance(each, ast.Name) and each.id == "takeaway")
        for each in called
    )


def _incomplete(draft: Draft) -> Iterator[Hit]:
    for number, takeaway in enumerate(draft.post.takeaways, start=1):
        missing = dict.fromkeys((*missing_words(takeaway), *_wordless(takeaway)))
        for words in missing:
            yield f"takeaway {number}", f"`when` has no words for {words}."


def _wordless(takeaway: Takeaway) -> Iterator[str]:
    """Parts that are only dots or dashes."""
    for verdict, parts in OWED.items():
        for part in parts:
            if not _WORD.search(takeaway.when.get(verdict.value, {}).get(part, "")):
                yield f"{verdict.value}: {part}"


def _typed(draft: Draft) -> Iterator[Hit]:
    """A takeaway is worked out once more from the evidence and the registered terms."""
    evidence = {each.name: each for each in draft.post.evidence}
    for number, takeaway in enumerate(draft.post.takeaways, start=1):
        try:
            owed = compose(
                kind=takeaway.kind,
                claims=[draft.claims[name] for name in takeaway.evidence],
                evidence=evidence,
                when=takeaway.when,
                names=draft.names,
            )
        except (LookupError, ValueError):
            owed = None
        if takeaway != owed:
            message = "its verdict or its words are not what its evidence gives."
            yield f"takeaway {number}", message


def _sparse(draft: Draft) -> Iterator[Hit]:
    owed = takeaways_owed(draft.post.reading_minutes)
    there = len(draft.post.takeaways)
    if 0 < there < owed:
        minutes = draft.post.reading_minutes
        yield "post", f"{minutes} minutes of reading owe {owed} takeaways, not {there}."


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
        "takeaway-typed",
        "The verdict is computed from the interval and the registered margin, never "
        "typed.",
        "Let wb.takeaway alone write the takeaway, and run the study again.",
        _typed,
    ),
    Rule(
        "takeaway-sparse",
        "Readers are owed one takeaway for every started 15 minutes.",
        "Add a takeaway, or cut the post.",
        _sparse,
    ),
)
