"""The built wheel, in an environment without this checkout, carries the whole line."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.house import House, variables
from tests.end_to_end.shop import orders, write_orders
from tests.places import ROOT, light_environment

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]


def _run(*words: str | Path) -> str:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command as installed from the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    build = (sys.executable, "-m", "build", "--no-isolation", "--wheel")
    _run(*build, "--outdir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    python = light_environment(folder / "environment")
    install = ("install", "--quiet", "--no-index", "--no-deps", "--ignore-installed")
    _run(sys.executable, "-m", "pip", "--python", python, *install, wheel)
    found = _run(python, "-c", "import workbench; print(workbench.__file__)")
    assert Path(found.strip()).is_relative_to(folder / "environment")
    return python.with_name("workbench")


CHOICES = (
    (r"/- name: order$/,/value:/", "s/direct #.*/quasi/"),
    (r"/- name: day$/,/value:/", "s/direct #.*/quasi/"),
    (r"/- name: seen$/,/value:/", "s/direct #.*/quasi/"),
    (r"/- name: spent$/,/value:/", "s/direct #.*/none/"),
    (r"/property: wb.unit$/,+1", "s/value:.*/value: customer/"),
    (r"/property: wb.unitColumn$/,+1", "s/value:.*/value: customer/"),
    (r"/property: wb.lateness$/,+1", "s/value:.*/value: P10D/"),
    (r"/property: wb.purposes$/,+1", "s/value:.*/value: [research]/"),
)


def test_from_an_empty_folder_to_a_site(script: Path, home: Path, tmp_path: Path):
    root = tmp_path / "root"
    house = House(tmp_path, variables(home), script)
    house("init", str(root))
    house = replace(house, root=root)
    write_orders(root, orders())
    draft = house("data", "profile", "research/data/orders.csv").out
    contract = root / "research" / "contracts" / "orders.yaml"
    contract.write_text(draft)
    refused = house.json("data", "add", code=2)["reasons"]
    assert refused  # nothing is read before a person has decided
    for where, what in CHOICES:
        _run("sed", "-i", f"{where} {what}", contract)
    house("data", "add")
    house("new", "loyal")
    house("run")
    house("register", "loyal")
    assert house.json("run")["outcome"] == "noop"
    house("publish")

    current = root / "build" / "current"
    page = (current / "posts" / "loyal" / "index.html").read_text()
    assert 'id="tradable-takeaway"' in page
    result = json.loads((current / "posts" / "loyal" / "result.json").read_text())
    assert "came_back" in json.dumps(result)
    assert "assets/stylesheets/workbench.css" in page
    assert (current / "assets" / "stylesheets" / "workbench.css").is_file()
    assert (current / "handbook" / "write-a-study" / "index.html").is_file()
    claimed = house.ledger("loyal")[-1]
    assert claimed["provenance"]["lock"] != NOTHING, "the lock is what is installed"


NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
