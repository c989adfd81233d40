"""`workbench plan`: what a tick would do now, and why."""

from argparse import Namespace

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import chosen_studies, planned_items


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Tell every study and settlement with its state; do nothing."""
    app = App(find_root(arguments.root))
    studies = chosen_studies(app, arguments, outcome)
    planned_items(app, app.agenda(app.clock()), arguments, outcome, studies)
