"""Fault 19 for real: dates run again as asked, and no ledger line where all agrees."""

import json
import time

import pytest

from tests.end_to_end.house import House
from workbench.archive.ledgers import LedgerArchive
from workbench.cli import main
from workbench.takeaways.ledger import Line

pytestmark = [pytest.mark.fault, pytest.mark.kernel, pytest.mark.slow]


@pytest.fixture
def replayed(own_shop: House) -> tuple[House, list[str]]:
    """The shop, three dates of it replayed for real."""
    own_shop("register", "loyal")
    span = ["--from", "1998-03-01", "--to", "1998-03-03", "--every", "day"]
    own_shop("backfill", *span)
    return own_shop, span


def test_a_ledger_that_grows_during_a_backfill_is_not_written_by_it(
    own_shop: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its line would name an older line than the one before it, for ever."""
    own_shop("register", "loyal")
    for name, value in own_shop.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(own_shop.root)
    whole = LedgerArchive.whole

    def and_then_another_writes(self: LedgerArchive) -> dict[str, list[Line]]:
        found = whole(self)
        self.append("loyal", {"line": "another"})
        return found

    monkeypatch.setattr(LedgerArchive, "whole", and_then_another_writes)
    span = ["--from", "1998-03-01", "--to", "1998-03-01", "--every", "day"]
    assert main(["backfill", *span, "--json"]) == 75
    said = json.loads(capsys.readouterr().out)
    assert [each["code"] for each in said["reasons"]] == ["busy"]
    lines = [line["line"] for line in own_shop.ledger("loyal")]
    assert lines == ["registered", "another"]


@pytest.mark.parametrize("line", ["{}", "of a newer form"])
def test_nothing_is_run_again_beside_a_ledger_that_cannot_be_read(
    own_shop: House, line: str
) -> None:
    own_shop("register", "loyal")
    takeaways = own_shop.root / "takeaways"
    if line == "{}":
        (takeaways / "gone.jsonl").write_text("{}\n")
    else:
        ledgers = LedgerArchive(takeaways, own_shop.root / ".workbench")
        ledgers.append("gone", {"line": line, "key": {}})
    span = ["--from", "1998-03-01", "--to", "1998-03-02", "--every", "day"]
    said = own_shop.json("backfill", *span, code=2)
    assert [(each["code"], each["subject"]) for each in said["reasons"]] == [
        ("ledger-broken", "gone")
    ]
    assert (said["done"], said["runs"], said["claimed"]) == ([], 0, 0)
    assert [each["line"] for each in own_shop.ledger("loyal")] == ["registered"]


def test_fault_19_real_runs_again_add_no_line_where_values_agree(
    replayed: tuple[House, list[str]],
) -> None:
    house, span = replayed
    ledger = house.ledger("loyal")
    assert len(ledger) == 4
    for reprocess, action in (
        ("none", "look up"),
        ("failed", "look up"),
        ("completed", "run again"),
    ):
        words = ["backfill", *span, "--reprocess", reprocess, "--max-active", "1"]
        foreseen = house.json(*words, "--dry-run")
        assert [each["action"] for each in foreseen["plan"]] == [action] * 3
        done = house.json(*words)
        assert done["done"] == foreseen["plan"]
        ran = action == "run again"
        assert (done["claimed"], done["outcome"]) == (0, "done" if ran else "noop")
    assert house.ledger("loyal") == ledger


def test_a_backfill_ends_when_it_is_asked_to(own_shop: House) -> None:
    own_shop.add_code("loyal", "import time\ntime.sleep(60)")
    own_shop("register", "loyal")
    words = ["--from", "1998-03-01", "--to", "1998-03-03", "--every", "day"]
    process = own_shop.begin("backfill", *words)
    runs = own_shop.root / ".workbench" / "runs" / "loyal"
    before = set(runs.glob("*/*/in/*.parquet"))
    until = time.monotonic() + 60
    while not set(runs.glob("*/*/in/*.parquet")) - before:
        assert time.monotonic() < until
        time.sleep(0.1)
    asked = time.monotonic()
    process.terminate()
    process.communicate(timeout=60)
    assert (process.returncode, time.monotonic() - asked < 15) == (130, True)


def test_fault_19_what_is_wrong_with_the_words_is_told_at_once(own_shop: House) -> None:
    words = ["--from", "1998-03-01", "--to", "1998-03-03", "--max-active", "0"]
    told = own_shop.json(
        "backfill", *words, "--rehearse", "--reprocess", "failed", code=2
    )
    assert [reason["code"] for reason in told["reasons"]] == ["usage", "usage"]
