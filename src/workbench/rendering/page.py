"""The parts of a post's page, ready for its template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import yaml

from workbench.charts import (
    TextTable,
    alternative_text,
    exhibit_table,
    figure_table,
)
from workbench.core.canonical import SHORT
from workbench.core.clock import show_instant
from workbench.core.evidence import Evidence
from workbench.core.exhibits import Figure, Table
from workbench.core.markup import badge, in_attribute, inert
from workbench.core.registration import BASE_VARIANT, Registration
from workbench.core.runs import RunRecord, RunSpec
from workbench.core.takeaway import Takeaway
from workbench.rendering.cells import Kept, Shown
from workbench.rendering.drawing import Drawing
from workbench.rendering.lines import (
    counted,
    evidence_line,
    horizon_line,
    interval_note,
    margin_line,
    settlement_line,
)
from workbench.rendering.markup import inert_bound
from workbench.rendering.said import Said
from workbench.takeaways.binding import Name, bind_text, mark_number

Terms = tuple[tuple[str, tuple[str, ...]], ...]
_DRAFT = (
    "This study is not registered: its terms may still change with the answer in view, "
    "and nothing on this page is a claim."
)
_DRAFT_BADGE = '<span class="draft">DRAFT</span>'
_EXPLORATORY = (
    "These settings are of no registered variant: one of many that could have been "
    "chosen. The page is for its author."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureBlock:
    """One figure as printed: words, numbers and measures; texts bound."""

    name: str
    alternative: str
    finding: str
    table: TextTable
    sizes: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeawayBlock:
    """One takeaway as printed: what to do, and the grounds for it."""

    kind: str
    badge: str
    claim: str
    words: Terms
    grounds: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the template prints; texts are HTML unless the template escapes them."""

    front_matter: str
    title: str
    watermark: tuple[tuple[str, str], ...]
    question: str
    dek: str
    facts: Terms
    parts: tuple[str | Shown, ...]
    figures: Mapping[str, FigureBlock]
    tables: Mapping[str, TextTable]
    evidence: Mapping[str, str]
    files: tuple[tuple[str, str], ...]
    command: str
    run: str
    seal: str
    takeaways: tuple[TakeawayBlock, ...]
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What a page is made from: a finished run, what it said, and its terms."""

    record: RunRecord
    registration: Registration
    said: Said
    names: Mapping[str, Name]
    reading_minutes: int
    seen: datetime | None

    @property
    def spec(self) -> RunSpec:
        """What the run was made of."""
        return self.record.spec

    @property
    def registered(self) -> bool:
        """Whether the terms it ran on are those sealed now."""
        same = self.spec.seal == self.registration.seal
        return self.spec.status == "registered" and same

    @property
    def answer(self) -> str:
        """The first takeaway's claim; without one, the question."""
        for takeaway in self.said.takeaways:
            if claim := takeaway.text.get("claim"):
                return claim
        return self.registration.question


def bound_figure(figure: Figure, names: Mapping[str, Name]) -> Figure:
    """The figure with the numbers in its title and axis labels in place."""
    title, x_label, y_label = (
        bind_text(text, names).text
        for text in (figure.title, figure.x_label, figure.y_label)
    )
    return replace(figure, title=title, x_label=x_label, y_label=y_label)


def bound_table(table: Table, names: Mapping[str, Name]) -> Table:
    """The table with the numbers in its title and headings in place."""
    columns = tuple(
        replace(column, label=bind_text(column.label, names).text)
        for column in table.columns
    )
    title = bind_text(table.title, names).text
    row_label = bind_text(table.row_label, names).text
    return replace(table, title=title, row_label=row_label, columns=columns)


def lay_out(study: Study, kept: Kept, drawings: Mapping[str, Drawing]) -> Page:
    """Everything the template needs.

    Args:
        study: The run and its terms; figures and tables in it have their texts bound.
        kept: Prose and exhibits in order.
        drawings: Of every figure, by name.
    """
    said, spec = study.said, study.spec
    by_name = {each.name: each for each in said.evidence}
    return Page(
        front_matter=_front_matter(study),
        title=study.registration.title,
        watermark=_watermark(study),
        question=inert(study.registration.question),
        dek=inert(study.answer),
        facts=_facts(study, by_name),
        parts=kept.parts,
        figures={
            figure.name: FigureBlock(
                name=figure.name,
                alternative=alternative_text(figure),
                finding=inert_bound(figure.finding, study.names),
                table=figure_table(figure),
                sizes=drawings[figure.name].sizes,
            )
            for figure in said.figures
        },
        tables={table.name: exhibit_table(table) for table in said.tables},
        evidence={name: f"{evidence_line(each)}." for name, each in by_name.items()},
        files=_files(said),
        command=_command(spec),
        run=study.record.run_id[:SHORT],
        seal=spec.seal[:SHORT],
        takeaways=tuple(_takeaway(each, by_name, spec) for each in said.takeaways),
        standing=_standing(study),
    )


