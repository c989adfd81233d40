"""What the last command loaded is loaded again before a run is known to need it."""

import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from workbench.app.starting import Starting
from workbench.core.settings import Settings
from workbench.execution.preloads import modules_for

pytestmark = pytest.mark.slow

Make = Callable[..., Starting]
BEFORE: list[list[str]] = []  # of tests that ran before


def planned(source: str, state: str = "due") -> Any:
    """As much of a planned run as is looked at."""
    notebook = {"cells": [{"cell_type": "code", "source": source}]}
    study = SimpleNamespace(notebook=SimpleNamespace(plain=notebook))
    return SimpleNamespace(state=state, study=study)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    BEFORE[:] = [*BEFORE, *preloading()]
    made: list[Starting] = []

    def _make(preload_from: int = 3) -> Starting:
        note = tmp_path / "preload.json"
        settings = Settings(preload_from=preload_from)
        made.append(Starting(settings, threading.Event(), note))
        return made[-1]

    yield _make
    for each in made:
        each.close()


def preloading() -> list[list[str]]:
    """Command lines of the processes that load for us."""
    lines = [each.cmdline() for each in psutil.Process().children()]
    ours = [line for line in lines if "workbench.executors.preloading" in line]
    return [line for line in ours if line not in BEFORE]


def test_what_one_command_ran_is_loaded_as_the_next_begins(make: Make) -> None:
    first = make()
    first.foresee()
    assert not preloading()  # nothing is known yet
    first.expect([planned("import statsmodels.api")])
    assert not preloading()  # one run alone gains nothing by it
    second = make()
    second.foresee()
    [line] = preloading()
    assert "statsmodels.api" in line
    second.expect([planned("import statsmodels.api")])
    assert preloading() == [line]
    second.close()
    assert not preloading()


def test_what_was_loaded_in_vain_is_ended(make: Make) -> None:
    make().expect([planned("import statsmodels.api")])
    other = make(preload_from=2)
    other.foresee()
    other.expect([planned("import scipy.stats"), planned("import scipy.stats")])
    [line] = preloading()
    assert "scipy.stats" in line
    assert "statsmodels.api" not in line
    idle = make()
    idle.foresee()
    assert len(preloading()) == 2
    idle.expect([planned("import statsmodels.api", state="fresh")])
    assert preloading() == [line]


def test_a_note_that_cannot_be_read_is_none(make: Make) -> None:
    starting = make()
    for text in ("", "{", "7", "null"):
        starting.note.write_text(text)
        starting.foresee()
    assert not preloading()


def test_whoever_wants_no_forks_gets_none(make: Make) -> None:
    starting = make(preload_from=0)
    starting.note.write_text(json.dumps(modules_for({"cells": []})))
    starting.foresee()
    starting.expect([planned("")] * 9)
    assert not preloading()


def test_one_processor_loads_nothing_ahead(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make().expect([planned("import scipy.stats")])
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})
    make().foresee()
    assert not preloading()


def test_where_nothing_can_be_loaded_or_noted_the_command_goes_on(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make().expect([planned("import scipy.stats")])
    full = tmp_path / "no" / "such" / "folder"
    monkeypatch.setattr(tempfile, "tempdir", str(full))
    starting = make()
    starting.foresee()
    starting.note = Path("/proc/nothing/can/be/written")
    starting.expect([planned("import statsmodels.api")])
    assert not preloading()
