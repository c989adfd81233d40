"""Places in which tests work: a copy of the root, and an environment of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOT_PARTS = (
    ".gitignore",
    "mkdocs.yml",
    "notebooks",
    "requirements",
    "research",
    "site",
    "takeaways",
)


def copy_root(folder: Path) -> Path:
    """What `workbench` works on, as it stands here, without state and builds."""
    folder.mkdir(parents=True)
    for part in ROOT_PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part)
        elif source.is_file():
            shutil.copy(source, folder / part)
    return folder


def copy_tree(folder: Path) -> Path:
    """This checkout, committed or not, without what git ignores; a repository too."""
    ignored = (ROOT / ".gitignore").read_text().split()
    names = [".git", *(line.rstrip("/") for line in ignored)]
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*names))
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def light_environment(folder: Path, *paths: Path) -> Path:
    """A virtual environment that borrows the run-time packages and not ourselves.

    A line of a .pth file puts a folder on the path but does not read the .pth files in
    it, and one of those is what makes this checkout importable: so everything of the
    lock is there, and `workbench` only where `paths` or an installation bring it.

    Returns:
        Its interpreter.
    """
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True
    )
    python = folder / "bin" / "python"
    words = [str(python), "-c", "import sysconfig as s; print(s.get_path('purelib'))"]
    site = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    lines = "".join(f"{path}\n" for path in [*paths, *borrowed])
    (Path(site.strip()) / "borrowed.pth").write_text(lines)
    return python


def borrow_scripts(environment: Path) -> None:
    """The commands of this environment, run by the other one's interpreter."""
    here = Path(sys.executable).parent
    shebang = f"#!{here / 'python'}".encode()
    for script in here.iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        text = script.read_bytes()
        if text.startswith(shebang):
            place = environment / "bin" / script.name
            other = f"#!{environment / 'bin' / 'python'}".encode()
            place.write_bytes(text.replace(shebang, other, 1))
            place.chmod(0o755)
