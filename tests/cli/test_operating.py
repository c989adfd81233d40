"""What an operator asks: what runs, what went wrong, is the store whole?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_commands import call, codes, root  # noqa: F401 - fixtures
from workbench.app import App
from workbench.archive.runs import RunArchive
from workbench.core.registration import BASE_VARIANT
from workbench.core.runs import RunRecord, RunSpec

pytestmark = pytest.mark.kernel


def test_status_shows_runs_timings_and_reasons(root: Path, call) -> None:  # noqa: F811
    (row,) = call("status")["studies"]
    assert (row["run"], row["attempt"]) == ("never", 0)
    (run,) = call("run")["runs"]
    said = call("status")
    (row,) = said["studies"]
    assert row["run"] == run["run"]
    assert (row["state"], row["attempt"], row["reasons"]) == ("executed", 1, [])
    assert {"boot", "cells", "judge", "shutdown"} <= set(row["seconds"])
    assert row["started"] <= row["finished"]
    assert said["running"] == []
    notebook = root / "notebooks" / "loyal.ipynb"
    notebook.write_text(notebook.read_text().replace("import pandas", "import nothing"))
    call("run")
    (row,) = call("status")["studies"]
    assert (row["state"], row["exit_code"]) == ("failed", 1)
    assert [(each["code"], each["cell"] > 0) for each in row["reasons"]] == [
        ("cell-error", True)
    ]


def look_and_interrupt(app: App, spec: RunSpec, look: Callable[[], None]) -> None:
    with app.runs.opened(spec) as lease, app.runs.attempt(spec, lease):
        look()
        raise KeyboardInterrupt


def test_status_shows_what_is_under_way(root: Path, call) -> None:  # noqa: F811
    app = App(root)
    study = app.catalogue.study("loyal", app.all_contracts)
    spec = app.planner.plan(study, study.registration.values_of(BASE_VARIANT)).spec
    found: list[dict[str, object]] = []
    with pytest.raises(KeyboardInterrupt):
        look_and_interrupt(app, spec, lambda: found.extend(call("status")["running"]))
    (running,) = found
    assert (running["name"], running["attempt"]) == ("loyal", 1)
    assert (running["state"], running["lost"]) == ("leased", "")
    said = call("status")
    assert said["running"] == []
    assert [(e["attempt"], e["why"]) for e in said["studies"][0]["lost"]] == [
        (1, "interrupted")
    ]
    call("run")
    assert call("status")["studies"][0]["lost"] == []


def breaks(root: Path, place: str) -> None:  # noqa: F811
    if place == "store":
        (root / ".workbench" / "runs.sqlite").write_bytes(b"\xff" * 9_000)
    elif place == "pages":
        page = root / "build" / "current" / "index.html"
        page.write_bytes(page.read_bytes()[:-1])
    elif place == "pointer":
        current = root / "build" / "current"
        current.unlink()
        current.symlink_to("releases/gone")
    elif place == "records":
        for file in (root / ".workbench" / "runs").rglob("run.json"):
            file.write_text("{")
    else:
        (file, *_) = (root / ".workbench" / "data" / "objects").rglob("*.parquet")
        file.chmod(0o600)
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)


@pytest.mark.fault
@pytest.mark.site
@pytest.mark.slow
def test_fault_20_doctor_names_whatever_is_damaged(root: Path, call) -> None:  # noqa: F811
    """A byte of an object, of the store, of a page; the pointer; a record."""
    call("register", "loyal")
    call("run")
    call("publish")
    assert call("doctor")["exit_code"] == 0
    known = call("status")["studies"]
    for place, check in [
        ("store", "store"),
        ("pages", "site"),
        ("pointer", "site"),
        ("records", "store"),
        ("objects", "data"),
    ]:
        breaks(root, place)
        said = call("doctor")
        wrong = [name for name, told in said["checks"].items() if told == "wrong"]
        assert wrong == [check], place
        if place == "store":
            assert codes(said) == [(2, "store-unreadable")]
            said = call("doctor", "--rebuild")
            assert said["exit_code"] == 0
            assert call("status")["studies"] == known
        elif check == "site":
            call("publish")
            assert call("doctor")["exit_code"] == 0
        elif place == "records":
            (run,) = call("run")["runs"]
            assert run["executed"]
            assert call("doctor")["exit_code"] == 0


def test_a_store_in_use_is_not_rebuilt(root: Path, call) -> None:  # noqa: F811
    with App(root).store.leases.held("publish", "publishing"):
        assert codes(call("doctor", "--rebuild")) == [(75, "busy")]


def test_a_store_that_may_not_be_opened_is_left_to_whoever_works_with_it(
    root: Path,  # noqa: F811
    call,  # noqa: F811
) -> None:
    file = root / ".workbench" / "runs.sqlite"
    file.unlink(missing_ok=True)
    file.mkdir()  # which root may not open either
    assert codes(call("doctor", "--rebuild")) == [(2, "store-unreadable")]
    assert file.is_dir()


@pytest.mark.parametrize("state", ["whole", "damaged", "gone"])
def test_a_store_is_rebuilt_once(
    root: Path,  # noqa: F811
    call,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    state: str,
) -> None:
    """What begins between two would be forgotten by the second."""
    call("run")
    if state == "damaged":
        breaks(root, "store")
    if state == "gone":
        (root / ".workbench" / "runs.sqlite").unlink()
    read, times = RunArchive.records, []

    def counted(self: RunArchive) -> dict[Path, RunRecord | None]:
        times.append(1)
        return read(self)

    monkeypatch.setattr(RunArchive, "records", counted)
    said = call("doctor", "--rebuild")
    assert said["exit_code"] == 0
    assert len(times) == 1
    assert (root / ".workbench" / "runs.before").exists() == (state == "damaged")


def test_a_store_that_is_gone_is_made_from_the_records(root: Path, call) -> None:  # noqa: F811
    call("run")
    known = call("status")
    (root / ".workbench" / "runs.sqlite").unlink()
    assert call("status") == known
    assert not call("run")["runs"][0]["executed"]
