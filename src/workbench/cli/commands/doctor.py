"""`workbench doctor`: is everything here that the workbench stands on?"""

import shutil
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from workbench.app import App
from workbench.archive.ledgers import lost_heads
from workbench.archive.store import Attempt
from workbench.archive.witnesses import cut_short, published
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.core.canonical import SHORT
from workbench.core.clock import show_instant
from workbench.core.disk import scratch_folder, write_text
from workbench.core.errors import Reason, TryLater, UsageError, WorkbenchError
from workbench.website.release import tree_hash

OLDEST_PYTHON = (3, 11)
LEAST_FREE_MB = 500


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Make every check; one that fails stops no other."""
    app = App(find_root(arguments.root))
    if arguments.rebuild:
        records = app.rebuild_store()
        outcome.acted = True
        outcome.lines.append(f"the run store was made anew from {records} run records")
    checks: dict[str, Callable[[App], str]] = {
        "python": _python,
        "root": _root,
        "state": _state,
        "settings": _settings,
        "contracts": _contracts,
        "studies": _studies,
        "ledgers": _ledgers,
        "store": _store,
        "site": _site,
        "key": _key,
        "data": _data,
        "disk": _disk,
    }
    found: dict[str, str] = {}
    for name, check in checks.items():
        try:
            found[name] = check(app)
            outcome.lines.append(f"{name}: {found[name]}")
        except (WorkbenchError, OSError) as error:
            found[name] = "wrong"
            outcome.failed(error)
    outcome.data["checks"] = found


def _python(_: App) -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise _wrong("python", f"Python {version} is too old; 3.11 or newer is needed.")
    return version


def _root(app: App) -> str:
    layout = app.layout
    wanted = (layout.research, layout.notebooks, layout.site, layout.mkdocs_file)
    missing = [path.name for path in wanted if not path.exists()]
    if missing:
        raise _wrong(
            "root",
            f"{', '.join(missing)} missing; `workbench init DIR` lays out a root.",
        )
    return "laid out"


def _state(app: App) -> str:
    with scratch_folder(app.layout.state, "doctor") as scratch:
        write_text(scratch / "written", "so it can be")
    return "can be written"


def _settings(app: App) -> str:
    return f"read; kernels get {app.settings.memory_mb} MiB"


def _contracts(app: App) -> str:
    if app.all_contracts.wrong:
        raise UsageError(app.all_contracts.reasons)
    return f"{len(app.contracts)} read"


def _studies(app: App) -> str:
    studies, wrong = app.catalogue.studies([])
    if wrong:
        raise UsageError(wrong)
    return f"{len(studies)} read"


def _ledgers(app: App) -> str:
    lines = app.ledgers.whole()
    shown = published(app.layout, app.rollbacks.last())
    if lost := [*cut_short(lines, shown), *lost_heads(lines, app.ledgers.held())]:
        raise UsageError(lost)
    return f"{len(lines)} whole, {sum(map(len, lines.values()))} lines"


def _store(app: App) -> str:
    told = app.database.verify()
    ended = app.store.ended()
    problems = []
    if missing := [each for each in ended if not app.runs.has_record(each)]:
        problems.append(
            f"{len(missing)} runs have lost their records, {_named(missing[0])} the "
            "first; run the studies anew, or `workbench doctor --rebuild` forgets them."
        )
    there = [each for each in ended if each not in missing]
    if partly := [each for each in there if app.runs.is_torn(each)]:
        problems.append(
            f"{len(partly)} runs have lost what their notebooks said, "
            f"{_named(partly[0])} the first; run the studies anew with --force."
        )
    if problems:
        raise UsageError(
            [Reason(code="doctor", message=each, subject="store") for each in problems]
        )
    return told


def _named(attempt: Attempt) -> str:
    return f"{attempt.study}/{attempt.run_id[:SHORT]}"


def _site(app: App) -> str:
    current = app.layout.build / "current"
    if not current.is_symlink():
        return "never published"
    release = current.resolve()
    if not release.is_dir() or tree_hash(release) != release.name:
        message = (
            "the release that serves is not what was released; `workbench publish` "
            "mends it."
        )
        raise _wrong("site", message)
    return f"serves {release.name[:SHORT]}, as it was released{_chosen(app)}"


def _chosen(app: App) -> str:
    """That a person chose an earlier release; it must be the one that serves."""
    active = app.rollbacks.active()
    if active is None:
        return ""
    if not app.rolling_back.is_complete(active):
        message = (
            f"a rollback to {active.tree[:SHORT]} was begun and not completed; "
            "`workbench tick` completes it, `workbench publish` ends it."
        )
        raise _wrong("site", message)
    return f"; rolled back on {show_instant(active.at)[:10]}: {active.why}"


def _key(app: App) -> str:
    key: Path = app.key_file
    if not key.is_file():
        return "not made yet; the first run that needs pseudonyms makes it"
    if key.stat().st_mode & 0o077:
        raise _wrong("key", f"the pseudonym key is readable by others; chmod 600 {key}")
    if key.resolve().is_relative_to(app.layout.root):
        raise _wrong("key", "the pseudonym key lies inside the root; move it out.")
    return "outside the root, readable by its owner alone"


def _data(app: App) -> str:
    return f"{app.warehouse.verify(app.contracts):,} objects as they were written"


def _disk(app: App) -> str:
    free = shutil.disk_usage(app.layout.root).free // 2**20
    if free < LEAST_FREE_MB:
        message = f"{free} MiB are free; a run wants {LEAST_FREE_MB}."
        raise TryLater(Reason(code="disk-full", message=message, subject="disk"))
    return "enough space"


def _wrong(subject: str, message: str) -> UsageError:
    return UsageError(Reason(code="doctor", message=message, subject=subject))
