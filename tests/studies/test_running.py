"""A run is made once, replaces an earlier one only when it is whole, and is told."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.end_to_end.shop import order, orders, write_orders
from workbench.core.errors import TryLater, UsageError


def test_a_run_is_made_once_and_then_looked_up(shop) -> None:
    record, made = shop.running.ensure(shop.plan())
    assert (made, record.succeeded) == (True, True)
    assert shop.running.ensure(shop.plan()) == (record, False)
    assert shop.running.ensure(shop.plan(force=True))[1]
    assert len(shop.runner.folders) == 2


@pytest.mark.parametrize(("exit_code", "tries"), [(1, 1), (75, 2), (124, 2)])
def test_only_bad_luck_is_tried_again(shop, exit_code: int, tries: int) -> None:
    shop.runner.exit_code = exit_code
    for made in (True, tries == 2):
        record, again = shop.running.ensure(shop.plan())
        assert (record.exit_code, again) == (exit_code, made)
        assert [reason.code for reason in record.reasons] == ["cell-error"]
    assert len(shop.runner.folders) == tries


def test_a_run_that_another_process_made_meanwhile_is_looked_up(shop) -> None:
    late, forced = shop.plan(), shop.plan(force=True)
    record, _ = shop.running.ensure(shop.plan())
    assert shop.running.ensure(late) == (record, False)
    assert shop.running.ensure(forced)[1]


def test_a_prepared_folder_holds_what_a_notebook_may_see_and_where_it_may_say(
    shop,
) -> None:
    def look() -> None:
        found = {path.name for path in shop.runner.folders[-1].iterdir()}
        assert found == {"in", "out", "notebook.ipynb"}

    shop.runner.during = look
    assert shop.running.ensure(shop.plan())[1]


def test_a_run_knows_the_names_of_the_columns_it_may_not_read(shop) -> None:
    def look() -> None:
        text = (shop.runner.folders[-1] / "in" / "undeclared.json").read_text()
        known = json.loads(text)
        assert known["registration"] == "research/loyal.yaml"
        (use,) = shop.study.registration.data
        names = shop.app.contracts["orders"].names
        assert known["columns"] == {
            "orders": [n for n in names if n not in use.columns]
        }

    shop.runner.during = look
    assert shop.running.ensure(shop.plan())[1]


def test_a_good_run_stays_until_its_replacement_is_whole(shop) -> None:
    record, _ = shop.running.ensure(shop.plan())

    def look() -> None:
        assert shop.app.runs.find(record.spec) == record
        raise TryLater([])

    shop.runner.during = look
    with pytest.raises(TryLater):
        shop.running.ensure(shop.plan(force=True))
    assert shop.app.runs.current("loyal", "base") == record
    assert [folder.exists() for folder in shop.runner.folders] == [True, False]


def test_a_look_back_moves_nothing_and_corrected_data_do(shop) -> None:
    now, _ = shop.running.ensure(shop.plan())
    shop.running.ensure(shop.plan(now.spec.as_of - timedelta(days=9)))
    assert shop.app.runs.current("loyal", "base") == now
    assert shop.app.runs.looked_until("loyal") == now.spec.as_of


def test_data_that_move_while_a_run_is_prepared_are_tried_again_later(shop) -> None:
    planned = shop.plan()
    late = order(9000, 3, 35, seen=41)
    write_orders(shop.app.layout.root, [*orders(), late])
    shop.app.warehouse.add(shop.app.contracts["orders"])
    with pytest.raises(TryLater, match="data-moved"):
        shop.running.ensure(planned)
    assert not shop.runner.folders


def test_sealing_counts_what_lay_there_as_seen(shop) -> None:
    assert shop.app.runs.looked_until("loyal") is None
    shop.app.registering.register(shop.study)
    (line,) = shop.app.ledgers.read("loyal")
    mark = shop.app.planner.as_of(shop.study.registration)
    assert datetime.fromisoformat(str(line["looked_until"])) == mark


def test_sealing_before_there_are_data_says_that_nothing_was_seen(empty_shop) -> None:
    empty_shop.app.registering.register(empty_shop.study)
    (line,) = empty_shop.app.ledgers.read("loyal")
    assert line["looked_until"] is None


def test_sealing_counts_a_look_that_was_later_than_the_data_now(shop) -> None:
    later = datetime(1999, 1, 1, tzinfo=UTC)
    shop.app.runs.note_look("loyal", later)
    shop.app.registering.register(shop.study)
    (line,) = shop.app.ledgers.read("loyal")
    assert line["looked_until"] == "1999-01-01T00:00:00Z"


def test_sealing_keeps_the_notebook_as_its_author_wrote_it(shop) -> None:
    study, sealed = shop.study, shop.app.sealed
    assert shop.app.registering.register(study)
    kept = shop.app.layout.takeaways / "sealed" / f"{study.registration.seal}.ipynb"
    before = kept.read_bytes()
    cells = sealed.read(study.registration.seal)["cells"]
    assert [cell["source"] for cell in cells] == [
        cell["source"] for cell in study.notebook.cells
    ]
    assert all(not cell.get("outputs") for cell in cells)
    assert not shop.app.registering.register(study)  # once for each seal
    assert kept.read_bytes() == before
    kept.unlink()
    with pytest.raises(UsageError, match="restore takeaways/sealed/"):
        sealed.read(study.registration.seal)


def test_what_settles_is_no_edition_of_its_study(shop) -> None:
    now, _ = shop.running.ensure(shop.plan())
    values = shop.study.registration.values_of("base")
    opens = [now.spec.as_of - timedelta(days=days) for days in (9, 20, 9)]
    planned = shop.app.planner.plan(shop.study, values, settles=opens)
    assert planned.spec.settles == (opens[1], opens[0])
    settling, made = shop.running.ensure(planned)
    assert made
    assert settling.run_id != now.run_id
    assert shop.app.runs.current("loyal", "base") == now
