"""One tick after another, on runs that need no kernel and a site that nobody builds."""

# ruff: noqa: F811 - fixtures are arguments

import errno
import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.cli.test_commands import call, codes, root  # noqa: F401 - fixtures
from tests.end_to_end.shop import order, orders, write_orders, write_study
from tests.settlement.ledgers import claimed, evidence
from tests.studies.conftest import Runner
from workbench.app import App
from workbench.app.starting import Starting
from workbench.archive.runs import RunArchive
from workbench.archive.store import Store
from workbench.archive.tables import leases
from workbench.cli import failing, main
from workbench.cli.commands import ticking
from workbench.core.clock import parse_instant
from workbench.core.errors import ContractBroken, Reason, TryLater, UsageError
from workbench.scheduling.ticks import Left, Ticks


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Ends the runs; nothing is published."""
    found = Runner()
    monkeypatch.setattr(Starting, "run_folder", lambda _, folder: found(folder))
    monkeypatch.setattr(ticking, "_published", lambda _app, _studies, _out, left: left)
    return found


def full() -> None:
    raise OSError(errno.ENOSPC, "full")


def edit(root: Path, line: str, study: str = "loyal") -> None:
    """Give a study one more line of terms."""
    file = root / "research" / f"{study}.yaml"
    text = file.read_text()
    file.write_text(text.replace("cadence: monthly", f"cadence: monthly\n{line}"))


def deliver(call, days: int = 40) -> None:
    """Data of some weeks more, with which the next slot comes."""
    later = [order(3_000 + n, 600 + n, day=90 + n // 2) for n in range(2 * days)]
    write_orders(Path(), [*orders(), *later])
    call("data", "add")


def give_up(root: Path, call, runner: Runner, monkeypatch, catch_up: str) -> Any:
    """A tick that tries what is due once, and for the last time."""
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "1")
    edit(root, f"catch_up: {catch_up}")
    call("register", "loyal")
    call("tick")
    deliver(call)
    runner.during = full
    return call("tick")


@pytest.mark.parametrize("catch_up", ["none", "latest"])
def test_a_run_that_was_given_up_is_told_at_every_tick(
    root: Path, call, runner: Runner, monkeypatch, catch_up: str
) -> None:
    said = give_up(root, call, runner, monkeypatch, catch_up)
    assert codes(said) == [(75, "disk-full"), (1, "never-ended")]
    for _ in range(3):
        said = call("tick")
        assert codes(said) == [(1, "never-ended")]
        [reason] = said["reasons"]
        assert reason["message"].startswith(
            "1 try came to nothing, the last: disk-full; "
            "`workbench run loyal --as-of 1998-05-01 --force` tries it again"
        )
    runner.during = lambda: None
    assert codes(call("tick")) == [(1, "never-ended")]
    assert call("run", "loyal", "--force", "--as-of", "1998-05-01")["exit_code"] == 0
    assert call("tick")["exit_code"] == 0


@pytest.mark.parametrize("catch_up", ["none", "latest", "all"])
def test_a_newer_slot_that_ran_well_mends_one_that_was_given_up_but_where_all_count(
    root: Path, call, runner: Runner, monkeypatch, catch_up: str
) -> None:
    give_up(root, call, runner, monkeypatch, catch_up)
    runner.during = lambda: None
    deliver(call, days=100)
    slots = ["1998-04-01", "1998-05-01"] if catch_up == "all" else []
    call("tick")  # which runs the newer one
    for _ in range(3):
        assert codes(call("tick")) == [(1, "never-ended")] * len(slots)
    (row,) = call("status")["studies"]
    assert [each["as_of"] for each in row["lost"]] == slots
    for slot in slots:
        assert call("run", "loyal", "--force", "--as-of", slot)["exit_code"] == 0
    assert codes(call("tick")) == []
    (row,) = call("status")["studies"]
    assert row["lost"] == []


def test_an_owner_hears_of_a_run_that_was_given_up_though_a_newer_one_ran_well(
    root: Path, call, runner: Runner, monkeypatch
) -> None:
    """However often the call fails; then nobody tells of it any more."""
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "2")
    monkeypatch.setenv("WB_PARALLEL_RUNS", "1")
    edit(root, "on_failure: sh -c 'cat >> told; test -e reached'")

    def full_in_may() -> None:
        spec = json.loads((runner.folders[-1] / "in" / "run.json").read_text())
        if spec["as_of"].startswith("1998-05-01"):
            full()

    call("register", "loyal")
    call("tick")
    deliver(call)
    runner.during = full_in_may
    assert codes(call("tick")) == [(75, "disk-full")]
    deliver(call, days=80)
    said = call("tick")
    assert sorted(each["exit_code"] for each in said["runs"]) == [0]
    for _ in range(3):
        assert {(1, "never-ended"), (0, "hook-failed")} <= set(codes(said))
        said = call("tick")
    (root / "reached").touch()
    (root / "told").unlink()
    assert codes(call("tick")) == [(1, "never-ended")]
    account = json.loads((root / "told").read_text())
    assert (account["as_of"], account["attempt"]) == ("1998-05-01", 2)
    for _ in range(2):
        assert codes(call("tick")) == []
    assert json.loads((root / "told").read_text()) == account  # and not twice


KILLED_TICK = """
import os, signal
from workbench.app.starting import Starting
from workbench.cli import main

