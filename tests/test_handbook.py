"""The handbook against the code: nothing is missing from it, nothing in it is a ghost.

The code is asked what there is; each name must stand in the handbook as code, and the
tables of the handbook may name nothing that the code does not have.
"""

import argparse
import ast
import re
from collections.abc import Iterator
from typing import get_args

import pytest

import workbench
from tests.places import ROOT
from workbench.cli.parser import build_parser
from workbench.contracts import claims, columns, datasets, parameters, registrations
from workbench.contracts.breaches import EXPLANATIONS
from workbench.core.errors import GRAVEST_FIRST, ExitCode
from workbench.core.evidence import Estimand
from workbench.core.settings import settings_table
from workbench.execution.judge import EXIT_CODES
from workbench.execution.outcome import StopCode
from workbench.publishing.gate import RULES
from workbench.publishing.gate.rule import Rule
from workbench.website.inspect import REMEDIES

HANDBOOK = ROOT / "site" / "pages" / "handbook"
SOURCE = ROOT / "src" / "workbench"
SITE_CODES = {*REMEDIES, "site-warning", "site-config"}
WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def read(name: str) -> str:
    return (HANDBOOK / f"{name}.md").read_text()


def whole() -> str:
    return "\n".join(path.read_text() for path in sorted(HANDBOOK.glob("*.md")))


