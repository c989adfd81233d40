"""Promise 8, to its end: a run that did not succeed never reaches the site."""

import pytest

from tests.end_to_end.house import House

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

CHILD = "import subprocess\nsubprocess.Popen(['sleep', '7772'], start_new_session=True)"


@pytest.mark.parametrize(
    ("poison", "code", "reason"),
    [
        ("import sys\nsys.exit(0)", 1, "stopped-early"),
        ("import os\nos._exit(0)", 1, "kernel-died"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", 1, "kernel-died"),
        ("import time\ntime.sleep(60)", 124, "cell-deadline"),
        (CHILD, 1, "child-left-running"),
        ("print('x' * 12_000_000)", 1, "output-limit"),
        ("raise OSError(28, 'No space left on device')", 75, "disk-full"),
    ],
    ids=["exit", "os-exit", "killed", "hang", "child", "output", "disk"],
)
def test_a_poisoned_run_changes_neither_site_nor_ledger(
    own_published_shop: House, poison: str, code: int, reason: str
):
    house = own_published_shop.with_variables(WB_CELL_DEADLINE_S="5")
    house.add_code("loyal", poison)
    house("register", "loyal")
    house("publish", code=77)  # other terms were sealed, and the site says so
    page = house.root / "build" / "current" / "posts" / "loyal" / "index.html"
    served, ledger = page.read_bytes(), house.ledger("loyal")
    said = house.json("run", "loyal", code=code)
    assert [each["code"] for each in said["reasons"]] == [reason]
    said = house.json("publish", code=1)
    assert [each["code"] for each in said["reasons"]] == ["run-failed"]
    assert said["accepted"] == []
    assert page.read_bytes() == served
    assert house.ledger("loyal") == ledger
