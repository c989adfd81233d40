"""What else decides a run's bytes: the run-time lock and the engine a kernel loads."""

from pathlib import Path

import workbench
from workbench.core.canonical import sha256_of_bytes, sha256_of_file, sha256_of_value
from workbench.core.folders import content_id, paths_below

ENGINE_ROOMS = ("core", "contracts", "stats", "takeaways", "charts", "notebook")
ENGINE_FILES = (
    "__init__.py",
    "execution/__init__.py",
    "execution/kernel.py",
    "execution/outcome.py",
    "execution/undeclared.py",
)
LOCK = Path("requirements") / "run.txt"


def engine_id() -> str:
    """Hash of the source of every module that a kernel may load from this package."""
    package = Path(workbench.__file__).parent
    return sha256_of_value(
        {
            file.relative_to(package).as_posix(): sha256_of_file(file)
            for file in engine_files(package)
        }
    )


def package_id() -> str:
    """Hash of every file of this package: modules, templates, styles."""
    package = Path(workbench.__file__).parent
    files = [path for path in paths_below(package) if not path.endswith(".pyc")]
    above = len(str(package))
    return sha256_of_value({path[above:]: content_id(path) for path in files})


def engine_files(package: Path) -> list[Path]:
    """The files of this package that a kernel may load."""
    files = [package / name for name in ENGINE_FILES]
    for room in ENGINE_ROOMS:
        files += sorted((package / room).rglob("*.py"))
    return files


def lock_id(root: Path) -> str:
    """Hash of the root's run-time lock; without one, of the versions installed."""
    lock = root / LOCK
    if lock.is_file():
        return sha256_of_file(lock)
    from importlib.metadata import distributions

    versions = installed_versions("workbench") or [
        f"{each.name}=={each.version}" for each in distributions()
    ]  # all of them where we run from source, uninstalled
    return sha256_of_bytes("\n".join(sorted(versions)).encode())


def installed_versions(name: str) -> list[str]:
    """`name==version` of a distribution and all it requires here, sorted."""
    from importlib.metadata import PackageNotFoundError, distribution

    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name.lower() in found:
            continue
        try:
            dist = distribution(name)
        except PackageNotFoundError:
            continue  # an extra, or a requirement of another platform
        found[name.lower()] = dist.version
        waiting += [
            _bare(line) for line in dist.requires or () if "extra ==" not in line
        ]
    return sorted(f"{name}=={version}" for name, version in found.items())


def _bare(requirement: str) -> str:
    for at, letter in enumerate(requirement):
        if not (letter.isalnum() or letter in "._-"):
            return requirement[:at]
    return requirement
