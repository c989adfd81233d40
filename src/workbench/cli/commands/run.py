"""`workbench run`: run studies whose data, source or terms changed."""

from argparse import Namespace
from contextlib import closing

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Run what was chosen and is due."""
    with closing(App(find_root(arguments.root))) as app:
        if arguments.force and not (arguments.dry_run or arguments.prepare):
            app.starting.foresee()
        from workbench.cli.commands.running import run_chosen

        run_chosen(app, arguments, outcome)
