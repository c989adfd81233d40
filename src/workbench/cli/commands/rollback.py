"""`workbench rollback`: an earlier release serves, until a person publishes again."""

from argparse import Namespace

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.progress import event
from workbench.core.canonical import SHORT
from workbench.core.clock import format_instant
from workbench.core.errors import Reason, UsageError
from workbench.website.kept import kept_releases


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Switch to a release that is kept; nothing is built, nothing is forgotten."""
    app = App(find_root(arguments.root))
    if arguments.list:
        _list(app, outcome)
        return
    why = (arguments.why or "").strip()
    if not why:
        message = "--why must say why, in words; `status` and `tick` repeat it."
        raise UsageError(Reason(code="usage", message=message))
    with app.publishing() as lease:
        chosen = app.rolling_back.target(arguments.to)
        outcome.data["release"] = {"tree": chosen.tree}
        if arguments.dry_run:
            outcome.lines.append(f"would serve the release {chosen.tree[:SHORT]} again")
            return
        app.rolling_back.roll_back(chosen, why, app.clock(), lease)
    event("site.rolled_back", tree=chosen.tree)
    outcome.acted = True
    outcome.lines.append(
        f"the release {chosen.tree[:SHORT]} serves again; ticks publish nothing until "
        "a person calls `workbench publish`"
    )


def releases(app: App) -> list[dict[str, object]]:
    """The releases that are kept, for programs."""
    return [
        {
            "tree": each.tree,
            "made": format_instant(each.made.replace(microsecond=0)),
            "serves": each.serves,
        }
        for each in kept_releases(app.layout.build)
    ]


def _list(app: App, outcome: Outcome) -> None:
    kept = releases(app)
    outcome.data["releases"] = kept
    for each in kept:
        serves = ", serves" if each["serves"] else ""
        outcome.lines.append(
            f"{str(each['tree'])[:SHORT]}, made {each['made']}{serves}"
        )
    if not kept:
        outcome.lines.append("no release was made yet")
