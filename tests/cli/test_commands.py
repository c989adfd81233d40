"""What a command says and how it exits, whatever stands around it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import commit, git
from tests.end_to_end.shop import lay_out_shop, write_study
from tests.test_handbook import COMMANDS
from workbench.archive.locks import locked
from workbench.cli import main
from workbench.scheduling.agenda import Agenda
from workbench.studies.catalogue import Study
from workbench.studies.planning import Planner
from workbench.studies.running import Running

SCRIPT = Path(sys.executable).with_name("workbench")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with its data taken in and one study."""
    monkeypatch.setenv("WB_KEY_FILE", str(tmp_path / "key"))
    folder = tmp_path / "root"
    assert main(["init", str(folder)]) == 0
    lay_out_shop(folder)
    write_study(folder, "loyal")
    monkeypatch.chdir(folder)
    assert main(["data", "add"]) == 0
    return folder


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    """Calls a command; its envelope."""

    def command(*words: str) -> dict[str, Any]:
        capsys.readouterr()
        code = main([*words, "--json"])
        said = json.loads(capsys.readouterr().out)
        assert said["exit_code"] == code
        return dict(said)

    return command


def codes(said: dict[str, Any]) -> list[tuple[int, str]]:
    return [(reason["exit_code"], reason["code"]) for reason in said["reasons"]]


WORDS: dict[str, tuple[str, ...]] = {
    "new": ("new", "x"),
    "lab": ("lab",),
    "register": ("register", "x"),
    "data": ("data", "list"),
    "withdraw": ("withdraw", "x", "--why", "it was wrong"),
    "rollback": ("rollback", "--list"),
    "ledger": ("ledger", "verify"),
    "backfill": ("backfill", "--from", "1998-01-01", "--to", "1998-03-01"),
    **{
        name: (name,)
        for name in (
            "plan",
            "tick",
            "schedule",
            "run",
            "check",
            "preview",
            "publish",
            "settle",
            "status",
            "doctor",
            "gc",
        )
    },
}


def test_every_command_but_init_is_tried_without_a_root() -> None:
    assert {*WORDS, "init"} == set(COMMANDS)


def test_the_only_study_need_not_be_named_to_give_it_a_value(root: Path, call) -> None:
    assert codes(call("plan")) == []
    said = call("run", "-p", "weeks=1", "--dry-run")
    assert codes(said) == [(2, "parameter")]
    write_study(root, "other")
    assert "name it" in str(call("run", "-p", "weeks=1", "--dry-run")["reasons"])


def test_publishing_nothing_but_drafts_names_them(root: Path, capsys) -> None:
    write_study(root, "other")
    capsys.readouterr()
    main(["publish", "--dry-run"])
    said = capsys.readouterr()
    assert "left out, for they are drafts: loyal, other" in said.out + said.err
    assert "`workbench register STUDY`" in said.out + said.err


def test_a_study_that_cannot_be_planned_is_named(root: Path, call) -> None:
    """Though what is wrong is nothing of its own."""
    (root / ".workbench" / "runs.sqlite").write_bytes(b"\xff" * 9_000)
    said = call("run", "--dry-run")
    assert codes(said) == [(2, "store-unreadable")]
    assert [each["subject"] for each in said["reasons"]] == ["loyal"]


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("given", [True, False])
def test_without_a_root_nothing_is_made(
    words: tuple[str, ...], given: bool, call, tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "research").mkdir()  # half a root is none
    monkeypatch.chdir(tmp_path)
    said = call(*words, *(["--root", str(tmp_path)] if given else []))
    assert codes(said) == [(2, "no-root")]
    assert "`workbench init DIR`" in said["reasons"][0]["message"]
    assert [path.name for path in tmp_path.rglob("*")] == ["research"]


def test_a_root_is_found_from_any_folder_in_it(root, call, monkeypatch) -> None:
    monkeypatch.chdir(root / "research" / "contracts")
    assert [each["dataset"] for each in call("data", "list")["datasets"]] == ["orders"]


def test_what_the_file_system_refuses_is_no_bug(root, call) -> None:
    (root / ".workbench" / "leases" / "preview.lock").mkdir(parents=True)
    said = call("preview", "--no-serve")
    assert codes(said) == [(2, "file-system")]
    assert "preview.lock: Is a directory." in said["reasons"][0]["message"]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("text", ["0001-01-01T00:00+05:00", "soon", "9999-12-31"])
