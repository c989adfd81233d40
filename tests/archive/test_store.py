"""What every run store promises, whichever database it is in."""

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.archive.conftest import LASTS, Hand, Opening
from tests.archive.test_archive import AS_OF, make, record, spec
from workbench.archive import leases as leases_module
from workbench.archive import tables
from workbench.archive.database import Database
from workbench.archive.fingerprints import of_sqlite
from workbench.archive.holders import is_gone, this_process
from workbench.archive.leases import Lease, Leases
from workbench.archive.past import LOST
from workbench.archive.rebuilding import rebuild, rebuild_any
from workbench.archive.runs import RunArchive
from workbench.archive.store import Store, lease_name
from workbench.core.canonical import canonical_json
from workbench.core.errors import ContractBroken, Reason, TryLater, UsageError
from workbench.core.records import to_plain
from workbench.core.runs import RunReason, RunRecord
from workbench.core.states import BEFORE, ENDED, IN_FLIGHT, RunState

RUN = spec().run_id
PATH = (RunState.MATERIALISED, RunState.EXECUTING)


def begun(store: Store) -> tuple[Lease, int]:
    """A lease that is never given back, and an attempt: its process was killed."""
    lease = store.leases._take(lease_name(RUN), "a run")
    return lease, store.begin(lease, spec(), 1)


def states(store: Store) -> list[tuple[int, str]]:
    return [(each.number, each.state.value) for each in store.events(RUN)]


def publish(
    runs: RunArchive,
    made: list[RunRecord],
    switch: Callable[[], None] = lambda: None,
) -> None:
    held = runs.store.leases.held("publish", "it")
    with held as lease, runs.publishing(made, lease):
        switch()


# Leases


def test_a_fence_grows_with_every_holder(store: Store) -> None:
    fences = []
    for _ in range(3):
        with store.leases.held("x", "it") as lease:
            fences.append(lease.fence)
    assert fences == sorted(set(fences))


def test_a_lease_is_one_holders_alone(opening: Opening) -> None:
    with opening().leases.held("x", "it"):
        with pytest.raises(TryLater, match="it is held by another process"):
            opening().leases._take("x", "it")
        with opening().leases.held("y", "another"):
            pass
    with opening().leases.held("x", "it"):
        pass


def test_of_many_at_once_one_holds_it(opening: Opening) -> None:
    store = opening()

    def take(_: int) -> Lease | None:
        try:
            return store.leases._take("x", "it")
        except TryLater:
            return None

    with ThreadPoolExecutor(16) as pool:
        held = [lease for lease in pool.map(take, range(50)) if lease]
    assert len(held) == 1


def test_whoever_is_silent_too_long_is_fenced(opening: Opening, clock: Hand) -> None:
    stale, store = opening().leases._take("x", "it"), opening()
    clock.forward(LASTS.total_seconds() - 1)
    with pytest.raises(TryLater, match="busy"):
        store.leases._take("x", "it")
    clock.forward(2)
    fresh = store.leases._take("x", "it")
    assert fresh.fence > stale.fence
    with pytest.raises(TryLater, match="fenced"), store.leases.fenced(stale):
        pytest.fail("a stale holder came in")
    with store.leases.fenced(fresh):
        pass


def test_a_holder_that_beats_keeps_its_lease(
    opening: Opening, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases_module, "_BEATS", 30_000)  # every millisecond
    other = opening()
    with opening().leases.held("x", "it"):
        for _ in range(5):
            clock.forward(LASTS.total_seconds() - 1)
            wait_for(lambda: not other.leases.is_free("x"))
            with pytest.raises(TryLater, match="busy"):
                other.leases._take("x", "it")


def wait_for(condition) -> None:
    import time

    until = time.monotonic() + 10
    while not condition() and time.monotonic() < until:
        time.sleep(0.002)
    assert condition()


def test_whoever_only_slept_is_given_a_beat_to_say_so(
    opening: Opening, clock: Hand
) -> None:
    """As after a laptop was closed: its lease is over, and so is nobody's patience."""
    sleeper = opening()
    lease = sleeper.leases._take("x", "it")
    clock.forward(10 * LASTS.total_seconds())
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        with sleeper.leases.fenced(lease):
            pass

    with pytest.raises(TryLater, match="busy"):
        replace(opening().leases, wait=wait)._take("x", "it")
    assert waited == [15.0]


