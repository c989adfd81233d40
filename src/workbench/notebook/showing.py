"""How results look to the person in Jupyter, and how the press finds them again."""

from collections.abc import Mapping
from html import escape
from typing import Any

from workbench.charts import TextTable, evidence_format, show_number
from workbench.charts.numbers import show_level
from workbench.core.evidence import Evidence
from workbench.core.takeaway import Takeaway
from workbench.notebook.surroundings import shell
from workbench.takeaways.grammar import plural

MIME = "application/vnd.workbench+json"
Bundle = dict[str, Any]

CARD = (
    '<div style="border-left: 4px solid #0072b2; padding: .4em 1em; margin: .5em 0; '
    'max-width: 46em"><div style="opacity: .75">{head}</div>{body}</div>'
)


class ShownEvidence(Evidence):
    """Evidence that shows itself in Jupyter when it ends a cell."""

    __slots__ = ()

    def _repr_mimebundle_(self, **_: object) -> Bundle:
        big, small = evidence_sentences(self)
        body = (
            f'<div style="font-size: 1.3em">{escape(big)}</div>'
            f'<div style="opacity: .75">{escape(small)}</div>'
        )
        html = CARD.format(head=escape(self.name), body=body)
        return bundle("evidence", self.name, f"{self.name}: {big}; {small}", html)


def evidence_sentences(evidence: Evidence) -> tuple[str, str]:
    """An estimate with its interval, and what it rests on."""
    counted = f"{evidence.n:,} {plural(evidence.occurrence)}"
    if evidence.occurrence != evidence.unit:
        counted += f" of {evidence.units:,} {plural(evidence.unit)}"
    if evidence.interval_kind == "none":
        return counted, "counted"
    spec = evidence_format(evidence)
    measure = "" if evidence.measure == "share" else f" {evidence.measure}"
    big = f"{show_number(evidence.estimate, spec)}{measure}"
    if evidence.low is not None and evidence.high is not None:
        ends = f"{show_number(evidence.low, spec)}, {show_number(evidence.high, spec)}"
        big += f" [{ends}]"
    kind = f"{show_level(evidence.level)} {evidence.interval_kind}"
    return big, f"n = {counted}; {kind}; {evidence.method}"


def table_html(table: TextTable) -> str:
    """A table of text as HTML."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    return (
        f"<table><caption>{escape(table.caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def table_text(table: TextTable) -> str:
    """A table of text in columns."""
    lines = [table.header, *table.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    body = [
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([table.caption, *body])


def takeaway_bundle(takeaway: Takeaway, number: str, *, draft: bool) -> Bundle:
    """A takeaway as a card."""
    head = f"{takeaway.kind} · {takeaway.verdict.value}"
    head += " · draft: not registered" if draft else ""
    lines = [f"{part}: {words}" for part, words in takeaway.text.items()]
    lines += [f"why ({each.claim}): {each.why}" for each in takeaway.claims]
    body = "".join(f"<div>{escape(line)}</div>" for line in lines)
    html = CARD.format(head=escape(head), body=body)
    return bundle("takeaway", number, "\n".join([head, *lines]), html)


def bundle(kind: str, name: str, text: str, html: str) -> Bundle:
    """The MIME bundle by which the press finds an output's values."""
    return {
        MIME: {"kind": kind, "name": name},
        "text/plain": text,
        "text/html": html,
    }


def display(shown: Mapping[str, object]) -> None:
    """Show a bundle in the notebook; nothing outside one."""
    if shell() is not None:
        from IPython.display import display as show

        show(dict(shown), raw=True)  # type: ignore[no-untyped-call]
