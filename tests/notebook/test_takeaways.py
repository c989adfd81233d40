"""The takeaway: the author's words, the evidence's verdict."""

import pytest

from tests.notebook.conftest import outputs
from workbench import notebook as wb
from workbench.core.errors import UsageError
from workbench.core.registration import Status
from workbench.core.takeaway import Verdict
from workbench.notebook import takeaways
from workbench.notebook.session import current_session
from workbench.notebook.showing import takeaway_bundle

pytestmark = pytest.mark.usefixtures("run")

WHEN = {
    "trade": {
        "claim": "Early: {gap.estimate:+.0%} more in {days} days, {again.n} seen.",
        "entry": "Now.",
        "action": "Write.",
        "exit": "Later.",
    },
    "do not trade": {"claim": "No.", "action": "Nothing."},
}


@pytest.fixture
def gap(run, customers):  # noqa: ARG001 - a run comes first
    return wb.evidence("gap").difference_in_proportions(
        customers, "bought", "was_early", began="first"
    )


@pytest.fixture
def variables(monkeypatch, gap):
    """The notebook's variables, as the shell would hold them."""
    around = {"days": 60, "label": "x", "again": gap, "_": gap, "other": 3}
    monkeypatch.setattr(takeaways, "variables", lambda: around)
    return around


@pytest.mark.usefixtures("variables")
def test_words_are_bound_to_evidence_variables_and_parameters(run) -> None:
    wb.takeaway(kind="lesson", evidence=["gap"], when=WHEN)
    output = outputs(run)[-1]
    assert output.takeaway is not None
    assert output.takeaway.verdict is Verdict.TRADE
    words = output.takeaway.text["claim"]
    assert words == "Early: +50% more in 60 days, 60 seen."
    assert output.aliases == {"again": "gap"}


@pytest.mark.usefixtures("variables")
def test_two_takeaways_are_numbered() -> None:
    for _ in range(2):
        wb.takeaway(kind="faq", evidence=["gap"], when=WHEN)
    assert list(current_session().said)[-2:] == ["1", "2"]


@pytest.mark.usefixtures("variables")
def test_a_claim_that_is_not_registered_is_refused() -> None:
    with pytest.raises(UsageError, match="'gab' is no registered claim") as caught:
        wb.takeaway(kind="faq", evidence=["gab"], when=WHEN)
    assert "Did you mean 'gap'? Claims stand in research/back-again.yaml" in str(
        caught.value
    )


@pytest.mark.usefixtures("variables")
def test_mistakes_of_the_words_come_back_all_together() -> None:
    with pytest.raises(UsageError) as caught:
        wb.takeaway(kind="story", evidence=[], when={"maybe": {}})
    assert len(caught.value.reasons) == 3


@pytest.mark.parametrize("value", [61, True, "60", [60]])
def test_a_reassigned_parameter_is_refused_in_a_batch_run(variables, value) -> None:
    variables["days"] = value
    with pytest.raises(UsageError, match="'days' was assigned another value"):
        wb.takeaway(kind="faq", evidence=["gap"], when=WHEN)


def test_a_person_may_try_another_value(run, variables) -> None:
    variables["days"] = 90
    current_session().batch = False
    wb.takeaway(kind="faq", evidence=["gap"], when=WHEN)
    made = outputs(run)[-1].takeaway
    assert made is not None
    assert "in 90 days" in made.text["claim"]


@pytest.mark.usefixtures("variables")
def test_a_draft_is_marked_on_its_card(run) -> None:
    wb.takeaway(kind="faq", evidence=["gap"], when=WHEN)
    made = outputs(run)[-1].takeaway
    assert made is not None
    assert current_session().spec.status is Status.DRAFT
    draft, sealed = (takeaway_bundle(made, "1", draft=d) for d in (True, False))
    assert "draft: not registered" in draft["text/plain"]
    assert "draft" not in sealed["text/html"]
    assert draft["application/vnd.workbench+json"] == {"kind": "takeaway", "name": "1"}
