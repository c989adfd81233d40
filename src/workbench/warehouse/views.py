"""What may be asked of a dataset, and the identities of views asked for before."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.contracts.datasets import Contract
from workbench.core import disk
from workbench.core.canonical import canonical_json, sha256_of_value
from workbench.core.clock import format_instant
from workbench.core.errors import ContractBroken, Reason, UsageError
from workbench.core.runs import View
from workbench.warehouse.layout import Layout


def check_use(
    contract: Contract, columns: Sequence[str], *, purpose: str | None
) -> tuple[str, ...]:
    """The declared columns in the contract's order.

    Raises:
        UsageError: The contract does not list a column, or not allow the purpose.
    """
    wrong = [
        Reason(
            code="column-undeclared",
            message=contract.unknown_column(name),
            subject=contract.dataset,
            place=f"column {name}",
        )
        for name in columns
        if name not in contract.names
    ]
    if not columns:
        message = "no columns were asked for; name at least one."
        wrong.append(_reason(contract, "column-undeclared", message))
    if purpose is not None and purpose not in contract.purposes:
        message = contract.unknown_purpose(purpose)
        wrong.append(_reason(contract, "purpose-not-allowed", message))
    if wrong:
        raise UsageError(wrong)
    return tuple(name for name in contract.names if name in columns)


def refused(contract: Contract, code: str, message: str) -> UsageError:
    """One mistake about a dataset."""
    return UsageError(_reason(contract, code, message))


def _reason(contract: Contract, code: str, message: str) -> Reason:
    return Reason(code=code, message=message, subject=contract.dataset)


def direct_of(contract: Contract, columns: Sequence[str]) -> list[str]:
    """Those of some columns that name a person by themselves."""
    return [n for n in columns if contract.column(n).identity == "direct"]


@dataclass(frozen=True, slots=True)
class Question:
    """One view asked for.

    Attributes:
        contract: The dataset.
        columns: Declared columns, in the contract's order.
        as_of: Nothing known later is read.
    """

    contract: Contract
    columns: tuple[str, ...]
    as_of: datetime

    def place(self, layout: Layout, head: str | None) -> Path:
        """Where the answer is kept for one state of the manifest."""
        instant = format_instant(self.as_of)
        decides = [head, self.contract.contract_id, [*self.columns], instant]
        return layout.view(self.contract.dataset, sha256_of_value(decides))

    def answer(self, view_id: str, rows: int) -> View:
        """The view, once its content is known."""
        return View(
            dataset=self.contract.dataset,
            columns=self.columns,
            direct=tuple(sorted(direct_of(self.contract, self.columns))),
            view_id=view_id,
            rows=rows,
            unit=self.contract.unit,
            unit_column=self.contract.unit_column,
            minimum_units=self.contract.minimum_units,
        )


def recall(layout: Layout, question: Question, head: str | None) -> View | None:
    """A view of this state of the manifest that was read before."""
    place = question.place(layout, head)
    if not place.is_file():
        return None
    known = json.loads(place.read_text(encoding="utf-8"))
    return question.answer(known["view_id"], known["rows"])


def remember(layout: Layout, question: Question, head: str | None, view: View) -> None:
    """Keep a view's identity, so that its rows are read once.

    Raises:
        ContractBroken: The same question was once answered by other rows.
    """
    known = canonical_json({"view_id": view.view_id, "rows": view.rows})
    if disk.create_once(question.place(layout, head), known.encode()):
        return
    if recall(layout, question, head) != view:
        message = (
            "the same deliveries once held other rows; run `workbench data verify` and "
            "restore the store from a backup."
        )
        raise ContractBroken(_reason(question.contract, "object-broken", message))
