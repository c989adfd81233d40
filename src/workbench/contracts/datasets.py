"""What the owner of a dataset promises: an Open Data Contract Standard v3 file.

Of the standard we check types, `required`, `primaryKey` and the options minimum,
maximum, minLength, maxLength and pattern; its other keys are accepted and left alone.
What the standard has no word for stands in custom properties `wb.*`.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Literal, cast

from workbench.contracts.columns import (
    TIMES,
    TYPES,
    ContractColumn,
    custom_properties,
    parse_column,
)
from workbench.contracts.forms import Form
from workbench.contracts.mistakes import Mistakes, did_you_mean, one_of
from workbench.contracts.standard import (
    FILE_KEYS,
    REQUIRED_KEYS,
    SCHEMA_KEYS,
    SERVER_KEYS,
)
from workbench.contracts.yamltext import Node, read_yaml
from workbench.core.canonical import sha256_of_value
from workbench.core.clock import parse_duration
from workbench.core.records import to_plain

FILE_PROPERTIES = (
    "wb.unit",
    "wb.unitColumn",
    "wb.eventTime",
    "wb.arrivalTime",
    "wb.arrivalLag",
    "wb.lateness",
    "wb.purposes",
    "wb.minimumUnits",
)
LEAST_MINIMUM_UNITS = 5
DEFAULT_MINIMUM_UNITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One dataset as its owner promises it.

    Attributes:
        file: The contract file, for messages.
        dataset: Name of the dataset, equal to the file's.
        path: File or glob, relative to the root.
        format: `parquet` or `csv`.
        delimiter: Between the cells of a CSV file.
        columns: Promised columns, in order.
        unit: Unit of analysis, such as `customer`.
        unit_column: Column that tells one unit from another.
        event_time: Column that says when it happened.
        arrival_time: Column that says when it became known; None when only
            `arrival_lag` tells.
        arrival_lag: ISO 8601 duration from event (or arrival column) to arrival.
        lateness: ISO 8601 duration; by then after an event its row has arrived.
        purposes: What the data may be used for.
        minimum_units: Fewest distinct units a published cell may rest on.
    """

    file: str
    dataset: str
    path: str
    format: Literal["parquet", "csv"]
    delimiter: str
    columns: tuple[ContractColumn, ...]
    unit: str
    unit_column: str
    event_time: str
    arrival_time: str | None
    arrival_lag: str
    lateness: str
    purposes: tuple[str, ...]
    minimum_units: int

    @property
    def contract_id(self) -> str:
        """SHA-256 of what decides reading and checking; purposes and units do not."""
        told = {"dataset", "format", "delimiter", "event_time", "arrival_time"}
        told |= {"arrival_lag", "lateness"}
        plain = cast("dict[str, object]", to_plain(self))
        unread = {"measure", "identity"}
        columns = cast("list[dict[str, object]]", plain["columns"])
        kept = {name: value for name, value in plain.items() if name in told}
        kept["columns"] = [
            {name: value for name, value in column.items() if name not in unread}
            for column in columns
        ]
        return sha256_of_value(kept)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns; empty where rows have no identity."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def lag(self) -> timedelta:
        """`arrival_lag` as a duration."""
        return parse_duration(self.arrival_lag)

    @property
    def allowed_lateness(self) -> timedelta:
        """`lateness` as a duration."""
        return parse_duration(self.lateness)

    def column(self, name: str) -> ContractColumn:
        """The column of that name.

        Raises:
            KeyError: There is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def unknown_column(self, name: str) -> str:
        """The sentence for a column that the contract does not list."""
        return (
            f"{self.file} lists no column {name!r}; it lists {one_of(self.names)}."
            f"{did_you_mean(name, self.names)} Add the column there to use it."
        )

    def unknown_purpose(self, purpose: str) -> str:
        """The sentence for a purpose that the contract does not allow."""
        return (
            f"{self.file} does not allow the purpose {purpose!r}; it allows "
            f"{one_of(self.purposes)}.{did_you_mean(purpose, self.purposes)} Its owner "
            f"may add it under wb.purposes."
        )


def parse_contract(text: str, *, file: str) -> Contract:
    """Read one contract.

    Args:
        text: The YAML text.
        file: Its path, for messages; its stem is the dataset's name.

    Raises:
        UsageError: With every mistake, its line and a suggestion.
    """
    mistakes = Mistakes("contract", file)
    form = Form(read_yaml(text, mistakes), "the contract", mistakes)
    form.only(FILE_KEYS)
    form.require(REQUIRED_KEYS)
    _check_heading(form)
    schema = _only_item(form, "schema", SCHEMA_KEYS)
    server = _only_item(form, "servers", SERVER_KEYS)
    contract = _build(form, schema, server, file)
    _check_whole(contract, schema, custom_properties(form, FILE_PROPERTIES))
    mistakes.raise_all()
    return contract


def _check_heading(form: Form) -> None:
    form.choice("kind", ("DataContract",))
    for key in ("id", "version", "status"):
        form.text(key)
    if (version := form.text("apiVersion")) and not version.startswith("v3."):
        form.wrong("apiVersion", f"apiVersion must be v3, such as v3.1.0: {version!r}.")


def _only_item(form: Form, key: str, known: frozenset[str]) -> Form:
    """The first server (others are other environments) or the one table."""
    items = form.items(key)
    if key == "schema" and len(items) > 1:
        form.wrong(key, "one contract describes one table; write a file for each.")
    if key in form and not items:
        form.wrong(key, f"{key} must list at least one.")
    found = Form(items[0] if items else Node({}, form.line_of(key)), key, form.mistakes)
    if items:
        found.only(known)
    return found


def _build(form: Form, schema: Form, server: Form, file: str) -> Contract:
    ours = custom_properties(form, FILE_PROPERTIES)
    ours.require(("wb.unit", "wb.unitColumn", "wb.eventTime", "wb.purposes"))
    server.require(("path", "format") if "servers" in form else ())
    schema.require(("name", "properties") if "schema" in form else ())
    times = (ours.text("wb.eventTime"), ours.text("wb.arrivalTime"))
    columns = tuple(
        parse_column(Form(item, f"column {number}", form.mistakes), times)
        for number, item in enumerate(schema.items("properties"), start=1)
    )
    return Contract(
        file=file,
        dataset=schema.text("name"),
        path=server.text("path"),
        format=cast(
            "Literal['parquet', 'csv']", server.choice("format", ("parquet", "csv"))
        ),
        delimiter=_delimiter(server),
        columns=columns,
        unit=ours.text("wb.unit"),
        unit_column=ours.text("wb.unitColumn"),
        event_time=times[0],
        arrival_time=times[1] or None,
        arrival_lag=ours.duration("wb.arrivalLag"),
        lateness=ours.duration("wb.lateness"),
        purposes=ours.texts("wb.purposes"),
        minimum_units=ours.integer(
            "wb.minimumUnits",
            at_least=LEAST_MINIMUM_UNITS,
            default=DEFAULT_MINIMUM_UNITS,
        ),
    )


def _delimiter(server: Form) -> str:
    if "delimiter" not in server:
        return ","
    value = server.node("delimiter").value
    if isinstance(value, str) and len(value) == 1 and value not in '"\r\n':
        return value
    server.wrong("delimiter", "delimiter must be one character.")
    return ","


def _check_whole(contract: Contract, schema: Form, ours: Form) -> None:
    stem = PurePosixPath(contract.file).stem
    if contract.dataset and contract.dataset != stem:
        said = f"the name {contract.dataset!r} must equal the file's, {stem!r}."
        schema.wrong("name", said)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", contract.dataset or "a"):
        schema.wrong("name", "the name may hold a-z, 0-9, _ and - only.")
    if "properties" in schema and not contract.columns:
        schema.wrong("properties", "properties must list at least one column.")
    _check_names(contract, schema)
    for key, kinds in (
        ("wb.unitColumn", TYPES),
        ("wb.eventTime", TIMES),
        ("wb.arrivalTime", TIMES),
    ):
        _check_role(contract, ours, key, kinds)


def _check_names(contract: Contract, schema: Form) -> None:
    seen: set[str] = set()
    for item, name in zip(schema.items("properties"), contract.names, strict=True):
        if name.casefold() in seen:
            said = f"column {name!r} is listed twice; capitals do not tell them apart."
            schema.mistakes.note(item.line, said)
        if name:
            seen.add(name.casefold())


def _check_role(
    contract: Contract, ours: Form, key: str, kinds: tuple[str, ...]
) -> None:
    name = ours.text(key)
    if not name:
        return
    if name not in contract.names:
        hint = did_you_mean(name, contract.names)
        said = f"{key} names no column of this contract: {name!r}.{hint}"
        ours.wrong(key, said)
    elif contract.column(name).type not in kinds:
        ours.wrong(key, f"{key} must name a column of type {' or '.join(kinds)}.")
    elif key != "wb.unitColumn" and contract.column(name).identity == "direct":
        ours.wrong(key, f"{name!r} is a direct identifier; a pseudonym is no time.")
