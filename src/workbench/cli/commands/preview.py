"""`workbench preview`: a site with drafts, marked as such, for one pair of eyes."""

from argparse import Namespace
from dataclasses import replace

from workbench.app import App
from workbench.archive.locks import locked
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import chosen_studies
from workbench.cli.serving import serve
from workbench.core.posts import Post
from workbench.core.registration import BASE_VARIANT
from workbench.publishing.drafting import variants_of
from workbench.publishing.reasons import as_reason
from workbench.website.release import release_site
from workbench.website.stage import compose_stage


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Render every current run, also what would be refused, and serve the site."""
    app = App(find_root(arguments.root))
    posts: list[Post] = []
    names, records = app.catalogue.names(), app.ledgers.records()
    for study in chosen_studies(app, arguments, outcome):
        source = app.press_source(study)
        wanted = (None, *variants_of(study.registration))
        for variant in wanted:
            record = app.runs.current(study.name, variant)
            if record is None or not record.succeeded:
                continue
            checked = app.drafting.check(source, record, names, records)
            outcome.lines += [as_reason(each).as_line() for each in checked.findings]
            post = replace(checked.post, variant=variant or BASE_VARIANT)
            if all((p.study, p.variant) != (post.study, post.variant) for p in posts):
                posts.append(post)  # an exploratory run stands in for the base
    folder = app.layout.preview
    with locked(app.layout.leases / "preview.lock", "building the preview"):
        stage = compose_stage(
            site=app.layout.site,
            mkdocs_file=app.layout.mkdocs_file,
            posts=posts,
            ledgers={},
            stage=folder / "stage",
        )
        release = release_site(stage, folder / "build", keep=1)
    outcome.acted = release.built
    outcome.data["folder"] = str(folder / "build" / "current")
    outcome.lines.append(f"preview built: {folder / 'build' / 'current'}")
    if not arguments.no_serve:
        serve(folder / "build" / "current", app.settings.port)