def test_no_such_instant_is_a_mistake_of_the_caller(text: str, call) -> None:
    assert call("run", "--dry-run", "--as-of", text)["exit_code"] == 2


@pytest.mark.usefixtures("root")
def test_the_first_instant_of_all_is_an_instant(call) -> None:
    assert call("run", "--dry-run", "--as-of", "0001-01-01")["exit_code"] == 0


@pytest.mark.kernel
def test_a_bug_in_one_study_takes_no_others_result_away(
    root, call, monkeypatch
) -> None:
    write_study(root, "other")
    ensure = Running.ensure

    def one_breaks(self: Running, planned: Any) -> Any:
        if planned.spec.study == "loyal":
            raise ZeroDivisionError("a secret")
        return ensure(self, planned)

    monkeypatch.setattr(Running, "ensure", one_breaks)
    said = call("run")
    assert codes(said) == [(70, "bug")]
    assert said["reasons"][0]["subject"] == "loyal"
    assert "secret" not in str(said)
    assert [(run["study"], run["exit_code"]) for run in said["runs"]] == [("other", 0)]


def test_a_bug_in_planning_one_study_takes_no_other_out_of_the_plan(
    root, call, monkeypatch
) -> None:
    write_study(root, "other")
    looks = Agenda.looks

    def one_breaks(self: Agenda, study: Study, *, force: bool = False) -> Any:
        if study.name == "loyal":
            raise AssertionError
        return looks(self, study, force=force)

    def late(self: Agenda, study: Study, *, force: bool = False) -> Any:
        yield from looks(self, study, force=force)
        if study.name == "loyal":
            raise AssertionError

    for breaks in (one_breaks, late):  # of a study all is planned, or nothing
        monkeypatch.setattr(Agenda, "looks", breaks)
        for command in ("plan", "tick"):
            said = call(command)
            assert (70, "bug") in codes(said)
            assert said["reasons"][0]["subject"] == "loyal"
            assert [each["study"] for each in said["plan"]] == ["other"]


def test_a_bug_in_planning_one_run_keeps_no_other_from_running(
    root, call, monkeypatch
) -> None:
    write_study(root, "other")
    plan = Planner.plan

    def breaks(self: Planner, study: Study, *rest: Any, **named: Any) -> Any:
        assert study.name != "loyal"
        return plan(self, study, *rest, **named)

    monkeypatch.setattr(Planner, "plan", breaks)
    said = call("run", "--dry-run")
    assert codes(said) == [(70, "bug")]
    assert [each["study"] for each in said["plan"]] == ["other"]


def test_doctor_calls_a_wrong_registration_a_mistake_of_its_author(root, call) -> None:
    assert call("doctor")["exit_code"] == 0
    (root / "research" / "loyal.yaml").write_text("study: loyal\n")
    said = call("doctor")
    assert said["checks"]["studies"] == "wrong"
    assert {code for code, _ in codes(said)} == {2}


def test_doctor_writes_into_the_state(root, call) -> None:
    (root / ".workbench").rename(root / "elsewhere")
    (root / ".workbench").write_text("no folder")
    said = call("doctor")
    assert said["checks"]["state"] == "wrong"
    assert (2, "file-system") in codes(said)


def test_a_file_is_profiled_into_its_own_empty_contract(root, call) -> None:
    contract = root / "research" / "contracts" / "orders.yaml"
    contract.write_text("")  # as a shell does before the command begins
    said = call("data", "profile", "research/data/orders.csv")
    assert said["exit_code"] == 0
    assert "apiVersion" in said["contract"]


def test_a_broken_contract_stops_no_other_dataset(root, call) -> None:
    (root / "research" / "contracts" / "visits.yaml").write_text("")
    added = call("data", "add")
    assert [each["dataset"] for each in added["deliveries"]] == ["orders"]
    assert codes(added) == [(2, "contract")]
    assert call("data", "add", "orders")["exit_code"] == 0
    assert call("plan")["exit_code"] == 0
    assert call("new", "visitors", "--data", "visits")["exit_code"] == 2
    assert codes(call("doctor")) == [(2, "contract")]


def test_a_dry_preparation_makes_nothing(root, call) -> None:
    said = call("run", "loyal", "--prepare", "--dry-run")
    assert said["outcome"] == "noop"
    assert not (root / ".workbench" / "lab").exists()
    assert not (root / ".workbench" / "runs").exists()


