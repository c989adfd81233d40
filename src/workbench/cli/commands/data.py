"""`workbench data`: take data in, list, profile and verify them."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.progress import event
from workbench.contracts.breaches import counted
from workbench.contracts.datasets import Contract
from workbench.core.clock import show_instant
from workbench.core.errors import ExitCode, Reason, UsageError, WorkbenchError
from workbench.core.records import to_plain


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Call the action asked for."""
    app = App(find_root(arguments.root))
    {"add": _add, "list": _list, "profile": _profile, "verify": _verify}[
        arguments.action
    ](app, arguments, outcome)


def _add(app: App, arguments: Namespace, outcome: Outcome) -> None:
    deliveries: list[object] = []
    for contract in _chosen(app, arguments.datasets, outcome):
        if arguments.dry_run:
            outcome.lines.append(f"{contract.dataset}: would be checked and taken in")
            continue
        try:
            report = app.warehouse.add(contract)
        except WorkbenchError as error:
            outcome.failed(error)
            continue
        changed = report.sequence is not None
        event("data.added", dataset=contract.dataset, changed=changed)
        outcome.acted |= changed
        outcome.lines += [f"{report.dataset}, {f.as_line()}" for f in report.files]
        deliveries.append(to_plain(report))
    outcome.data["deliveries"] = deliveries


def _list(app: App, _: Namespace, outcome: Outcome) -> None:
    held: list[dict[str, object]] = []
    known = {summary.dataset: summary for summary in app.warehouse.list()}
    for contract in _chosen(app, [], outcome):
        mark = app.warehouse.watermark(contract)
        summary = known.get(contract.dataset)
        until = f"complete up to {show_instant(mark)}" if mark else "empty"
        rows = summary.rows if summary else 0
        outcome.lines.append(
            f"{contract.dataset}: {counted(rows, 'row')}, {until}; unit {contract.unit}"
        )
        held.append(
            {
                "dataset": contract.dataset,
                "rows": rows,
                "watermark": show_instant(mark) if mark else None,
            }
        )
    outcome.data["datasets"] = held


def _profile(app: App, arguments: Namespace, outcome: Outcome) -> None:
    file = Path(arguments.dataset)
    if file.is_file():  # first: its contract may be half written, or empty
        text = app.warehouse.draft_contract(file)
        outcome.lines.append(text.rstrip("\n"))
        outcome.data["contract"] = text
    elif arguments.dataset in app.contracts:
        profile = app.warehouse.profile(app.contracts[arguments.dataset])
        outcome.lines.append(
            f"{profile.dataset}: {profile.rows} rows, {profile.units} units"
        )
        for column in profile.columns:
            reach = f", {column.lowest} to {column.highest}" if column.lowest else ""
            outcome.lines.append(
                f"  {column.name}: {column.type}, identity {column.identity}; "
                f"{column.distinct} different, {column.empty} empty{reach}"
            )
        outcome.data["profile"] = to_plain(profile)
    else:
        raise UsageError(_missing(app, arguments.dataset))


def _verify(app: App, _: Namespace, outcome: Outcome) -> None:
    objects = app.warehouse.verify(app.contracts)
    outcome.data["objects"] = objects
    held = counted(objects, "stored object")
    outcome.lines.append(f"{held}, each as its manifest says")


def _chosen(app: App, names: list[str], outcome: Outcome) -> list[Contract]:
    """The datasets named, or all; a contract that is wrong stops no other."""
    contracts = app.all_contracts
    wanted = names or sorted({*contracts.good, *contracts.wrong})
    bad = [name for name in wanted if name not in contracts.good]
    wrong = [reason for name in bad for reason in _missing(app, name)]
    outcome.reasons += [(ExitCode.USAGE, reason) for reason in wrong]
    return [contracts.good[name] for name in wanted if name not in bad]


def _missing(app: App, name: str) -> Sequence[Reason]:
    """Why a dataset cannot be used: its contract is wrong, or there is none."""
    if name in app.all_contracts.wrong:
        return app.all_contracts.wrong[name]
    known = ", ".join(app.contracts) or "none yet"
    message = (
        f"there is no dataset or file {name!r}; datasets are {known}. A contract in "
        "research/contracts/ makes one; `workbench data profile FILE` drafts it."
    )
    return [Reason(code="dataset-unknown", message=message, subject=name)]
