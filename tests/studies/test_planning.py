"""A plan says what would be made, as of a moment at which the data are complete."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.end_to_end.shop import order, orders, write_orders
from workbench.core.errors import UsageError
from workbench.core.records import to_plain
from workbench.takeaways.record import plain_key

# The shop's last order is of day 79 and known a day later; ten days may be missing.
WATERMARK = datetime(1998, 1, 1, tzinfo=UTC) + timedelta(days=80 - 10 - 1)


def test_left_out_as_of_is_the_watermark(shop) -> None:
    planned = shop.plan()
    assert planned.spec.as_of == shop.app.planner.as_of(shop.study.registration)
    assert (planned.state, planned.backfill) == ("missing", False)


def test_the_watermark_itself_may_be_asked_for_and_nothing_later(shop) -> None:
    mark = shop.plan().spec.as_of
    assert shop.plan(mark).spec.run_id == shop.plan().spec.run_id
    with pytest.raises(UsageError, match="complete up to 1998-03-") as caught:
        shop.plan(mark + timedelta(microseconds=1))
    assert [reason.code for reason in caught.value.reasons] == ["as-of-too-late"]


@pytest.mark.parametrize(
    ("exit_code", "state"),
    [(0, "fresh"), (1, "failed"), (75, "unlucky"), (124, "unlucky")],
)
def test_what_ended_by_itself_is_settled(shop, exit_code: int, state: str) -> None:
    shop.runner.exit_code = exit_code
    shop.running.ensure(shop.plan())
    assert shop.plan().state == state
    assert shop.plan(force=True).state == "forced"


def test_a_horizon_that_is_a_parameter_is_a_duration_in_the_plan(shop) -> None:
    terms = shop.app.layout.registration("loyal")
    text = terms.read_text().replace("days_seen:", "later_days:")
    terms.write_text(text.replace("horizon: P30D", "horizon: later_days"))
    notebook = shop.app.layout.root / "notebooks" / "loyal.ipynb"
    notebook.write_text(notebook.read_text().replace("days_seen", "later_days"))
    (claim,) = shop.study.registration.claims
    assert claim.horizon == "later_days"
    for days in (2, 30):
        spec = shop.app.planner.plan(shop.study, {"later_days": days}).spec
        assert [claim.horizon for claim in spec.claims] == [f"P{days}D"]
        assert spec.claims[0].waits == timedelta(days=days)
        assert spec.family == shop.study.registration.family == 1
        assert spec.settles == ()


def claim(shop) -> None:
    """Seal the study, and enter a claim on all that is known here."""
    shop.app.registering.register(shop.study)
    spec = shop.plan().spec
    shop.app.ledgers.append(
        "loyal",
        {
            "line": "claimed",
            "key": plain_key(spec.seal, "base", spec.as_of, "came_back"),
            "replay": False,
            "terms": to_plain(spec.claims[0]),
            "values": {"verdict": "trade", "takeaway_verdict": "trade"},
            "text": {},
            "notebook": spec.notebook_id,
            "views": {view.dataset: view.view_id for view in spec.views},
        },
    )


@pytest.mark.parametrize(
    ("day", "rewritten"),
    [(30, ("orders",)), (100, ())],
    ids=["long before it", "after it"],
)
def test_a_past_is_rewritten_where_an_order_comes_in_that_a_claim_should_have_seen(
    shop, day: int, rewritten: tuple[str, ...]
) -> None:
    """The later order of the two moves the watermark, so that there is another look."""
    claim(shop)
    assert shop.app.planner.rewritten(shop.plan()) == ()  # nothing came before it
    write_orders(
        shop.app.layout.root, [*orders(), order(9000, 1, day), order(9001, 2, 120)]
    )
    shop.app.warehouse.add(shop.app.contracts["orders"])
    assert shop.app.planner.rewritten(shop.plan()) == rewritten
