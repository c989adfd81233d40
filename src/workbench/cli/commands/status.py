"""`workbench status`: each study's last run, verdict and edition at a glance."""

from argparse import Namespace

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import chosen_studies
from workbench.core.clock import show_instant
from workbench.studies.catalogue import Study
from workbench.studies.failing import reopening


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Show what is known, from records alone; reads no customer data."""
    app = App(find_root(arguments.root))
    rows: list[dict[str, object]] = []
    for study in chosen_studies(app, arguments, outcome):
        variants = ("base", *study.registration.variants)
        rows += [_row(app, study, variant) for variant in variants]
    outcome.data["studies"] = rows
    for row in rows:
        outcome.lines.append(
            "{study} ({variant}), {status}: run {run}; edition {edition}".format(**row)
        )
        if row["reopen"]:
            outcome.lines.append(f"  to see it: {row['reopen']}")


def _row(app: App, study: Study, variant: str) -> dict[str, object]:
    record = app.runs.current(study.name, variant)
    edition = app.editions.current(study.name, variant)
    run = "never"
    if record is not None:
        ended = "succeeded" if record.succeeded else f"failed ({record.exit_code})"
        run = f"{ended} as of {show_instant(record.spec.as_of)}"
    shown = "none"
    if edition is not None:
        verdicts = ", ".join(each.verdict.value for each in edition.takeaways)
        shown = f"as of {show_instant(edition.as_of)}: {verdicts}"
    return {
        "study": study.name,
        "variant": variant,
        "status": "registered" if app.press_source(study).sealed else "draft",
        "run": run,
        "seconds": dict(record.timings) if record else {},
        "edition": shown,
        "reasons": [r.code for r in record.reasons] if record else [],
        "reopen": reopening(record),
    }
