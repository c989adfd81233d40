"""Each code about evidence has a post that fails by it; the fixture passes them all."""

import pytest

from tests.publishing.broken_evidence import BROKEN_EVIDENCE, Change, looked_before
from tests.publishing.conftest import STUDY, Root
from tests.publishing.estimated import ESTIMATED
from workbench.core.findings import Severity
from workbench.publishing.gate import RULES
from workbench.publishing.gate.evidence import RULES as OF_EVIDENCE

FAILING = (
    *((code, "evidence gap", fails) for code, (fails, _) in ESTIMATED.items()),
    *BROKEN_EVIDENCE,
)
pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]


def test_every_code_about_evidence_has_a_post_that_fails_by_it() -> None:
    assert {code for code, _, _ in FAILING} == {r.code for r in OF_EVIDENCE}


@pytest.mark.parametrize(
    ("code", "place", "change"), FAILING, ids=[each[0] for each in FAILING]
)
def test_evidence_that_cannot_stand_is_found_by_its_code(
    code: str, place: str, change: Change, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(root, monkeypatch)
    remembered = root.ledger()

    exit_code, said = root("check", STUDY)
    found = {each["finding"]["code"]: each["finding"] for each in said["findings"]}
    also = {"small-n"} if code == "interval-unborne" else set()
    assert found.keys() == {code, *also}
    assert found[code]["place"] == place
    assert found[code]["message"].endswith(".")
    assert found[code]["remedy"]

    stops = next(r.severity for r in RULES if r.code == code) is Severity.ERROR
    assert exit_code == (77 if stops else 0)
    published, _ = root("publish", STUDY)
    assert published == (77 if stops else 0)
    if stops:
        assert root.ledger() == remembered


@pytest.mark.parametrize("code", ESTIMATED)
def test_evidence_one_step_further_is_not_found_by_that_code(
    code: str, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, passes = ESTIMATED[code]
    passes(root, monkeypatch)
    exit_code, said = root("check", STUDY)
    found = {each["finding"]["code"] for each in said["findings"]}
    assert found == ({"few-clusters"} if code == "unit-of-analysis" else set())
    assert exit_code == 0


def test_a_look_that_the_data_do_not_bear_makes_no_claim(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post says so, and the ledger holds no forecast that nothing backs."""
    file = root.path / "takeaways" / f"{STUDY}.jsonl"
    sealed = file.read_text().splitlines(keepends=True)[0]
    root.rewrite_ledger(sealed)  # as before the first look
    small, _ = ESTIMATED["small-n"]
    small(root, monkeypatch)
    code, _ = root("publish", STUDY)
    assert code == 0
    assert b"No trade yet" in root.page(STUDY)
    claimed = [x["key"]["claim"] for x in root.ledger() if x["line"] == "claimed"]
    assert claimed == ["back"]


def test_a_rewritten_past_passes_once_a_person_has_said_why(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_before()(root, monkeypatch)
    change = next(c for code, _, c in BROKEN_EVIDENCE if code == "history-rewrite")
    change(root, monkeypatch)
    code, _ = root("publish", STUDY, "--accept", STUDY, "--why", "a refund was late")
    assert code == 0
    assert root.ledger()[-1]["accepted"] == "a refund was late"
