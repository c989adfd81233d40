"""Two processes that settle the same claim leave one fate in its ledger."""

from pathlib import Path
from typing import Any, cast

from tests.settlement.ledgers import FIRST, STUDY, claimed, evidence, look, registered
from workbench.archive.ledgers import LedgerArchive
from workbench.settlement.settling import Settling, settled_line
from workbench.settlement.verifying import faults
from workbench.takeaways.record import fold
from workbench.takeaways.settling import decide


def test_a_claim_that_was_settled_meanwhile_keeps_its_first_fate(
    tmp_path: Path,
) -> None:
    ledgers = LedgerArchive(tmp_path / "takeaways", tmp_path / "leases")
    lines = [registered()]
    lines.append(claimed(lines, FIRST, evidence()))
    ledgers.extend(STUDY, lines)
    (claim,) = fold(STUDY, lines).open
    decided = decide(claim, look(claim))
    line = settled_line(claim, decided, {})
    nobody = cast("Any", None)  # neither runs nor sealed notebooks are needed here
    settling = Settling(nobody, ledgers, nobody, nobody)
    settling.enter(STUDY, [line])
    settling.enter(STUDY, [line])
    found = ledgers.read(STUDY)
    assert [each["line"] for each in found] == ["registered", "claimed", "settled"]
    # by hand, without the scores that `settle` puts in
    assert [told for _, told in faults(STUDY, found, {})] == [
        "its scores are not what its forecast and its estimate give."
    ]
