"""Killed while a post is taken down, or a release rolled back: what follows is sound.

A crash at every durable step, before and after it; then a tick, or the command again.
"""

from pathlib import Path

import pytest

from tests.end_to_end import crashing
from tests.end_to_end.house import House
from workbench.archive.rollbacks import Rollbacks
from workbench.website.release import tree_hash
from workbench.website.tombstones import shows

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.site,
    pytest.mark.slow,
    pytest.mark.fault,
    pytest.mark.timeout(1_200),
]


def crash(house: House, point: tuple[str, str], *words: str) -> None:
    """A command that dies there; what serves is whole."""
    house.crash(point, *words)
    assert tree_hash(served(house)) == served(house).name


def served(house: House) -> Path:
    return (house.root / "build" / "current").resolve()


def change(house: House) -> str:
    page = house.root / "site" / "pages" / "index.md"
    page.write_text(page.read_text() + "\nSomething new.\n")
    house("publish")
    return house.released()


def test_fault_20_a_rollback_killed_at_any_step_is_none_or_is_completed(
    own_published_shop: House, tmp_path: Path
) -> None:
    old = own_published_shop.released()
    new = change(own_published_shop)
    own_published_shop("tick")
    for number, point in enumerate(crashing.points(crashing.ROLLING_BACK)):
        house = own_published_shop.copy(tmp_path / str(number))
        crash(house, point, "rollback", "--why", "it was wrong")
        noted = Rollbacks(house.root / ".workbench" / "rollback.json").active()
        assert (noted is None) == (point == ("rolled-back", "before"))
        assert house.released() == (old if point == ("pointer", "after") else new)
        house("tick")
        assert house.released() == (old if noted else new), point
        house("doctor")
        house("publish")
        assert house.released() == new, point


def test_fault_20_a_publication_that_ends_a_rollback_is_owed_from_its_first_step_on(
    own_published_shop: House, tmp_path: Path
) -> None:
    old = own_published_shop.released()
    new = change(own_published_shop)
    own_published_shop("tick")
    own_published_shop("rollback", "--why", "it was wrong")
    for number, point in enumerate(crashing.points(crashing.ENDING_IT)):
        house = own_published_shop.copy(tmp_path / str(number))
        crash(house, point, "publish")
        house("tick")
        still = point == ("ended", "before")
        assert house.released() == (old if still else new), point


def test_fault_20_a_withdrawal_killed_at_any_step_is_none_or_comes_with_the_next(
    own_published_shop: House, tmp_path: Path
) -> None:
    words = ("withdraw", "loyal", "--post", "--why", "it was wrong")
    own_published_shop("tick")
    for number, point in enumerate(crashing.points(crashing.TAKING_DOWN)):
        house = own_published_shop.copy(tmp_path / str(number))
        crash(house, point, *words)
        house(("tick", "publish")[number % 3 % 2])  # both, after either moment
        assert is_down(house) == (point != ("taken-down", "before")), point
        house(*words)
        assert is_down(house)
        assert states(house) == ["withdrawn"]
        assert house.json("tick")["outcome"] == "noop"


def test_fault_20_a_withdrawal_that_ends_a_rollback_is_finished_by_the_same_command(
    own_published_shop: House, tmp_path: Path
) -> None:
    words = ("withdraw", "loyal", "--post", "--why", "it was wrong", "--end-rollback")
    old = own_published_shop.released()
    change(own_published_shop)
    own_published_shop("tick")
    own_published_shop("rollback", "--why", "it was wrong")
    for number, point in enumerate(crashing.points(crashing.TAKING_DOWN[:2])):
        house = own_published_shop.copy(tmp_path / str(number))
        crash(house, point, *words)
        house("tick")
        assert is_down(house) == (point == ("ended", "after")), point
        assert (house.released() == old) == (not is_down(house)), point
        house(*words)
        assert is_down(house)
        assert states(house) == ["withdrawn"]


def is_down(house: House) -> bool:
    from workbench.app import App
    from workbench.publishing.withdrawing import kept_editions

    [(folder, editions)] = kept_editions(App(house.root).editions).items()
    noted = editions.tombstone is not None
    return noted and not shows(served(house), folder, editions)


def states(house: House) -> list[str]:
    from workbench.app import App

    return [each.state.value for each in App(house.root).store.of_study("loyal")]
