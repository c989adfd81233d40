"""`workbench plan`: what would run and why."""

from argparse import Namespace

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import planned_runs
from workbench.studies.planning import describe


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Plan every run and run nothing."""
    app = App(find_root(arguments.root))
    planned = planned_runs(app, arguments, outcome)
    outcome.data["plan"] = [describe(each) for each in planned]
    outcome.lines += [
        "{study} ({variant}) as of {as_of}: {state}, {why}".format(**describe(each))
        for each in planned
    ]
