"""A failed run is opened where it failed: a copy that runs again and harms nothing."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.end_to_end.house import House
from tests.places import ROOT

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

REAL_LAB = ROOT / ".venv-lab" / "bin" / "jupyter-lab"
FAILING = """\
import workbench as wb
orders = wb.table("orders")
print(len(orders), "orders")
count = wb.count("customers", orders.drop_duplicates("customer"))
1 / 0
"""
LONG = "\n".join(f"x{number} = {number}" for number in range(80))


@pytest.fixture
def failed(own_shop: House) -> tuple[House, str]:
    """The shop with a study whose third cell fails, far down; and that run."""
    own_shop.add_code("loyal", FAILING)
    own_shop.edit_cells("loyal", lambda cells: cells.insert(2, _long()))
    said = own_shop.json("run", code=1)
    [run] = said["runs"]
    assert [reason["place"] for reason in said["reasons"]] == ["cell 3"]
    program = own_shop.root / ".venv-lab" / "bin" / "jupyter-lab"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {REAL_LAB} "$@" --allow-root\n')
    program.chmod(0o755)
    return own_shop, run["run"]


def _long() -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "long",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": LONG,
    }


def kept(house: House, run: str) -> dict[str, bytes]:
    """Every file of a run."""
    folder = house.folder("loyal", run)
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_the_command_is_printed_wherever_the_failure_is_told(
    failed: tuple[House, str],
) -> None:
    house, run = failed
    command = f"workbench lab loyal --run {run}"
    assert command in house("run", code=1).out
    assert command in house("status").out
    assert house.json("status")["studies"][0]["reopen"] == command
    assert house.json("run", code=1)["runs"][0]["reopen"] == command
    house("register", "loyal")
    assert house.json("plan")["plan"][0]["reopen"] == command
    assert house.json("tick", code=1)["plan"][0]["reopen"] == command
    assert command in house("tick", code=1).out  # it is only looked up


AGAIN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
cells = json.load(open("loyal.ipynb"))["cells"]
for cell in 2 * [each for each in cells if each["cell_type"] == "code"][:4]:
    ended = shell.run_cell(cell["source"], store_history=True)
    print("#", cell["id"], type(ended.error_in_exec).__name__)
"""


def test_the_cells_of_the_copy_run_again_on_the_runs_own_data(
    failed: tuple[House, str],
) -> None:
    house, run = failed
    before = kept(house, run)
    said = house.json("lab", "loyal", "--run", run[:6], "--dry-run")
    folder = house.root / ".workbench" / "reopened" / run
    assert said["opens"][0] == f"--ServerApp.root_dir={folder}"
    assert (
        said["opens"][1] == "--LabApp.default_url=/lab/tree/loyal.ipynb#cell-id=added"
    )
    house.edit("research/data/orders.csv", ("person-000", "person-999"))
    house("data", "add")  # later data, which the run never saw
    ended = subprocess.run(
        [sys.executable, "-c", AGAIN],
        cwd=folder,
        env={**house.environment, "WB_REOPENED": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert ended.count("# added ZeroDivisionError") == 2
    assert ended.count("# long NoneType") == 2
    executed = json.loads(before["executed.ipynb"])
    outputs = [each for cell in executed["cells"] for each in cell.get("outputs", [])]
    printed = outputs[0]["text"]
    assert ended.count(printed) == 2
    assert kept(house, run) == before


def test_a_run_that_is_not_there_is_told(failed: tuple[House, str]) -> None:
    house, run = failed
    for words, code, said in (
        (("loyal", "--run", "0000"), 2, "run-unknown"),
        (("loyal", "--run", "../x"), 2, "usage"),
        (("--run", run), 2, "usage"),
    ):
        told = house.json("lab", *words, "--dry-run", code=code)
        assert [reason["code"] for reason in told["reasons"]] == [said]
    file = house.folder("loyal", run) / "executed.ipynb"
    file.unlink()
    told = house.json("lab", "loyal", "--run", run, "--dry-run", code=1)
    assert [reason["code"] for reason in told["reasons"]] == ["notebook-unreadable"]


if REAL_LAB.is_file():  # `make lab` was called; the files above are enough without it

    @pytest.mark.browser
    def test_jupyterlab_shows_the_cell_that_failed(
        failed: tuple[House, str], chromium: Path
    ) -> None:
        house, run = failed
        before = kept(house, run)
        browser = house.root / "browser"  # which writes down what it was to open
        browser.write_text(f'#!/bin/sh\necho "$1" > {house.root}/opened\n')
        browser.chmod(0o755)
        opened = house.root / "opened"
        with house.started(
            "lab", "loyal", "--run", run, BROWSER=f"{browser} %s"
        ) as process:
            try:
                while not (opened.is_file() and opened.read_text()):
                    assert process.poll() is None
                    time.sleep(0.1)
                with sync_playwright() as play:
                    launched = play.chromium.launch(
                        executable_path=str(chromium), args=["--no-sandbox"]
                    )
                    page = launched.new_page(viewport={"width": 1200, "height": 700})
                    page.goto(opened.read_text().strip())
                    error = page.get_by_text("ZeroDivisionError").first
                    error.wait_for(timeout=60_000)
                    page.wait_for_function(
                        "node => node.getBoundingClientRect().top < innerHeight",
                        arg=error.element_handle(),
                    )
                    assert page.url.endswith("#cell-id=added")
                    launched.close()
            finally:
                process.terminate()
        assert kept(house, run) == before
