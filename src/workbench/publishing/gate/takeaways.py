"""Rules about the takeaway: there, last, complete, computed, and enough of them."""

import ast
import re
import unicodedata
from collections.abc import Iterable, Iterator

from workbench.core.takeaway import Takeaway, Verdict
from workbench.publishing.gate.draft import Draft, source_of
from workbench.publishing.gate.reading import Element
from workbench.publishing.gate.rule import Hit, Rule
from workbench.takeaways import compose
from workbench.takeaways.grammar import OWED, missing_words, takeaways_owed

SECTION = "tradable-takeaway"
_HEADING = "tradable takeaway"
_LABELS = (_HEADING, *(verdict.value for verdict in Verdict))
_TITLES = ("h2", "h3", "h4", "h5", "h6", "summary", "dt", "th")
_OWN_IDS = ("takeaway-", "test-the-math", SECTION)
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)  # IPython's own, no Python
_WORD = re.compile(r"[^\W\d_]{2,}")


def _missing(draft: Draft) -> Iterator[Hit]:
    if not draft.post.takeaways or SECTION not in _ids(draft.elements):
        yield "post", "there is no tradable takeaway."


def _not_last(draft: Draft) -> Iterator[Hit]:
    headings = _ids(each for each in draft.elements if each.tag == "h2")
    if SECTION in headings and headings[-1] != SECTION:
        yield "post", "another section comes after the takeaway."
    calls = [_calls_takeaway(source_of(cell)) for cell in draft.run_cells]
    first = calls.index(True) if True in calls else len(calls)
    for number, cell in enumerate(draft.run_cells[first:], start=first + 1):
        if source_of(cell).strip() and not calls[number - 1]:
            yield f"cell {number}", "it comes after the takeaway."


def _ids(elements: Iterable[Element]) -> list[str]:
    return [each.attributes.get("id", "") for each in elements]


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


def _imitated(draft: Draft) -> Iterator[Hit]:
    for region in draft.authored.regions:
        for each in region.elements:
            name = each.attributes.get("id", "")
            if name.startswith(_OWN_IDS):
                yield region.place, f"it takes the name #{name}, which is the engine's."
            words = _folded(each.text)
            if (each.tag in _TITLES and _HEADING in words) or (
                each.tag in (*_TITLES, "p") and words in _LABELS
            ):
                yield region.place, f"a heading of its own says {words!r}."


def _folded(text: str) -> str:
    """The letters of a text, as a reader would compare them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    return " ".join(re.findall(r"[^\W\d_]+", seen))


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
        "takeaway-imitated",
        "A verdict is computed and stands in one place; words of an author's own that "
        "look like it would be read as it.",
        "Give the heading other words; wb.takeaway alone writes the takeaway.",
        _imitated,
    ),
    Rule(
        "takeaway-sparse",
        "Readers are owed one takeaway for every started 15 minutes.",
        "Add a takeaway, or cut the post.",
        _sparse,
    ),
)
