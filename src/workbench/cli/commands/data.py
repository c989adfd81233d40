"""`workbench data`: take data in, list, profile and verify them."""

from argparse import Namespace
from pathlib import Path

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.progress import event
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
    for contract in _chosen(app, arguments.datasets):
        if arguments.dry_run:
            outcome.lines.append(f"{contract.dataset}: would be checked and taken in")
            continue
        try:
            delivery = app.warehouse.add(contract)
        except WorkbenchError as error:
            outcome.failed(error)
            continue
        event("data.added", dataset=contract.dataset, changed=delivery.changed)
        outcome.acted |= delivery.changed
        outcome.lines.append(delivery.as_line())
        deliveries.append(to_plain(delivery))
    outcome.data["deliveries"] = deliveries


def _list(app: App, _: Namespace, outcome: Outcome) -> None:
    held = []
    for contract in app.contracts.values():
        mark = app.warehouse.watermark(contract)
        until = f"complete up to {show_instant(mark)}" if mark else "empty"
        outcome.lines.append(
            f"{contract.dataset}: {until}; unit {contract.unit}; "
            f"{len(contract.columns)} columns in contract {contract.version}"
        )
        watermark = show_instant(mark) if mark else None
        held.append({"dataset": contract.dataset, "watermark": watermark})
    outcome.data["datasets"] = held


def _profile(app: App, arguments: Namespace, outcome: Outcome) -> None:
    if arguments.dataset in app.contracts:
        profile = app.warehouse.profile(app.contracts[arguments.dataset])
        outcome.lines += profile.as_lines()
        outcome.data["profile"] = to_plain(profile)
    elif Path(arguments.dataset).is_file():
        text = app.warehouse.draft_contract(Path(arguments.dataset))
        outcome.lines.append(text.rstrip("\n"))
        outcome.data["contract"] = text
    else:
        raise UsageError(_unknown(app, arguments.dataset))


def _verify(app: App, _: Namespace, outcome: Outcome) -> None:
    broken = app.warehouse.verify()
    outcome.reasons += [(ExitCode.DATA, reason) for reason in broken]
    if not broken:
        outcome.lines.append("every stored object and manifest is as it was written")


def _chosen(app: App, names: list[str]) -> list[Contract]:
    unknown = [_unknown(app, name) for name in names if name not in app.contracts]
    if unknown:
        raise UsageError(unknown)
    return [app.contracts[name] for name in names or app.contracts]


def _unknown(app: App, name: str) -> Reason:
    known = ", ".join(app.contracts) or "none yet"
    message = (
        f"there is no dataset or file {name!r}; datasets are {known}. A contract in "
        "research/contracts/ makes one; `workbench data profile FILE` drafts it."
    )
    return Reason(code="dataset-unknown", message=message, subject=name)
