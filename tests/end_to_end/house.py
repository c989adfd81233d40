"""A root with the real command beside it, each call a child process of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.end_to_end.shop import code_cell
from tests.places import ROOT

PATIENCE_S = 600  # a rehearsal of history is dozens of runs
SCRIPT = Path(sys.executable).with_name("workbench")


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class House:
    """One root and how commands are called in it.

    Attributes:
        root: The root, which is also the working directory.
        environment: All variables of the commands.
        script: The `workbench` command.
    """

    root: Path
    environment: Mapping[str, str]
    script: Path = SCRIPT

    def __call__(self, *words: str, code: int = 0) -> Done:
        """Run `workbench` and expect this exit code."""
        done = subprocess.run(
            [self.script, *words],
            cwd=self.root,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode == code, f"{words}\n{done.stdout}\n{done.stderr}"
        return Done(done.returncode, done.stdout, done.stderr)

    def json(self, *words: str, code: int = 0) -> dict[str, Any]:
        """The one object that `--json` prints."""
        said = json.loads(self(*words, "--json", code=code).out)
        assert isinstance(said, dict)
        return said

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        """`workbench` on its own; what it prints waits to be read."""
        return subprocess.Popen(
            [self.script, *words],
            cwd=self.root,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def crash(self, point: tuple[str, str], *words: str) -> None:
        """`workbench`, killed at a step and a moment; see crashing.py."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.end_to_end.crashing", *point, *words],
            cwd=self.root,
            env={**self.environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == -signal.SIGKILL, f"{point}\n{done.stderr}"

    @contextmanager
    def started(self, *words: str, **more: str) -> Iterator["subprocess.Popen[str]"]:
        """`workbench` while it runs; interrupted at the end, as by Ctrl-C."""
        process = subprocess.Popen(
            [self.script, *words],
            cwd=self.root,
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=PATIENCE_S)

    def copy(self, folder: Path) -> "House":
        """The same house elsewhere, with all its state."""
        shutil.copytree(self.root, folder, symlinks=True)
        return replace(self, root=folder)

    def with_variables(self, **more: str) -> "House":
        """The same house, its commands with more variables."""
        return replace(self, environment={**self.environment, **more})

    def outputs(self, study: str, run: str) -> bytes:
        """What a run's notebook said through `wb`."""
        return (self.folder(study, run) / "out" / "outputs.jsonl").read_bytes()

    def folder(self, study: str, run: str) -> Path:
        """The folder of a run's newest attempt."""
        attempts = (self.root / ".workbench" / "runs" / study / run).iterdir()
        return max(attempts, key=lambda path: int(path.name))

    def post(self, study: str, *, under: str = ".workbench") -> dict[str, bytes]:
        """Every file of a post as it was staged, by path."""
        folder = self.root / under / "stage" / "docs" / "posts" / study
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def released(self) -> str:
        """The hash of the release that serves."""
        return (self.root / "build" / "current").resolve().name

    def ledger(self, study: str) -> list[dict[str, Any]]:
        """The lines of a study's ledger."""
        file = self.root / "takeaways" / f"{study}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()]

    def edit(self, place: str, *changes: tuple[str, str]) -> None:
        """Replace text in a file; each text must stand there."""
        file = self.root / place
        text = file.read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        file.write_text(text)

    def edit_cells(self, study: str, change: Callable[[list[Any]], None]) -> None:
        """Change the cells of a study's notebook."""
        file = self.root / "notebooks" / f"{study}.ipynb"
        notebook = json.loads(file.read_text())
        change(notebook["cells"])
        file.write_text(json.dumps(notebook))

    def add_code(self, study: str, source: str) -> None:
        """Put a code cell right after the parameters, the first code cell."""
        cell = code_cell("added", source)

        def insert(cells: list[Any]) -> None:
            kinds = [each["cell_type"] for each in cells]
            cells.insert(kinds.index("code") + 1, cell)

        self.edit_cells(study, insert)


def variables(home: Path) -> dict[str, str]:
    """This process's environment without its settings, with a home of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WB_")}
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