def test_no_clock_is_so_wrong_that_a_living_holder_loses_its_lease(
    opening: Opening, clock: Hand
) -> None:
    holder = opening()
    lease = holder.leases._take("x", "it")

    def wait(_: float) -> None:
        clock.forward(1)
        with holder.leases.fenced(lease):
            pass

    for wrong in (-400, -1, 1, 400):
        ahead = Hand()
        ahead.now = clock.now + timedelta(days=wrong)
        other = replace(opening().leases, clock=ahead, wait=wait)
        with pytest.raises(TryLater, match="busy"):
            other._take("x", "it")


def test_a_lease_dated_by_a_clock_that_was_put_right_holds_up_nobody(
    opening: Opening, clock: Hand
) -> None:
    ahead = Hand()
    ahead.now = clock.now + timedelta(days=400)
    replace(opening().leases, clock=ahead)._take("x", "it")  # and then lost its power
    store = opening()
    assert store.leases.is_free("x")
    with store.leases.held("x", "it"):
        pass


def test_nobody_waits_for_a_process_of_this_machine_that_is_gone(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "from workbench.archive.holders import this_process; print(this_process())"
    gone = subprocess.check_output([sys.executable, "-c", code], text=True).strip()
    with monkeypatch.context() as patch:
        patch.setattr(leases_module, "this_process", lambda: gone)
        opening().leases._take("x", "it")
    with opening().leases.held("x", "it"):
        pass


def test_of_another_machine_nothing_is_known() -> None:
    here = this_process()
    assert not is_gone(here)
    assert is_gone(here + "1")  # the number is used again, by one that began later
    assert not is_gone("another" + here)


# Attempts


def test_an_attempt_takes_every_step_in_order(runs: RunArchive) -> None:
    made = make(runs, spec())
    runs.came_to(made, RunState.RENDERED)
    runs.came_to(made, RunState.GATED)
    runs.stage([made])
    with (
        runs.store.leases.held("publish", "it") as lease,
        runs.publishing([made], lease),
    ):
        assert runs.store.of_study("demo")[0].state is RunState.STAGED
    (attempt,) = runs.store.of_study("demo")
    assert attempt.state is RunState.PUBLISHED
    assert [state for _, state in states(runs.store)] == [
        "leased",
        "materialised",
        "executing",
        "executed",
        "rendered",
        "gated",
        "staged",
        "published",
    ]
    runs.came_to(made, RunState.RENDERED)  # it serves: looked at once more, no step
    assert runs.store.of_study("demo")[0].state is RunState.PUBLISHED


@pytest.mark.parametrize("to", list(RunState))
def test_no_step_is_left_out(store: Store, to: RunState) -> None:
    _, number = begun(store)
    reached = RunState.LEASED in BEFORE[to]
    if reached:
        store.reach(RUN, number, to)
    else:
        with pytest.raises(TryLater, match="fenced"):
            store.reach(RUN, number, to)
    assert states(store) == [(1, "leased"), *([(1, to.value)] if reached else [])]


def test_every_state_but_the_first_is_reached_from_another() -> None:
    assert {state for state, before in BEFORE.items() if not before} == {
        RunState.LEASED
    }
    assert set(BEFORE) == set(RunState)
    assert not IN_FLIGHT & ENDED


def test_of_several_attempts_all_move_or_none(store: Store) -> None:
    _, number = begun(store)
    with pytest.raises(TryLater), store.database.writing() as connection:
        store.move(connection, [(RUN, number), (RUN, 7)], RunState.MATERIALISED)
    assert states(store) == [(1, "leased")]


def test_a_killed_attempt_is_abandoned_and_its_number_never_comes_again(
    opening: Opening, tmp_path: Path, clock: Hand
) -> None:
    begun(opening())
    runs = RunArchive(tmp_path / "runs", opening())
    place = tmp_path / "runs" / "demo" / RUN[:16] / "1"
    (place / "in").mkdir(parents=True)
    assert runs.sweep() == []  # its process lives
    clock.forward(31)
    (lost,) = runs.sweep()
    assert (lost.number, place.exists(), runs.sweep()) == (1, False, [])
    assert states(runs.store) == [(1, "leased"), (1, "abandoned")]
    assert make(runs, spec()).attempt == 2


def test_a_stale_attempt_changes_nothing(
    opening: Opening, tmp_path: Path, clock: Hand
) -> None:
    """Stopped past its lease, and going on once another has made the run."""
    slow, quick = (RunArchive(tmp_path / "runs", opening()) for _ in range(2))
    lease = slow.store.leases._take(lease_name(RUN), "a run")
    made, folders = [], []

    def stall() -> None:
        with slow.attempt(spec(), lease) as making:
            folders.append(making.folder)
            for state in PATH:
                making.reach(state)
            clock.forward(31)
            made.append(make(quick, spec(), "quick"))
            making.end(record(spec(), exit_code=1))

    with pytest.raises(TryLater, match="fenced"):
        stall()
    assert quick.find(spec()) == made[0]
    assert not folders[0].exists()
    assert slow.store.last_ended(RUN) == quick.store.last_ended(RUN)


@pytest.mark.parametrize(("code", "tries"), [(0, []), (1, [1, 2]), (75, [1, 2])])
def test_a_record_that_only_lacks_its_row_is_found_and_taken_up(
    runs: RunArchive, tmp_path: Path, clock: Hand, code: int, tries: list[int]
) -> None:
    """Killed between the record and the commit."""
    make(runs, spec(), exit_code=124)
    _, number = begun(runs.store)
    for state in PATH:
        runs.store.reach(RUN, number, state)
    place = tmp_path / "runs" / "demo" / RUN[:16] / str(number)
    place.mkdir(parents=True)
    make(runs, spec(seal="other"), exit_code=code)
    other = runs.folder(spec(seal="other")) / "run.json"
    text = other.read_text().replace(spec(seal="other").run_id, RUN)
    (place / "run.json").write_text(text.replace('"seal": "other"', '"seal": "s"'))
    clock.forward(31)
    found, past = runs.find(spec()), runs.past(spec())
    assert found is not None
    assert found.exit_code == code
    assert [each.number for each in past.tries] == tries
    runs.sweep()
    assert (runs.find(spec()), runs.past(spec())) == (found, past)


def test_what_was_lost_is_counted_until_it_ends(runs: RunArchive) -> None:
    def lose(error: BaseException) -> None:
        with runs.opened(spec()) as lease, runs.attempt(spec(), lease):
            raise error

    full, broken = OSError(28, "full"), OSError(13, "no")
    for error in (full, broken, RuntimeError(), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            lose(error)
    # A person's interrupt is no bad luck, and neither is what was wrong from the start.
    assert [each.number for each in runs.past(spec()).tries] == [1]
    make(runs, spec(), exit_code=124)
    assert [each.number for each in runs.past(spec()).tries] == [1, 5]
    make(runs, spec())
    assert runs.past(spec()).tries == ()


def test_a_run_that_is_gone_begins_anew(runs: RunArchive) -> None:
    """Removed by `gc`, or its record deleted by hand."""
    make(runs, spec(), exit_code=124)
    (runs.folder(spec()) / "run.json").unlink()
    assert runs.past(spec()).tries == ()
    reason = Reason(code="object-broken", message="it is broken.")
    with (
        pytest.raises(ContractBroken),
        runs.opened(spec()) as lease,
        runs.attempt(spec(), lease),
    ):
        raise ContractBroken(reason)
    refused = runs.past(spec()).refused
    assert refused
    assert refused.why == "object-broken"
    make(runs, spec(), exit_code=124)
    [attempt] = runs.store.ended()
    runs.forget(attempt)
    assert (runs.find(spec()), runs.past(spec()).tries) == (None, ())


def test_whoever_is_refused_day_by_day_fills_no_store(runs: RunArchive) -> None:
    """No number comes twice all the same, and what is new is kept."""

    def refuse(code: str) -> None:
        reason = Reason(code=code, message="it is broken.")
        with runs.opened(spec()) as lease, runs.attempt(spec(), lease):
            raise ContractBroken(reason)

    for code in ("object-broken",) * 9 + ("manifest-broken",) * 9:
        with pytest.raises(ContractBroken):
            refuse(code)
    numbers = [1, 9, 10, 18]
    assert [each.number for each in runs.store.of_study("demo")] == numbers
    assert states(runs.store) == [
        (number, state) for number in numbers for state in ("leased", "refused")
    ]


def test_what_was_killed_counts_before_anybody_has_found_it(
    opening: Opening, clock: Hand, tmp_path: Path
) -> None:
    runs, mine = (RunArchive(tmp_path / "runs", opening()) for _ in range(2))
    with mine.opened(spec()) as lease:  # as a process that is killed leaves it
        number = mine.store.begin(lease, spec(), 1)
    clock.forward(60)
    before = runs.past(spec()).tries
    assert [(each.number, each.why) for each in before] == [(number, LOST)]
    assert [each.number for each in runs.sweep()] == [number]
    assert runs.past(spec()).tries == before
    make(runs, spec())
    assert runs.past(spec()).tries == ()


def test_one_revision_of_a_date_is_published(runs: RunArchive) -> None:
    first, second = make(runs, spec()), make(runs, spec(notebook_id="m"))
    other = make(runs, spec(as_of=AS_OF.replace(day=2)))
    for made in ([first, other], [second]):
        for state in (RunState.RENDERED, RunState.GATED):
            for each in made:
                runs.came_to(each, state)
        runs.stage(made)
        publish(runs, made)
    shown = {(a.run_id, a.state.value) for a in runs.store.of_study("demo")}
    assert shown == {
        (first.run_id, "superseded"),
        (second.run_id, "published"),
        (other.run_id, "published"),
    }


def test_a_publication_that_breaks_off_leaves_what_stood(runs: RunArchive) -> None:
    made = make(runs, spec())
    for state in (RunState.RENDERED, RunState.GATED):
        runs.came_to(made, state)
    runs.stage([made])

    def break_off() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        publish(runs, [made], break_off)
    assert runs.store.of_study("demo")[0].state is RunState.STAGED


# The store as a whole


def test_it_is_rebuilt_from_the_records(opening: Opening, tmp_path: Path) -> None:
    runs = RunArchive(tmp_path / "runs", opening())
    failed = make(runs, spec(notebook_id="m"), exit_code=1)
    later = make(runs, spec(as_of=AS_OF.replace(day=2)))
    make(runs, spec(settles=(AS_OF,), as_of=AS_OF.replace(day=3)))
    again = [make(runs, spec()) for _ in range(2)][1]
    runs.make_current(later.spec)
    known = runs.store.of_study("demo")
    assert rebuild(runs, {again.run_id}) == 4
    for of in (failed, later, again):
        assert runs.find(of.spec) == of
    assert runs.current("demo", "base") == later
    found = {(a.run_id, a.number, a.settles) for a in runs.store.of_study("demo")}
    kept = {(a.run_id, a.number, a.settles) for a in known}
    assert found == kept - {(again.run_id, 1, 0)}  # whose folder made room
    published = [
        a.run_id for a in runs.store.of_study("demo") if a.state == "published"
    ]
    assert published == [again.run_id]
    assert make(runs, again.spec).attempt == 3


def test_of_each_attempt_it_is_known_whether_its_owner_was_told(
    runs: RunArchive,
) -> None:
    made, store = make(runs, spec(), exit_code=1), runs.store
    assert not store.is_told(made.run_id, 1)
    for _ in range(2):
        store.note_told(made.run_id, 1)
    assert store.is_told(made.run_id, 1)
    assert not store.is_told(made.run_id, 2)
    store.note_told(made.run_id, 3)
    rebuild(runs)
    assert not store.is_told(made.run_id, 3)  # there is none that bears this number
    assert store.is_told(made.run_id, 1)  # nobody is called twice for a rebuild


def test_what_another_version_made_is_rebuilt_when_nobody_works_with_it(
    opening: Opening, tmp_path: Path
) -> None:
    runs = RunArchive(tmp_path / "runs", opening())
    made, database = make(runs, spec()), runs.store.database
    address = database._url.render_as_string(hide_password=False)
    address = "" if database.file else address
    rebuild(runs)  # which also notes the version
    with runs.store.leases.held("x", "it"):
        with database.writing() as connection:
            connection.execute(update(tables.store).values(version=1))
        fresh = Database(tmp_path / "runs.sqlite", address)
        with pytest.raises(UsageError, match="doctor --rebuild"), fresh.reading():
            pytest.fail("it was opened")
        any_version = Database(tmp_path / "runs.sqlite", address, any_version=True)
        leases = replace(runs.store.leases, database=any_version)
        found = replace(runs.store, database=any_version, leases=leases)
        again = RunArchive(tmp_path / "runs", found)
        with pytest.raises(TryLater, match="in use \\(x\\)"):
            rebuild_any(again, frozenset())
    runs.store.note_told(made.run_id, 1)
    database.close()
    assert rebuild_any(again, frozenset()) == 1
    assert again.find(made.spec) == made
    assert again.store.is_told(made.run_id, 1)
    any_version.close()
    with fresh.reading():
        pass  # it is of this version now
    fresh.close()


def damage_an_index(file: Path) -> None:
    """A state is another in an index than in its table."""
    whole = file.read_bytes()
    for match in re.finditer(b"executed", whole):
        file.write_bytes(whole[: match.start()] + b"executes" + whole[match.end() :])
        with closing(sqlite3.connect(file)) as connection:
            [told] = connection.execute("PRAGMA integrity_check").fetchone()
        if "index" in told:
            return
    pytest.fail("no index has it")


def test_what_is_damaged_and_can_be_read_is_left_to_whoever_works_with_it(
    tmp_path: Path, clock: Hand
) -> None:

    def opened() -> RunArchive:
        database = Database(tmp_path / "runs.sqlite")
        leases = Leases(database, clock, timedelta(seconds=30))
        return RunArchive(tmp_path / "runs", Store(database, leases, clock))

    runs = opened()
    make(runs, spec())
    with runs.store.leases.held("x", "it"):
        damage_an_index(tmp_path / "runs.sqlite")
        other = opened()
        with pytest.raises(UsageError, match="store-unreadable"):
            other.store.database.verify()
        with pytest.raises(TryLater, match="in use \\(x\\)"):
            rebuild_any(other, frozenset())
    assert rebuild_any(other, frozenset()) == 1
    assert (tmp_path / "runs.before").exists()


@pytest.mark.fault
@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_fault_20_whatever_byte_of_the_file_is_damaged_it_is_made_anew(
    tmp_path: Path, clock: Hand, flip: int
) -> None:
    """A cell, an index, a word of the schema, the header; many are in no use."""
    file = tmp_path / "runs.sqlite"

    def opened() -> RunArchive:
        database = Database(file, any_version=True)
        leases = Leases(database, clock, timedelta(seconds=30))
        return RunArchive(tmp_path / "runs", Store(database, leases, clock))

    runs = opened()
    made = make(runs, spec())
    runs.store.note_told(made.run_id, 1)
    with runs.store.leases.held("x", "it"):
        pass
    runs.store.database.close()
    whole = file.read_bytes()
    used = [place for place, byte in enumerate(whole) if byte]
    for place in (*range(100), *used[::11]):  # the header, whatever it holds
        file.write_bytes(
            whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :]
        )
        again = opened()
        assert rebuild_any(again, frozenset()) == 1, place
        assert again.find(made.spec) == made
        again.store.is_told(made.run_id, 1)  # it may be forgotten, and can be read
        again.store.database.close()


def test_steps_are_rebuilt_in_the_order_of_attempts(runs: RunArchive) -> None:
    """The tenth comes after the ninth, though its name does not."""
    record = make(runs, spec())
    home = runs.folder(spec()).parent
    (home / "1").rename(home / "9")
    silent = RunReason(code="silent", message="Nothing was heard of it.", cell=None)
    failed = replace(record, attempt=10, exit_code=124, reasons=(silent,))
    (home / "10").mkdir()
    (home / "10" / "run.json").write_text(canonical_json(to_plain(failed)))
    rebuild(runs)
    steps = runs.store.events(record.run_id)
    assert [(step.number, step.why) for step in steps] == [(9, ""), (10, "silent")]
    assert len(runs.past(spec()).tries) == 1


def test_whoever_holds_a_lease_holds_it_through_a_rebuild(runs: RunArchive) -> None:
    with runs.store.leases.held("x", "it") as lease:
        rebuild(runs)
        with runs.store.leases.fenced(lease):
            pass


def test_a_run_that_begins_during_a_rebuild_is_in_the_new_store(
    opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, other = (RunArchive(tmp_path / "runs", opening()) for _ in range(2))
    make(other, spec(seal="other"))
    read = RunArchive.records
    with ThreadPoolExecutor(1) as pool:
        made = []

        def slowly(self: RunArchive) -> dict[Path, RunRecord | None]:
            found = read(self)
            made.append(pool.submit(make, other, spec()))
            time.sleep(0.3)
            return found

        monkeypatch.setattr(RunArchive, "records", slowly)
        assert rebuild(runs, unused=True) == 1
        assert made[0].result() == runs.find(spec())


def test_a_store_is_new_until_it_was_filled(opening: Opening, tmp_path: Path) -> None:
    """Killed in between, the next process fills it."""
    assert opening().database.made
    runs = RunArchive(tmp_path / "runs", opening())
    assert runs.store.database.made
    rebuild(runs, only_new=True)
    assert not opening().database.made


def test_of_two_that_fill_a_new_store_the_second_takes_nothing_away(
    opening: Opening, tmp_path: Path
) -> None:
    first, second = (RunArchive(tmp_path / "runs", opening()) for _ in range(2))
    assert second.store.database.made
    rebuild(first, only_new=True)
    with first.opened(spec()) as lease, first.attempt(spec(), lease) as making:
        rebuild(second, only_new=True)
        assert making.folder.is_dir()
        for state in PATH:
            making.reach(state)
        making.end(record(spec()))
    assert second.find(spec()) == record(spec())


def test_a_whole_store_is_verified(store: Store) -> None:
    assert store.database.verify() in {"SQLite, whole", "PostgreSQL, reached"}


def test_a_store_is_told_apart_by_its_runs_and_not_by_its_leases(
    runs: RunArchive, tmp_path: Path
) -> None:
    def seen() -> set[str]:
        told = {runs.store.fingerprint()}
        if runs.store.database.file:
            told.add(of_sqlite(runs.store.database.file))
        return told

    before = seen()
    with runs.store.leases.held("x", "it"):
        pass
    assert (len(before), seen()) == (1, before)
    made = make(runs, spec())
    after = seen()
    assert (len(after), after & before) == (1, set())
    runs.make_current(made.spec)
    assert not seen() & after
    assert of_sqlite(tmp_path / "none") == ""


def test_what_is_no_store_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    file.write_bytes(b"no database at all, and long enough to be read as one" * 99)
    database = Database(file)
    with pytest.raises(UsageError, match="doctor --rebuild"):
        assert database.made
    database.set_aside()
    assert database.made
    assert file.with_suffix(".before").exists()


def test_a_corrupt_byte_is_found(tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    database = Database(file)
    assert database.made
    database.close()
    data = bytearray(file.read_bytes())
    data[4096:4104] = b"\xff" * 8  # the head of the second page
    file.write_bytes(data)
    with pytest.raises(UsageError, match="store-unreadable"):
        database.verify()


def test_sqlite_keeps_a_rollback_journal_and_syncs_all(tmp_path: Path) -> None:
    from sqlalchemy import text

    with Database(tmp_path / "runs.sqlite").reading() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        told = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in pragmas]
    assert told == ["delete", 3, 1]  # 3: EXTRA


@pytest.mark.parametrize(
    "address",
    ["mysql://u:secret@h/d", "secret", "sqlite:///x"],
)
def test_an_address_that_is_none_is_refused_and_not_shown(
    address: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="store_url") as told:
        Database(tmp_path / "x", address)
    assert "secret" not in str(told.value)


def test_a_server_that_does_not_answer_is_for_later(tmp_path: Path) -> None:
    database = Database(tmp_path / "x", "postgresql://u:secret@/d?host=/nowhere")
    with pytest.raises(TryLater, match="store-unreachable") as told:
        assert database.made
    assert "secret" not in str(told.value)
