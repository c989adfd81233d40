"""The locks can be trusted: hashed, complete, and silent about where they were made."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIRECT = {
    "run": PYPROJECT["project"]["dependencies"],
    **PYPROJECT["dependency-groups"],
}
LOCKS = ("run", "build", "dev", "lab")

each_lock = pytest.mark.parametrize("lock", LOCKS)


def _text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text()


def _entries(lock: str) -> list[str]:
    """One string for each requirement, its hashes included."""
    return _text(lock).replace("\\\n", " ").splitlines()


def _locked(lock: str) -> dict[str, set[str]]:
    """Versions of each package, by normalised name."""
    found: dict[str, set[str]] = {}
    for entry in _entries(lock):
        requirement = Requirement(entry.partition(" --hash")[0])
        (pin,) = requirement.specifier
        found.setdefault(canonicalize_name(requirement.name), set()).add(pin.version)
    return found


def test_there_are_no_other_locks():
    assert {path.stem for path in (ROOT / "requirements").iterdir()} == set(LOCKS)
    assert set(DIRECT) == set(LOCKS)


@each_lock
def test_every_requirement_is_one_version_with_hashes(lock):
    for entry in _entries(lock):
        assert re.fullmatch(
            r"[^=\s]+==[^\s;]+( ; [^#]+?)?(\s+--hash=sha256:\w{64})+", entry
        )


@each_lock
def test_a_lock_names_no_index_and_no_path(lock):
    text = _text(lock)
    assert "://" not in text
    assert "/" not in text
    assert "index" not in text


@each_lock
def test_every_direct_dependency_is_locked_within_its_range(lock):
    locked = _locked(lock)
    for line in DIRECT[lock]:
        direct = Requirement(line)
        versions = locked[canonicalize_name(direct.name)]
        assert all(direct.specifier.contains(version) for version in versions), line


def test_what_two_locks_share_has_one_version():
    run = _locked("run")
    for lock in ("build", "dev"):
        shared = {
            name: versions for name, versions in _locked(lock).items() if name in run
        }
        assert shared == {name: run[name] for name in shared}


def test_nothing_that_slows_a_kernel_is_in_the_run_time_lock():
    assert not {"jupyterlab", "rfc3987-syntax"} & set(_locked("run"))
    assert "rfc3987-syntax" in _locked("lab")


def test_duckdb_waits_for_two_to_settle():
    assert _locked("run")["duckdb"] == {"1.5.6"}
    assert Requirement(
        next(line for line in DIRECT["run"] if line.startswith("duckdb"))
    ).specifier.contains("2.0.0")


def test_every_direct_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    for lines in DIRECT.values():
        for line in lines:
            assert re.search(rf'"{re.escape(line)}",? *# \S+', text), line
