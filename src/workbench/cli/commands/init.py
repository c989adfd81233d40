"""`workbench init`: lay out an empty root."""

import shutil
from argparse import Namespace
from importlib.resources import as_file, files
from pathlib import Path

import workbench
from workbench.cli.outcome import Outcome
from workbench.core.disk import write_text
from workbench.core.errors import Reason, UsageError

IGNORED = ".workbench/\nbuild/\n.venv*/\n.ipynb_checkpoints/\n"
FOLDERS = ("notebooks", "research/contracts", "research/data", "takeaways")
README = """# A workbench

    workbench data profile FILE     # drafts a contract: save it in research/contracts/
    workbench data add --all        # checks the files and takes them in
    workbench new my-study          # a notebook and a registration that run at once
    workbench run                   # runs what is due
    workbench preview               # shows drafts to you alone
    workbench register my-study     # seals its terms
    workbench publish               # builds the site in build/current/
"""


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Lay out folders, theme, handbook and configuration; overwrites nothing.

    Raises:
        UsageError: The folder holds a root already.
    """
    folder: Path = arguments.folder
    if (folder / "mkdocs.yml").exists() or (folder / "research").exists():
        message = f"{folder} holds a root already; choose an empty folder."
        raise UsageError(Reason(code="root-exists", message=message))
    outcome.lines.append(f"{folder}: laid out; its README.md says what comes next")
    if arguments.dry_run:
        return
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    _copy_shipped(folder)
    write_text(folder / ".gitignore", IGNORED)
    if not (folder / "README.md").exists():
        write_text(folder / "README.md", README)
    outcome.acted = True
    outcome.data["folder"] = str(folder)


def _copy_shipped(folder: Path) -> None:
    """Theme, pages and MkDocs's configuration, from the wheel or from a checkout."""
    shipped = files(workbench) / "_shipped"
    if shipped.is_dir():
        with as_file(shipped) as source:
            shutil.copytree(source, folder, dirs_exist_ok=True)
        return
    checkout = Path(workbench.__file__).parents[2]
    shutil.copytree(checkout / "site", folder / "site")
    shutil.copy(checkout / "mkdocs.yml", folder / "mkdocs.yml")
