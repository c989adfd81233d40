"""Fault 3: a disk that fills up stops a command with 75, and costs nothing but time."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.house import House
from tests.end_to_end.shop import order, orders, write_orders
from workbench.core.canonical import sha256_of_file
from workbench.website.release import tree_hash

pytestmark = [pytest.mark.fault, pytest.mark.kernel, pytest.mark.slow]

PAGE = 4096
MIB = 1 << 20
FILLER = "filler"
QUOTA = """\
import errno, os
from pathlib import Path

folder, most, real = Path(os.environ["QUOTA_OF"]), int(os.environ["QUOTA"]), os.fsync

def pages(path):
    return -(-path.lstat().st_size // 4096) if path.is_file() else 0

def fsync(handle):
    path = Path(os.readlink(f"/proc/self/fd/{int(handle)}"))
    if path.is_relative_to(folder):
        if sum(map(pages, folder.rglob("*"))) * 4096 > most:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    real(handle)

os.fsync = fsync
"""


@dataclass(frozen=True)
class SmallDisk:
    """A folder of a house that holds so much and no more."""

    folder: Path
    size: int
    variables: Mapping[str, str]

    def leave(self, free: int) -> None:
        """Fill it up to so many bytes."""
        filler = self.folder / FILLER
        filler.unlink(missing_ok=True)
        filler.write_bytes(b"x" * max(0, self._free() - free))

    def _free(self) -> int:
        if self.variables:
            held = (p.lstat().st_size for p in self.folder.rglob("*") if p.is_file())
            return self.size - sum(-(-size // PAGE) * PAGE for size in held)
        told = os.statvfs(self.folder)
        return told.f_bavail * told.f_bsize

    def files(self) -> dict[str, str]:
        """Every file that is kept, hidden ones too, and its hash.

        Not the stage and renderings, which can be thrown away, and what is true
        whether or not the command ends: that a look was taken, which rows a question
        leads to, in the run store that somebody tried, and of editions what is kept
        before the switch, which the next call makes.
        """
        files = {
            path.relative_to(self.folder).as_posix(): path
            for path in self.folder.rglob("*")
            if path.is_file()
            and path.name not in (FILLER, "looked.json", ".looked.lock", "runs.sqlite")
        }
        passing = ("leases/", "stage/", "rendered/", "editions/", "data/views/")
        return {
            name: sha256_of_file(path)
            for name, path in files.items()
            if not name.startswith(passing)
        }


def _mounted(folder: Path, size: int) -> bool:
    """Whether this machine let us mount a file system of that size."""
    mount = shutil.which("mount")
    if mount is None:
        return False
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(folder: Path, size: int, aside: Path) -> Iterator[SmallDisk]:
    """Put a folder on a small file system in memory.

    Where this machine lets nobody mount one, a quota stands in for it: each fsync of
    the commands' processes fails once the folder holds more.
    """
    shutil.copytree(folder, aside / "copy", symlinks=True)
    if not _mounted(folder, size):
        (aside / "sitecustomize.py").write_text(QUOTA)
        quota = {"QUOTA_OF": str(folder), "QUOTA": str(size)}
        yield SmallDisk(folder, size, {**quota, "PYTHONPATH": str(aside)})
        return
    try:
        shutil.copytree(aside / "copy", folder, symlinks=True, dirs_exist_ok=True)
        yield SmallDisk(folder, size, {})
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _said(house: House, *words: str) -> dict[str, Any]:
    """What a command says with `--json`, however it ends."""
    done = subprocess.run(
        [house.script, *words, "--json"],
        cwd=house.root,
        env=dict(house.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stdout)
    assert said["exit_code"] == done.returncode
    assert isinstance(said, dict)
    return said


def _until_it_fits(house: House, disk: SmallDisk, step: int, *words: str) -> set[str]:
    """Try with more and more space; what there was too little for."""
    never = {"WB_RETRY_ATTEMPTS": "100000"}  # is a run given up here
    house = house.with_variables(**never, **disk.variables)
    files, released = disk.files(), house.released()
    full: set[str] = set()
    for free in range(0, disk.size, step):
        disk.leave(free)
        said = _said(house, *words)
        if said["exit_code"] == 0:
            disk.leave(disk.size)
            return full
        assert said["exit_code"] == 75, said
        assert {reason["code"] for reason in said["reasons"]} == {"disk-full"}
        full |= {_what(reason["message"]) for reason in said["reasons"]}
        assert not _changed(files, disk.files())
        assert house.released() == released
        assert tree_hash(house.root / "build" / "current") == released
    pytest.fail("it never fits")


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    """Files that came, went or changed, but for those of a run that came whole."""
    runs = {
        name.removesuffix("run.json")
        for name in now.keys() - before.keys()
        if name.endswith("/run.json") and not name.endswith("/in/run.json")
    }
    changed = {name for name, _ in before.items() ^ now.items()}
    return {name for name in changed if not name.startswith(tuple(runs))}


def _what(message: str) -> str:
    """What there was no space for."""
    return message.removeprefix("the disk is full while writing ").partition(";")[0]


def _news(house: House) -> None:
    """Later orders, so that there is something to run and to publish."""
    write_orders(house.root, [*orders(), *(order(9000 + k, k, 85) for k in range(99))])
    house("data", "add")


def test_fault_03_a_disk_that_fills_up_during_a_run(
    own_published_shop: House, tmp_path: Path
) -> None:
    house = own_published_shop
    _news(house)
    aside = tmp_path / "aside"
    with small_disk(house.root / ".workbench", 2 * MIB, aside) as disk:
        full = _until_it_fits(house, disk, PAGE, "run")
        assert "the run store" in full  # before the kernel starts
        assert full & {"executed.ipynb", "run.json"}  # and after it ended
        assert house.json("run")["runs"][0]["executed"] is False
        house("publish")


@pytest.mark.site
def test_fault_03_a_disk_that_fills_up_while_pages_are_rendered(
    own_published_shop: House, tmp_path: Path
) -> None:
    house = own_published_shop
    _news(house)
    house("run")
    lines = len(house.ledger("loyal"))
    aside = tmp_path / "aside"
    with small_disk(house.root / ".workbench", 2 * MIB, aside) as disk:
        full = _until_it_fits(house, disk, PAGE, "publish")
        assert {"the stage", "what comes next"} <= full
        assert len(house.ledger("loyal")) == lines + 1
        assert house.json("publish")["ledger_lines"] == 0


@pytest.mark.site
def test_fault_03_a_disk_that_fills_up_while_the_site_is_built(
    own_published_shop: House, tmp_path: Path
) -> None:
    house = own_published_shop
    _news(house)
    house("run")
    lines = len(house.ledger("loyal"))
    aside = tmp_path / "aside"
    with small_disk(house.root / "build", 9 * MIB, aside) as disk:
        assert _until_it_fits(house, disk, MIB, "publish") == {"the site"}
        assert len(house.ledger("loyal")) == lines + 1
        released = house.released()
        assert tree_hash(house.root / "build" / "current") == released
