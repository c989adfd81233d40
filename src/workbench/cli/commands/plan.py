"""`workbench plan`: what a tick would do now, and why."""

from argparse import Namespace

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import agenda_of, chosen_studies


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Tell every study and settlement with its state; do nothing."""
    app = App(find_root(arguments.root))
    studies = chosen_studies(app, arguments, outcome)
    items = agenda_of(app, arguments, outcome, app.clock(), studies)
    outcome.data["plan"] = [item.plain() for item in items]
    outcome.lines += [item.line() for item in items]