Starting.run_folder = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main(["tick"])
"""


def overtake(call: Any, runner: Runner) -> None:
    """Fail one slot but for its last try, and run a newer one well."""
    call("register", "loyal")
    call("tick")
    deliver(call)
    runner.during = full
    call("tick")
    deliver(call, days=80)
    runner.during = lambda: None
    assert call("run", "loyal", "--as-of", "1998-06-01")["exit_code"] == 0


@pytest.mark.parametrize("hook", [True, False])
def test_what_a_kill_kept_a_tick_from_telling_is_told_though_a_newer_one_ran_well(
    root: Path, call, runner: Runner, monkeypatch, *, hook: bool
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "2")
    write_study(root, "other")
    if hook:
        edit(root, "on_failure: sh -c 'cat >> told'")
    overtake(call, runner)
    killed = subprocess.run([sys.executable, "-c", KILLED_TICK], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert codes(call("tick")) == [(1, "never-ended")]
    assert (root / "told").exists() == hook
    for words in (["other"], ["loyal"], []):
        assert codes(call("tick", *words)) == []


@pytest.mark.usefixtures("root")
def test_what_was_told_is_told_no_more_though_no_site_can_be_built(
    call, runner: Runner, monkeypatch
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "2")
    overtake(call, runner)

    def refused(*_: object) -> Left:
        raise UsageError(Reason(code="site-missing", message="There is none."))

    monkeypatch.setattr(ticking, "_published", refused)
    runner.during = full
    told = [{code for _, code in codes(call("tick"))} for _ in range(3)]
    assert told[0] == {"site-missing", "disk-full", "never-ended"}
    assert told[1:] == [{"site-missing"}] * 2


@pytest.mark.usefixtures("root")
def test_status_shows_the_tries_of_a_run_that_was_given_up(
    call, runner: Runner, monkeypatch
) -> None:
    """Whatever else was tried since; until that date, or a later one, ran."""

    def lost() -> list[tuple[int, str, str]]:
        (row,) = call("status")["studies"]
        return [(each["attempt"], each["as_of"], each["why"]) for each in row["lost"]]

    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "2")
    call("register", "loyal")
    call("tick")
    deliver(call)
    runner.during = full
    call("tick")
    call("run", "--as-of", "1998-05-01")
    assert codes(call("tick")) == [(1, "never-ended")]
    tries = [(number, "1998-05-01", "disk-full") for number in (1, 2)]
    assert lost() == tries
    call("run", "--as-of", "1998-02-20")
    assert lost() == tries
    call("run", "--as-of", "1998-04-01")
    other = (1, "1998-04-01", "disk-full")
    assert lost() == [other, *tries]
    runner.during = lambda: None
    call("run", "--as-of", "1998-02-20")  # an older date is no answer
    assert lost() == [other, *tries]
    call("run", "--as-of", "1998-04-01")
    assert lost() == tries
    call("run", "--as-of", "1998-05-01")
    assert lost() == []


def test_status_says_of_each_try_why_it_failed(
    root: Path, call, runner: Runner, monkeypatch
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "2")
    edit(root, "catch_up: all")
    call("register", "loyal")
    runner.exit_code = 124
    call("tick")
    call("run", "--as-of", "1998-03-01")
    (row,) = call("status")["studies"]
    assert [each["why"] for each in row["lost"]] == ["cell-error", "cell-error"]


def test_status_reads_the_note_of_the_last_tick_once(
    root: Path, call, monkeypatch
) -> None:
    """It names every study, so to read it for each would cost the square of them."""
    write_study(root, "other")
    read, times = Ticks.read, []

    def counted(self: Ticks) -> Left:
        times.append(1)
        return read(self)

    monkeypatch.setattr(Ticks, "read", counted)
    assert len(call("status")["studies"]) == 2
    assert len(times) == 1


@pytest.mark.parametrize("line", ["{}", "of a newer form"])
def test_status_shows_every_study_and_says_whose_ledger_it_cannot_read(
    root: Path, call, line: str
) -> None:
    write_study(root, "other")
    call("register", "loyal", "other")
    call("tick")
    ledger = root / "takeaways" / "loyal.jsonl"
    if line == "{}":
        ledger.write_text("{}\n")
    else:
        App(root).ledgers.append("loyal", {"line": line, "key": {}})
    said = call("status")
    shown = {each["study"]: each for each in said["studies"]}
    assert {study: row["status"] for study, row in shown.items()} == {
        "loyal": "unreadable",
        "other": "registered",
    }
    assert "never" not in {row["run"] for row in shown.values()}
    assert [(each["subject"], each["code"]) for each in said["reasons"]] == [
        ("loyal", "ledger-broken")
    ]


def test_registered_terms_that_nobody_sealed_are_told_at_every_tick(
    root: Path, call, runner: Runner
) -> None:
    """Nothing of the study runs, and whoever believes the exit code must hear it."""
    call("register", "loyal")
    call("tick")
    file = root / "research" / "loyal.yaml"
    sealed = file.read_text()
    file.write_text(sealed.replace("margin: 0.20", "margin: 0.05"))
    for _ in range(2):
        assert codes(call("tick")) == [(77, "unregistered")]
    [item] = call("plan")["plan"]
    assert item["state"] == "held"
    assert [row["status"] for row in call("status")["studies"]] == ["unsealed"]
    file.write_text(sealed)
    assert codes(call("tick")) == []
    file.write_text(sealed.replace("status: registered", "status: draft"))
    assert codes(call("tick")) == []
    assert len(runner.folders) == 1


def owe(root: Path) -> None:
    """Let the study have claimed something whose deadline is over."""
    app = App(root)
    lines: list[Any] = [*app.ledgers.read("loyal")]
    claim: Any = claimed(lines, parse_instant("1998-01-10"), evidence())
    key = {**claim["key"], "seal": lines[-1]["seal"], "claim": "came_back"}
    chained = ("previous", "number", "hash")
    body = {name: claim[name] for name in claim if name not in chained}
    app.ledgers.append("loyal", {**body, "study": "loyal", "key": key})


@pytest.mark.parametrize("code", [0, 1, 124])
@pytest.mark.parametrize("forgotten", [False, True])
def test_status_shows_the_tries_of_a_settlement_that_is_owed_still(
    root: Path, call, runner: Runner, monkeypatch, code: int, forgotten: bool
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "1")
    call("register", "loyal")
    call("tick")
    owe(root)
    if forgotten:
        (root / "research" / "loyal.yaml").unlink()
    runner.during, runner.exit_code = (lambda: None) if code else full, code
    call("tick")
    given_up = [(1, "never-ended")] if code != 1 else []
    failed = [(code, "cell-error")] if code else []
    assert codes(call("tick")) == [*given_up, *failed]
    (row,) = call("status")["studies"]
    assert row["status"] == ("forgotten" if forgotten else "registered")
    [lost] = row["lost"]
    assert (lost["as_of"], lost["settles"]) == ("1998-02-09", 1)
    assert lost["why"] == ("cell-error" if code else "disk-full")
    (claim,) = App(root).ledgers.record("loyal").open
    ended: Any = {"line": "withdrawn", "key": claim.plain_key, "why": "it was wrong"}
    App(root).ledgers.append("loyal", ended)
    assert not any(each["lost"] for each in call("status")["studies"])


@pytest.mark.parametrize("forgotten", [False, True])
def test_the_command_for_a_settlement_that_was_given_up_makes_it(
    root: Path, call, runner: Runner, monkeypatch, capsys, *, forgotten: bool
) -> None:
    """Though its study is no more."""
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "1")
    call("register", "loyal")
    call("tick")
    owe(root)
    if forgotten:
        (root / "research" / "loyal.yaml").unlink()
    runner.during = full
    said = call("tick")
    main(["status"])
    assert "1 as of 1998-02-09, settling 1, came to nothing" in capsys.readouterr().out
    [message] = [e["message"] for e in said["reasons"] if e["code"] == "never-ended"]
    runs = len(runner.folders)
    words = message.split("`")[1].split()
    assert words == ["workbench", "settle", "loyal"]
    call(*words[1:])
    assert len(runner.folders) == runs + 1
    assert (2, "study-unknown") in codes(call("settle", "loyal", "nobody"))


@pytest.mark.parametrize("code", [75, 124])
def test_whoever_believes_the_exit_code_does_not_call_for_ever(
    root: Path, call, runner: Runner, monkeypatch, code: int
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "2")
    edit(root, "on_failure: sh -c 'cat >> told'")
    call("register", "loyal")
    runner.exit_code = code
    assert call("run")["exit_code"] == code
    said = call("run")
    assert said["exit_code"] == 1
    assert codes(said) == [(code, "cell-error"), (1, "never-ended")]
    account = json.loads((root / "told").read_text())
    assert (account["attempt"], account["exit_code"]) == (2, 1)
    assert call("run", "--force")["exit_code"] == 1
    runner.exit_code = 0
    assert call("run", "--force")["exit_code"] == 0


def test_what_an_earlier_try_left_can_be_opened_though_the_last_left_nothing(
    root: Path, call, runner: Runner, monkeypatch
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "2")
    edit(root, "on_failure: sh -c 'cat >> told'")
    call("register", "loyal")
    runner.exit_code = 124
    call("run")
    runner.during = full
    call("run")
    account = json.loads((root / "told").read_text())
    codes_told = [each["code"] for each in account["reasons"]]
    assert (account["attempt"], codes_told) == (2, ["never-ended", "cell-error"])
    assert account["reopen"] == f"workbench lab loyal --run {account['run'][:16]}"


def give_variants(root: Path) -> None:
    """A second parameter, whose values a shell would cut, and one more variant."""
    file = root / "research" / "loyal.yaml"
    label = "{type: string, default: all of them, description: For people.}"
    variants = "variants: {strict: {days_seen: 3}}\nclaims:"
    text = file.read_text().replace("parameters:", f"parameters:\n  label: {label}")
    file.write_text(text.replace("claims:", variants))
    notebook = root / "notebooks" / "loyal.ipynb"
    assigned = "days_seen = 2\\nlabel = 'all of them'"
    notebook.write_text(notebook.read_text().replace("days_seen = 2", assigned))


@pytest.mark.parametrize(
    "which", [["--variant", "base"], ["--variant", "strict"], ["-p", "label=it's $1"]]
)
def test_the_command_for_a_run_that_was_given_up_makes_that_run_and_no_other(
    root: Path, call, runner: Runner, monkeypatch, which: list[str]
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "1")
    give_variants(root)
    runner.exit_code = 124
    said = call("run", "loyal", *which)
    [message] = [e["message"] for e in said["reasons"] if e["code"] == "never-ended"]
    assert ("`workbench status`" in message) == ("--variant" in which)
    command = shlex.split(message.split("`")[1])
    assert command[:2] == ["workbench", "run"]
    again = call(*command[1:])["runs"]
    assert [each["run"] for each in again] == [each["run"] for each in said["runs"]]


@pytest.mark.parametrize("code", [1, 75])
def test_nobody_is_called_twice_or_forgotten_for_a_rebuild(
    root: Path, call, runner: Runner, monkeypatch, code: int
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "1")
    edit(root, "on_failure: sh -c 'cat >> told && test -e reached'")
    call("register", "loyal")
    runner.exit_code = code
    call("tick")
    assert "hook-failed" in {code for _, code in codes(call("tick"))}
    assert call("doctor", "--rebuild")["exit_code"] == 0
    (root / "reached").touch()
    (root / "told").unlink()
    told = codes(call("tick"))
    assert told == [*([(1, "never-ended")] if code == 75 else []), (code, "cell-error")]
    [planned] = call("plan")["plan"]
    assert planned["state"] == "failed"
    assert planned["why"].startswith("1 try came to nothing") == (code == 75)
    assert json.loads((root / "told").read_text())["exit_code"] == 1
    call("doctor", "--rebuild")
    call("tick")
    assert json.loads((root / "told").read_text())["exit_code"] == 1  # and not twice


def test_the_owner_hears_once_of_each_reason_why_a_run_is_refused(
    root: Path, call, runner: Runner
) -> None:
    """The data's owner is to mend it; the study's is the one we know."""
    edit(root, "on_failure: sh -c 'cat >> told; echo >> told'")
    call("register", "loyal")
    raised: list[Exception] = [
        ContractBroken(Reason(code="object-broken", message="x"))
    ]

    def refuse() -> None:
        raise raised[-1]

    def told() -> list[tuple[int, str]]:
        accounts = map(json.loads, (root / "told").read_text().splitlines())
        return [(each["exit_code"], each["reasons"][0]["code"]) for each in accounts]

    again = ("run", "--as-of", "1998-03-01")  # as the tick has it
    runner.during = refuse
    for _ in range(3):
        assert call("tick")["exit_code"] == 65
    assert call(*again)["exit_code"] == 65
    assert told() == [(65, "object-broken")]
    [planned] = call("plan")["plan"]
    assert planned["why"].endswith("the last attempt was refused (object-broken)")
    raised.append(TryLater(Reason(code="data-moved", message="x")))
    assert call(*again)["exit_code"] == 75
    raised.append(ZeroDivisionError())
    for _ in range(2):
        assert call(*again)["exit_code"] == 70
    assert told() == [(65, "object-broken"), (70, "bug")]


def test_a_refusal_is_told_as_what_it_is_now_or_not_at_all(
    root: Path, call, runner: Runner, monkeypatch
) -> None:
    """What was refused outside an attempt is no news of an older one."""
    edit(root, "on_failure: sh -c 'cat >> told; test -e reached'")
    call("register", "loyal")

    def refuse() -> None:
        raise ContractBroken(Reason(code="object-broken", message="x"))

    def unwritable(*_: object) -> None:
        raise UsageError(Reason(code="store-closed", message="x"))

    runner.during = refuse
    call("tick")
    (root / "told").unlink()
    (root / "reached").touch()
    with monkeypatch.context() as patch:
        patch.setattr(RunArchive, "note_look", unwritable)
        assert codes(call("tick")) == [(2, "store-closed")]
    assert not (root / "told").exists()
    call("tick")
    account = json.loads((root / "told").read_text())
    assert (account["exit_code"], account["reopen"]) == (65, "")


def test_a_call_that_cannot_be_noted_takes_no_other_along(
    root: Path, call, runner: Runner, monkeypatch
) -> None:
    write_study(root, "other")
    for study in ("loyal", "other"):
        edit(root, "on_failure: sh -c 'cat >> told; echo >> told'", study)
    call("register", "loyal", "other")
    runner.exit_code = 1

    def busy(*_: object) -> None:
        raise TryLater(Reason(code="busy", message="x"))

    monkeypatch.setattr(Store, "note_told", busy)
    said = call("tick")
    assert said["exit_code"] == 1
    unnoted = [each for each in said["reasons"] if each["code"] == "hook-failed"]
    assert len(unnoted) == 2
    assert "cannot be noted (busy)" in unnoted[0]["message"]
    assert len((root / "told").read_text().splitlines()) == 2


@pytest.fixture
def hanging(root: Path, call, runner: Runner, monkeypatch) -> Path:
    """Three studies that fail, and what the one owner who can be reached was told."""
    monkeypatch.setattr(failing, "DEADLINE_S", 0.5)
    for study in ("a", "b"):
        write_study(root, study)
        edit(root, "on_failure: sleep 7775", study)
    edit(root, "on_failure: sh -c 'cat >> told'")
    call("register", "a", "b", "loyal")
    runner.exit_code = 1
    return root / "told"


def left_out(said) -> list[str]:
    return [
        reason["subject"]
        for reason in said["reasons"]
        if reason["code"] == "hook-failed" and "was not called" in reason["message"]
    ]


def test_commands_that_hang_keep_no_other_from_being_called(
    hanging: Path, call, monkeypatch
) -> None:
    monkeypatch.setattr(failing, "TOGETHER_S", 0.5)
    assert left_out(call("tick")) == []
    assert hanging.exists()


def test_what_no_time_was_left_for_is_told_and_has_its_turn(
    hanging: Path, call, monkeypatch
) -> None:
    monkeypatch.setattr(failing, "TOGETHER_S", 0.5)
    monkeypatch.setattr(failing, "AT_ONCE", 1)
    for _ in range(30):
        out = left_out(call("tick"))
        assert out
        if hanging.exists():
            break
        assert "loyal" in out
    assert hanging.exists()


def test_a_site_that_cannot_be_built_hides_no_failure(
    root: Path, call, runner: Runner, monkeypatch
) -> None:
    def broken(*_: object) -> None:
        raise UsageError(Reason(code="site-missing", message="x"))

    monkeypatch.setattr(ticking, "_published", broken)
    edit(root, "on_failure: sh -c 'cat >> told'")
    call("register", "loyal")
    runner.exit_code = 1
    assert codes(call("tick")) == [(1, "cell-error"), (2, "site-missing")]
    assert json.loads((root / "told").read_text())["exit_code"] == 1


def test_a_tick_that_stalled_leaves_the_note_of_the_next_one_alone(
    root: Path, call, runner: Runner
) -> None:
    """While its run was under way, another took its place, ended, and left a note."""
    note = Left(published="by another")

    def overtaken() -> None:
        app = App(root)
        taken = update(leases).where(leases.c.name == "tick")
        with app.database.writing() as connection:
            connection.execute(taken.values(fence=leases.c.fence + 1))
        app.ticks.write(note)
        app.database.close()

    call("register", "loyal")
    runner.during = overtaken
    assert codes(call("tick")) == [(75, "fenced")]
    assert App(root).ticks.read() == note
