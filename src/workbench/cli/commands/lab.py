"""`workbench lab`: JupyterLab with the run-time kernel, outputs stripped on save."""

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.reopening import reopen
from workbench.core.disk import write_text
from workbench.core.errors import Reason, UsageError
from workbench.notebook.surroundings import REOPENED_FOLDER

KERNEL = "workbench"
SERVER_CONFIG = '''"""Outputs never reach the file: they are copies of customer data."""


def strip_outputs(model, **_):
    """Clear outputs and counts of a notebook that is about to be saved."""
    if model["type"] != "notebook" or model["content"]["nbformat"] != 4:
        return
    for cell in model["content"]["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None


c.ContentsManager.pre_save_hook = strip_outputs  # noqa: F821
c.FileContentsManager.pre_save_hook = strip_outputs  # noqa: F821
'''


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Write the kernelspec and the server's configuration, then open JupyterLab.

    Raises:
        UsageError: JupyterLab's environment is missing, or there is no such study.
    """
    app = App(find_root(arguments.root))
    lab = app.layout.root / app.settings.lab_environment / "bin" / "jupyter-lab"
    if not lab.is_file():
        message = (
            f"JupyterLab is not set up in {lab.parent.parent.name}; `make lab` does."
        )
        raise UsageError(Reason(code="lab-missing", message=message))
    config = write_lab_files(app.layout.state / "lab-server")
    target, variables = _target(app, arguments)
    words = [str(lab), f"--config={config}", *target]
    outcome.data["opens"] = target
    outcome.lines.append("JupyterLab closed" if not arguments.dry_run else "ready")
    if arguments.dry_run:
        return
    environment = {
        **os.environ,  # noqa: TID251 - JupyterLab is the user's own program
        "JUPYTER_PATH": str(config.parent / "share"),
        **variables,
    }
    subprocess.run(words, env=environment, check=False)  # noqa: S603 - words are ours
    outcome.acted = True


def _target(app: App, arguments: Namespace) -> tuple[list[str], dict[str, str]]:
    """What JupyterLab is to open, in its own words, and what its kernels are told."""
    if arguments.run:
        copy = reopen(app, arguments.study, arguments.run, kernel=KERNEL)
        return copy.words, {REOPENED_FOLDER: str(copy.folder)}
    if arguments.study:
        study = app.catalogue.study(arguments.study, app.all_contracts)
        return [str(study.notebook.path)], {}
    return [str(app.layout.notebooks)], {}


def write_lab_files(folder: Path) -> Path:
    """The kernelspec of this interpreter and the server's configuration; its path."""
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Workbench",
        "language": "python",
        "metadata": {"debugger": True},
    }
    kernel = folder / "share" / "kernels" / KERNEL / "kernel.json"
    write_text(kernel, json.dumps(spec, indent=1) + "\n")
    config = folder / "jupyter_server_config.py"
    write_text(config, SERVER_CONFIG)
    return config
