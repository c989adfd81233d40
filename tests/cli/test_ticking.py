"""One tick after another, on runs that need no kernel and a site that nobody builds."""

# ruff: noqa: F811 - fixtures are arguments

import errno
from pathlib import Path

import pytest

from tests.cli.test_commands import call, codes, root  # noqa: F401 - fixtures
from tests.end_to_end.shop import order, orders, write_orders
from tests.studies.conftest import Runner
from workbench.app.starting import Starting
from workbench.cli.commands import ticking


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Ends the runs; nothing is published."""
    found = Runner()
    monkeypatch.setattr(Starting, "run_folder", lambda _, folder: found(folder))
    monkeypatch.setattr(ticking, "_published", lambda _app, _studies, _out, left: left)
    return found


def full() -> None:
    raise OSError(errno.ENOSPC, "full")


def edit(root: Path, line: str) -> None:
    """Give the study one more line of terms."""
    file = root / "research" / "loyal.yaml"
    text = file.read_text()
    file.write_text(text.replace("cadence: monthly", f"cadence: monthly\n{line}"))


def deliver(call) -> None:
    """Data of some weeks more, with which the next slot comes."""
    later = [order(3_000 + n, 600 + n, day=90 + n % 40) for n in range(60)]
    write_orders(Path(), [*orders(), *later])
    call("data", "add")


@pytest.mark.parametrize("catch_up", ["none", "latest"])
def test_a_run_that_was_given_up_is_told_at_every_tick(
    root: Path,
    call,
    runner: Runner,
    monkeypatch,
    catch_up: str,
) -> None:
    monkeypatch.setenv("WB_RETRY_ATTEMPTS", "1")
    edit(root, f"catch_up: {catch_up}")
    call("register", "loyal")
    call("tick")
    deliver(call)
    runner.during = full
    call("tick")
    for _ in range(3):
        assert codes(call("tick")) == [(1, "never-ended")]
    runner.during = lambda: None
    assert codes(call("tick")) == [(1, "never-ended")]
    assert call("run", "loyal", "--force", "--as-of", "1998-05-01")["exit_code"] == 0
    assert call("tick")["exit_code"] == 0
