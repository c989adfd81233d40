"""A kept notebook that is not what was sealed is told; one that is gone, if needed."""

from collections.abc import Sequence
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
