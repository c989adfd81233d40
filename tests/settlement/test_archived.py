"""A kept notebook that is not what was sealed is told; one that is gone, if needed."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.places import ROOT
from tests.settlement.ledgers import (
    FIRST,
    SEAL,
    STUDY,
    claimed,
    evidence,
    ledger,
    registered,
)
from workbench.archive.ledgers import read_lines
from workbench.archive.sealed import SealedArchive
from workbench.settlement.archived import code_faults
from workbench.takeaways.ledger import Line

SHIPPED = ROOT / "takeaways"
OTHER: list[dict[str, Any]] = [{"cell_type": "code", "source": "x = 1"}]


@pytest.fixture
def archive(tmp_path: Path) -> SealedArchive:
    return SealedArchive(tmp_path / "sealed")


def told(lines: Sequence[Line], archive: SealedArchive) -> list[tuple[str, str]]:
    found = list(code_faults(STUDY, lines, archive))
    assert all((each.subject, each.code) == (STUDY, "sealed-missing") for each in found)
    return [(each.place, each.message) for each in found]


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.jsonl")))
def test_what_is_shipped_settles_by_what_was_sealed(file: Path) -> None:
    archive = SealedArchive(SHIPPED / "sealed")
    assert list(code_faults(file.stem, read_lines(file), archive)) == []


@pytest.mark.parametrize(
    "lines",
    [
        [registered()],
        ledger(),
        [registered(), claimed([registered()], FIRST, evidence())],
    ],
    ids=["no claim", "settled", "open"],
)
def test_other_code_than_was_sealed_is_told(
    archive: SealedArchive, lines: list[Line]
) -> None:
    archive.keep(SEAL, OTHER)
    [(place, message)] = told(lines, archive)
    assert place == "line 1"
    assert f"restore takeaways/sealed/{SEAL}.ipynb" in message


def test_a_notebook_that_is_gone_is_missed_while_a_claim_is_open(
    archive: SealedArchive,
) -> None:
    lines = [registered()]
    assert told(lines, archive) == []
    assert told(ledger(), archive) == []
    lines.append(claimed(lines, FIRST, evidence()))
    [(place, message)] = told(lines, archive)
    assert place == "line 1"
    assert "is not there" in message


def untagged(cells: list[dict[str, Any]]) -> None:
    for cell in cells:
        cell["metadata"].pop("tags", None)


def acting(cells: list[dict[str, Any]]) -> None:
    cells.append(
        {
            "cell_type": "code",
            "id": "acting",
            "metadata": {},
            "source": "wb.exhibit('t', months.__setitem__('buys', True) or months)",
            "execution_count": None,
            "outputs": [],
        }
    )


@pytest.mark.parametrize("change", [untagged, acting])
def test_a_cell_that_is_no_code_of_the_evidence_cannot_change_it_either(
    tmp_path: Path, change: Callable[[list[dict[str, Any]]], None]
) -> None:
    """Without its tag papermill would put parameters before the cell that sets them."""
    file = SHIPPED / "second-purchase.jsonl"
    shutil.copytree(SHIPPED / "sealed", tmp_path / "sealed")
    for kept in (tmp_path / "sealed").iterdir():
        notebook = json.loads(kept.read_text())
        change(notebook["cells"])
        kept.write_text(json.dumps(notebook))
    found = list(
        code_faults(file.stem, read_lines(file), SealedArchive(tmp_path / "sealed"))
    )
    assert {reason.code for reason in found} == {"sealed-missing"}
    assert len(found) == 2  # terms of which a notebook was kept
