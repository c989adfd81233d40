"""A small shop with one study, and a runner that needs no kernel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.end_to_end.shop import lay_out_shop, write_study
from workbench.app import App
from workbench.core.runs import RunReason
from workbench.execution.report import Report
from workbench.studies.catalogue import Study
from workbench.studies.planning import Planned
from workbench.studies.running import Running

NOW = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Runner:
    """Ends every run as it is told, and remembers what it found in the folder."""

    exit_code: int = 0
    during: Callable[[], object] = lambda: None
    folders: list[Path] = field(default_factory=list)

    def __call__(self, folder: Path) -> Report:
        self.folders.append(folder)
        self.during()
        reasons = (RunReason(code="cell-error", message="it is wrong.", cell=2),)
        return Report(
            exit_code=self.exit_code,
            reasons=reasons if self.exit_code else (),
            timings={},
            provenance={},
        )


@dataclass
class Shop:
    """A root with its study."""

    app: App
    runner: Runner

    @property
    def study(self) -> Study:
        return self.app.catalogue.study("loyal", self.app.all_contracts)

    @property
    def running(self) -> Running:
        return Running(self.app.planner, self.app.runs, self.runner, lambda: NOW)

    def plan(self, as_of: datetime | None = None, *, force: bool = False) -> Planned:
        values = self.study.registration.values_of("base")
        return self.app.planner.plan(self.study, values, as_of, force=force)


@pytest.fixture
def empty_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("WB_KEY_FILE", str(tmp_path / "key"))
    root = tmp_path / "root"
    lay_out_shop(root)
    (root / "notebooks").mkdir()
    write_study(root, "loyal")
    return Shop(App(root), Runner())


@pytest.fixture
def shop(empty_shop: Shop) -> Shop:
    empty_shop.app.warehouse.add(empty_shop.app.contracts["orders"])
    return empty_shop
