"""The house stands as drawn: layers, short and introduced modules, one that prints."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
MODULES = sorted(SOURCE.rglob("*.py"))
MOST_LINES = 400

each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(SOURCE))
)


@pytest.mark.slow
def test_imports_keep_to_the_drawing():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@each_module
def test_a_module_is_short(path):
    lines = len(path.read_text().splitlines())
    assert lines <= MOST_LINES, f"{lines} lines; make it a package of several modules"


@each_module
def test_a_module_opens_with_a_sentence(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


@each_module
def test_only_the_command_line_prints(path):
    if path.is_relative_to(SOURCE / "workbench" / "cli"):
        return
    prints = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert not prints
