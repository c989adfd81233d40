"""What a tick would do: each state, from the real planner on a small shop's data."""

import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.end_to_end.shop import order, orders, write_orders
from tests.settlement.ledgers import FIRST, claimed, evidence
from tests.studies.conftest import NOW, Shop, empty_shop, shop  # noqa: F401 - fixtures
from workbench.app import App
from workbench.core.clock import parse_instant
from workbench.core.errors import ContractBroken, ExitCode, Reason, UsageError
from workbench.scheduling.agenda import Item
from workbench.scheduling.pacing import Pace
from workbench.studies.planning import Planned

SLOT = parse_instant("1998-03-01")  # the data are complete up to some days later
MINUTE = timedelta(minutes=1)
PACE = Pace(
    attempts=5,
    retry_after=MINUTE,
    retry_at_most=60 * MINUTE,
    quiet=MINUTE,
    revision_after=60 * MINUTE,
)


@pytest.fixture
def sealed(shop: Shop) -> Shop:  # noqa: F811 - the fixture
    shop.app.registering.register(shop.study)
    return Shop(App(shop.app.layout.root), shop.runner)


def item(shop: Shop, now: datetime = NOW, *, force: bool = False) -> Item:  # noqa: F811
    """The one line that the agenda has for the shop's study, worked out anew."""
    shop.app = App(shop.app.layout.root)
    [found] = shop.app.agenda(now).looks(shop.study, force=force)
    return found


def run(shop: Shop, exit_code: int = 0) -> None:  # noqa: F811
    """Run what the agenda says, ending so."""
    shop.runner.exit_code = exit_code
    planned = item(shop, force=bool(exit_code == 0)).planned
    assert planned is not None
    shop.running.ensure(planned)


def test_a_draft_is_held(shop: Shop) -> None:  # noqa: F811
    found = item(shop)
    assert (found.state, found.acts, found.as_of) == ("held", False, None)
    assert "`workbench register loyal`" in found.why
    assert found.reasons == ()


def test_a_slot_is_due_once_and_then_fresh(sealed: Shop) -> None:
    found = item(sealed)
    assert (found.state, found.as_of, found.acts) == ("due", SLOT, True)
    run(sealed)
    again = item(sealed)
    assert (again.state, again.as_of, again.acts) == ("fresh", SLOT, False)
    assert item(sealed, force=True).state == "forced"


def test_no_slot_is_run_before_its_data_are_complete_or_its_time_has_come(
    sealed: Shop,
) -> None:
    """Not beyond the watermark on any day, nor beyond a clock that was set back."""
    assert item(sealed, NOW + timedelta(days=10_000)).as_of == SLOT
    assert item(sealed, SLOT - MINUTE).as_of == parse_instant("1998-02-01")


def test_what_would_fail_again_is_failed_until_something_changes(sealed: Shop) -> None:
    run(sealed, ExitCode.STUDY_FAILED)
    found = item(sealed)
    assert (found.state, found.acts) == ("failed", False)
    edit_source(sealed)
    assert (item(sealed).state, item(sealed).acts) == ("missing", True)


@pytest.mark.parametrize(
    ("code", "state"), [(ExitCode.OK, "fresh"), (ExitCode.STUDY_FAILED, "failed")]
)
def test_what_stands_elsewhere_is_missing_until_it_is_looked_up(
    sealed: Shop, code: ExitCode, state: str
) -> None:
    """An edit was run and taken back: the earlier run is what the study is again."""
    run(sealed, code)
    file = sealed.app.layout.notebooks / "loyal.ipynb"
    before = file.read_text()
    edit_source(sealed)
    run(sealed)
    assert item(sealed).state == "fresh"
    file.write_text(before)
    found = item(sealed)
    assert (found.state, found.acts) == ("missing", True)
    assert found.why == "an earlier run is what it is again"
    runs = len(sealed.runner.folders)
    assert found.planned is not None
    sealed.running.ensure(found.planned)
    assert (item(sealed).state, len(sealed.runner.folders)) == (state, runs)


