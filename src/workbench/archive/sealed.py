"""Sealed notebooks: the source that settles a claim, kept for as long as its ledger.

A claim is settled by the code that made it, also when its study has long been given
other terms. So sealing keeps the notebook beside the ledger, in version control, once
for each seal and never changed.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from workbench.core.canonical import pretty_json
from workbench.core.disk import sync_folder, write_text
from workbench.core.errors import Reason, UsageError


@dataclass(frozen=True, slots=True)
class SealedArchive:
    """The sealed notebooks of a root."""

    folder: Path

    def keep(self, seal: str, cells: list[dict[str, Any]]) -> None:
        """Keep the cells that were sealed; a seal that has them keeps those it has."""
        if not self.holds(seal):
            notebook = {"cells": cells, "metadata": {}, "nbformat": 4}
            write_text(self._file(seal), pretty_json({**notebook, "nbformat_minor": 5}))
        else:
            sync_folder(self.folder)  # whoever wrote it may have been killed before

    def holds(self, seal: str) -> bool:
        """Whether anything is kept for a seal."""
        return self._file(seal).is_file()

    def read(self, seal: str) -> dict[str, Any]:
        """The notebook as sealed.

        Raises:
            UsageError: It is gone, or no notebook.
        """
        file = self._file(seal)
        try:
            plain = json.loads(file.read_text(encoding="utf-8"))
            cast("list[Any]", plain["cells"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = (
                "the notebook that was sealed is not there, so its claims cannot be "
                f"settled; restore takeaways/sealed/{file.name} from version control."
            )
            raise UsageError(Reason(code="sealed-missing", message=message)) from error
        return cast("dict[str, Any]", plain)

    def _file(self, seal: str) -> Path:
        return self.folder / f"{seal}.ipynb"
