"""What a notebook said is read back strictly: its own code could have written there."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.charts.figures import a_table, curve
from tests.rendering.folders import outputs, write_folder
from tests.takeaways.test_binding import gap
from workbench.core.errors import StudyFailed
from workbench.core.evidence import SettlementLook
from workbench.core.records import to_plain
from workbench.core.runs import Output
from workbench.rendering.said import read_said


def test_outputs_come_back_as_they_were_said(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "run", [], outputs())
    said = read_said(folder / "out" / "outputs.jsonl", "s")
    assert said.figures[0] == curve()
    assert said.tables == (a_table(),)
    assert said.takeaways[0].verdict == "trade"
    assert said.aliases == {"gap": "repeat_gap"}


def test_looks_that_settle_are_read_and_are_no_evidence(tmp_path: Path) -> None:
    look = SettlementLook(
        claim="repeat_gap", opens="1998-07-01T00:00:00Z", evidence=gap()
    )
    settles = Output(kind="settlement", cell=2, settlement=look)
    folder = write_folder(tmp_path / "run", [], [*outputs(), settles])
    said = read_said(folder / "out" / "outputs.jsonl", "s")
    assert said.settlements == (look,)
    plain = write_folder(tmp_path / "plain", [], outputs())
    without = read_said(plain / "out" / "outputs.jsonl", "s")
    assert replace(said, settlements=()) == without


def test_every_broken_line_is_named_at_once_and_no_value_of_it(tmp_path: Path) -> None:
    line = to_plain(outputs()[0])
    assert isinstance(line, dict)
    line["evidence"]["estimate"] = float("nan")  # type: ignore[call-overload, index]
    file = tmp_path / "outputs.jsonl"
    broken = ["not json 00421", json.dumps(line), '{"kind": "00421"}', '"\\ud83d"']
    file.write_text("\n".join(broken))
    with pytest.raises(StudyFailed) as caught:
        read_said(file, "s")
    places = [reason.place for reason in caught.value.reasons]
    assert places == [f"outputs.jsonl line {number}" for number in (1, 2, 3, 4)]
    assert "00421" not in str(caught.value)


@pytest.mark.parametrize("name", ["../up", "a b", "a/b", ""])
def test_a_name_that_cannot_be_a_files_is_refused(tmp_path: Path, name: str) -> None:
    said = [Output(kind="figure", cell=1, figure=curve(name=name))]
    folder = write_folder(tmp_path / "run", [], said)
    with pytest.raises(StudyFailed, match="exhibit-name"):
        read_said(folder / "out" / "outputs.jsonl", "s")


def test_two_exhibits_of_one_name_are_refused(tmp_path: Path) -> None:
    said = [
        Output(kind="figure", cell=1, figure=curve(name="same")),
        Output(kind="table", cell=1, table=a_table(name="same")),
    ]
    folder = write_folder(tmp_path / "run", [], said)
    with pytest.raises(StudyFailed, match="exhibit-twice"):
        read_said(folder / "out" / "outputs.jsonl", "s")
