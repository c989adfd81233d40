"""One finished run becomes one post."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.charts import figure_csv, table_csv
from workbench.core.errors import Reason, StudyFailed
from workbench.core.posts import Post
from workbench.core.registration import Registration
from workbench.core.runs import RunRecord, RunSpec
from workbench.rendering.cells import Kept, keep
from workbench.rendering.drawing import Drawing, draw
from workbench.rendering.page import Page, Study, bound_figure, bound_table, lay_out
from workbench.rendering.prose import reading_minutes
from workbench.rendering.result import result_json
from workbench.rendering.said import Said, read_said
from workbench.rendering.source import clean_notebook
from workbench.takeaways.binding import Name, bind_text, names_for

if TYPE_CHECKING:  # slow to load; only the functions that need it do
    from nbformat import NotebookNode

    from workbench.rendering.exporter import PostExporter

DEFAULT_MINIMUM_UNITS = 10


def render_post(
    *,
    folder: Path,
    record: RunRecord,
    registration: Registration,
    seen: datetime | None = None,
) -> Post:
    """Render one run; equal inputs give equal bytes.

    Args:
        folder: Its run folder, with `executed.ipynb`, `notebook.ipynb` and
            `out/outputs.jsonl`.
        record: How it ended; its status says whether the study is sealed now.
        registration: The study as it stands now: title, question, authors and tags may
            be newer than the run.
        seen: Up to when its authors had seen the data when they sealed the terms; None
            when they had seen none.

    Raises:
        StudyFailed: What the notebook left behind cannot be read.
    """
    spec = record.spec
    executed = _read_notebook(folder / "executed.ipynb", spec.study)
    said = read_said(folder / "out" / "outputs.jsonl", spec.study)
    names = names_for(
        evidence={each.name: each for each in said.evidence},
        parameters=spec.parameters,
        as_of=spec.as_of,
        aliases=said.aliases,
    )
    kept = keep(executed, said, names, registration.title)
    bound = _bound(said, names)
    study = Study(
        record=record,
        registration=registration,
        said=bound,
        names=names,
        reading_minutes=_minutes(kept, bound, names),
        seen=seen,
    )
    drawings = {figure.name: draw(figure) for figure in bound.figures}
    return Post(
        study=spec.study,
        variant=spec.variant,
        run_id=record.run_id,
        as_of=spec.as_of,
        title=registration.title,
        question=registration.question,
        authors=registration.authors,
        tags=registration.tags,
        registered=study.registered,
        reading_minutes=study.reading_minutes,
        markdown=_write(executed, lay_out(study, kept, drawings)),
        prose=kept.prose,
        assets=_assets(folder, record, said, bound, drawings),
        evidence=said.evidence,
        figures=said.figures,
        tables=said.tables,
        takeaways=said.takeaways,
        aliases=dict(said.aliases),
        strays=kept.strays,
        minimum_units=_minimum_units(spec),
    )


def _read_notebook(path: Path, study: str) -> "NotebookNode":
    import nbformat

    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path.name} is no notebook; run the study again."
        raise StudyFailed(
            Reason(code="notebook-unreadable", message=message, subject=study)
        ) from error
    return nbformat.from_dict(plain)  # type: ignore[no-any-return, no-untyped-call]


def _bound(said: Said, names: Mapping[str, Name]) -> Said:
    """What was said, with the numbers in exhibits' titles and labels in place."""
    return replace(
        said,
        figures=tuple(bound_figure(each, names) for each in said.figures),
        tables=tuple(bound_table(each, names) for each in said.tables),
    )


def _minutes(kept: Kept, said: Said, names: Mapping[str, Name]) -> int:
    captions = [f"{f.title} {bind_text(f.finding, names).text}" for f in said.figures]
    takeaways = [text for each in said.takeaways for text in each.text.values()]
    return reading_minutes([*(text for _, text in kept.prose), *captions, *takeaways])


def _write(executed: "NotebookNode", page: Page) -> str:
    text, _ = _exporter().from_notebook_node(executed, resources={"page": page})
    return f"{text.rstrip()}\n"


@lru_cache(maxsize=1)
def _exporter() -> "PostExporter":
    """One for all posts: it compiles its template once."""
    from workbench.rendering.exporter import PostExporter

    return PostExporter()  # type: ignore[no-untyped-call]


def _assets(
    folder: Path,
    record: RunRecord,
    said: Said,
    bound: Said,
    drawings: Mapping[str, Drawing],
) -> dict[str, bytes]:
    source = (folder / "notebook.ipynb").read_text(encoding="utf-8")
    assets = {
        "result.json": result_json(record, said).encode(),
        "notebook.ipynb": clean_notebook(source),
    }
    for drawing in drawings.values():
        assets |= drawing.files
    for figure in bound.figures:
        assets[f"{figure.name}.csv"] = figure_csv(figure).encode()
    for table in bound.tables:
        assets[f"{table.name}.csv"] = table_csv(table).encode()
    return dict(sorted(assets.items()))


def _minimum_units(spec: RunSpec) -> int:
    """The strictest of the contracts it read."""
    return max((v.minimum_units for v in spec.views), default=DEFAULT_MINIMUM_UNITS)
