"""A tick is quick where all that decides it is what it was, and in no other case."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.shop import order, orders, write_orders
from tests.scheduling.test_agenda import SLOT, sealed  # noqa: F401 - a fixture
from tests.studies.conftest import NOW, Shop, empty_shop, shop  # noqa: F401 - fixtures
from workbench.app import App
from workbench.core.clock import parse_instant
from workbench.scheduling.quiet import Quiet, Quieting

QUIET = Quiet(
    inputs="i", since=NOW, until=None, plan=({"state": "fresh"},), lines=("",)
)
HOUR = timedelta(hours=1)


def test_it_holds_for_equal_inputs_until_a_slot_comes_and_never_backwards() -> None:
    bound = replace(QUIET, until=NOW + HOUR)
    assert QUIET.holds("i", NOW)
    assert QUIET.holds("i", NOW + 10_000 * HOUR)
    assert not QUIET.holds("j", NOW)
    assert bound.holds("i", NOW + HOUR / 2)
    assert not bound.holds("i", NOW + HOUR)
    assert not QUIET.holds("i", NOW - HOUR)  # the clock was set back


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"inputs": 3}'])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, torn: str) -> None:
    note = Quieting(tmp_path / "quiet")
    assert note.read() is None
    note.write(QUIET)
    assert note.read() == QUIET
    note.file.write_text(torn)
    assert note.read() is None


@pytest.fixture
def ran(sealed: Shop) -> Shop:  # noqa: F811
    planned = sealed.plan(SLOT)
    sealed.running.ensure(planned)
    return sealed


def inputs(shop: Shop) -> str:  # noqa: F811
    """As the next process finds them."""
    return App(shop.app.layout.root).inputs_id()


def add_data(shop: Shop) -> None:  # noqa: F811
    write_orders(shop.app.layout.root, [*orders(), order(9_000, 900, 50)])
    shop.app.warehouse.add(shop.app.contracts["orders"])


EDITED = [
    "research/loyal.yaml",
    "research/new.yaml",
    "research/contracts/orders.yaml",
    "notebooks/loyal.ipynb",
    "takeaways/loyal.jsonl",
    "takeaways/sealed/x.ipynb",
    "site/pages/index.md",
    "site/theme/assets/images/x.svg",
    "mkdocs.yml",
    "requirements/run.txt",
    ".workbench/tick.json",
    ".workbench/editions/loyal/base/current.json",
]


def edit(place: str) -> Callable[[Shop], None]:
    def change(shop: Shop) -> None:  # noqa: F811
        file = shop.app.layout.root / place
        file.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text() if file.exists() else ""
        file.write_text(text + "\n")

    return change


def set_something(shop: Shop) -> None:  # noqa: F811
    (shop.app.layout.root / "workbench.toml").write_text("parallel_runs = 3\n")


def run_again(shop: Shop) -> None:  # noqa: F811
    shop.running.ensure(shop.plan(SLOT, force=True))


def lose_runs(shop: Shop) -> None:  # noqa: F811
    shutil.rmtree(shop.app.layout.runs / "loyal")


def switch(shop: Shop) -> None:  # noqa: F811
    (shop.app.layout.build / "releases" / "other").mkdir(parents=True)
    (shop.app.layout.build / "current").symlink_to("releases/other")


def lose_object(shop: Shop) -> None:  # noqa: F811
    (file, *_) = (shop.app.layout.data / "objects").iterdir()
    file.unlink()


@pytest.mark.parametrize(
    "change",
    [
        *(pytest.param(edit(place), id=place) for place in EDITED),
        add_data,
        set_something,
        run_again,
        lose_runs,
        switch,
        lose_object,
    ],
)
def test_whatever_decides_a_tick_changes_its_inputs(
    ran: Shop, change: Callable[[Shop], None]
) -> None:
    before = inputs(ran)
    assert inputs(ran) == before
    change(ran)
    assert inputs(ran) != before


def test_when_a_file_was_written_decides_nothing(ran: Shop) -> None:
    before = inputs(ran)
    for file in ran.app.layout.root.rglob("*"):
        if file.is_file():
            os.utime(file, (0, 0))
    assert inputs(ran) == before


def test_what_comes_by_time_alone_is_the_next_slot_of_data_that_are_there(
    ran: Shop,
) -> None:
    def comes(now: datetime) -> datetime | None:
        return ran.app.agenda(now).comes(ran.study)

    assert comes(SLOT - timedelta(seconds=1)) == SLOT
    assert comes(parse_instant("1998-01-15")) == parse_instant("1998-02-01")
    assert comes(SLOT) is None  # the next needs newer data, which change the inputs
