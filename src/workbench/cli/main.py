"""Entry point: arguments in, one outcome out, an exit code a scheduler can believe."""

from collections.abc import Sequence

from workbench.cli.parser import build_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parsed = build_parser().parse_args(arguments)
    from workbench.cli.dispatch import dispatch  # after --help, which needs none of it

    return dispatch(parsed)
