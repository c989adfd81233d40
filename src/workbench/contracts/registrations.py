"""What a study registers before it looks: research/<study>.yaml."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from workbench.contracts.claims import parse_claims
from workbench.contracts.datasets import Contract
from workbench.contracts.forms import Form
from workbench.contracts.mistakes import Mistakes, did_you_mean, one_of
from workbench.contracts.parameters import (
    parse_parameters,
    parse_variants,
    problem_with,
)
from workbench.contracts.schedules import (
    parse_cadence,
    parse_catch_up,
    parse_on_failure,
    parse_time_zone,
)
from workbench.contracts.yamltext import read_yaml, span_of
from workbench.core.errors import Reason, UsageError
from workbench.core.registration import DataUse, Registration, Scalar, Status

REQUIRED = (
    "study",
    "title",
    "question",
    "authors",
    "status",
    "notebook",
    "cadence",
    "data",
    "claims",
)
OPTIONAL = ("tags", "parameters", "variants", "time_zone", "catch_up", "on_failure")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def parse_registration(
    text: str, *, file: str, contracts: Mapping[str, Contract]
) -> Registration:
    """Read one registration.

    Args:
        text: The YAML text.
        file: Its path, for messages; its stem is the study's name.
        contracts: Every contract there is, by dataset.

    Raises:
        UsageError: With every mistake, its line and a suggestion.
    """
    mistakes = Mistakes("registration", file)
    form = Form(read_yaml(text, mistakes), "the registration", mistakes)
    form.only((*REQUIRED, *OPTIONAL))
    form.require(REQUIRED)
    data = _parse_data(form, contracts)
    units = [contracts[use.dataset].unit for use in data if use.dataset in contracts]
    parameters = parse_parameters(form)
    variants = parse_variants(form, parameters)
    registration = Registration(
        study=_parse_study(form, file),
        title=form.text("title"),
        question=form.text("question"),
        authors=form.texts("authors"),
        tags=form.texts("tags"),
        status=Status(form.choice("status", [s.value for s in Status])),
        notebook=_parse_notebook(form),
        cadence=parse_cadence(form),
        time_zone=parse_time_zone(form),
        catch_up=parse_catch_up(form),
        on_failure=parse_on_failure(form),
        data=data,
        parameters=parameters,
        variants=variants,
        claims=parse_claims(
            form,
            units=tuple(dict.fromkeys(units)),
            parameters=parameters,
            variants=variants,
        ),
    )
    _check_clashes(form, registration)
    mistakes.raise_all()
    return registration


def _parse_study(form: Form, file: str) -> str:
    study, stem = form.text("study"), PurePosixPath(file).stem
    if study and study != stem:
        form.wrong("study", f"the name {study!r} must equal the file's, {stem!r}.")
    elif study and not _SLUG.fullmatch(study):
        said = f"the name {study!r} may hold a-z, 0-9 and single hyphens only."
        form.wrong("study", said)
    return study


def _parse_notebook(form: Form) -> str:
    path = form.text("notebook")
    pure = PurePosixPath(path)
    if path and (pure.suffix != ".ipynb" or pure.is_absolute() or ".." in pure.parts):
        said = f"notebook must be an .ipynb path below the root, not {path!r}."
        form.wrong("notebook", said)
    return path


def _parse_data(form: Form, contracts: Mapping[str, Contract]) -> tuple[DataUse, ...]:
    data = form.form("data", "data")
    if "data" in form and not list(data):
        form.wrong("data", "data must name at least one dataset.")
    uses = []
    for dataset in data:
        use = data.form(dataset, f"data {dataset}")
        use.only(("columns", "purpose"))
        use.require(("columns", "purpose"))
        contract = contracts.get(dataset)
        columns = use.texts("columns")
        if contract is None:
            said = (
                f"there is no contract research/contracts/{dataset}.yaml; there are "
                f"{one_of(sorted(contracts))}.{did_you_mean(dataset, contracts)}"
            )
            data.wrong(dataset, said)
        else:
            columns = _check_use(use, contract, columns)
        purpose = use.text("purpose")
        uses.append(DataUse(dataset=dataset, columns=columns, purpose=purpose))
    return tuple(uses)


def _check_use(
    use: Form, contract: Contract, columns: tuple[str, ...]
) -> tuple[str, ...]:
    """Note what the contract does not allow; the columns in the contract's order."""
    for item in use.items("columns"):
        if isinstance(item.value, str) and item.value.strip() not in contract.names:
            said = contract.unknown_column(item.value.strip())
            use.mistakes.note(item.line, f"{use.name}: {said}")
    if columns and contract.unit_column not in columns:
        said = f"the engine counts by {contract.unit_column!r}; add it to columns."
        use.wrong("columns", said)
    purpose = use.text("purpose")
    if purpose and purpose not in contract.purposes:
        use.wrong("purpose", contract.unknown_purpose(purpose))
    return tuple(name for name in contract.names if name in columns)


def _check_clashes(form: Form, registration: Registration) -> None:
    """Texts bind claims and parameters by name, so the names share one space."""
    parameters = {parameter.name for parameter in registration.parameters}
    claims = form.form("claims", "claims")
    for claim in registration.claims:
        if claim.name in parameters:
            claims.wrong(claim.name, f"{claim.name!r} is also a parameter; rename one.")


def set_status(text: str, status: Status) -> str:
    """The same registration text with another status; not one other byte changes.

    Raises:
        UsageError: The text has no `status:` of its own.
    """
    span = span_of(text, "status")
    if span is None:
        message = "there is no line `status: draft` to change; add it."
        raise UsageError(Reason(code="registration", message=message))
    return text[: span[0]] + status.value + text[span[1] :]


def parse_values(
    registration: Registration, assignments: Sequence[str]
) -> dict[str, Scalar]:
    """Values given on the command line as `name=value`; only those, not the defaults.

    Raises:
        UsageError: With every misspelt name, wrong type and broken bound at once.
    """
    known = {parameter.name: parameter for parameter in registration.parameters}
    values: dict[str, Scalar] = {}
    wrong: list[str] = []
    for assignment in assignments:
        name, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals:
            wrong.append(f"{assignment!r} is no assignment; write name=value.")
        elif name not in known:
            hint = did_you_mean(name, known)
            declared = one_of(known)
            said = f"there is no parameter {name!r}; there are {declared}.{hint}"
            wrong.append(said)
        elif name in values:
            wrong.append(f"{name} is given twice.")
        else:
            value = _from_text(text, known[name].type)
            if problem := problem_with(known[name], value):
                wrong.append(f"{name} {problem}")
            values[name] = value
    if wrong:
        study = registration.study
        raise UsageError(
            [Reason(code="parameter", message=m, subject=study) for m in wrong]
        )
    return values


def _from_text(text: str, kind: str) -> Scalar:
    """A value of the type where the text spells one; else the text, to be refused."""
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind == "integer":
        return int(text) if re.fullmatch(r"[-+]?[0-9]{1,18}", text) else text
    if kind == "number":
        number = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?"
        return float(text) if re.fullmatch(number, text) else text
    return text
