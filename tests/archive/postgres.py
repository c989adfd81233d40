"""A real PostgreSQL in a folder of its own, reached through a socket there alone."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

DEBIAN = Path("/usr/lib/postgresql")  # where Debian keeps what is not for everybody
SERVER = "postgres"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where there is none."""
    versions = sorted(DEBIAN.glob("*/bin/initdb"))
    found = shutil.which("initdb")
    return versions[-1].parent if versions else Path(found).parent if found else None


@contextmanager
def running(bin_folder: Path) -> Iterator[str]:
    """Start a server; yields the address of an empty database."""
    with TemporaryDirectory(prefix="wb-store-") as name:
        folder = Path(name)
        with _served(bin_folder, folder, _owner(folder)) as address:
            yield address


@contextmanager
def _served(bin_folder: Path, folder: Path, owner: int | None) -> Iterator[str]:

    def call(program: str, *words: str) -> None:
        command = [str(bin_folder / program), *words]
        subprocess.run(
            command,
            check=True,
            user=owner,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        )

    data = str(folder / "data")
    call("initdb", "-D", data, "-A", "trust", "-U", SERVER, "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    log = str(folder / "log")
    call("pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")
    try:
        yield f"postgresql://{SERVER}@/{SERVER}?host={folder}"
    finally:
        call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _owner(folder: Path) -> int | None:
    """Whose server it is: PostgreSQL refuses to be run by root."""
    if os.getuid():
        return None
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return owner.pw_uid
