"""What all tests share: what this machine lacks is named, never silently passed over.

A test that cannot run here skips with a reason, and the reasons close the report. Under
WB_REQUIRE_ALL=1 (continuous integration) a skip is a failure.
"""

import os
import shutil
import signal
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# No test is judged by the clock: what is slow on a busy machine is not wrong.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")

REQUIRE_ALL = os.environ.get("WB_REQUIRE_ALL") == "1"
NO_CHROMIUM = "no Chromium on this machine (Debian: apt-get install chromium)"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make soak`."""
    parser.addoption("--soak", action="store_true", help="fault tests at full size")
    parser.addoption("--kills", type=int, metavar="N", help="rounds of kill -9")


@pytest.fixture(scope="session")
def soak(pytestconfig: pytest.Config) -> bool:
    """Whether fault tests run at full size."""
    return bool(pytestconfig.getoption("--soak"))


@pytest.fixture(scope="session")
def kills(pytestconfig: pytest.Config, soak: bool) -> int:
    """How many times a tick is killed at a moment of chance."""
    given = pytestconfig.getoption("--kills")
    return int(given) if given else 1_000 if soak else 8


def pytest_configure() -> None:
    """Tests interrupt what they start, however they were started themselves.

    A shell script ignores SIGINT on behalf of what it puts in the background, and every
    child inherits that; one that ignores it could not be interrupted.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `browser` needs the system's Chromium."""
    if item.get_closest_marker("browser") and not shutil.which("chromium"):
        pytest.skip(NO_CHROMIUM)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium, for tests marked `browser`."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip(NO_CHROMIUM)
    return Path(found)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[pytest.TestReport]:
    """A skipped test fails where everything is required."""
    report: pytest.TestReport = yield  # type: ignore[misc, assignment]
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report  # type: ignore[return-value]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[pytest.CollectReport]:
    """A whole module that skips itself fails there too."""
    report: pytest.CollectReport = yield  # type: ignore[misc, assignment]
    if REQUIRE_ALL and report.outcome == "skipped":
        report.outcome = "failed"
    return report  # type: ignore[return-value]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was skipped, by what is missing."""
    missing = defaultdict(list)
    for report in terminalreporter.stats.get("skipped", []):
        _, _, reason = report.longrepr
        missing[reason.removeprefix("Skipped: ")].append(report.nodeid)
    if not missing:
        return
    terminalreporter.section("skipped here")
    for reason, tests in sorted(missing.items()):
        terminalreporter.line(f"{reason}: {len(tests)} not run")
        for test in tests:
            terminalreporter.line(f"    {test}")
