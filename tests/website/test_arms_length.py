"""Promise 14: MkDocs stays at arm's length, so that it can be left."""

import ast
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = {"search", "tags", "meta", "social", "offline", "privacy", "info", "group"}


class _Loader(yaml.SafeLoader):
    """Reads MkDocs's own tags, such as !!python/name, as the names they hold."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *parts: parts[1])
CONFIG = yaml.load((ROOT / "mkdocs.yml").read_text(), _Loader)


def test_the_configuration_has_no_hook_and_no_plugin_but_bundled_ones():
    assert "hooks" not in CONFIG
    plugins = [p if isinstance(p, str) else next(iter(p)) for p in CONFIG["plugins"]]
    assert set(plugins) <= BUNDLED


def test_no_extension_of_ours_reads_the_pages():
    extensions = [
        e if isinstance(e, str) else next(iter(e))
        for e in CONFIG["markdown_extensions"]
    ]
    assert not [name for name in extensions if name.startswith("workbench")]


def test_the_site_builder_stays_below_the_version_that_breaks_us():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {Requirement(r).name: Requirement(r) for r in project["dependencies"]}
    assert "2.0.0" not in wanted["mkdocs"].specifier
    assert "10.0.0" not in wanted["mkdocs-material"].specifier


@pytest.mark.parametrize("library", ["mkdocs", "material"])
def test_no_module_imports_the_site_builder(library: str):
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            assert library not in {name.partition(".")[0] for name in names}, path
