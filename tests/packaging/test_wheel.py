"""The built wheel carries what an empty root needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Names in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel"]
    done = subprocess.run(
        [*command, "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.slow
def test_the_hand_written_site_and_its_settings_are_in_the_wheel(names):
    site = {
        f"workbench/_shipped/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "site").rglob("*")
        if path.is_file()
    }
    assert site
    assert {*site, "workbench/_shipped/mkdocs.yml"} <= names


@pytest.mark.slow
def test_every_module_and_the_licence_are_in_the_wheel(names):
    source = ROOT / "src"
    modules = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
    assert {*modules, "workbench/py.typed"} <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_neither_data_nor_tests_are_in_the_wheel(names):
    tops = {name.partition("/")[0] for name in names}
    assert {top.partition("-")[0] for top in tops} == {"workbench"}