@pytest.mark.parametrize("code", [ExitCode.STUDY_FAILED, ExitCode.DEADLINE])
def test_a_failure_whose_record_is_gone_is_run_again(
    sealed: Shop, code: ExitCode
) -> None:
    run(sealed, code)
    planned = item(sealed).planned
    assert planned is not None
    (sealed.app.runs.folder(planned.spec) / "run.json").unlink()
    found = item(sealed)
    assert (found.state, found.acts, found.reasons) == ("due", True, ())
    run(sealed)
    assert item(sealed).state == "fresh"


@pytest.mark.parametrize("code", [ExitCode.TRY_LATER, ExitCode.DEADLINE])
def test_out_of_time_or_disk_is_tried_again_later_each_time_and_not_for_ever(
    sealed: Shop, code: ExitCode
) -> None:
    minute = 60.0
    for attempt in range(1, 6):
        found = item(sealed, NOW + timedelta(days=attempt))
        assert (found.state, found.acts) == ("due", True)
        assert found.planned is not None
        sealed.runner.exit_code = code
        record, _ = sealed.running.ensure(found.planned)
        assert record.attempt == attempt
        if attempt == 5:
            break
        wait = PACE.pause(record.run_id, attempt)
        usual = minute * 2 ** (attempt - 1)
        assert 0.5 * usual <= wait.total_seconds() < 1.5 * usual
        assert item(sealed, NOW + wait - timedelta(seconds=1)).state == "held"
        assert item(sealed, NOW + wait).state == "due"
    found = item(sealed, NOW + timedelta(days=9_000))
    assert (found.state, found.acts) == ("failed", False)
    assert found.why == "5 tries came to nothing, the last: cell-error"
    assert [(c, r.code) for c, r in found.reasons] == [(1, "never-ended")]
    assert item(sealed, force=True).acts


def test_an_attempt_that_was_lost_counts_as_a_try(sealed: Shop) -> None:
    """A run that timed out, and then takes its process along each time, has an end."""
    sealed.runner.exit_code = ExitCode.DEADLINE
    sealed.running.ensure(due(sealed, 0))
    wait = PACE.pause(due(sealed, 9).spec.run_id, 1)
    assert item(sealed, NOW + wait).state == "due"

    def full() -> None:
        raise OSError(errno.ENOSPC, "full")

    sealed.runner.during = full
    for number in range(4):
        with pytest.raises(OSError, match="full"):
            sealed.running.ensure(due(sealed, 9_999))
        if number < 3:
            held = item(sealed, datetime.now(UTC))
            assert held.state == "held"
            assert [(c, r.code) for c, r in held.reasons] == [(75, "retry-later")]
    found = item(sealed, NOW + timedelta(days=9_999))
    assert (found.state, found.acts) == ("failed", False)
    assert "5 tries" in found.why


def test_what_was_wrong_from_the_start_is_tried_at_every_tick(sealed: Shop) -> None:
    def broken() -> None:
        raise ContractBroken(Reason(code="object-broken", message="it is broken."))

    sealed.runner.during = broken
    for number in range(7):
        found = item(sealed)
        assert (found.state, found.reasons) == ("due", ())
        assert found.why.endswith("was refused (object-broken)") == (number > 0)
        with pytest.raises(ContractBroken):
            sealed.running.ensure(due(sealed, 0))


def test_a_clock_that_was_ahead_once_holds_nothing_up(sealed: Shop) -> None:
    run(sealed, ExitCode.DEADLINE)
    before = NOW - timedelta(days=400)  # of the run, which ended now
    assert item(sealed, before).state == "due"
    run(sealed)
    write_orders(sealed.app.layout.root, [*orders(), order(9_999, 7, day=5)])
    sealed.app.warehouse.add(sealed.app.contracts["orders"])
    assert item(sealed, before).state == "missing"


