"""Entry point: arguments in, one outcome out, an exit code a scheduler can believe."""

import os
import signal
import sys
from collections.abc import Sequence

from workbench.cli.parser import WrongCommandError, build_parser

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))  # by descriptor


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    _stand_in_for_closed()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        parsed = build_parser(words).parse_args(words)
    except WrongCommandError as error:
        from workbench.cli.dispatch import refuse

        return refuse(error.command, str(error), as_json="--json" in words)
    from workbench.cli.dispatch import dispatch  # after --help, which needs none of it

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: clean up
    return dispatch(parsed)


def _stand_in_for_closed() -> None:
    """What a scheduler closed nobody reads; else the next file opened becomes it."""
    for number, (name, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            lowest = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(lowest, True)  # noqa: FBT003 - it takes no names
            stream = os.fdopen(lowest, mode, encoding="utf-8", closefd=False)
            setattr(sys, name, stream)
