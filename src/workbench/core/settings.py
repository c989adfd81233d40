"""One table of settings: name, default and help; file and environment fill it.

`workbench.toml` in the root sets them by name, `WB_<NAME>` in the environment wins.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, get_args, get_type_hints

from workbench.core.errors import Reason, UsageError

SETTINGS_FILE = "workbench.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All the workbench can be told from outside."""

    run_deadline_s: Annotated[int, "Seconds one run may take."] = 900
    cell_deadline_s: Annotated[int, "Seconds one cell may take."] = 600
    memory_mb: Annotated[int, "Address space of one kernel, in MiB."] = 8192
    output_limit_mb: Annotated[int, "Output one run may print, in MiB."] = 10
    numerical_threads: Annotated[int, "Numerical threads of one kernel."] = 1
    parallel_runs: Annotated[int, "Runs executed at the same time."] = 2
    query_memory_mb: Annotated[int, "Memory of one data query, in MiB."] = 2048
    keep_releases: Annotated[int, "Releases of the site kept beside the current."] = 5
    key_file: Annotated[
        str, "File of the pseudonym key; empty for the user's configuration folder."
    ] = ""
    lab_environment: Annotated[
        str, "Folder of JupyterLab's own environment, relative to the root."
    ] = ".venv-lab"
    port: Annotated[int, "Port of `workbench preview`, on this machine only."] = 8000


def read_settings(root: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings of a root: defaults, then its file, then the environment.

    Raises:
        UsageError: With every unknown name and wrong type at once.
    """
    given: dict[str, object] = {}
    file = root / SETTINGS_FILE
    if file.is_file():
        try:
            given |= tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            message = f"not TOML: {error}."
            raise UsageError(
                Reason(code="settings", message=message, subject=SETTINGS_FILE)
            ) from error
    given |= _from_environment(os.environ if environment is None else environment)
    return check_settings(given)


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    known = {field.name for field in fields(Settings)}
    found = {
        name.removeprefix("WB_").lower(): value
        for name, value in environment.items()
        if name.startswith("WB_")
    }
    return {
        name: int(value) if value.lstrip("-").isdigit() else value
        for name, value in found.items()
        if name in known
    }


def check_settings(given: Mapping[str, object]) -> Settings:
    """Settings from plain values.

    Raises:
        UsageError: With every unknown name and wrong type at once.
    """
    kinds = {name: kind for name, kind, _, _ in settings_table()}
    wrong: list[str] = []
    for name, value in given.items():
        if name not in kinds:
            near = get_close_matches(name, kinds, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            wrong.append(f"there is no setting {name!r}.{hint}")
        elif type(value) is not kinds[name]:
            wrong.append(f"{name} must be {kinds[name].__name__}, not {value!r}.")
        elif isinstance(value, int) and value < 1:
            wrong.append(f"{name} must be at least 1, not {value}.")
    if wrong:
        raise UsageError(
            [Reason(code="settings", message=m, subject=SETTINGS_FILE) for m in wrong]
        )
    return Settings(**given)  # type: ignore[arg-type]  # checked above


def settings_table() -> list[tuple[str, type, object, str]]:
    """Name, type, default and help of every setting, in order."""
    hints = get_type_hints(Settings, include_extras=True)
    defaults = Settings()
    rows = []
    for field in fields(Settings):
        kind, text = get_args(hints[field.name])
        rows.append((field.name, kind, getattr(defaults, field.name), text))
    return rows
