"""Two houses for the whole session: the shipped studies, and a shop of a few rows.

Each is set up once and copied by whoever changes it. The shipped one is set up under a
witness, which tells from inside every process what it is, whom it starts and what it
has loaded, in words of its own and not in ours.
"""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.house import House, variables
from tests.end_to_end.shop import lay_out_shop, write_study
from tests.places import ROOT, copy_root

WITNESS = """\
import atexit, json, os, sys

STARTING = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty",
            "os.system", "os.spawn"}

def tell(kind, what):
    with open(os.environ["WITNESS"], "a") as file:
        file.write(json.dumps([kind, what]) + "\\n")

def listen(event, arguments):
    if event in STARTING:
        tell("starts", f"{event} {arguments[:2]}")

tell("process", sys.orig_argv)
sys.addaudithook(listen)
atexit.register(lambda: tell("loaded", sorted(sys.modules)))
"""


@dataclass(frozen=True)
class Witness:
    """What the processes of some commands told of themselves."""

    log: Path

    def told(self, kind: str) -> list[Any]:
        """What was told of one kind: `process`, `starts` or `loaded`."""
        lines = self.log.read_text().splitlines()
        return [what for line in lines for k, what in [json.loads(line)] if k == kind]


@dataclass(frozen=True)
class Shipped:
    """The shipped studies as `make demo` leaves them, then sealed and published.

    Attributes:
        house: The house.
        demo: What was witnessed during the demo.
        changed: What git saw changed after the demo.
    """

    house: House
    demo: Witness
    changed: str


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home: whatever belongs to a user is made here."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Puts a witness into every process of a house's commands."""
    folder = tmp_path_factory.mktemp("witness")
    (folder / "sitecustomize.py").write_text(WITNESS)

    def watch(house: House) -> tuple[House, Witness]:
        log = folder / f"{len(list(folder.iterdir()))}.jsonl"
        log.touch()
        path = house.environment.get("PYTHONPATH")
        paths = f"{folder}:{path}" if path else str(folder)
        return (
            house.with_variables(PYTHONPATH=paths, WITNESS=str(log)),
            Witness(log),
        )

    return watch


def recipe(target: str) -> list[list[str]]:
    """The words after `workbench` in each line of a Makefile target's recipe."""
    text = (ROOT / "Makefile").read_text()
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", text, re.MULTILINE)
    assert found, target
    lines = re.findall(r"^\t@?\$\(VENV\)/bin/workbench (.*)$", found[1], re.MULTILINE)
    return [line.split() for line in lines]


def git(folder: Path, *words: str) -> str:
    """Run git in a folder; what it said."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    done = subprocess.run(
        ["git", *identity, *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def commit(folder: Path) -> None:
    """Commit whatever is there."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "as it stands")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory, home: Path, witnessed) -> Shipped:
    """The demo, as the Makefile has it, on a copy of the committed parts."""
    if shutil.which("git") is None:
        pytest.skip("no git on this machine")
    root = copy_root(tmp_path_factory.mktemp("shipped") / "root")
    git(root, "init", "--quiet")
    commit(root)
    house = House(root, variables(home))
    watched, demo = witnessed(house)
    for words in recipe("demo"):
        watched(*words)
    changed = git(root, "status", "--porcelain")
    house("register", *(file.stem for file in (root / "research").glob("*.yaml")))
    watched("publish")
    commit(root)
    return Shipped(house, demo, changed)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, home: Path) -> House:
    """An empty root with a small shop's orders and one draft of a study, which ran."""
    root = tmp_path_factory.mktemp("shop") / "root"
    outside = House(root.parent, variables(home))
    outside("init", str(root))
    lay_out_shop(root)
    write_study(root, "loyal")
    house = House(root, variables(home))
    house("data", "add")
    house("run")
    return house


@pytest.fixture(scope="session")
def published_shop(shop: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The same, sealed and published."""
    house = shop.copy(tmp_path_factory.mktemp("published") / "root")
    house("register", "loyal")
    house("publish")
    return house


@pytest.fixture
def own_shop(shop: House, tmp_path: Path) -> House:
    """A copy of the shop to change."""
    return shop.copy(tmp_path / "root")


@pytest.fixture
def own_published_shop(published_shop: House, tmp_path: Path) -> House:
    """A copy of the published shop to change."""
    return published_shop.copy(tmp_path / "root")


@pytest.fixture
def own_shipped(shipped: Shipped, tmp_path: Path) -> House:
    """A copy of the shipped house to change."""
    return shipped.house.copy(tmp_path / "root")
