"""A report survives the pipe, and a runner without one is never taken for a success."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zoo.poisons import LIMITS
from workbench.core.runs import RunReason
from workbench.execution import judge
from workbench.execution.__main__ import main
from workbench.execution.report import command, outer_deadline_s, read_report, report_of

reasons = st.lists(
    st.builds(
        RunReason,
        code=st.sampled_from(sorted(judge.EXIT_CODES)),
        message=st.text(st.characters(codec="utf-8")),
        cell=st.none() | st.integers(1, 99),
    )
)


@given(reasons)
def test_a_report_is_read_as_it_was_written(reasons):
    report = report_of(reasons, {"cells": 1.5}, {"python": "3.11.7"})
    again = read_report(
        exit_status=report.exit_code,
        signal=None,
        timed_out=False,
        stdout=f"papermill says hello\n{report.as_line()}\n",
    )
    assert again == report


@pytest.mark.parametrize(
    ("stdout", "exit_status", "signal", "how"),
    [
        ("", 0, None, "with 0"),
        ("", None, 9, "by SIGKILL"),
        ("", None, 60, "by signal 60"),
        ("{}", 0, None, "with 0"),
        ("null", 0, None, "with 0"),
        ("[1", 1, None, "with 1"),
        (report_of([], {}, {}).as_line(), 70, None, "with 70"),
        (report_of([], {}, {}).as_line()[:-1], 0, None, "with 0"),
    ],
)
def test_a_runner_without_a_whole_report_is_lost(stdout, exit_status, signal, how):
    report = read_report(
        exit_status=exit_status, signal=signal, timed_out=False, stdout=stdout
    )
    assert report.exit_code == 1
    assert [reason.code for reason in report.reasons] == ["runner-lost"]
    assert how in report.reasons[0].message


def test_a_runner_ended_at_the_outer_deadline_is_a_deadline_whatever_it_said():
    line = report_of([], {}, {}).as_line()
    report = read_report(exit_status=0, signal=None, timed_out=True, stdout=line)
    assert report.exit_code == 124
    assert outer_deadline_s(LIMITS) > LIMITS.deadline_s


def test_the_command_line_says_what_the_runner_understands(monkeypatch, tmp_path):
    given = []

    def keep(folder, limits):
        given.append((folder, limits))
        return report_of([], {}, {})

    monkeypatch.setattr("workbench.execution.__main__.run", keep)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    assert main(command(Path("run"), LIMITS)[3:]) == 0
    assert given == [(tmp_path / "run", LIMITS)]
