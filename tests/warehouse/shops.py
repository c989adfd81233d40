"""A small shop whose orders arrive as files, for every test of the warehouse."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from workbench.contracts.datasets import Contract, parse_contract
from workbench.core.clock import parse_instant
from workbench.core.runs import View
from workbench.warehouse import Warehouse

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
servers: [{server: local, type: local, path: drop/*.csv, format: csv}]
schema:
  - name: orders
    properties:
      - name: order_id
        logicalType: integer
        primaryKey: true
        customProperties: [{property: wb.identity, value: quasi}]
      - name: customer
        logicalType: string
        required: true
        logicalTypeOptions: {maxLength: 20}
        customProperties: [{property: wb.identity, value: direct}]
      - name: placed
        logicalType: date
        customProperties: [{property: wb.identity, value: none}]
      - name: arrived
        logicalType: timestamp
        customProperties: [{property: wb.identity, value: none}]
      - name: amount
        logicalType: number
        logicalTypeOptions: {minimum: 0, maximum: 1000}
        customProperties: [{property: wb.identity, value: none}]
      - name: channel
        logicalType: string
        logicalTypeOptions: {pattern: "^[a-z]+$"}
        customProperties:
          - {property: wb.identity, value: none}
          - {property: wb.choices, value: [web, shop]}
customProperties:
  - {property: wb.unit, value: customer}
  - {property: wb.unitColumn, value: customer}
  - {property: wb.eventTime, value: placed}
  - {property: wb.arrivalTime, value: arrived}
  - {property: wb.lateness, value: P400D}
  - {property: wb.purposes, value: [retention, pricing]}
  - {property: wb.minimumUnits, value: 5}
"""
NAMES = ("order_id", "customer", "placed", "arrived", "amount", "channel")
Row = Mapping[str, object]


def order(number: int, **cells: object) -> dict[str, object]:
    """One good row; each cell may be given another value."""
    return {
        "order_id": number,
        "customer": f"customer-{number % 7}",
        "placed": f"2020-{1 + number % 6:02}-15",
        "arrived": f"2020-{1 + number % 6:02}-16T08:00:00Z",
        "amount": number / 4,
        "channel": "web",
    } | cells


@dataclass
class Shop:
    """One root with its warehouse."""

    root: Path
    warehouse: Warehouse
    contract: Contract

    def write(
        self, rows: Iterable[Row], file: str = "a.csv", names: Iterable[str] = NAMES
    ) -> Path:
        path = self.root / "drop" / file
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="") as handle:
            writer = csv.DictWriter(handle, list(names))
            writer.writeheader()
            writer.writerows(rows)
        return path

    def view(self, *columns: str, as_of: str = "2021-01-01") -> View:
        return self.warehouse.view(self.contract, columns, parse_instant(as_of))

    def materialise(
        self, *columns: str, as_of: str = "2021-01-01", purpose: str = "retention"
    ) -> Path:
        path = self.root / "run" / "in" / "orders.parquet"
        instant: datetime = parse_instant(as_of)
        self.warehouse.materialise(self.contract, columns, instant, purpose, path)
        return path

    def verify(self) -> int:
        return self.warehouse.verify({"orders": self.contract})

    def files(self) -> set[Path]:
        """Everything in the store."""
        return set(self.warehouse.layout.store.rglob("*"))


def shop_at(folder: Path, **changes: object) -> Shop:
    """A shop in an empty folder; the contract's fields may be changed."""
    root = folder / "root"
    root.mkdir(parents=True)
    contract = parse_contract(CONTRACT, file="research/contracts/orders.yaml")
    contract = replace(contract, **changes)  # type: ignore[arg-type]  # fields by name
    key_file = folder / "config" / "pseudonym.key"
    warehouse = Warehouse(root, root / ".workbench" / "data", key_file, 256)
    return Shop(root, warehouse, contract)
