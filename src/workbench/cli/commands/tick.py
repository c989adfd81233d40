"""`workbench tick`: run what is due, settle what is due, publish; once."""

from argparse import Namespace
from contextlib import closing

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome


def command(arguments: Namespace, outcome: Outcome) -> None:
    """One pass; a second one with nothing new does nothing and says so."""
    if arguments.dry_run:
        from workbench.cli.commands.plan import command as plan

        plan(arguments, outcome)
        return
    with closing(App(find_root(arguments.root))) as app:
        tick(app, arguments, outcome)


def tick(app: App, arguments: Namespace, outcome: Outcome) -> None:
    """Tick, unless all that decides a tick is what it was when one did nothing.

    Raises:
        TryLater: Another tick is under way.
    """
    now = app.clock()
    whole = not (arguments.studies or arguments.force)
    quiet = app.quieting.read() if whole else None
    inputs = app.inputs_id() if whole else ""
    if quiet is not None and inputs and quiet.holds(inputs, now):
        outcome.data |= {"plan": list(quiet.plan), "runs": [], "settled": []}
        outcome.lines += quiet.lines
        return
    if quiet is not None:  # something came in since there was nothing to do
        app.starting.foresee()
    from workbench.cli.commands.ticking import leave_quiet, tick_whole

    studies = tick_whole(app, arguments, outcome, now)
    if inputs:
        leave_quiet(app, studies, outcome, now, inputs)