def sections(text: str, level: int) -> dict[str, str]:
    """Text of each section by the words of its heading."""
    marks = "#" * level
    parts = re.split(rf"^{marks} (.+?)(?: \{{.*\}})?$", text, flags=re.MULTILINE)
    ends = re.compile(rf"^#{{1,{level}}} ", re.MULTILINE)
    return {
        title.strip("`"): ends.split(body)[0]
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def tabled(text: str) -> set[str]:
    """What stands as code in the first column of the tables of a text."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def subcommands(
    parser: argparse.ArgumentParser,
) -> dict[str, argparse.ArgumentParser]:
    """A parser's subcommands, of which it may have none."""
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(groups[0].choices) if groups else {}


COMMANDS = subcommands(build_parser())


def options(parser: argparse.ArgumentParser) -> set[str]:
    """Every long option of a command and of its actions."""
    own = {
        max(action.option_strings, key=len)
        for action in parser._actions
        if action.option_strings and "--help" not in action.option_strings
    }
    return own.union(*(options(each) for each in subcommands(parser).values()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_with_an_example_and_all_its_options(
    name: str,
) -> None:
    page = read("commands")
    section = sections(page, 2)[f"workbench {name}"]
    assert f"$ workbench {name}" in section
    for action in subcommands(COMMANDS[name]):
        assert f"$ workbench {name} {action}" in section
    common = sections(page, 2)["Options that many commands share"]
    known = options(COMMANDS[name])
    assert {o for o in known if f"`{o}" not in section + common} == set()
    shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", section))
    assert shown <= known


def test_the_handbook_names_no_command_that_is_not_there() -> None:
    titles = [t for t in sections(read("commands"), 2) if t.startswith("workbench ")]
    assert titles == [f"workbench {name}" for name in COMMANDS]
    called = set(re.findall(r"(?:\$ |`|bin/)workbench ([a-z]+)", whole()))
    assert called <= set(COMMANDS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_gate_code_says_why_how_it_fails_and_what_to_do(rule: Rule) -> None:
    section = sections(read("gate"), 3)[rule.code]
    for part in ("**Why.**", "**Fails.**", "**Remedy.**"):
        assert section.count(part) == 1
    assert ("warning" in section) == (rule.severity.value == "warning")


def test_the_gates_page_names_no_code_that_is_not_there() -> None:
    page = read("gate")
    assert list(sections(page, 3)) == [rule.code for rule in RULES]
    assert tabled(page) == SITE_CODES


def test_every_exit_code_is_in_the_table_and_the_order_is_the_codes() -> None:
    page = read("exit-codes")
    rows = re.findall(r"^\| (\d+) \| `([A-Z_]+)` \|", page, re.MULTILINE)
    assert [(int(value), name) for value, name in rows] == [
        (code.value, code.name) for code in ExitCode
    ]
    order = ", ".join(str(int(c)) for c in GRAVEST_FIRST if c is not ExitCode.OK)
    assert order in " ".join(page.split())


def test_the_settings_table_is_the_codes() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| (?:`([^`]*)`|empty) \| ([^|]+) \|$",
        sections(read("settings"), 2)["Settings"],
        re.MULTILINE,
    )
    assert rows == [
        (name, kind.__name__, str(default), text)
        for name, kind, default, text in settings_table()
    ]


def test_every_reason_has_a_line_that_says_what_to_do() -> None:
    found = {*EXIT_CODES, *get_args(StopCode), *EXPLANATIONS, *reason_codes()}
    gate = {rule.code for rule in RULES} | SITE_CODES
    lines = tabled(read("exit-codes"))
    assert found - gate - lines == set()
    assert lines - found == set()


def test_the_exit_codes_of_reasons_are_the_codes() -> None:
    page = sections(read("exit-codes"), 2)
    of_runs = exits(page["When a notebook runs"])
    assert EXIT_CODES.items() <= of_runs.items()
    of_data = exits(page["When data are taken in or read"])
    assert {of_data[kind] for kind in EXPLANATIONS} == {ExitCode.DATA}


def exits(text: str) -> dict[str, int]:
    rows = re.findall(r"^\| `([^`]+)` \| (\d+) \|", text, re.MULTILINE)
    return {code: int(value) for code, value in rows}


def test_what_a_notebook_may_call_is_in_the_handbook_and_nothing_else() -> None:
    section = sections(read("commands"), 2)["In a notebook"]
    named = set(re.findall(r"`wb\.([a-z_]+)", section))
    assert named == set(workbench.__all__)
    estimators = {name for name in get_args(Estimand) if name != "count"}
    assert {name for name in estimators if f"`.{name}(" not in section} == set()


def test_every_key_of_a_registration_and_of_a_contract_is_in_the_handbook() -> None:
    page = sections(read("settings"), 2)
    keys = {
        *registrations.REQUIRED,
        *registrations.OPTIONAL,
        *parameters.REQUIRED,
        *parameters.OPTIONAL,
        *claims.KEYS,
        "columns",
        "purpose",
    }
    assert tabled(page["Keys of a registration"]) == keys
    properties = {*datasets.FILE_PROPERTIES, *columns.COLUMN_PROPERTIES}
    assert tabled(page["Properties of a contract"]) == properties


def reason_codes() -> set[str]:
    """Every stable word that a reason, finding or remark of the source may carry."""
    found: set[str] = set()
    for room in (path for path in SOURCE.iterdir() if path.is_dir()):
        trees = [ast.parse(path.read_text()) for path in sorted(room.rglob("*.py"))]
        carriers = {
            name: at for tree in trees for name, at in functions_with_a_code(tree)
        }
        for tree in trees:
            found |= {word for word in words(tree, carriers) if WORD.fullmatch(word)}
    return found


def functions_with_a_code(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions that take a parameter `code`, and its place when given without name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [a.arg for a in node.args.args if a.arg not in ("self", "cls")]
            if "code" in names:
                yield node.name, names.index("code")


def words(tree: ast.Module, carriers: dict[str, int]) -> Iterator[str]:
    """Texts given as a code: by name, by place, or through a variable of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [k.value for k in node.keywords if k.arg == "code"]
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            at = carriers.get(called)
            if at is not None and at < len(node.args):
                given.append(node.args[at])
        elif isinstance(node, ast.Assign) and "code" in [
            getattr(target, "id", "") for target in node.targets
        ]:
            given = [node.value]
        else:
            continue
        for value in given:
            yield from texts(value)


def texts(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from (*texts(value.body), *texts(value.orelse))
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
