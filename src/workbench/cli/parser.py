"""Every command with its options; imports nothing heavy: `--help` is instant."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

from workbench import __version__


class WrongCommandError(Exception):
    """The words after `workbench` are no command of ours."""

    def __init__(self, command: str, message: str) -> None:
        super().__init__(message)
        self.command = command


class Parser(argparse.ArgumentParser):
    """Raises instead of printing, so that every mistake is told in one form."""

    # no @override: it takes half as long to import as all of `--help`
    def error(self, message: str) -> NoReturn:  # type: ignore[explicit-override]
        command = self.prog.removeprefix("workbench").strip()
        raise WrongCommandError(command, f"{message}; see `{self.prog} --help`.")


def build_parser(words: Sequence[str] = ()) -> Parser:
    """The parser of the whole command line, or of the one command that is called.

    Args:
        words: What follows `workbench`; a tick that does nothing is read in half the
            time when twenty other commands are left out.
    """
    parser = Parser(
        prog="workbench",
        description="Studies of customer data that end in a takeaway with a fate.",
        epilog="The handbook has a page for every command, setting, finding and exit "
        "code.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    everything = (
        _init,
        _new,
        _lab,
        _register,
        _data,
        _plan,
        _tick,
        _schedule,
        _run,
        _check,
        _preview,
        _publish,
        _settle,
        _withdraw,
        _rollback,
        _ledger,
        _backfill,
        _status,
        _doctor,
        _gc,
    )
    named = [add for add in everything if words and add.__name__ == f"_{words[0]}"]
    for add in named or everything:
        add(commands)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - argparse has no public name for it


def _command(
    commands: Commands, name: str, text: str, *, as_of: bool = False, dry: bool = False
) -> Parser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="folder to work in (default: the nearest root upwards)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object on standard output"
    )
    if as_of:
        parser.add_argument(
            "--as-of",
            metavar="INSTANT",
            help="read the data as known then (default: the data's watermark)",
        )
    if dry:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, do nothing"
        )
    return parser


def _studies(parser: Parser) -> None:
    parser.add_argument("studies", nargs="*", metavar="STUDY", help="default: all")
    parser.add_argument("--all", action="store_true", help="all studies (the default)")


def _init(commands: Commands) -> None:
    parser = _command(commands, "init", "Lay out an empty root.", dry=True)
    parser.add_argument("folder", type=Path, metavar="DIR")


def _new(commands: Commands) -> None:
    text = "Write a notebook and a registration that run at once."
    parser = _command(commands, "new", text, dry=True)
    parser.add_argument("name", metavar="NAME", help="lower-case words and hyphens")
    parser.add_argument(
        "--data", metavar="DATASET", help="dataset to read (default: the first)"
    )


def _lab(commands: Commands) -> None:
    text = "Open JupyterLab with the run-time kernel; outputs are stripped on save."
    parser = _command(commands, "lab", text, dry=True)
    parser.add_argument("study", nargs="?", metavar="STUDY")
    parser.add_argument(
        "--run",
        metavar="RUN",
        help="open a copy of this run of the study, at the cell that failed",
    )


def _register(commands: Commands) -> None:
    text = "Seal a study's terms in its ledger, before it looks."
    parser = _command(commands, "register", text, dry=True)
    parser.add_argument("studies", nargs="+", metavar="STUDY")


def _data(commands: Commands) -> None:
    parser = commands.add_parser(
        "data", help="Take data in, list, profile and verify them."
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = _command(
        actions, "add", "Check a dataset's files and take them in.", dry=True
    )
    add.add_argument("datasets", nargs="*", metavar="DATASET", help="default: all")
    add.add_argument("--all", action="store_true", help="all datasets (the default)")
    _command(actions, "list", "List datasets and what is known of them.")
    profile = _command(
        actions,
        "profile",
        "Describe a dataset's columns without showing a row; of a file, draft a "
        "contract.",
    )
    profile.add_argument("dataset", metavar="DATASET|FILE")
    _command(actions, "verify", "Recompute every hash of the stored data.")


def _plan(commands: Commands) -> None:
    text = "Say what a tick would do now, and why."
    _ticked(_command(commands, "plan", text))


def _ticked(parser: Parser) -> None:
    _studies(parser)
    parser.add_argument(
        "--force", action="store_true", help="run the newest slots even if unchanged"
    )


def _tick(commands: Commands) -> None:
    text = "Run what is due, settle what is due, publish; once."
    _ticked(_command(commands, "tick", text, dry=True))


def _schedule(commands: Commands) -> None:
    text = "Tick again and again, until asked to end."
    parser = _command(commands, "schedule", text)
    _studies(parser)
    parser.add_argument(
        "--every",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="wait so long between two ticks (default: 60)",
    )
    parser.set_defaults(force=False, dry_run=False)


def _run(commands: Commands) -> None:
    text = "Run studies whose data, source or terms changed."
    parser = _command(commands, "run", text, as_of=True, dry=True)
    _studies(parser)
    parser.add_argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="run one study with another value; exploratory unless registered",
    )
    parser.add_argument(
        "--variant", action="append", default=[], metavar="NAME", help="default: all"
    )
    parser.add_argument("--force", action="store_true", help="run even if unchanged")
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="only make the run folder of one study, for JupyterLab",
    )


def _check(commands: Commands) -> None:
    text = "Render current runs and hold them against every rule of the gate."
    parser = _command(commands, "check", text)
    _studies(parser)
    parser.add_argument("--explain", metavar="CODE", help="say what a code means")


def _preview(commands: Commands) -> None:
    text = "Build a site with drafts, marked as such, and serve it on this machine."
    parser = _command(commands, "preview", text)
    _studies(parser)
    parser.add_argument(
        "--no-serve", action="store_true", help="build it and say where it is"
    )


def _publish(commands: Commands) -> None:
    text = "Publish what passed the gate, and switch the site in one step."
    parser = _command(commands, "publish", text, dry=True)
    _studies(parser)
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="STUDY",
        help="let this study's changed verdict pass; needs --why",
    )
    parser.add_argument("--why", metavar="TEXT", help="why, for the ledger")


def _settle(commands: Commands) -> None:
    text = "Settle the claims that are due on the data that arrived since."
    _studies(_command(commands, "settle", text, as_of=True, dry=True))


def _withdraw(commands: Commands) -> None:
    text = "Withdraw a study's open claims, or its post; the ledger keeps all of them."
    parser = _command(commands, "withdraw", text, dry=True)
    parser.add_argument("study", metavar="STUDY")
    parser.add_argument(
        "--version-number",
        type=int,
        metavar="N",
        help="only claims on this version of its terms (default: on all)",
    )
    parser.add_argument(
        "--post",
        action="store_true",
        help="take its post down, with all editions, and leave its claims as they are",
    )
    parser.add_argument(
        "--edition",
        metavar="DATE",
        help="take one earlier edition down, named as in its address",
    )
    parser.add_argument(
        "--end-rollback",
        action="store_true",
        help="even if what a rollback took back serves again",
    )
    parser.add_argument(
        "--why", metavar="TEXT", required=True, help="for the ledger, or for readers"
    )


def _rollback(commands: Commands) -> None:
    text = "Serve an earlier release again, until a person publishes."
    parser = _command(commands, "rollback", text, dry=True)
    parser.add_argument(
        "--to",
        metavar="TREE",
        help="how its name begins (default: the release that served before)",
    )
    parser.add_argument("--why", metavar="TEXT", help="why, for those who ask later")
    parser.add_argument(
        "--list", action="store_true", help="show the releases that are kept"
    )


def _ledger(commands: Commands) -> None:
    parser = commands.add_parser("ledger", help="Verify ledgers, or show their claims.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    verify = _command(
        actions,
        "verify",
        "Recompute every hash, and every number that a ledger holds.",
    )
    _studies(verify)
    verify.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="another copy of one study's ledger: say where the two part",
    )
    _studies(_command(actions, "show", "List claims with their fates."))


def _backfill(commands: Commands) -> None:
    text = "Run history again: claim as of each date, settle as time passes."
    parser = _command(commands, "backfill", text, dry=True)
    _studies(parser)
    parser.add_argument(
        "--from", dest="first", metavar="INSTANT", required=True, help="first date"
    )
    parser.add_argument(
        "--to", dest="last", metavar="INSTANT", required=True, help="last date"
    )
    parser.add_argument(
        "--every",
        choices=("day", "week", "month", "quarter"),
        default="month",
        help="step between dates (default: month)",
    )
    parser.add_argument(
        "--reprocess",
        choices=("none", "failed", "completed"),
        help="which dates that ran or claimed before are run again (default: those "
        "whose very run is not here)",
    )
    parser.add_argument(
        "--max-active",
        type=int,
        metavar="N",
        help="runs at the same time (default: the setting parallel_runs)",
    )
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="into an empty store, and compare with the ledgers as they are",
    )


def _status(commands: Commands) -> None:
    text = "Show what runs, how each study's last run went, and which edition serves."
    _studies(_command(commands, "status", text))


def _doctor(commands: Commands) -> None:
    text = "Check the installation, the root, the data and the ledgers."
    parser = _command(commands, "doctor", text)
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="first make the run store anew from the run records",
    )


def _gc(commands: Commands) -> None:
    text = "Remove what nothing refers to any more, and say how many bytes it was."
    _command(commands, "gc", text, dry=True)
