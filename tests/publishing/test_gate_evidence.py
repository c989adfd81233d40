"""Each code about evidence has a post that fails by it; the fixture passes them all."""

import pytest

from tests.publishing.broken_evidence import BROKEN_EVIDENCE, Change, looked_before
from tests.publishing.conftest import STUDY, Root
from workbench.core.findings import Severity
from workbench.publishing.gate import RULES
from workbench.publishing.gate.evidence import RULES as OF_EVIDENCE

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]


def test_every_code_about_evidence_has_a_post_that_fails_by_it() -> None:
    assert {code for code, _, _ in BROKEN_EVIDENCE} == {r.code for r in OF_EVIDENCE}


@pytest.mark.parametrize(
    ("code", "place", "change"), BROKEN_EVIDENCE, ids=[b[0] for b in BROKEN_EVIDENCE]
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


def test_a_look_that_the_data_do_not_bear_makes_no_claim(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post says so, and the ledger holds no forecast that nothing backs."""
    file = root.path / "takeaways" / f"{STUDY}.jsonl"
    sealed = file.read_text().splitlines(keepends=True)[0]
    root.rewrite_ledger(sealed)  # as before the first look
    _, _, small = BROKEN_EVIDENCE[0]
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
