"""Runs are found by identity, editions kept whole, ledgers grow under a lease."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.takeaways.test_verdict import CLAIM
from workbench.archive.editions import EditionArchive
from workbench.archive.layout import Layout
from workbench.archive.ledgers import LedgerArchive
from workbench.archive.locks import locked
from workbench.archive.renderings import RenderingArchive
from workbench.archive.runs import RunArchive
from workbench.archive.sealed import SealedArchive
from workbench.core.canonical import sha256_of_bytes, sha256_of_file
from workbench.core.errors import TryLater, UsageError
from workbench.core.posts import Post
from workbench.core.registration import Status
from workbench.core.runs import RunRecord, RunSpec, View
from workbench.core.states import RunState
from workbench.takeaways.heads import Head, id_of

AS_OF = datetime(1998, 7, 1, tzinfo=UTC)


def spec(**changes: Any) -> RunSpec:
    view = View(
        dataset="purchases",
        columns=("customer_id", "date"),
        direct=(),
        view_id="v",
        rows=3,
        unit="customer",
        unit_column="customer_id",
        minimum_units=10,
    )
    whole = RunSpec(
        study="demo",
        title="Demo",
        variant="base",
        status=Status.REGISTERED,
        as_of=AS_OF,
        parameters={"days": 30},
        views=(view,),
        claims=(CLAIM,),
        family=1,
        settles=(),
        seal="s",
        notebook_id="n",
        lock_id="l",
        engine_id="e",
    )
    return replace(whole, **changes)


def record(of: RunSpec, exit_code: int = 0, attempt: int = 1) -> RunRecord:
    return RunRecord(
        run_id=of.run_id,
        spec=of,
        exit_code=exit_code,
        reasons=(),
        rewritten=(),
        started=AS_OF,
        finished=AS_OF,
        timings={"cells": 1.5},
        provenance={},
        attempt=attempt,
    )


def make(
    runs: RunArchive, of: RunSpec, said: str = "", exit_code: int = 0
) -> RunRecord:
    """Make a run that says something."""
    with runs.opened(of) as lease, runs.attempt(of, lease) as making:
        (making.folder / "said").write_text(said)
        making.reach(RunState.MATERIALISED)
        making.reach(RunState.EXECUTING)
        made = record(of, exit_code, attempt=making.number)
        making.end(made)
    return made


@pytest.mark.parametrize(
    "change",
    [
        {"study": "other"},
        {"variant": None},
        {"as_of": datetime(1998, 6, 1, tzinfo=UTC)},
        {"parameters": {"days": 31}},
        {"views": ()},
        {"claims": ()},
        {"family": 2},
        {"settles": (AS_OF,)},
        {"seal": "t"},
        {"notebook_id": "m"},
        {"lock_id": "k"},
        {"engine_id": "f"},
    ],
)
def test_whatever_decides_the_bytes_changes_the_run_id(change) -> None:
    assert spec(**change).run_id != spec().run_id


def test_sealing_and_prose_make_no_new_run() -> None:
    assert spec(status=Status.DRAFT).run_id == spec().run_id
    assert spec(title="A better title").run_id == spec().run_id


def test_a_run_is_found_once_its_record_is_there(runs: RunArchive) -> None:
    with runs.opened(spec()) as lease, runs.attempt(spec(), lease) as making:
        assert list(making.folder.iterdir()) == []
        assert making.folder.stat().st_mode & 0o077 == 0
        making.reach(RunState.MATERIALISED)
        making.reach(RunState.EXECUTING)
        assert runs.find(spec()) is None
        making.end(record(spec()))
    assert runs.find(spec()) == record(spec())
    assert runs.folder(spec()) == making.folder
    assert runs.find(spec(seal="t")) is None


def test_the_same_run_cannot_be_made_twice_at_once(runs: RunArchive) -> None:
    with (
        runs.opened(spec()),
        pytest.raises(TryLater, match="busy"),
        runs.opened(spec()),
    ):
        pass


@pytest.mark.parametrize("torn", ["", "{", '{"run_id": 3}'])
def test_a_torn_record_is_no_record(runs: RunArchive, torn: str) -> None:
    make(runs, spec())
    runs.make_current(spec())
    (runs.folder(spec()) / "run.json").write_text(torn)
    assert runs.find(spec()) is None
    assert runs.current("demo", "base") is None


def test_an_attempt_that_is_not_finished_leaves_the_earlier_one_in_place(
    runs: RunArchive,
) -> None:
    first = make(runs, spec(), "first")
    place = runs.folder(spec())
    half: list[Path] = []

    def break_off() -> None:
        with runs.opened(spec()) as lease, runs.attempt(spec(), lease) as making:
            half.append(making.folder)
            (making.folder / "said").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert not half[0].exists()
    assert (runs.find(spec()), runs.folder(spec())) == (first, place)
    second = make(runs, spec(), "second")
    assert (second.attempt, runs.find(spec())) == (3, second)
    assert (runs.folder(spec()) / "said").read_text() == "second"
    assert not place.exists()


def test_the_ordinary_run_becomes_current_even_where_the_data_went_back(
    runs: RunArchive,
) -> None:
    half_a_second = spec(as_of=AS_OF.replace(microsecond=500_000))
    earlier = spec(as_of=datetime(1997, 7, 1, tzinfo=UTC))
    for each in (spec(), half_a_second, earlier):
        make(runs, each)
    runs.make_current(spec())
    runs.make_current(half_a_second, backfill=True)
    assert runs.current("demo", "base") == record(half_a_second)
    runs.make_current(spec(), backfill=True)  # earlier, though its text sorts later
    assert runs.current("demo", "base") == record(half_a_second)
    runs.make_current(earlier)
    assert runs.current("demo", "base") == record(earlier)


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"looked_until": "x"}'])
def test_a_torn_look_is_none(runs: RunArchive, torn: str, tmp_path: Path) -> None:
    runs.note_look("demo", AS_OF)
    (tmp_path / "runs" / "demo" / "looked.json").write_text(torn)
    assert runs.looked_until("demo") is None
    runs.note_look("demo", AS_OF)
    assert runs.looked_until("demo") == AS_OF


def test_of_many_looks_at_once_the_latest_is_kept(runs: RunArchive) -> None:
    days = [AS_OF.replace(day=day) for day in range(1, 31)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda day: runs.note_look("demo", day), days * 4))
    assert runs.looked_until("demo") == days[-1]


def test_a_look_back_in_time_does_not_become_current(runs: RunArchive) -> None:
    early = spec(as_of=datetime(1997, 7, 1, tzinfo=UTC))
    for each in (spec(), early):
        make(runs, each)
        runs.make_current(each, backfill=True)
    current = runs.current("demo", "base")
    assert current is not None
    assert current.spec.as_of == AS_OF


def test_the_latest_as_of_looked_at_is_remembered(runs: RunArchive) -> None:
    assert runs.looked_until("demo") is None
    for month in (3, 7, 5):
        runs.note_look("demo", datetime(1998, month, 1, tzinfo=UTC))
    assert runs.looked_until("demo") == AS_OF


def post(**changes: Any) -> Post:
    whole = Post(
        study="demo",
        variant="base",
        run_id="r",
        as_of=AS_OF,
        title="Demo",
        question="What?",
        authors=("A",),
        tags=(),
        registered=True,
        reading_minutes=1,
        markdown="# Demo\n",
        prose=((1, "words"),),
        assets={"curve.svg": b"<svg/>", "result.json": b"{}"},
        evidence=(),
        figures=(),
        tables=(),
        takeaways=(),
        aliases={},
        strays=(),
        minimum_units=10,
    )
    return replace(whole, **changes)


def test_an_edition_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    editions = EditionArchive(tmp_path)
    assert editions.current("demo", "base") is None
    first = editions.keep(post())
    assert editions.current("demo", "base") == post()
    assert editions.keep(post()) == first
    second = editions.keep(post(markdown="# Demo again\n"))
    assert second != first
    assert editions.current("demo", "base") == post(markdown="# Demo again\n")
    (tmp_path / "demo" / "base" / "current.json").write_text("")
    assert editions.current("demo", "base") is None


def test_studies_and_variants_that_have_an_edition_are_listed(tmp_path: Path) -> None:
    editions = EditionArchive(tmp_path)
    assert editions.studies() == []
    for variant in ("base", "a-month"):
        editions.keep(post(variant=variant))
    assert editions.studies() == ["demo"]
    assert editions.variants("demo") == ["a-month", "base"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"markdown"', '"text"'),
    ],
    ids=["torn", "of another version"],
)
def test_an_edition_that_cannot_be_read_is_told_and_is_no_bug(
    tmp_path: Path, harm: Callable[[str], str]
) -> None:
    editions = EditionArchive(tmp_path)
    file = tmp_path / "demo" / "base" / editions.keep(post()) / "post.json"
    file.write_text(harm(file.read_text()))
    with pytest.raises(UsageError, match="demo") as told:
        editions.current("demo", "base")
    assert [reason.code for reason in told.value.reasons] == ["edition-unreadable"]


def test_an_edition_is_frozen_once_and_keeps_its_address(tmp_path: Path) -> None:
    editions = EditionArchive(tmp_path)
    editions.keep(post())
    assert editions.published("demo", "base") == ()
    fresh = editions.of_post(post()).current
    assert fresh is not None
    assert not fresh.is_frozen
    editions.freeze(post(), fresh, b"<p>x</p>", {"index.html": "hash"})
    editions.freeze(post(), fresh, b"<p>later</p>", {"index.html": "other"})
    [kept] = editions.published("demo", "base")
    assert editions.of_post(post()).current == kept
    assert (kept.address, kept.files) == (fresh.address, {"index.html": "hash"})
    assert kept.kept("index.html").read_bytes() == b"<p>x</p>"
    assert kept.kept("curve.svg").read_bytes() == b"<svg/>"
    revised = editions.of_post(post(markdown="# Demo again\n"))
    assert [each.address for each in revised.published] == [
        fresh.address,
        f"{fresh.address}.2",
    ]


def test_a_list_of_editions_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    editions = EditionArchive(tmp_path)
    editions.keep(post())
    (tmp_path / "demo" / "base" / "published.json").write_text('[{"edition": 1}]')
    with pytest.raises(UsageError, match="Run and publish the study anew"):
        editions.published("demo", "base")


def test_the_newest_rendering_is_kept_and_one_that_is_not_whole_is_none(
    tmp_path: Path,
) -> None:
    renderings = RenderingArchive(tmp_path)
    assert renderings.get("demo", None, "one") is None
    renderings.put(post(), None, "one")
    assert renderings.get("demo", None, "one") == post()
    assert renderings.get("demo", "base", "one") is None
    renderings.put(post(markdown="# Again\n"), None, "two")
    assert renderings.get("demo", None, "one") is None
    assert renderings.get("demo", None, "two") == post(markdown="# Again\n")
    [file] = tmp_path.rglob("curve.svg")
    file.write_text("<svg>other</svg>")
    assert renderings.get("demo", None, "two") is None


@pytest.fixture
def ledgers(tmp_path: Path) -> LedgerArchive:
    return LedgerArchive(tmp_path / "takeaways", tmp_path / "leases")


def test_lines_are_chained_and_read_back(ledgers: LedgerArchive) -> None:
    ledgers.append("demo", {"line": "registered", "seal": "s"})
    ledgers.append("demo", {"line": "claimed", "n": 3})
    first, second = ledgers.read("demo")
    assert second["previous"] == first["hash"]
    assert [line["number"] for line in (first, second)] == [1, 2]


def test_what_ledgers_held_is_kept_under_its_hash_and_read_back(
    ledgers: LedgerArchive, tmp_path: Path
) -> None:
    heads = {"demo": Head(line=1, hash="0e")}
    ledgers.hold(heads)
    [file] = (tmp_path / "takeaways" / "heads").iterdir()
    assert sha256_of_file(file) == id_of(heads) == file.stem
    assert ledgers.held() == {id_of(heads): heads}
    assert ledgers.studies() == []
    whole = file.read_bytes()
    other = whole.replace(b"1", b"2")
    for torn in (b"", whole[:-1], other, b"7", b"\xff"):
        file.write_bytes(torn)
        assert ledgers.held() == {}
    file.write_bytes(whole + b"\n")  # as an editor leaves it
    assert ledgers.held() == {id_of(heads): heads}
    seven = file.with_name(f"{sha256_of_bytes(b'7')}.json")  # of that name, and none
    seven.write_bytes(b"7")
    assert ledgers.held() == {id_of(heads): heads}
    file.unlink()
    ledgers.hold(heads)
    assert ledgers.held() == {id_of(heads): heads}


def test_a_rehearsal_has_ledgers_runs_and_leases_of_its_own(tmp_path: Path) -> None:
    real, rehearsal = Layout(tmp_path), Layout(tmp_path, rehearsal=True)
    for each in ("takeaways", "sealed", "runs", "leases"):
        mine, theirs = getattr(rehearsal, each), getattr(real, each)
        assert mine.is_relative_to(real.replay)
        assert not theirs.is_relative_to(real.replay)
    for each in ("research", "contracts", "notebooks", "data", "site", "editions"):
        assert getattr(rehearsal, each) == getattr(real, each)


def test_a_sealed_notebook_is_kept_once_and_read_back(tmp_path: Path) -> None:
    sealed = SealedArchive(tmp_path / "sealed")
    cells = [{"cell_type": "code", "source": "x = 1"}]
    sealed.keep("s", cells)
    sealed.keep("s", [])  # its seal says what was sealed, and never changes
    assert sealed.read("s")["cells"] == cells
    with pytest.raises(UsageError, match="sealed-missing"):
        sealed.read("t")
    (tmp_path / "sealed" / "s.ipynb").write_text('{"metadata": {}}')
    with pytest.raises(UsageError, match=r"restore takeaways/sealed/s\.ipynb"):
        sealed.read("s")


def test_an_edited_ledger_is_refused_and_names_its_first_wrong_line(
    ledgers: LedgerArchive, tmp_path: Path
) -> None:
    for number in range(3):
        ledgers.append("demo", {"n": number})
    file = tmp_path / "takeaways" / "demo.jsonl"
    file.write_text(file.read_text().replace('"n":1', '"n":7'))
    with pytest.raises(UsageError, match="line 2: edited"):
        ledgers.read("demo")
    with pytest.raises(UsageError, match="line 2"):
        ledgers.append("demo", {"n": 3})


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("caf\u00e9", "caf\\udcc3\\udca9"),  # its two bytes, each as half a character
        ("caf\u00e9", "caf\\u00e9"),  # the same value, but not as we write it
        ('"low":1', '"low":1e999'),
        ('"low":1', '"low":2,"low":1'),  # some parsers take the first of two
        ('"low":1', '"low": 1'),
    ],
)
def test_a_line_that_is_spelled_otherwise_was_edited(
    ledgers: LedgerArchive, tmp_path: Path, written: str, spelled: str
) -> None:
    ledgers.append("demo", {"low": 1, "text": "caf\u00e9"})
    file = tmp_path / "takeaways" / "demo.jsonl"
    text = file.read_text(encoding="utf-8")
    assert written in text
    file.write_text(text.replace(written, spelled), encoding="utf-8")
    with pytest.raises(UsageError, match="line 1: edited"):
        ledgers.read("demo")


def test_a_line_torn_by_a_crash_never_counted(
    ledgers: LedgerArchive, tmp_path: Path
) -> None:
    ledgers.append("demo", {"n": 0})
    with (tmp_path / "takeaways" / "demo.jsonl").open("a") as file:
        file.write('{"n": 1, "ha')
    assert len(ledgers.read("demo")) == 1
    ledgers.append("demo", {"n": 2})
    assert [line["n"] for line in ledgers.read("demo")] == [0, 2]


def test_a_ledger_that_somebody_writes_is_busy(
    ledgers: LedgerArchive, tmp_path: Path
) -> None:
    with (
        locked(tmp_path / "leases" / "ledger-demo.lock", "x"),
        pytest.raises(TryLater, match="busy"),
    ):
        ledgers.append("demo", {"n": 0})
