"""One table of settings: name, default and help; file and environment fill it.

`workbench.toml` in the root sets them by name, `WB_<NAME>` in the environment wins.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, get_args, get_type_hints

from workbench.core.errors import Reason, UsageError

SETTINGS_FILE = "workbench.toml"
ENVIRONMENT = "the environment"
PREFIX = "WB_"
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_MAY_BE_NONE = frozenset({"preload_from"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All the workbench can be told from outside."""

    run_deadline_s: Annotated[int, "Seconds one run may take."] = 900
    cell_deadline_s: Annotated[int, "Seconds one cell may take."] = 600
    silence_deadline_s: Annotated[
        int, "Seconds one run may go without a word: no output, no finished cell."
    ] = 900
    memory_mb: Annotated[int, "Address space of one kernel, in MiB."] = 8192
    output_limit_mb: Annotated[int, "Output one run may print, in MiB."] = 10
    retry_attempts: Annotated[
        int,
        "Tries after which a tick gives up a run whose time, or the disk, runs out, or "
        "whose command is killed; counted since it last succeeded.",
    ] = 5
    retry_after_s: Annotated[
        int, "Seconds before the second try; doubled each time, give or take a half."
    ] = 60
    retry_at_most_s: Annotated[
        int, "Seconds before any later try, give or take a half, at most."
    ] = 3600
    quiet_s: Annotated[
        int, "Seconds that data must have been still before a tick revises a run."
    ] = 60
    revision_after_s: Annotated[
        int, "Seconds between two runs of one slot, at least."
    ] = 3600
    numerical_threads: Annotated[int, "Numerical threads of one kernel."] = 1
    parallel_runs: Annotated[int, "Runs executed at the same time."] = 2
    preload_from: Annotated[
        int,
        "Runs of one command that import the same from which it is loaded once and "
        "each run is a fork; of fewer only those that `run --force`, or a tick after "
        "one with nothing to do, foresees. Others begin as new interpreters, as all do "
        "at 0.",
    ] = 3
    query_memory_mb: Annotated[int, "Memory of one data query, in MiB."] = 2048
    keep_releases: Annotated[int, "Releases of the site kept beside the current."] = 5
    keep_runs: Annotated[
        int,
        "Runs that gc keeps of each study and variant, beside those that are needed.",
    ] = 12
    store_url: Annotated[
        str,
        "Address of a PostgreSQL database for the run store, where several machines "
        "share a root, for that root alone; empty for the SQLite file "
        ".workbench/runs.sqlite.",
    ] = ""
    lease_s: Annotated[
        int,
        "Seconds that whoever runs or publishes may be silent before another machine, "
        "or another process in the place of a stopped one, goes on; renewed thrice.",
    ] = 30
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
        UsageError: With every unknown name and wrong value at once.
    """
    written = _from_file(root / SETTINGS_FILE)
    exported = _from_environment(os.environ if environment is None else environment)
    wrong = [
        *_mistakes(written, SETTINGS_FILE, str),
        *_mistakes(exported, ENVIRONMENT, _variable),
    ]
    if wrong:
        raise UsageError(wrong)
    given = {**written, **exported}
    if given.get("key_file"):
        given["key_file"] = str(_expanded(str(given["key_file"])))
    return Settings(**given)  # type: ignore[arg-type]  # checked above


def _from_file(file: Path) -> dict[str, object]:
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # neither TOML nor text
        message = f"not TOML: {error}."
        raise UsageError(
            Reason(code="settings", message=message, subject=SETTINGS_FILE)
        ) from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    """Our variables by setting; one that is near no setting's name is not ours."""
    kinds = {name: kind for name, kind, _, _ in settings_table()}
    found: dict[str, object] = {}
    for variable, value in environment.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX):
            continue
        if name in kinds or get_close_matches(name, kinds, n=1):
            number = kinds.get(name) is int and INTEGER.fullmatch(value)
            found[name] = int(value) if number else value
    return found


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _mistakes(
    given: Mapping[str, object], place: str, spell: Callable[[str], str]
) -> list[Reason]:
    """What is wrong with the values of one place, in that place's own spelling."""
    kinds = {name: kind for name, kind, _, _ in settings_table()}
    wrong: list[str] = []
    for name, value in given.items():
        if name not in kinds:
            near = get_close_matches(name, kinds, n=1)
            hint = f" Did you mean {spell(near[0])}?" if near else ""
            wrong.append(f"there is no setting {spell(name)!r}.{hint}")
        elif problem := _problem(name, kinds[name], value):
            wrong.append(f"{spell(name)} must be {problem}, not {value!r}.")
    return [Reason(code="settings", message=each, subject=place) for each in wrong]


def _problem(name: str, kind: type, value: object) -> str:
    """What a value must be and is not; empty where it is."""
    if type(value) is not kind:
        return kind.__name__
    least = 0 if name in _MAY_BE_NONE else 1
    if isinstance(value, int) and value < least:
        return f"at least {least}"
    if name == "key_file" and value and not _expanded(str(value)).is_absolute():
        return "an absolute path, or begin with ~"
    return ""


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # there is no such user: left as it is, and not absolute
        return Path(path)


def settings_table() -> list[tuple[str, type, object, str]]:
    """Name, type, default and help of every setting, in order."""
    hints = get_type_hints(Settings, include_extras=True)
    defaults = Settings()
    rows = []
    for field in fields(Settings):
        kind, text = get_args(hints[field.name])
        rows.append((field.name, kind, getattr(defaults, field.name), text))
    return rows
