"""Every promise has a sin that still applies; `make sins` sees each one punished."""

import shutil
from pathlib import Path

import pytest

from tests.places import ROOT, copy_tree
from tests.sins.run import Sin, apply, read_sins

PROMISES = range(1, 15)
SINS = read_sins()

each_sin = pytest.mark.parametrize("sin", SINS, ids=lambda sin: sin.name)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        pytest.skip("no git on this machine")
    return copy_tree(tmp_path_factory.mktemp("sins") / "tree")


def test_every_promise_has_a_sin():
    assert {sin.promise for sin in SINS} == set(PROMISES)


@each_sin
def test_the_patch_applies(sin: Sin, tree: Path):
    assert apply(sin.patch, tree, check=True)


@each_sin
def test_the_patch_is_small_and_breaks_one_file(sin: Sin):
    lines = sin.patch.read_text().splitlines()
    assert len([line for line in lines if line.startswith("+++")]) == 1
    assert len([line for line in lines if line.startswith(("+", "-"))]) <= 10


@each_sin
def test_the_test_it_names_is_there(sin: Sin):
    path, _, name = sin.test.partition("::")
    assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text()
