"""The command for failures has its time, and what it left behind goes with it."""

from pathlib import Path
from threading import Event

import psutil
import pytest

from workbench.cli import failing


def test_a_command_that_does_not_end_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failing, "DEADLINE_S", 0.5)
    words = ("sh", "-c", "sleep 7774 & sleep 7774")
    said = failing._call(words, "{}", tmp_path, Event())
    assert said == "was still running after 0.5 seconds and was killed"
    commands = [each.info["cmdline"] for each in psutil.process_iter(["cmdline"])]
    assert not [words for words in commands if words and "7774" in words]


def test_a_command_that_reads_nothing_has_not_failed(tmp_path: Path) -> None:
    assert failing._call(("true",), "x" * 1_000_000, tmp_path, Event()) == ""


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    said = failing._call(("true",), "{}", tmp_path / "gone", Event())
    assert said == "could not be called (FileNotFoundError)"