def test_a_run_that_succeeded_before_has_all_its_tries(sealed: Shop) -> None:
    sealed.running.ensure(due(sealed, 0))
    sealed.runner.exit_code = ExitCode.DEADLINE
    for _ in range(4):
        forced = item(sealed, force=True).planned
        assert forced is not None
        sealed.running.ensure(forced)
    found = item(sealed)
    assert found.planned is not None
    assert found.planned.record is not None
    assert (found.planned.record.attempt, found.state) == (5, "held")


def due(shop: Shop, days: int) -> Planned:  # noqa: F811
    found = item(shop, NOW + timedelta(days=days)).planned
    assert found is not None
    return found


def test_pauses_grow_up_to_a_limit() -> None:
    for attempt in range(1, 2_000):
        usual = min(60 * 2 ** (attempt - 1), 3_600)
        assert 0.5 <= PACE.pause("a run", attempt).total_seconds() / usual < 1.5


def edit_source(shop: Shop, *, code: bool = False) -> None:  # noqa: F811
    """Change a word of the prose, or the code that is sealed."""
    file = shop.app.layout.notebooks / "loyal.ipynb"
    notebook = json.loads(file.read_text())
    notebook["cells"][2 if code else 0]["source"] += "\n# So it is."
    file.write_text(json.dumps(notebook))


def test_changed_data_are_run_again_when_they_are_still_and_not_too_often(
    sealed: Shop,
) -> None:
    run(sealed)
    write_orders(sealed.app.layout.root, [*orders(), order(9_999, 7, day=5)])
    sealed.app.warehouse.add(sealed.app.contracts["orders"])
    changed = sealed.app.warehouse.changed(sealed.app.contracts["orders"])
    assert item(sealed, changed + timedelta(seconds=59)).state == "held"
    still = item(sealed, changed + MINUTE)
    assert (still.state, still.as_of, still.acts) == ("missing", SLOT, True)
    entries = (sealed.app.layout.data / "manifests" / "orders").glob("*")
    for entry in entries:
        os.utime(entry, times=(0, 0))  # long ago, and only the run was just now
    assert item(sealed, NOW + timedelta(minutes=59)).state == "held"
    assert item(sealed, NOW + timedelta(minutes=61)).state == "missing"


def test_a_study_without_data_is_told_and_ends_nothing(empty_shop: Shop) -> None:  # noqa: F811
    empty_shop.app.registering.register(empty_shop.study)
    with pytest.raises(UsageError, match="workbench data add orders"):
        item(empty_shop)


def test_claims_that_nothing_can_settle_are_told(sealed: Shop) -> None:
    """The notebook that was sealed is gone, and a claim on it is open."""
    lines: list[Any] = [*sealed.app.ledgers.read("loyal")]
    seal = str(lines[-1]["seal"])
    open_claim: Any = claimed(lines, FIRST, evidence())
    key = {**open_claim["key"], "seal": seal, "claim": "came_back"}
    sealed.app.ledgers.append(
        "loyal",
        {k: v for k, v in open_claim.items() if k not in ("previous", "number", "hash")}
        | {"key": key},
    )
    edit_source(sealed, code=True)
    for kept in sealed.app.layout.sealed.iterdir():
        kept.unlink()
    sealed.app = App(sealed.app.layout.root)
    [found] = sealed.app.agenda(NOW).settlements(sealed.study)
    assert (found.state, found.settles, found.acts) == ("failed", 1, False)
    assert [reason.code for _, reason in found.reasons] == ["sealed-missing"]


def test_a_slot_without_an_ending_is_not_lost_behind_a_later_one(sealed: Shop) -> None:
    """Of two slots at once the earlier ran out of time, and the later succeeded."""
    run(sealed)
    ticks = sealed.app.ticks
    earlier = parse_instant("1998-02-01")
    ticks.write(replace(ticks.read(), pending={"loyal": (earlier,)}))
    sealed.app = App(sealed.app.layout.root)
    found = list(sealed.app.agenda(NOW).looks(sealed.study))
    assert [(each.as_of, each.state) for each in found] == [
        (earlier, "due"),
        (SLOT, "fresh"),
    ]
