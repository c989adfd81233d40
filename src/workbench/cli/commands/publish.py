"""`workbench publish`: what passed the gate goes out, in one switch."""

from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence

from workbench.app import App
from workbench.archive.leases import Lease
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.progress import event
from workbench.cli.selection import chosen_studies
from workbench.core.canonical import SHORT
from workbench.core.errors import ExitCode, Reason, UsageError
from workbench.core.registration import Status, run_name
from workbench.publishing.press import Selected
from workbench.publishing.withdrawing import post_is_down
from workbench.studies.catalogue import Study
from workbench.website.kept import serving_tree


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Decide, build, keep, switch; whatever is refused keeps its last edition."""
    app = App(find_root(arguments.root))
    whys = _whys(arguments)
    studies = chosen_studies(app, arguments, outcome)
    with app.publishing() as lease:
        selected = select(app, studies, outcome, whys, dry=arguments.dry_run)
        drafts = [
            study.name for study in studies if study.registration.status is Status.DRAFT
        ]
        if arguments.studies:
            _refuse_drafts(drafts, outcome)
            outcome.reasons += [
                (ExitCode.REFUSED, post_is_down(study)) for study in selected.withdrawn
            ]
        elif drafts:
            outcome.lines.append(
                f"left out, for they are drafts: {', '.join(drafts)}; "
                "`workbench register STUDY` seals one"
            )
        if arguments.dry_run:
            return
        release(app, selected, outcome, lease)


def select(
    app: App,
    studies: Sequence[Study],
    outcome: Outcome,
    whys: Mapping[str, str] | None = None,
    *,
    dry: bool = False,
) -> Selected:
    """Render and check what ran, and tell what passes and what does not."""
    sources = [app.press_source(study) for study in studies]
    told = () if dry else (app.runs.came_to,)
    selected = app.press.select(sources, whys, *told)
    outcome.reasons += selected.reasons
    _tell(selected, outcome)
    return selected


def _whys(arguments: Namespace) -> dict[str, str]:
    """Studies whose changed verdict a person accepts, and why.

    Raises:
        UsageError: One of --accept and --why is there without the other.
    """
    why = (arguments.why or "").strip()
    if bool(why) != bool(arguments.accept):
        message = 'a changed verdict passes by --accept STUDY --why "...", both.'
        raise UsageError(Reason(code="usage", message=message))
    return dict.fromkeys(arguments.accept, why)


def _tell(selected: Selected, outcome: Outcome) -> None:
    outcome.data["accepted"] = [
        {"study": post.study, "variant": post.variant, "run": post.run_id[:SHORT]}
        for post, _ in selected.accepted
    ]
    for post, _ in selected.accepted:
        verdicts = ", ".join(each.verdict.value for each in post.takeaways)
        name = run_name(post.study, post.variant)
        outcome.lines.append(f"{name}: passed the gate; {verdicts}")
    if selected.withdrawn:
        named = ", ".join(selected.withdrawn)
        outcome.lines.append(f"left out, for their posts were withdrawn: {named}")


def _refuse_drafts(drafts: Iterable[str], outcome: Outcome) -> None:
    for study in drafts:
        message = f"a draft is not published; `workbench register {study}` seals it."
        reason = Reason(code="unregistered", message=message, subject=study)
        outcome.reasons.append((ExitCode.REFUSED, reason))


def release(app: App, selected: Selected, outcome: Outcome, lease: Lease) -> None:
    """Build the site of what passed and switch to it; ends a rollback."""
    active = app.rollbacks.active()
    before = serving_tree(app.layout.build)
    published = app.press.release(selected, lease)
    made = published.release
    event("site.released", tree=made.tree, built=made.built)
    switched = made.tree != before
    outcome.acted |= made.built or switched or published.lines > 0
    outcome.data["ledger_lines"] = published.lines
    outcome.data["release"] = {"tree": made.tree, "built": made.built}
    current = app.layout.build / "current"
    word = "released" if made.built or switched else "unchanged"
    outcome.lines.append(f"site {word}: {current / 'index.html'}")
    if active:
        outcome.acted = True
        outcome.lines.append(f"the rollback to {active.tree[:SHORT]} is over")
