"""Every command tells programs in one object what it came to, and why not."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.end_to_end.house import House
from tests.end_to_end.shop import orders, write_orders, write_study

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

ENDINGS: Sequence[tuple[str, int, str]] = (
    ("init other", 0, "done"),
    ("init .", 2, "wrong"),
    ("new another", 0, "done"),
    ("new loyal", 2, "wrong"),
    ("new My_Study", 2, "wrong"),
    ("lab", 2, "wrong"),
    ("register loyal", 0, "done"),
    ("register loyl", 2, "wrong"),
    ("data add", 0, "noop"),
    ("data list", 0, "noop"),
    ("data profile orders", 0, "noop"),
    ("data profile nothing", 2, "wrong"),
    ("data verify", 0, "noop"),
    ("data lst", 2, "wrong"),
    ("plan", 0, "noop"),
    ("tick --dry-run", 0, "noop"),
    ("run", 0, "noop"),
    ("run --dry-run --force", 0, "noop"),
    ("run --as-of soon", 2, "wrong"),
    ("run --variant other", 2, "wrong"),
    ("run -p days_seen=3", 0, "done"),
    ("run -p days_seen=99", 2, "wrong"),
    ("run loyal -p days_sen=3", 2, "wrong"),
    ("run --forse", 2, "wrong"),
    ("check", 77, "refused"),
    ("check --explain takeaway-missing", 0, "noop"),
    ("check --explain takeaway-mising", 2, "wrong"),
    ("preview --no-serve", 0, "done"),
    ("publish loyal", 77, "refused"),
    ("publish --dry-run", 0, "noop"),
    ("settle", 0, "noop"),
    ("withdraw loyal --why x", 2, "wrong"),
    ("ledger verify", 0, "noop"),
    ("ledger show", 0, "noop"),
    ("ledger verify loyl", 2, "wrong"),
    ("backfill --from 1998-03-01 --to 1998-03-02", 0, "noop"),
    ("backfill --from soon --to 1998-03-02", 2, "wrong"),
    ("backfill --from 1998-03-02 --to 1998-03-01", 2, "wrong"),
    ("publish --accept loyal", 2, "wrong"),
    ("status", 0, "noop"),
    ("doctor", 0, "noop"),
    ("rn", 2, "wrong"),
)


@pytest.mark.parametrize(
    ("command", "code", "outcome"), ENDINGS, ids=[each[0] for each in ENDINGS]
)
def test_a_command_prints_one_object_with_outcome_and_reasons(
    own_shop: House, command: str, code: int, outcome: str
):
    done = own_shop(*command.split(), "--json", code=code)
    said = json.loads(done.out)
    assert (said["outcome"], said["exit_code"]) == (outcome, code)
    assert bool(said["reasons"]) == (code != 0)
    for reason in said["reasons"]:
        assert reason.keys() == {"code", "message", "subject", "place", "exit_code"}
        assert reason["message"]
    for line in done.err.splitlines():  # the log
        assert json.loads(line)["event"]


def test_what_cannot_be_printed_is_no_failed_study(own_shop: House):
    for words, code in ((["status"], 75), (["run", "loyl"], 2)):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [own_shop.script, *words, "--json"],
                cwd=own_shop.root,
                env=dict(own_shop.environment),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == code
        assert "Traceback" not in done.stderr
        assert "nothing could be printed: No space left" in done.stderr


@pytest.mark.parametrize(
    ("closed", "heard"),
    [("2>&-", True), ("<&- 2>&-", True), (">&-", False), ("<&- >&- 2>&-", False)],
)
def test_a_stream_that_is_closed_is_one_that_nobody_reads(
    own_shop: House, closed: str, heard: bool
) -> None:
    for words, code in (("run --json", 0), ("run --json --force", 0), ("rn", 2)):
        done = subprocess.run(
            f"{own_shop.script} {words} {closed}",
            shell=True,
            cwd=own_shop.root,
            env=dict(own_shop.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr.count("Traceback")) == (code, 0)
        if heard and "--json" in words:
            assert json.loads(done.stdout)["exit_code"] == code


def test_without_json_people_read_the_same_reasons(own_shop: House):
    said = own_shop.json("run", "loyal", "-p", "days_sen=3", code=2)
    told = own_shop("run", "loyal", "-p", "days_sen=3", code=2)
    assert told.out == ""
    for reason in said["reasons"]:
        assert f"{reason['message']} [{reason['code']}] (exit 2)" in told.err


def test_of_several_endings_the_gravest_is_the_commands_and_all_are_told(
    own_shop: House,
):
    write_study(own_shop.root, "wrong")
    own_shop.edit("research/wrong.yaml", ("cadence: monthly", "cadense: monthly"))
    own_shop.add_code("loyal", "raise KeyError('canary')")
    done = own_shop("run", "--json", code=2)
    said = json.loads(done.out)
    assert {reason["exit_code"] for reason in said["reasons"]} == {1, 2}
    (failed,) = [each for each in said["reasons"] if each["exit_code"] == 1]
    assert (failed["code"], failed["place"]) == ("cell-error", "cell 2")
    assert "canary" not in done.out + done.err


CANARY = "canary-4711"
BROKEN = {
    "a word for a number": ("spent", CANARY),
    "a time that is none": ("day", CANARY),
    "a customer too late": ("seen", "2031-04-07T00:00:00"),
    "an empty cell": ("customer", ""),
    "a key used twice": ("order", "7"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_delivery_is_refused_and_no_value_is_told(own_shop: House, kind: str):
    (before,) = own_shop.json("run", "--dry-run")["plan"]
    column, value = BROKEN[kind]
    rows = orders()
    rows[3] |= {"customer": f"{CANARY}@example.org", "spent": "99"}
    rows[3][column] = value
    if column == "order":  # of two that arrived together neither came first
        rows[3]["seen"] = rows[7]["seen"]
    write_orders(own_shop.root, rows)
    done = own_shop("data", "add", "--json", code=65)
    said = json.loads(done.out)
    assert said["outcome"] == "data-refused"
    assert any(column in reason["place"] for reason in said["reasons"])
    told = own_shop("data", "add", code=65)
    for value_told in (CANARY, "2031", "04-07"):
        assert value_told not in done.out + done.err + told.out + told.err
    (after,) = own_shop.json("run", "--dry-run")["plan"]
    assert after == before
