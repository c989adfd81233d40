"""What is written durably, as small stories: a beginning, what is done, what must hold.

Each story is told to the double once. Its `holds` is then asked of every state in which
the disk may come back: as a new process would, over the folder alone, and with what had
been acknowledged before the crash. It ends with the next operation, which must succeed
and sweep away whatever the crash left half done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.archive.test_archive import make, post, spec
from tests.faults.double import (
    EXTREMES,
    Disk,
    Fate,
    Folder,
    all_is_lost,
    lay_out,
    nothing_synced,
    survivors,
    told_apart,
)
from tests.warehouse.shops import CONTRACT, NAMES, Shop, order
from workbench.archive.database import Database
from workbench.archive.editions import EditionArchive
from workbench.archive.leases import Leases
from workbench.archive.ledgers import LedgerArchive, lost_heads
from workbench.archive.rebuilding import rebuild
from workbench.archive.runs import RunArchive
from workbench.archive.sealed import SealedArchive
from workbench.archive.store import Store
from workbench.contracts.datasets import parse_contract
from workbench.core import disk
from workbench.core.clock import system_clock
from workbench.scheduling.ticks import Left, Ticks
from workbench.takeaways.heads import Head, id_of
from workbench.warehouse import Warehouse
from workbench.website.release import release_site, tree_hash
from workbench.website.stage import Stage

Said = list[object]
SAID = "what the run said"


@dataclass(frozen=True)
class Story:
    """One thing that is written durably.

    Attributes:
        name: What it is called in a report.
        begin: Makes what is there before; all of it is on the disk for good.
        act: Does it; adds to the list whatever it acknowledges.
        holds: Recovers, and fails where a promise was broken.
    """

    name: str
    begin: Callable[[Path], object]
    act: Callable[[Path, Said], object]
    holds: Callable[[Path, tuple[object, ...]], object]


def explore(
    story: Story,
    place: Path,
    fates: dict[str, Callable[[], Fate]] | None = None,
) -> tuple[int, int]:
    """Crash before and after every call; how many crash points and states there were.

    Raises:
        AssertionError: With the first crash point at which one is broken.
    """
    place.mkdir()
    with nothing_synced():
        story.begin(place)
    double = Disk(place)
    with double.watched():
        story.act(place, double.said)
    tried = set()
    for number, picture in enumerate(double.pictures):
        for fate, decide in (fates or EXTREMES).items():
            root = survivors(picture, decide())
            state = (told_apart(root), picture.said)
            if state not in tried:
                where = f"{story.name}, crash {number} (next: {picture.before}), {fate}"
                _hold(story, place, root, picture.said, where)
            tried.add(state)
    return len(double.pictures), len(tried)


def explore_again(story: Story, place: Path, every: int = 1) -> int:
    """Kill after every call, do it again to the end, and only then cut the power.

    What the second process found there, and took for done, must be so.

    Raises:
        AssertionError: With the first kill after which it is not.
    """
    place.mkdir()
    with nothing_synced():
        story.begin(place)
    double = Disk(place)
    with double.watched():
        story.act(place, double.said)
    kills = list(double.pictures)
    for number, picture in enumerate(kills[::every]):
        double.kill(picture)
        double.said.clear()
        with double.watched():
            story.act(place, double.said)
        end = double.pictures[-1]
        where = (
            f"{story.name}, kill {number * every} (next: {picture.before}), then a cut"
        )
        _hold(story, place, survivors(end, all_is_lost()), end.said, where)
    return len(kills)


def _hold(
    story: Story, place: Path, root: Folder, said: tuple[object, ...], where: str
) -> None:
    lay_out(root, place)
    left = sorted(str(path.relative_to(place)) for path in place.rglob("*"))
    try:
        with nothing_synced():
            story.holds(place, said)
    except Exception as error:
        message = f"{where}: {error!r}\nacknowledged: {said}\ncame back: {left}"
        raise AssertionError(message) from error


def nothing_left(place: Path) -> None:
    """No part and no scratch folder of anybody."""
    hidden = [path for path in place.rglob(".*-*") if not path.name.startswith(".git")]
    assert hidden == [], f"left for ever: {hidden}"


# One whole file


OLD, NEW = b"old " * 3000, b"new " * 3000


def _old_or_new(place: Path, said: tuple[object, ...]) -> None:
    file = place / "a" / "file"
    assert file.read_bytes() in ([NEW] if said else [OLD, NEW])
    disk.write_bytes(file, b"next")
    assert file.read_bytes() == b"next"
    nothing_left(place)


def _overwrite(place: Path, said: Said) -> None:
    disk.write_bytes(place / "a" / "file", NEW)
    said.append("new")


OVERWRITING = Story(
    "write_bytes over an old file",
    lambda place: disk.write_bytes(place / "a" / "file", OLD),
    _overwrite,
    _old_or_new,
)


def _absent_or_whole(place: Path, said: tuple[object, ...]) -> None:
    file = place / "deep" / "down" / "file"
    there = file.read_bytes() if file.exists() else None
    assert there in ([NEW] if said else [None, NEW])
    disk.write_bytes(file, b"next")
    nothing_left(place)


def _write_deep_down(place: Path, said: Said) -> None:
    disk.write_bytes(place / "deep" / "down" / "file", NEW)
    said.append("new")


IN_NEW_FOLDERS = Story(
    "write_bytes in folders that were not there",
    lambda _: None,
    _write_deep_down,
    _absent_or_whole,
)


def _create(place: Path, said: Said) -> None:
    for data in (b"first", b"second"):
        won = disk.create_once(place / "keys" / "key", data)
        said.append(won)


def _one_creator(place: Path, said: tuple[object, ...]) -> None:
    file = place / "keys" / "key"
    there = file.read_bytes() if file.exists() else None
    assert there in ([b"first"] if said else [None, b"first"])
    assert list(said) == [True, False][: len(said)]
    assert disk.create_once(file, b"third") == (there is None)
    nothing_left(place)


CREATING = Story("create_once, twice", lambda _: None, _create, _one_creator)


# Files that grow


def _append(place: Path, said: Said) -> None:
    for line in ("two " * 400, "three"):
        disk.append_line(place / "lines", line)
        said.append(line)


def _torn_file(place: Path) -> None:
    (place / "lines").write_text("one\ntorn li")


def _whole_lines(place: Path) -> list[str]:
    file = place / "lines"
    whole, _, _ = (file.read_text() if file.exists() else "").rpartition("\n")
    return whole.splitlines()


def _lines_hold(place: Path, said: tuple[object, ...]) -> None:
    wanted = ["one", "two " * 400, "three"]
    lines = _whole_lines(place)
    assert lines == wanted[: len(lines)]
    assert len(lines) > len(said)
    disk.append_line(place / "lines", "next")
    assert (place / "lines").read_text() == "".join(f"{e}\n" for e in [*lines, "next"])


APPENDING = Story("append_line over a torn tail", _torn_file, _append, _lines_hold)


def _append_deep_down(place: Path, said: Said) -> None:
    disk.append_line(place / "new" / "lines", "one")
    said.append("one")


def _line_deep_down(place: Path, said: tuple[object, ...]) -> None:
    lines = _whole_lines(place / "new")
    assert set(lines) <= {"one"}
    assert len(lines) >= len(said)


APPENDING_ANEW = Story(
    "append_line to a file that was not there",
    lambda _: None,
    _append_deep_down,
    _line_deep_down,
)


# Files and folders that were made elsewhere


def _adopt_file(place: Path, said: Said) -> None:
    finished = place / "scratch" / "file"
    finished.parent.mkdir(exist_ok=True)
    finished.write_bytes(NEW)
    disk.adopt_file(finished, place / "a" / "file")
    said.append("new")


ADOPTING_A_FILE = Story(
    "adopt_file over an old file",
    lambda place: disk.write_bytes(place / "a" / "file", OLD),
    _adopt_file,
    _old_or_new,
)


def _make_tree(folder: Path) -> Path:
    (folder / "below" / "deeper").mkdir(parents=True)
    for name in ("one", "below/two", "below/deeper/three"):
        (folder / name).write_bytes(NEW)
    return folder


def _adopt_tree(place: Path, said: Said) -> None:
    with disk.scratch_folder(place, "making") as scratch:
        disk.adopt_tree(_make_tree(scratch / "tree"), place / "new" / "tree")
    said.append("tree")


def _tree_holds(place: Path, said: tuple[object, ...]) -> None:
    tree = place / "new" / "tree"
    assert tree.exists() or not said
    disk.remove_abandoned(place)
    with disk.scratch_folder(place, "making") as scratch:
        whole = tree_hash(_make_tree(scratch / "tree"))
        disk.adopt_tree(scratch / "tree", tree)
    assert tree_hash(tree) == whole
    nothing_left(place)


ADOPTING_A_TREE = Story("adopt_tree", lambda _: None, _adopt_tree, _tree_holds)


# The site


def make_site(stage: Stage, into: Path) -> None:
    """A site of two pages, as MkDocs would write it: without syncing anything."""
    (into / "posts").mkdir(parents=True)
    (into / "index.html").write_text(f"<p>{stage.stage_id}</p>", encoding="utf-8")
    (into / "posts" / "index.html").write_text("<p>x</p>", encoding="utf-8")


def release(place: Path, name: str, keep: int = 0) -> str:
    """Release a stage of that name."""
    stage = Stage(folder=place / "stage", stage_id=name, epoch=0)
    return release_site(stage, place / "build", keep, make_site).tree


def serving(place: Path) -> str:
    """The stage whose whole release `current` names."""
    current = (place / "build" / "current").resolve()
    assert tree_hash(current) == current.name
    page = (current / "index.html").read_text(encoding="utf-8")
    return page.removeprefix("<p>").removesuffix("</p>")


def _release_twice(place: Path, said: Said) -> None:
    for name in ("two", "three"):
        release(place, name)
        said.append(name)


def _site_holds(place: Path, said: tuple[object, ...]) -> None:
    stages = ["one", "two", "three"]
    assert serving(place) in stages[len(said) : len(said) + 2]
    release(place, "next")
    assert serving(place) == "next"
    nothing_left(place)
    assert len(list((place / "build" / "releases").glob("[!.]*"))) == 1


RELEASING = Story(
    "release_site: switch, keep none, prune",
    lambda place: release(place, "one"),
    _release_twice,
    _site_holds,
)


def _first_release(place: Path, said: Said) -> None:
    release(place, "one", keep=1)
    said.append("one")


def _first_holds(place: Path, said: tuple[object, ...]) -> None:
    if said or (place / "build" / "current").is_symlink():
        assert serving(place) == "one"
    release(place, "next", keep=1)
    assert serving(place) == "next"
    nothing_left(place)


RELEASING_FIRST = Story(
    "release_site: the first of all", lambda _: None, _first_release, _first_holds
)


# The archives


def ledgers_of(place: Path) -> LedgerArchive:
    return LedgerArchive(place / "takeaways", place / "leases")


def _extend(place: Path, said: Said) -> None:
    from workbench.takeaways.ledger import chain

    ledgers = ledgers_of(place)
    lines = ledgers.read("demo")
    for number in (len(lines), len(lines) + 1):
        lines.append(chain(lines, {"n": number}))
    ledgers.extend("demo", lines[-2:])
    said += [1, 2]
    ledgers.append("demo", {"n": len(lines)})
    said.append(3)


def _ledger_holds(place: Path, said: tuple[object, ...]) -> None:
    numbers = [line["n"] for line in ledgers_of(place).read("demo")]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > len(said)
    ledgers_of(place).append("demo", {"n": len(numbers)})
    assert len(ledgers_of(place).read("demo")) == len(numbers) + 1


EXTENDING = Story(
    "LedgerArchive.extend and append",
    lambda place: ledgers_of(place).append("demo", {"n": 0}),
    _extend,
    _ledger_holds,
)


def _keep_editions(place: Path, said: Said) -> None:
    for text in ("two", "three"):
        EditionArchive(place / "editions").keep(post(markdown=text))
        said.append(text)


def _edition_holds(place: Path, said: tuple[object, ...]) -> None:
    editions = EditionArchive(place / "editions")
    current = editions.current("demo", "base")
    assert current is not None
    texts = ["one", "two", "three"]
    assert current.markdown in texts[len(said) : len(said) + 2]
    assert current == post(markdown=current.markdown)
    assert editions.studies() == ["demo"]
    assert editions.variants("demo") == ["base"]
    editions.keep(post(markdown="three"))
    assert editions.current("demo", "base") == post(markdown="three")
    nothing_left(place)


KEEPING_EDITIONS = Story(
    "EditionArchive.keep",
    lambda place: EditionArchive(place / "editions").keep(post(markdown="one")),
    _keep_editions,
    _edition_holds,
)


def _seal(place: Path, said: Said) -> None:
    SealedArchive(place / "sealed").keep("s", [{"cell_type": "code"}])
    said.append("s")


def _seal_holds(place: Path, said: tuple[object, ...]) -> None:
    sealed = SealedArchive(place / "sealed")
    assert sealed.holds("s") or not said
    if sealed.holds("s"):
        assert sealed.read("s")["cells"] == [{"cell_type": "code"}]
    sealed.keep("t", [])
    assert sealed.read("t")["cells"] == []
    nothing_left(place)


def _hold_and_claim(place: Path, said: Said) -> None:
    """As a publication does: what ledgers hold, then the claim that names it."""
    ledgers = ledgers_of(place)
    heads = {"demo": Head(line=1, hash="0e")}
    ledgers.hold(heads)
    ledgers.append("demo", {"heads": id_of(heads)})
    said.append(id_of(heads))


def _is_held(place: Path, said: tuple[object, ...]) -> None:
    ledgers = ledgers_of(place)
    lines = ledgers.read("demo")
    assert set(said) <= {line["heads"] for line in lines}
    assert list(lost_heads({"demo": lines}, ledgers.held())) == []
    _hold_and_claim(place, [])
    assert len(ledgers.read("demo")) == len(lines) + 1
    assert list(lost_heads({"demo": ledgers.read("demo")}, ledgers.held())) == []
    nothing_left(place)


CLAIMING = Story(
    "LedgerArchive.hold, then a claim", lambda _: None, _hold_and_claim, _is_held
)


SEALING = Story("SealedArchive.keep", lambda _: None, _seal, _seal_holds)


def note(number: int) -> Left:
    """The note of a tick."""
    return Left(until={"demo": datetime(2020, 1, number, tzinfo=UTC)}, published="p")


def _tick(place: Path, said: Said) -> None:
    for number in (2, 3):
        Ticks(place / "tick.json").write(note(number))
        said.append(number)


def _tick_holds(place: Path, said: tuple[object, ...]) -> None:
    notes = [note(number) for number in (1, 2, 3)]
    assert Ticks(place / "tick.json").read() in notes[len(said) : len(said) + 2]
    Ticks(place / "tick.json").write(note(9))
    assert Ticks(place / "tick.json").read() == note(9)
    nothing_left(place)


TICKING = Story(
    "Ticks.write",
    lambda place: Ticks(place / "tick.json").write(note(1)),
    _tick,
    _tick_holds,
)


@cache
def _empty_store() -> bytes:
    """A run store without a row; to make its tables anew each time takes long."""
    with TemporaryDirectory() as folder:
        database = Database(Path(folder) / "runs.sqlite")
        assert database.made
        database.close()
        return (Path(folder) / "runs.sqlite").read_bytes()


def runs_of(place: Path) -> RunArchive:
    """The runs of a place, for a process that knows their folders alone.

    SQLite writes its file by itself, past the double: here the store is lost each time,
    and is made anew from the records.
    """
    file = place.with_name(f"{place.name}.sqlite")
    file.unlink(missing_ok=True)
    file.write_bytes(_empty_store())
    database = Database(file)
    leases = Leases(database, system_clock, timedelta(seconds=30))
    runs = RunArchive(place / "runs", Store(database, leases, system_clock))
    rebuild(runs)
    return runs


def make_run(place: Path, **changes: Any) -> None:
    """A run that succeeds."""
    made = make(runs_of(place), spec(**changes), SAID)
    assert runs_of(place).find(made.spec) == made


def _run_again(place: Path, said: Said) -> None:
    make_run(place)  # another attempt, and the first makes room
    said.append("again")
    make_run(place, seal="t")
    said.append("another")


def _run_holds(place: Path, said: tuple[object, ...]) -> None:
    runs = runs_of(place)
    first, other = runs.find(spec()), runs.find(spec(seal="t"))
    assert first is not None
    assert first.attempt > bool(said)  # a folder that a kill left takes a number
    assert other is not None or len(said) < len(("again", "another"))
    assert runs.current("demo", "base") in (first, other)
    for found in filter(None, (first, other)):
        assert (runs.folder(found.spec) / "said").read_text() == SAID
    make_run(place, seal="t")
    nothing_left(place)


RUNNING = Story(
    "RunArchive: attempts and their records", make_run, _run_again, _run_holds
)


# The warehouse


def shop_in(place: Path) -> Shop:
    """The shop of a place: a new process knows no more than this."""
    root = place / "root"
    root.mkdir(exist_ok=True)
    contract = parse_contract(CONTRACT, file="research/contracts/orders.yaml")
    store = root / ".workbench" / "data"
    key_file = place / "config" / "pseudonym.key"
    return Shop(root, Warehouse(root, store, key_file, 256), contract)


def delivery(number: int) -> list[dict[str, object]]:
    """What one file holds; each begins with a row of the one before."""
    return [order(n) for n in range(number * 4 - 1 if number else 0, number * 4 + 4)]


def rows_of(shop: Shop) -> int:
    """How many rows are known, each object read and checked."""
    shop.verify()
    return shop.view(*NAMES).rows if shop.warehouse.list() else 0


def _first_delivery(place: Path) -> None:
    shop = shop_in(place)
    shop.write(delivery(0), "0.csv")
    shop.warehouse.add(shop.contract)
    shop.write(delivery(1), "1.csv")
    shop.write(delivery(2), "2.csv")


def _deliver(place: Path, said: Said) -> None:
    shop = shop_in(place)
    said.append(shop.warehouse.add(shop.contract).sequence)


def _store_holds(place: Path, said: tuple[object, ...]) -> None:
    shop = shop_in(place)
    assert rows_of(shop) in ([12] if said else [4, 12])
    shop.warehouse.add(shop.contract)
    assert shop.view(*NAMES).rows == 12
    shop.write(delivery(3), "3.csv")
    shop.warehouse.add(shop.contract)
    assert rows_of(shop) == 16
    nothing_left(place)


INGESTING = Story(
    "ingest: objects, then the manifest", _first_delivery, _deliver, _store_holds
)

QUICK = [
    OVERWRITING,
    IN_NEW_FOLDERS,
    CREATING,
    APPENDING,
    APPENDING_ANEW,
    ADOPTING_A_FILE,
    ADOPTING_A_TREE,
    RELEASING,
    RELEASING_FIRST,
    EXTENDING,
    KEEPING_EDITIONS,
    CLAIMING,
    SEALING,
    TICKING,
    RUNNING,
]
STORIES = [*QUICK, INGESTING]