def test_two_previews_are_not_built_at_once(root, call) -> None:
    with locked(root / ".workbench" / "leases" / "preview.lock", "x"):
        assert codes(call("preview", "--no-serve")) == [(75, "busy")]


@pytest.mark.kernel
def test_a_study_that_failed_is_told_again_without_a_kernel(root, call) -> None:
    notebook = root / "notebooks" / "loyal.ipynb"
    text = notebook.read_text()
    notebook.write_text(text.replace("import workbench as wb", "1 / 0"))
    first = call("run")
    assert codes(first) == [(1, "cell-error")]
    assert [run["executed"] for run in first["runs"]] == [True]
    (planned,) = call("run", "--dry-run")["plan"]
    assert planned["state"] == "failed"
    assert "mend it or use --force" in planned["why"]
    second = call("run")
    assert [run["executed"] for run in second["runs"]] == [False]
    assert (second["exit_code"], second["reasons"]) == (1, first["reasons"])
    assert call("run", "--force")["runs"][0]["executed"]


@pytest.mark.kernel
def test_a_run_remembers_nothing_of_where_it_was_made(root, call) -> None:
    (run,) = call("run")["runs"]
    folder = root / ".workbench" / "runs" / "loyal" / run["run"] / "1"
    kept = [file for file in folder.rglob("*") if file.is_file()]
    assert folder / "executed.ipynb" in kept
    place = str(folder).encode()
    assert [file for file in kept if place in file.read_bytes()] == []
    assert {path.name for path in folder.parent.parent.iterdir()} == {
        run["run"],
        ".looked.lock",
        "looked.json",
    }


@pytest.mark.kernel
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_its_kernels_and_tells_what_ended(
    number: signal.Signals, root: Path, tmp_path: Path
) -> None:
    sign = tmp_path / "begun"
    waiting = f"import pathlib, time; pathlib.Path({str(sign)!r}).touch(); "
    notebook = root / "notebooks" / "loyal.ipynb"
    write_study(root, "zeal")
    text = notebook.read_text()
    slow = waiting + "time.sleep(600)\\nimport workbench as wb"
    notebook.write_text(text.replace("import workbench as wb", slow))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [SCRIPT, "run", "--json"],
        env={**os.environ, "TMPDIR": str(scratch), "WB_PARALLEL_RUNS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not sign.exists() and time.monotonic() < until:
        time.sleep(0.1)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    said = json.loads(out)
    assert (said["outcome"], said["exit_code"]) == ("interrupted", 130)
    told = {(each["subject"], each["code"]) for each in said["reasons"]}
    assert told == {("loyal", "interrupted"), ("zeal", "interrupted")}
    began = {each["subject"]: each["message"] for each in said["reasons"]}
    assert "before it began" in began["zeal"]
    assert "before it ended" in began["loyal"]
    assert [path.name for path in scratch.rglob("*")] == [f"workbench-{os.getuid()}"]
    assert list((root / ".workbench" / "runs").glob("*/*/*")) == []


def test_verifying_a_ledger_looks_at_the_code_that_settles(root: Path, call) -> None:
    call("register", "loyal")
    assert call("ledger", "verify")["exit_code"] == 0
    [kept] = (root / "takeaways" / "sealed").iterdir()
    kept.write_text(kept.read_text().replace(">= days_seen", ">= 0"))
    said = call("ledger", "verify")
    assert codes(said) == [(2, "sealed-missing")]
    assert (said["reasons"][0]["subject"], said["reasons"][0]["place"]) == (
        "loyal",
        "line 1",
    )


def test_verifying_a_ledger_asks_the_newest_commit(root: Path, call) -> None:
    if shutil.which("git") is None:
        pytest.skip("no git on this machine")
    call("register", "loyal")
    git(root, "init", "--quiet")
    commit(root)
    assert call("ledger", "verify")["reasons"] == []
    (root / "takeaways" / "loyal.jsonl").write_text("")
    for words in ([], ["loyal"]):
        said = call("ledger", "verify", *words)
        assert codes(said) == [(2, "ledger-cut")]
        assert said["reasons"][0]["place"] == "line 1"
    (root / "takeaways" / "loyal.jsonl").unlink()
    assert codes(call("ledger", "verify")) == [(2, "ledger-cut")]
