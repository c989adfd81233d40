"""The notebook beside a post: its source, without outputs or traces of a machine."""

import json
from collections.abc import Mapping
from typing import Any


def clean_notebook(text: str) -> bytes:
    """Cells and their tags; outputs, counts, attachments and all else are gone."""
    notebook = json.loads(text)
    clean = {
        "cells": [_clean_cell(cell) for cell in notebook["cells"]],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": notebook["nbformat"],
        "nbformat_minor": notebook["nbformat_minor"],
    }
    shown = json.dumps(clean, sort_keys=True, indent=1, ensure_ascii=False)
    return f"{shown}\n".encode()


def _clean_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    tags = cell.get("metadata", {}).get("tags")
    clean = {
        "cell_type": cell["cell_type"],
        "metadata": {"tags": tags} if tags else {},
        "source": cell["source"],
    }
    if "id" in cell:
        clean["id"] = cell["id"]
    if cell["cell_type"] == "code":
        clean |= {"execution_count": None, "outputs": []}
    return clean
