"""A second pass does nothing, and the press never loads what reads customer rows."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Shipped, Witness, git, recipe
from tests.end_to_end.house import House, variables

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

ROW_READERS = {"pandas", "duckdb", "pyarrow", "polars"}


def _starts(witness: Witness, of: str) -> list[str]:
    return [line for line in witness.told("starts") if of in line]


def test_the_witness_sees_kernels_and_the_site_builder(shipped: Shipped):
    # its forks, the runners and kernels, are given no witness
    assert _starts(shipped.demo, "workbench.executors.preloading")
    assert _starts(shipped.demo, "mkdocs")


def test_a_second_pass_starts_nothing_but_the_commands_themselves(
    shipped: Shipped, witnessed
):
    before = shipped.house.released()
    house, second = witnessed(shipped.house)
    commands = recipe("demo")
    names = [words[0] for words in commands]
    assert names == ["data", "run", "backfill", "publish"]
    for words in commands:
        said = house.json(*words)
        assert (said["outcome"], said["reasons"]) == ("noop", [])
    assert second.told("starts") == []
    assert [line[2:] for line in second.told("process")] == [
        [*words, "--json"] for words in commands
    ]
    assert house.released() == before
    assert git(house.root, "status", "--porcelain") == ""


def test_the_demo_leaves_git_as_it_was(shipped: Shipped):
    assert shipped.changed == ""


def _assert_no_row_readers(witness: Witness) -> None:
    processes = witness.told("loaded")
    assert processes
    for loaded in processes:
        tops = {name.partition(".")[0] for name in loaded}
        assert not ROW_READERS & tops
        assert not [name for name in loaded if name.startswith("workbench.warehouse.")]


def test_help_loads_nothing_that_reads_rows(home: Path, witnessed):
    house, witness = witnessed(House(home, variables(home)))
    house("--help")
    _assert_no_row_readers(witness)


@pytest.mark.parametrize(
    "words",
    [["publish"], ["check"], ["status"], ["preview", "--no-serve"]],
    ids=" ".join,
)
def test_the_press_loads_nothing_that_reads_rows(
    own_shipped: House, witnessed, words: Sequence[str]
):
    page = own_shipped.root / "site" / "pages" / "index.md"
    page.write_text(page.read_text() + "\nOne more line, so that there is work.\n")
    house, witness = witnessed(own_shipped)
    house(*words)
    _assert_no_row_readers(witness)
