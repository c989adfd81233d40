"""A run that is a fork leaves what one in new interpreters leaves, byte for byte."""

from pathlib import Path

import pytest

from tests.end_to_end.house import House

pytestmark = [pytest.mark.kernel, pytest.mark.slow]


def left(house: House) -> dict[str, bytes]:
    """Every file of every attempt, but for the record, which tells times."""
    runs = house.root / ".workbench" / "runs"
    return {
        f"{attempt.parent.name}: {file.relative_to(attempt)}": file.read_bytes()
        for attempt in sorted(runs.glob("*/*/*/"))
        for file in sorted(attempt.rglob("*"))
        if file.is_file() and file != attempt / "run.json"
    }


def test_cold_and_forked_runs_leave_the_same_bytes(
    own_shop: House, tmp_path: Path
) -> None:
    own_shop.with_variables(WB_PRELOAD_FROM="1000")("run", "--force")
    cold = left(own_shop)
    assert any(name.endswith("outputs.jsonl") for name in cold)
    other = own_shop.copy(tmp_path / "forked")
    forked = other.with_variables(WB_PRELOAD_FROM="1")
    assert forked.json("run", "--force")["outcome"] == "done"
    assert left(other) == cold