def _front_matter(study: Study) -> str:
    registration, spec = study.registration, study.spec
    fields: dict[str, Any] = {
        "title": in_attribute(registration.title),
        "description": in_attribute(study.answer),
        "tags": list(registration.tags),
        "hide": ["navigation"],
        "study": spec.study,
        "variant": spec.variant,
        "as_of": show_instant(spec.as_of),
        "verdict": [takeaway.verdict.value for takeaway in study.said.takeaways],
        "registered": study.registered,
        "reading_minutes": study.reading_minutes,
    }
    kept = {name: value for name, value in fields.items() if value not in (None, [])}
    return str(yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=1000))


def _watermark(study: Study) -> tuple[tuple[str, str], ...]:
    draft = () if study.registered else (("Draft", _DRAFT),)
    exploratory = (("Exploratory", _EXPLORATORY),) if study.spec.variant is None else ()
    return (*draft, *exploratory)


def _facts(study: Study, evidence: Mapping[str, Evidence]) -> Terms:
    spec, takeaways = study.spec, study.said.takeaways
    facts: list[tuple[str, tuple[str, ...]]] = [
        ("Data to", (mark_number("as_of", show_instant(spec.as_of)),)),
        ("Study", (_status(study),)),
    ]
    if spec.variant != BASE_VARIANT:
        facts.append(("Settings", (inert(spec.variant or "exploratory"),)))
    deciding = dict.fromkeys(name for each in takeaways for name in each.evidence)
    counts = dict.fromkeys(counted(evidence[n]) for n in deciding if n in evidence)
    if counts:
        facts.append(("Occurrences", tuple(counts)))
    minutes = study.reading_minutes
    noun = "minute" if minutes == 1 else "minutes"
    shown = f"{mark_number('reading_minutes', f'{minutes:,}')} {noun}"
    facts.append(("Reading time", (shown,)))
    if takeaways:
        badges = dict.fromkeys(badge(each.verdict) for each in takeaways)
        facts.append(("Verdict", tuple(badges)))
    return tuple(facts)


def _status(study: Study) -> str:
    if not study.registered:
        return _DRAFT_BADGE
    if study.seen is None:
        return "registered"
    return f"registered after data to {show_instant(study.seen)} were seen"


def _standing(study: Study) -> str:
    """What kind of statement the takeaway is, for the small print."""
    words = "Not advice: it is what one set of customers did, and yours may differ."
    if not study.registered:
        return words
    if study.seen is None:
        return f"{words} The terms were sealed before any of these data were seen."
    if study.seen < study.spec.as_of:
        seen = show_instant(study.seen)
        return f"{words} When the terms were sealed, data up to {seen} had been seen."
    return (
        f"{words} The terms were sealed when the authors had already seen these data: "
        "the verdict describes them and foretells nothing; only later data can test it."
    )


def _takeaway(
    takeaway: Takeaway, evidence: Mapping[str, Evidence], spec: RunSpec
) -> TakeawayBlock:
    claims = [claim for claim in spec.claims if claim.name in takeaway.evidence]
    measured = [evidence[name] for name in takeaway.evidence if name in evidence]
    of_claim = [(claim, evidence[claim.name]) for claim in claims]
    grounds = (
        ("Evidence", [evidence_line(each) for each in measured]),
        ("Interval", [interval_note(e, c, spec.family) for c, e in of_claim]),
        ("Registered", [margin_line(claim, each) for claim, each in of_claim]),
        ("Why this verdict", [inert(each.why) for each in takeaway.claims]),
        ("Horizon", [horizon_line(claim) for claim in claims]),
        ("Settled by", [settlement_line(c, e, spec.as_of) for c, e in of_claim]),
    )
    words = [
        (part.capitalize(), (inert(takeaway.text[part]),))
        for part in ("entry", "action", "exit")
        if part in takeaway.text
    ]
    return TakeawayBlock(
        kind=takeaway.kind,
        badge=badge(takeaway.verdict),
        claim=inert(takeaway.text.get("claim", "")),
        words=tuple(words),
        grounds=tuple(
            (term, tuple(dict.fromkeys(filter(None, texts))))
            for term, texts in grounds
            if any(texts)
        ),
    )


def _files(said: Said) -> tuple[tuple[str, str], ...]:
    exhibits: Sequence[Figure | Table] = (*said.figures, *said.tables)
    return (
        ("result.json", "every quantity, with its interval and what was counted"),
        *((f"{each.name}.csv", inert(each.title)) for each in exhibits),
        ("notebook.ipynb", "the notebook, as it was run"),
    )


def _command(spec: RunSpec) -> str:
    words = ["workbench", "run", spec.study, "--as-of", show_instant(spec.as_of)]
    if spec.variant is None:
        words += [f"-p {name}={value}" for name, value in spec.parameters.items()]
    elif spec.variant != BASE_VARIANT:
        words += ["--variant", spec.variant]
    return " ".join(words)
