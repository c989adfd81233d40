"""Fault 2, in any order: writes, kills and power cuts, and after each what must hold.

A process may be killed with its writes unsynced, the next one may build on what it
sees, and only then may the power fail. So the machine keeps one disk through all of it.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from tests.archive.test_archive import post
from tests.faults.double import (
    Disk,
    Fate,
    all_is_lost,
    any_subset,
    names_survive,
    nothing_synced,
    torn,
)
from tests.faults.scenarios import (
    delivery,
    ledgers_of,
    note,
    nothing_left,
    release,
    serving,
    shop_in,
)
from workbench.archive.editions import EditionArchive
from workbench.archive.sealed import SealedArchive
from workbench.core.canonical import sha256_of_file
from workbench.scheduling.ticks import Ticks
from workbench.warehouse import manifest as manifests

pytestmark = [pytest.mark.fault, pytest.mark.slow]

seeds = st.integers(0, 1 << 16)
fates: st.SearchStrategy[Fate] = st.one_of(
    st.builds(all_is_lost),
    st.builds(names_survive),
    st.builds(torn, seeds),
    st.builds(any_subset, seeds),
)
few = st.integers(1, 4)


def sealed_of(place: Path) -> SealedArchive:
    return SealedArchive(place / "sealed")


def _deliver(place: Path, number: int) -> None:
    """Take in a file that others wrote; their disk never fails."""
    shop = shop_in(place)
    shop.write(delivery(number), f"{number}.csv")
    shop.warehouse.add(shop.contract)


WRITERS: dict[str, Callable[[Path, int], object]] = {
    "site": lambda place, value: release(place, str(value), keep=value % 2),
    "edition": lambda place, value: EditionArchive(place / "editions").keep(
        post(markdown=str(value))
    ),
    "note": lambda place, value: Ticks(place / "tick.json").write(note(value)),
}


class House(RuleBasedStateMachine):
    """A house that writes, and a disk that may fail at any moment.

    Attributes:
        possible: For each thing that is replaced, the newest value that was
            acknowledged, and those whose writing was begun after it.
        lines: How many lines of the ledger are sure.
        seals: Seals whose notebook is sure.
        deliveries: Files that are sure to be known.
        crash: When the next thing that is done will be struck, and how: None is a kill.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outside = TemporaryDirectory()
        self.place = Path(self.outside.name) / "disk"
        drop = Path(self.outside.name) / "drop"
        drop.mkdir()
        (self.place / "root").mkdir(parents=True)
        (self.place / "root" / "drop").symlink_to(drop)
        self.possible = {thing: {1} for thing in WRITERS}
        self.lines = 1
        self.seals = {0}
        self.deliveries = {0}
        self.crash: tuple[float, Fate | None] | None = None
        with nothing_synced():  # the disk takes what it finds for sure
            for write in WRITERS.values():
                write(self.place, 1)
            ledgers_of(self.place).append("demo", {"n": 0})
            sealed_of(self.place).keep("0", [])
            _deliver(self.place, 0)
        self.disk = Disk(self.place)

    @override
    def teardown(self) -> None:
        with nothing_synced():
            for write in WRITERS.values():
                write(self.place, 9)
        for written in ("build", "editions"):
            nothing_left(self.place / written)
        self.outside.cleanup()

    @rule(moment=st.floats(0, 1), fate=st.none() | fates)
    def the_next_is_struck(self, moment: float, fate: Fate | None) -> None:
        self.crash = (moment, fate)

    @rule(fate=fates)
    def the_power_fails(self, fate: Fate) -> None:
        self.crash = (1, fate)
        self._acknowledged(lambda: None)

    @rule(thing=st.sampled_from(list(WRITERS)), value=few)
    def write(self, thing: str, value: int) -> None:
        self.possible[thing].add(value)
        if self._acknowledged(lambda: WRITERS[thing](self.place, value)):
            self.possible[thing] = {value}

    @rule(number=few)
    def enter_lines(self, number: int) -> None:
        ledgers = ledgers_of(self.place)
        held = len(ledgers.read("demo"))
        entries = [
            lambda n=held + each: ledgers.append("demo", {"n": n})
            for each in range(number)
        ]
        entered = self._acknowledged(*entries)
        if entered:
            self.lines = held + entered

    @rule(number=few)
    def seal(self, number: int) -> None:
        if self._acknowledged(lambda: sealed_of(self.place).keep(str(number), [])):
            self.seals.add(number)

    @rule(number=few)
    def deliver(self, number: int) -> None:
        if self._acknowledged(lambda: _deliver(self.place, number)):
            self.deliveries.add(number)

    def _acknowledged(self, *acts: Callable[[], object]) -> int:
        """Do them one by one; how many came to their end before the crash."""
        self.disk.said.clear()
        self.disk.pictures.clear()
        with self.disk.watched():
            for act in acts:
                act()
                self.disk.said.append("done")
        if self.crash is None:
            return len(acts)
        (moment, fate), self.crash = self.crash, None
        last = len(self.disk.pictures) - 1
        picture = self.disk.pictures[round(moment * last)]
        if fate is None:
            self.disk.kill(picture)
        else:
            self.disk.cut(picture, fate)
        return len(picture.said)

    @invariant()
    def what_is_replaced_is_old_or_new_and_whole(self) -> None:
        edition = EditionArchive(self.place / "editions").current("demo", "base")
        assert edition is not None
        assert edition == post(markdown=edition.markdown)
        tick = Ticks(self.place / "tick.json").read()
        found = {
            "site": int(serving(self.place)),
            "edition": int(edition.markdown),
            "note": tick.until["demo"].day,
        }
        for thing, value in found.items():
            assert value in self.possible[thing], (thing, value, self.possible)

    @invariant()
    def no_line_is_lost_and_the_chain_is_whole(self) -> None:
        lines = ledgers_of(self.place).read("demo")
        assert [line["n"] for line in lines] == list(range(len(lines)))
        assert len(lines) >= self.lines

    @invariant()
    def what_was_sealed_can_be_read(self) -> None:
        sealed = sealed_of(self.place)
        there = {number for number in range(5) if sealed.holds(str(number))}
        assert self.seals <= there
        for number in there:
            assert sealed.read(str(number))["cells"] == []

    @invariant()
    def a_manifest_names_whole_objects_only(self) -> None:
        layout = shop_in(self.place).warehouse.layout
        manifest = manifests.read(layout.manifest("orders"))
        assert {f"drop/{number}.csv" for number in self.deliveries} <= set(
            manifest.state
        )
        for batch in manifest.batches:
            assert sha256_of_file(layout.object(batch.sha256)) == batch.sha256


@pytest.mark.timeout(3600)
def test_fault_02_whatever_happens_in_whatever_order(soak: bool) -> None:
    few_or_many = settings(
        max_examples=400 if soak else 30,
        stateful_step_count=30 if soak else 12,
        derandomize=not soak,
        deadline=None,
    )
    run_state_machine_as_test(House, settings=few_or_many)
