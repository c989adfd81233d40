"""A kernel that is a fork has what a new interpreter has, and nothing of its runner."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.zoo.poisons import cells, lay_out
from tests.zoo.test_zoo import _run
from workbench.execution import preloads
from workbench.execution.environment import library_environment
from workbench.executors.preloaded import Preloaded

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

LOOK = """
    import sys
    from types import ModuleType
    modules = {
        name: sorted(
            part for part, value in vars(module or ModuleType("none")).items()
            if isinstance(value, ModuleType) and not part.startswith("__")
        )
        for name, module in sorted(sys.modules.items())
    }
    import logging
    loggers = {
        name: [
            type(logger).__name__,
            [type(each).__name__ for each in getattr(logger, "handlers", ())],
            getattr(getattr(logger, "parent", None), "name", ""),
        ]
        for name, logger in sorted(logging.root.manager.loggerDict.items())
    }
    import statsmodels.api  # which loads multiprocessing
    import json, multiprocessing.process, site, sysconfig, warnings
    import pandas as pd
    with open("click.py", "w") as file:
        file.write("here = 1")
    import click
    seen = {
        "modules": modules,
        "loggers": loggers,
        "click": hasattr(click, "here"),
        "filters": [repr(each) for each in warnings.filters],
        "encoding": pd.get_option("display.encoding"),
        "main": sys.modules["__mp_main__"].__spec__.name,
        "began": multiprocessing.process.ORIGINAL_DIR == os.getcwd(),
        "user": [site.USER_BASE, site.USER_SITE, sysconfig.get_config_var("userbase")],
    }
    seen = json.dumps(seen).replace(os.environ["HOME"], "home")
    with open(os.environ["WB_RUN"] + "/out/seen.json", "w") as file:
        file.write(seen)
"""
OF_THE_RUNNER = """
    import email.parser, http.client
    import charset_normalizer.api, jsonschema, papermill, psutil, requests, yaml
    import workbench.execution.engine
    import logging
    assert len(logging.getLogger("requests").handlers) == 1
    assert yaml.__with_libyaml__
    assert yaml.load("a: [1, x]", yaml.CSafeLoader) == {"a": [1, "x"]}
    validator = jsonschema.Draft202012Validator({"type": "integer"})
    assert validator.is_valid(1) and not validator.is_valid("1")
    assert psutil.Process().pid == os.getpid()
    assert not psutil.pid_exists(2**22 + 1)
    assert requests.Request("GET", "http://x/a b").prepare().url == "http://x/a%20b"
    assert charset_normalizer.from_bytes(b"abc").best().encoding == "ascii"
"""


@pytest.fixture(scope="module")
def preloaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preloaded]:
    """Has loaded what `LOOK` imports."""
    cell = {"cell_type": "code", "source": "import statsmodels.api"}
    modules = preloads.modules_for({"cells": [cell]})
    folder = tmp_path_factory.mktemp("preloaded")
    loaded = preloads.modules_before_forks(modules)
    with Preloaded(loaded, library_environment(1), folder) as process:
        assert process.fit
        yield process


def seen(preloaded: Preloaded | None, folder: Path) -> dict[str, Any]:
    """What a notebook finds around it."""
    assert _run(preloaded, lay_out(folder, cells(LOOK))).reasons == ()
    found = json.loads((folder / "out" / "seen.json").read_text())
    assert isinstance(found, dict)
    return found


def test_a_fork_has_the_modules_and_settings_of_a_new_interpreter(
    preloaded: Preloaded, tmp_path: Path
) -> None:
    cold, forked = seen(None, tmp_path / "cold"), seen(preloaded, tmp_path / "forked")
    assert "multiprocessing.process" in cold["modules"]
    assert (cold["click"], cold["began"]) == (True, True)
    assert forked == cold


def test_a_fork_can_import_what_its_runner_had_loaded(
    preloaded: Preloaded, tmp_path: Path
) -> None:
    folder = lay_out(tmp_path / "run", cells(OF_THE_RUNNER))
    assert _run(preloaded, folder).reasons == ()
