"""Pieces of HTML that the record's pages share: tables, figures, numbers, fates."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.charts.numbers import evidence_format, show_number
from workbench.core.clock import show_instant
from workbench.core.evidence import POINTS, SHARE
from workbench.core.markup import inert
from workbench.core.takeaway import Verdict
from workbench.core.track import Fate, Life, LookRow, Picture

NOTHING = "\u2013"  # an en dash
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its heading, and the class of its cells.

    A `number` stands to the right; a `date`, or what is as short, in one line.
    """

    head: str
    kind: str = ""


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    kind: str = "data",
) -> str:
    """A table that scrolls by itself; the first cell of each row is its heading.

    Args:
        caption: What it shows, as text.
        columns: One for each cell of a row.
        rows: Cells as HTML.
        kind: Its class.
    """
    named = inert(caption)
    heads = "".join(
        f'<th scope="col"{_class(column)}>{inert(column.head)}</th>'
        for column in columns
    )
    body = "\n".join(_row(columns, row) for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Table: {named}">\n'
        f'<table class="{kind}">\n<caption>{named}</caption>\n'
        f"<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n"
        "</table>\n</div>"
    )


def _row(columns: Sequence[Column], cells: Sequence[str]) -> str:
    first = f'<th scope="row"{_class(columns[0])}>{cells[0]}</th>'
    rest = "".join(
        f"<td{_class(column)}>{cell}</td>"
        for column, cell in zip(columns[1:], cells[1:], strict=True)
    )
    return f"<tr>{first}{rest}</tr>"


def _class(column: Column) -> str:
    return f' class="{column.kind}"' if column.kind else ""


DATA_TO = Column("Data to, and n", "date")
VERDICT = Column("Verdict, and state", "date")
ESTIMATE = Column("Estimate, and interval", "number")
FORESEEN = Column("Foreseen, and stated probability", "number")
CAME = Column("Came, and n", "number")
OUTCOME = Column("Outcome, and when known", "date")


def figure(picture: Picture, caption: str) -> str:
    """A drawn figure in both colours; its files stand beside the page.

    Args:
        picture: The figure.
        caption: What it shows and how to read it, as HTML.
    """
    pictures = "\n".join(_picture(picture, palette) for palette in ("light", "dark"))
    return (
        f'<div class="exhibit" id="{picture.name}">\n<figure>\n{pictures}\n'
        f"<figcaption>{caption}</figcaption>\n</figure>\n</div>"
    )


def _picture(picture: Picture, palette: str) -> str:
    file = f"{picture.name}.{palette}"
    (narrow, low), (wide, high) = (picture.sizes[name] for name in ("narrow", "wide"))
    return (
        f'<picture><source media="(max-width: 600px)" srcset="{file}-narrow.svg" '
        f'width="{narrow}" height="{low}"><img src="{file}-wide.svg#only-{palette}" '
        f'alt="{inert(picture.alternative)}" width="{wide}" height="{high}" '
        'loading="lazy"></picture>'
    )


def verdict_word(verdict: str) -> str:
    """A claim's own verdict inside a table: shape, colour and word, without a box."""
    slug = _VERDICTS[verdict].value.replace(" ", "-")
    return f'<span class="said said--{slug}">{verdict.capitalize()}</span>'


def fate_word(fate: Fate, reason: str = "") -> str:
    """How a claim ended; told apart by word and shape as well as by colour."""
    slug = fate.replace(" ", "-")
    why = f" ({inert(reason)})" if fate == "void" and reason else ""
    return f'<span class="fate fate--{slug}">{fate.capitalize()}</span>{why}'


def life_word(life: Life) -> str:
    """What became of a claim at a look."""
    return f'<span class="life life--{life}">{life.capitalize()}</span>'


def number(row: LookRow, value: float | None) -> str:
    """A value in the row's own measure: `+21.7 pp`, `37.2 USD`."""
    if value is None:
        return NOTHING
    shown = show_number(value, evidence_format(row.evidence))
    measure = row.evidence.measure
    return inert(shown if measure in ("", SHARE) else f"{shown} {measure}")


def span(row: LookRow, low: float | None, high: float | None) -> str:
    """An interval in the row's own measure, which is named once: `+1.2 to +3.4 pp`."""
    if low is None or high is None:
        return NOTHING
    spec = evidence_format(row.evidence)
    first, last = show_number(low, spec), show_number(high, spec)
    if spec.endswith(POINTS):
        first = first.removesuffix(f" {POINTS}")
    measure = row.evidence.measure
    tail = "" if measure in ("", SHARE) else f" {measure}"
    return inert(f"{first} to {last}{tail}")


def probability(value: float) -> str:
    """A stated probability; never shown as certain, which no forecast is."""
    if value > 0.99:  # noqa: PLR2004 - what rounds to 100 %
        return "over 99%"
    return "under 1%" if value < 0.01 else f"{value:.0%}"  # noqa: PLR2004 - as above


def below(first: str, second: str) -> str:
    """A cell of two lines, the second one quieter; without it, of one."""
    return f'{first}<br><span class="what">{second}</span>' if second else first


def verdict_cell(row: LookRow) -> str:
    """What its evidence said, and what that made of the claim."""
    return below(verdict_word(row.verdict), life_word(row.life))


def estimate_cell(row: LookRow) -> str:
    """Estimate and interval."""
    evidence = row.evidence
    shown = span(row, evidence.low, evidence.high)
    return below(number(row, evidence.estimate), shown)


def foreseen_cell(row: LookRow) -> str:
    """The interval that was sealed, and the probability that was stated."""
    foreseen = row.foreseen
    if foreseen is None:
        return NOTHING
    shown = span(row, foreseen.low, foreseen.high)
    return below(shown, probability(foreseen.probability))


def came_cell(row: LookRow) -> str:
    """What fresh data gave, and from how many."""
    if row.fresh is None or row.fresh.estimate is None:
        return NOTHING
    return below(number(row, row.fresh.estimate), f"n = {row.fresh.n:,}")


def outcome_cell(row: LookRow) -> str:
    """Its fate, why if it is void, and when that was known."""
    when = show_instant(row.fresh.as_of) if row.fresh else ""
    if row.overdue and row.foreseen:
        when = f"overdue since {show_instant(row.foreseen.deadline)}"
    return below(fate_word(row.fate, row.reason), when)
