"""Markdown is converted as MkDocs would, by the site's own configuration."""

from pathlib import Path

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.utils.yaml import yaml_load

from workbench.core.errors import UsageError
from workbench.website.converting import converter_of

FILE = Path(__file__).resolve().parents[2] / "mkdocs.yml"


def test_the_extensions_are_those_that_mkdocs_itself_would_load(tmp_path: Path) -> None:
    config = MkDocsConfig()
    built = tmp_path.with_name("built")
    config.load_dict(
        {"site_name": "x", "site_dir": str(built), "docs_dir": str(tmp_path)}
    )
    config.load_dict(
        {"markdown_extensions": yaml_load(FILE.read_text())["markdown_extensions"]}
    )
    assert config.validate() == ([], [])
    site = converter_of(FILE)
    assert list(site.extensions) == config["markdown_extensions"]
    options = {name: given for name, given in site.options.items() if given}
    assert options == config["mdx_configs"]


@pytest.mark.parametrize(
    "given", ["[toc: {permalink: '#'}]", "{toc: {permalink: '#'}}"], ids=["list", "map"]
)
def test_extensions_are_listed_or_mapped(given: str, tmp_path: Path) -> None:
    file = tmp_path / "mkdocs.yml"
    file.write_text(f"site_url: !ENV X\nmarkdown_extensions: {given}\n")
    assert 'href="#so"' in converter_of(file).html("## So")


def test_a_list_keeps_the_number_it_was_begun_with_only_when_asked() -> None:
    site = converter_of(FILE)
    assert "start" not in site.html("47. percent")
    assert 'start="47"' in site.html("47. percent", with_starts=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [(None, "site-missing"), ("markdown_extensions: [nope]", "site-config")],
)
def test_a_configuration_that_cannot_be_read_is_told(
    text: str | None, code: str, tmp_path: Path
) -> None:
    file = tmp_path / "mkdocs.yml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError) as caught:
        converter_of(file)
    assert caught.value.reasons[0].code == code
