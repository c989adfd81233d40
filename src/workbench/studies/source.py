"""A notebook's source: its cells, its parameters, and the hash that is its identity."""

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from workbench.core.canonical import sha256_of_value
from workbench.core.errors import Reason, UsageError
from workbench.core.registration import Registration

KEPT_OF_CELLS = ("cell_type", "id", "metadata", "source")
PARAMETERS_TAG = "parameters"
FORMAT = 4
ACTS = (ast.Call, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
SHOWS = {("wb", "figure"), ("wb", "exhibit"), ("wb", "takeaway")}


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook as written by its author.

    Attributes:
        path: Where it is.
        plain: The file's JSON value.
    """

    path: Path
    plain: Mapping[str, object]

    @property
    def cells(self) -> list[Mapping[str, object]]:
        """Its cells, in order."""
        cells = self.plain["cells"]
        assert isinstance(cells, list)  # noqa: S101 - checked when it was read
        return cells

    @property
    def bare_cells(self) -> list[dict[str, object]]:
        """The cells as an author wrote them, without outputs and counts."""
        bare = []
        for cell in self.cells:
            kept = {name: cell[name] for name in KEPT_OF_CELLS if name in cell}
            empty: dict[str, object] = {"execution_count": None, "outputs": []}
            bare.append(kept | (empty if cell["cell_type"] == "code" else {}))
        return bare

    @property
    def notebook_id(self) -> str:
        """Hash of what decides a run: kind, source and tags of each cell.

        What JupyterLab rewrites on every save is left out: outputs, counts, metadata.
        """
        return sha256_of_value(
            [
                [cell["cell_type"], _source(cell), sorted(_tags(cell))]
                for cell in self.cells
            ]
        )

    @property
    def code_id(self) -> str:
        """Hash of the code that decides the evidence; sealed by `workbench register`.

        Cells that only show (wb.figure, wb.exhibit, wb.takeaway and nothing else) are
        left out: a label may be mended without a new registration.
        """
        code = [_source(cell) for cell in self.cells if cell["cell_type"] == "code"]
        return sha256_of_value([text for text in code if not _only_shows(text)])

    def check_parameters(self, registration: Registration) -> None:
        """The cell tagged `parameters` must assign what the registration declares.

        Raises:
            UsageError: With every name that is missing, undeclared or of another value.
        """
        wrong = _parameter_mistakes(self.assigned, registration)
        if wrong:
            raise UsageError(
                [
                    Reason(
                        code="parameters",
                        message=message,
                        subject=registration.study,
                        place="the notebook's parameters cell",
                    )
                    for message in wrong
                ]
            )

    @property
    def assigned(self) -> dict[str, object]:
        """Names and values that its cell tagged `parameters` assigns."""
        for cell in self.cells:
            if cell["cell_type"] == "code" and PARAMETERS_TAG in _tags(cell):
                return _assignments(_source(cell))
        return {}


def read_notebook(path: Path) -> Notebook:
    """Read a notebook.

    Raises:
        UsageError: It is missing, or no notebook of format 4.
    """
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        plain = None
    if not is_notebook(plain):
        message = (
            "there is no readable notebook (format 4) here; mend the registration's "
            "`notebook`, or make one with `workbench new`."
        )
        raise UsageError(
            Reason(code="notebook-unreadable", message=message, subject=path.name)
        )
    return Notebook(path, plain)


def is_notebook(plain: object) -> bool:
    """Whether a JSON value is a notebook of format 4 whose cells can be read."""
    if not isinstance(plain, dict) or plain.get("nbformat") != FORMAT:
        return False
    cells = plain.get("cells")
    return isinstance(cells, list) and all(map(_is_cell, cells))


def _is_cell(cell: object) -> bool:
    """Whether it has a kind, and a source and tags that can be read."""
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        return False
    source, metadata = cell.get("source", ""), cell.get("metadata", {})
    lines = source if isinstance(source, list) else [source]
    tags = metadata.get("tags", []) if isinstance(metadata, dict) else None
    return isinstance(tags, list) and all(isinstance(each, str) for each in lines)


def _source(cell: Mapping[str, object]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _tags(cell: Mapping[str, object]) -> list[str]:
    metadata = cell.get("metadata", {})
    tags = metadata.get("tags", []) if isinstance(metadata, dict) else []
    return [str(tag) for tag in tags]


def _only_shows(source: str) -> bool:
    """Whether a cell calls what shows, and what it hands over only looks things up."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return all(
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Attribute)
        and isinstance(statement.value.func.value, ast.Name)
        and (statement.value.func.value.id, statement.value.func.attr) in SHOWS
        and not _acts(statement.value)
        for statement in body
    )


def _acts(show: ast.Call) -> bool:
    """Whether an argument calls, names or awaits anything: it might change the data."""
    given = [*show.args, *(keyword.value for keyword in show.keywords)]
    return any(isinstance(node, ACTS) for each in given for node in ast.walk(each))


def _assignments(source: str) -> dict[str, object]:
    """Names that a cell assigns a literal to; other statements are not parameters."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found: dict[str, object] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target, value = statement.target, statement.value
        else:
            continue
        if isinstance(target, ast.Name):
            found[target.id] = _literal(value)
    return found


def _literal(value: ast.expr) -> object:
    try:
        return ast.literal_eval(value)
    except ValueError:
        return None


def _parameter_mistakes(
    assigned: Mapping[str, object], registration: Registration
) -> list[str]:
    declared = {each.name: each.default for each in registration.parameters}
    wrong = [
        f"it does not assign {name!r}; add the line `{name} = {declared[name]!r}` to "
        "the cell tagged `parameters`."
        for name in declared.keys() - assigned.keys()
    ]
    for name in assigned.keys() - declared.keys():
        near = get_close_matches(name, declared, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        wrong.append(f"it assigns {name!r}, which is not declared.{hint}")
    wrong += [
        f"it sets {name!r} to {assigned[name]!r}, the registration to {default!r}; "
        "make them equal."
        for name, default in declared.items()
        if name in assigned and assigned[name] != default
    ]
    return sorted(wrong)
