"""`workbench run`: run studies whose data, source or terms changed."""

import shutil
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.progress import bar, event
from workbench.cli.selection import planned_runs, variant_name
from workbench.core.clock import show_instant
from workbench.core.errors import ExitCode, Reason, UsageError, WorkbenchError
from workbench.core.runs import RunRecord
from workbench.studies.planning import Planned, describe
from workbench.studies.running import reasons_of

Ended = tuple[Planned, RunRecord | WorkbenchError, bool]


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Run what is due, two at a time or as set; look up what is not."""
    app = App(find_root(arguments.root))
    planned = planned_runs(app, arguments, outcome)
    if arguments.prepare:
        _prepare(app, planned, outcome)
        return
    if arguments.dry_run:
        outcome.data["plan"] = [describe(each) for each in planned]
        outcome.lines += [f"{variant_name(p)}: {p.state}, {p.why}" for p in planned]
        return
    ended = {
        id(planned): (planned, result, made)
        for planned, result, made in bar(
            _ended(app, planned), total=len(planned), what="runs"
        )
    }
    for each in planned:
        _tell(*ended[id(each)], outcome)


def _ended(app: App, planned: list[Planned]) -> Iterator[Ended]:
    with ThreadPoolExecutor(app.settings.parallel_runs) as pool:
        waiting = [pool.submit(_one, app, each) for each in planned]
        for future in as_completed(waiting):
            yield future.result()


def _one(app: App, planned: Planned) -> Ended:
    spec = planned.spec
    event("run.started", study=spec.study, run=spec.run_id[:16], state=planned.state)
    try:
        record, made = app.running.ensure(planned)
    except WorkbenchError as error:
        return planned, error, False
    event("run.ended", study=spec.study, run=spec.run_id[:16], exit=record.exit_code)
    return planned, record, made


def _tell(
    planned: Planned,
    result: RunRecord | WorkbenchError,
    made: bool,  # noqa: FBT001 - the third of a tuple that is unpacked
    outcome: Outcome,
) -> None:
    name = variant_name(planned)
    runs = outcome.data.setdefault("runs", [])
    assert isinstance(runs, list)  # noqa: S101 - made above
    if isinstance(result, WorkbenchError):
        outcome.failed(result)
        return
    outcome.acted |= made
    runs.append(
        {
            **describe(planned),
            "exit_code": result.exit_code,
            "executed": made,
            "seconds": dict(result.timings),
        }
    )
    until = show_instant(result.spec.as_of)
    if result.succeeded:
        what = f"ran as of {until}" if made else f"unchanged as of {until}"
        outcome.lines.append(f"{name}: {what}")
    else:
        code = ExitCode(result.exit_code)
        outcome.reasons += [(code, reason) for reason in reasons_of(result)]


def _prepare(app: App, planned: list[Planned], outcome: Outcome) -> None:
    if not planned:
        return
    if len({each.spec.study for each in planned}) != 1:
        message = "--prepare makes one study's run folder; name the study."
        raise UsageError(Reason(code="usage", message=message))
    base = planned[0]
    folder: Path = app.layout.state / "lab" / base.spec.study
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    app.runs.note_look(base.spec.study, base.spec.as_of)
    app.running.prepare(base, folder)
    outcome.acted = True
    outcome.data["folder"] = str(folder)
    outcome.lines.append(str(folder))
