"""`workbench schedule`: tick after tick, for a laptop or a container without cron."""

import sys
from argparse import Namespace

from workbench.app import App
from workbench.cli.commands.tick import tick
from workbench.cli.dispatch import find_root, show
from workbench.cli.outcome import Outcome
from workbench.core.errors import Reason, UsageError

LONGEST_S = 86_400


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Tick until asked to end; each tick tells of itself, and none ends the loop."""
    root = find_root(arguments.root)
    if not 0 < arguments.every <= LONGEST_S:
        message = f"--every is a number of seconds above 0, at most {LONGEST_S}."
        raise UsageError(Reason(code="usage", message=message))
    while True:
        told = Outcome("tick")
        app = App(root)  # studies and settings may have changed since
        try:
            tick(app, arguments, told)
        except KeyboardInterrupt:
            told.interrupted = True
        except Exception as error:  # noqa: BLE001 - the next tick may do better
            told.failed(error)
        finally:
            app.close()
        if told.acted or told.reasons:
            show(told, as_json=arguments.json)
            sys.stdout.flush()
        if told.interrupted or app.stop.wait(arguments.every):
            outcome.interrupted = told.interrupted
            return
