"""MkDocs runs as a child process and turns a stage into a folder of HTML.

Any warning of its own fails the build. The child sees no environment but ours, so that
equal stages give equal bytes on any day, in any folder, under any user.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from workbench.core.disk import full_disk_is_try_later
from workbench.core.errors import (
    DeadlinePassed,
    GateRefused,
    Reason,
    UsageError,
    WorkbenchError,
)
from workbench.website.stage import Stage

DEADLINE_S = 600
_RECORD = re.compile(r"^(?:WARNING|ERROR|CRITICAL)\s+-\s+", re.MULTILINE)
_NEXT_RECORD = re.compile(r"^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\s+-\s+|^Aborted ")
_PAGE = re.compile(r"[Ff]ile '([^']+)'")
_NO_SPACE = "No space left on device"
_REMEDIES = (
    ("Config value", "Correct it in mkdocs.yml."),
    ('not included in the "nav"', "Add the page to `nav` in mkdocs.yml."),
    ("contains a link", "Correct the link, or add the page or heading it names."),
    ("reference to", "Correct the entry of `nav` in mkdocs.yml, or add the page."),
)


def build_site(stage: Stage, into: Path) -> None:
    """Build the site of a stage into a folder that does not exist yet.

    Args:
        stage: A composed stage.
        into: Where the HTML goes; its parent exists.

    Raises:
        UsageError: mkdocs.yml is wrong.
        GateRefused: A page is; each reason names page and remedy.
        DeadlinePassed: MkDocs did not end.
        TryLater: The disk is full.
    """
    command = [sys.executable, "-P", "-s", "-m", "mkdocs", "build", "--strict"]
    command += ["--config-file", str(stage.folder / "mkdocs.yml")]
    command += ["--site-dir", str(into)]
    try:
        done = subprocess.run(  # noqa: S603 - every word of it is ours
            command,
            cwd=into.parent,
            env=_environment(stage, into.parent),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )
    except subprocess.TimeoutExpired as error:
        message = f"MkDocs did not end within {DEADLINE_S} seconds and was stopped."
        raise DeadlinePassed(Reason(code="site-deadline", message=message)) from error
    if done.returncode != 0:
        with full_disk_is_try_later("the site"):
            raise _error(done.stdout + done.stderr)


def _environment(stage: Stage, home: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "SOURCE_DATE_EPOCH": str(stage.epoch),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_MKDOCS_2_WARNING": "1",
        "DISABLE_MKDOCS_2_WARNING": "true",
    }


def _error(log: str) -> WorkbenchError | OSError:
    """What MkDocs complained of, as ours."""
    if _NO_SPACE in log:
        return OSError(28, _NO_SPACE)
    complaints = read_complaints(log)
    if not complaints:
        last = (log.strip().splitlines() or ["it said nothing"])[-1]
        message = f"MkDocs failed: {last}"
        return UsageError(Reason(code="site-config", message=message))
    if any("Config value" in each.message for each in complaints):
        return UsageError(complaints)
    return GateRefused(complaints)


def read_complaints(log: str) -> list[Reason]:
    """Every warning and error of a MkDocs log, with its page and a remedy."""
    starts = [match.end() for match in _RECORD.finditer(log)]
    reasons = []
    for start in starts:
        lines = log[start:].splitlines()
        rest = [i for i, line in enumerate(lines) if i and _NEXT_RECORD.match(line)]
        body = " ".join(line.strip() for line in lines[: rest[0] if rest else None])
        page = _PAGE.search(body)
        remedy = next(
            (text for part, text in _REMEDIES if part in body),
            "Mend the page, or the configuration it names.",
        )
        code = "site-config" if "Config value" in body else "site-warning"
        reasons.append(
            Reason(
                code=code,
                message=f"{body.rstrip('.')}. {remedy}",
                subject=page[1] if page else "mkdocs.yml",
            )
        )
    return reasons
