"""Entry point: arguments in, one outcome out, an exit code a scheduler can believe."""

import signal
import sys
from collections.abc import Sequence

from workbench.cli.parser import WrongCommandError, build_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        parsed = build_parser(words).parse_args(words)
    except WrongCommandError as error:
        from workbench.cli.dispatch import refuse

        return refuse(error.command, str(error), as_json="--json" in words)
    from workbench.cli.dispatch import dispatch  # after --help, which needs none of it

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: clean up
    return dispatch(parsed)
