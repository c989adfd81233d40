"""What the README tells a newcomer to type does what it says there."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import workbench
from tests.end_to_end.conftest import recipe
from tests.end_to_end.house import House
from tests.places import ROOT
from workbench.cli.parser import build_parser

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

README = (ROOT / "README.md").read_text()
TYPED = re.findall(
    r"^    (make|\.venv/bin/workbench) ([^#\n]*?) *(?:#.*)?$", README, re.MULTILINE
)
COMMANDS = [shlex.split(words) for program, words in TYPED if program != "make"]
TARGETS = [words for program, words in TYPED if program == "make"]
FETCHES = 300


def test_the_readme_has_the_commands_this_file_runs():
    assert TARGETS == ["demo", "test", "lab", "check", "test", "sins", "soak"]
    assert "`make serve`" in README
    assert [words[0] for words in COMMANDS] == [
        "new",
        "run",
        "check",
        "preview",
        "register",
        "publish",
    ]


def test_the_takeaway_shown_is_the_one_that_was_published():
    ledger = (ROOT / "takeaways" / "second-purchase.jsonl").read_text().splitlines()
    lines = [json.loads(line) for line in ledger]
    claimed = [line for line in lines if line.get("key", {}).get("variant") == "base"]
    values = claimed[-1]["values"]
    assert (
        f"> **{values['verdict'].capitalize()}.** {claimed[-1]['text']['claim']}\n"
        in (README)
    )
    assert f"n = {values['n']:,} customer-months of {values['units']:,} customers" in (
        README
    )


@pytest.mark.parametrize("target", ["demo", "lab"])
def test_what_a_make_target_calls_is_a_command_of_ours(target: str):
    commands = recipe(target)
    assert commands
    for words in commands:
        assert build_parser().parse_args(words).command == words[0]


def test_the_names_of_the_example_are_the_authors_names():
    (example,) = re.findall(
        r"```python\n(import workbench as wb.*?)```", README, re.DOTALL
    )
    assert set(re.findall(r"\bwb\.(\w+)", example)) <= set(workbench.__all__)
    compile(example, "README.md", "exec")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _fetch(address: str) -> str:
    for _ in range(FETCHES):
        try:
            with urlopen(address, timeout=30) as page:
                return str(page.read().decode())
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {address}")


def _preview(house: House, words: list[str]) -> str:
    port = _free_port()
    with house.started(*words, WB_PORT=str(port)):
        return _fetch(f"http://127.0.0.1:{port}/posts/my-study/")


def test_a_study_of_your_own_goes_from_nothing_to_the_site(own_shipped: House):
    house = own_shipped
    (house.root / ".venv").mkdir()
    (house.root / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    for words in COMMANDS:
        if words[0] == "preview":
            assert "draft" in _preview(house, words).lower()
        elif words[0] == "check":
            refused = house.json(*words, code=77)["reasons"]
            assert [each["code"] for each in refused] == ["unregistered"]
        else:
            house(*words)
    current = house.root / "build" / "current"
    page = (current / "posts" / "my-study" / "index.html").read_text()
    assert page.count("<h2") == page.count("<h2 id=")
    assert 'id="tradable-takeaway"' in page
    assert (current / "posts" / "second-purchase" / "result.json").is_file()
    house("check", "my-study")  # sealed, it passes


def test_make_serve_shows_the_site(own_shipped: House):
    if shutil.which("make") is None:
        pytest.skip("no make on this machine")
    shutil.copy(ROOT / "Makefile", own_shipped.root)
    port = _free_port()
    server = subprocess.Popen(
        ["make", "serve", f"PORT={port}"],
        cwd=own_shipped.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        page = _fetch(f"http://127.0.0.1:{port}/")
    finally:
        os.killpg(server.pid, signal.SIGINT)  # make and what it started
        server.wait(30)
    assert page == (own_shipped.root / "build" / "current" / "index.html").read_text()
