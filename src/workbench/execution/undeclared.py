"""Which column a study asked for that its data have and it does not declare.

pandas says of such a column only that there is none, in many ways. Its words may quote
a customer, so of them nothing goes further than what equals the name of such a column.
"""

import json
from pathlib import Path

from workbench.core.errors import Reason

FILE = Path("in", "undeclared.json")  # in the run folder
_SAYS_NAMES = (KeyError, AttributeError, NameError)


def undeclared_by(folder: Path, error: BaseException | None) -> tuple[Reason, ...]:
    """A reason for each such column that an error names; mostly none.

    Args:
        folder: The run folder; what the study does not declare stands in a file there.
        error: What ended a cell.
    """
    file = folder / FILE
    if not isinstance(error, _SAYS_NAMES) or not file.is_file():
        return ()
    known = json.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Reason(
            code="column-undeclared",
            message=f"the cell raised {type(error).__name__}: the study does not "
            f"declare the column {name!r} of {dataset!r}; add it under "
            f"`data: {dataset}: columns` in {known['registration']}.",
        )
        for dataset, names in known["columns"].items()
        for name in names
        if repr(name) in str(error)
    )
