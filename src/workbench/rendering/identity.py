"""All that decides the bytes of a rendered post, in one hash."""

import sys
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import workbench
from workbench.core.canonical import sha256_of_file, sha256_of_value
from workbench.core.records import to_plain
from workbench.core.registration import Registration
from workbench.core.runs import RunRecord

TOOLS = ("jinja2", "nbconvert", "nbformat", "pyyaml", "traitlets", "vl-convert-python")
_READ = ("executed.ipynb", "notebook.ipynb", "out/outputs.jsonl")


def rendering_id(
    *,
    folder: Path,
    record: RunRecord,
    registration: Registration,
    seen: datetime | None = None,
) -> str:
    """Equal ids, equal posts; takes what `render_post` takes."""
    files = {name: folder / name for name in _READ}
    return sha256_of_value(
        {
            "files": {
                name: sha256_of_file(file) if file.is_file() else None
                for name, file in files.items()
            },
            "record": to_plain(record),
            "registration": to_plain(registration),
            "seen": to_plain(seen),
            "code": _code(),
        }
    )


@lru_cache(maxsize=1)
def _code() -> str:
    """Hash of our source, whole, and of the versions it renders with."""
    package = Path(workbench.__file__).parent
    source = {
        file.relative_to(package).as_posix(): sha256_of_file(file)
        for file in sorted(package.rglob("*"))
        if file.suffix in (".py", ".j2")
    }
    tools = {tool: version(tool) for tool in TOOLS}
    return sha256_of_value([source, tools, sys.version])
