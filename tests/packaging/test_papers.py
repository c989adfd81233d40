"""The papers at the front door are true: paths exist and no command is missing."""

import argparse
import re
from pathlib import Path

import pytest

from workbench.cli.parser import build_parser

ROOT = Path(__file__).resolve().parents[2]
PAPERS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "research/data/README.md")
PLACE = re.compile(r"`([\w.-]+/[\w./*-]*)`|\]\(([^)#:]+)\)")


@pytest.mark.parametrize("paper", PAPERS)
def test_every_path_a_paper_names_is_there(paper):
    path = ROOT / paper
    told = {first or second for first, second in PLACE.findall(path.read_text())}
    made = ("lifetimes/", "build/")  # by others, and by `make demo`
    lost = [
        name
        for name in told
        if not name.startswith(made)
        and not any(any(base.glob(name.rstrip("/"))) for base in (ROOT, path.parent))
    ]
    assert not lost


def test_the_readme_lists_every_command():
    (commands,) = (
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    text = (ROOT / "README.md").read_text()
    assert [
        name for name in commands.choices if f"| `workbench {name}` |" not in text
    ] == []


def test_every_make_target_a_paper_names_exists():
    targets = set(
        re.findall(r"^([a-z]+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )
    for paper in PAPERS:
        named = set(re.findall(r"(?:`|    )make ([a-z]+)", (ROOT / paper).read_text()))
        assert named <= targets, paper
