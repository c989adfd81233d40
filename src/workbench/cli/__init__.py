"""The command line: parse, call one use case, print, exit with its code."""

from workbench.cli.main import main

__all__ = ["main"]
