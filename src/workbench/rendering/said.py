"""What a notebook said through `wb`, read back from its run folder."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.core.canonical import canonical_json
from workbench.core.errors import Reason, StudyFailed
from workbench.core.evidence import Evidence, SettlementLook
from workbench.core.exhibits import Figure, Table
from workbench.core.records import from_plain
from workbench.core.runs import Output
from workbench.core.takeaway import Takeaway

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The values behind every exhibit of a run, each kind in order."""

    evidence: tuple[Evidence, ...]
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    takeaways: tuple[Takeaway, ...]
    settlements: tuple[SettlementLook, ...]
    aliases: Mapping[str, str]


def read_said(outputs: Path, study: str) -> Said:
    """Read `out/outputs.jsonl`.

    Raises:
        StudyFailed: With every line that is not what the kernel writes, and every
            exhibit whose name cannot be a file's or is used twice. The file lies where
            the notebook's own code could write.
    """
    said: list[Output] = []
    wrong: list[Reason] = []
    text = _read(outputs, study).removesuffix("\n")
    lines = text.split("\n") if text else []  # splitlines also cuts inside texts
    for number, line in enumerate(lines, start=1):
        try:
            plain = json.loads(line)
            canonical_json(plain).encode()  # no NaN, no half of a character
            said.append(from_plain(Output, plain))
        except ValueError as problem:
            message = (
                f"this is no output of the workbench ({problem}); let nothing but wb "
                f"write to it and run the study again."
            )
            place = f"outputs.jsonl line {number}"
            wrong.append(_reason("outputs-unreadable", message, study, place))
    wrong += _name_problems(said, study)
    if wrong:
        raise StudyFailed(wrong)
    return Said(
        evidence=tuple(each.evidence for each in said if each.evidence),
        figures=tuple(each.figure for each in said if each.figure),
        tables=tuple(each.table for each in said if each.table),
        takeaways=tuple(each.takeaway for each in said if each.takeaway),
        settlements=tuple(each.settlement for each in said if each.settlement),
        aliases={k: v for each in said for k, v in (each.aliases or {}).items()},
    )


def _read(outputs: Path, study: str) -> str:
    try:
        return outputs.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "it is no text"
        message = (
            f"what its notebook said cannot be read ({problem}); run the study again "
            "with --force."
        )
        reason = _reason("outputs-unreadable", message, study, outputs.name)
        raise StudyFailed(reason) from error


def _name_problems(said: Iterable[Output], study: str) -> list[Reason]:
    names = [shown.name for each in said if (shown := each.figure or each.table)]
    problems = [
        _reason(
            "exhibit-name",
            "the name of an exhibit may hold letters, digits, _ and - only, since it "
            "names files; rename it.",
            study,
            f"exhibit {number}",
        )
        for number, name in enumerate(names, start=1)
        if not _FILE_NAME.fullmatch(name)
    ]
    twice = [name for name, count in Counter(names).items() if count > 1]
    message = "two exhibits have this name; rename one."
    return problems + [
        _reason("exhibit-twice", message, study, f"exhibit {name}") for name in twice
    ]


def _reason(code: str, message: str, study: str, place: str) -> Reason:
    return Reason(code=code, message=message, subject=study, place=place)
