"""Markdown as the site's own configuration turns it into HTML, for who must read it.

What MkDocs does to a page on the way to the browser is done here to a text: the same
library, the same extensions, the same options. Nobody else has to guess what a line of
Markdown comes to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from workbench.core.errors import Reason, UsageError

_ALWAYS_ON = ("toc", "tables", "fenced_code")  # by MkDocs, whatever is configured


@dataclass(frozen=True, eq=False)  # one configuration, one converter
class Converter:
    """Turns Markdown into the HTML that readers get.

    Attributes:
        extensions: Names of the extensions, in order.
        options: Their options by name.
    """

    extensions: tuple[str, ...]
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def html(self, text: str, *, with_starts: bool = False) -> str:
        """The HTML of a Markdown text without front matter.

        Args:
            text: The text.
            with_starts: Ordered lists keep the number their author began with in
                `start`; pages do without, and count from 1.
        """
        import markdown  # type: ignore[import-untyped]  # ships no types

        reader = markdown.Markdown(
            extensions=list(self.extensions),
            extension_configs={name: dict(each) for name, each in self.options.items()},
        )
        reader.parser.blockprocessors["olist"].LAZY_OL = not with_starts
        return str(reader.convert(text))


def converter_of(mkdocs_file: Path) -> Converter:
    """The converter that a configuration of MkDocs describes.

    Raises:
        UsageError: There is no such file, or nothing can be read from it.
    """
    try:
        return _converter(mkdocs_file.read_text(encoding="utf-8"))
    except OSError as error:
        message = (
            f"{mkdocs_file.name} is missing, so nobody knows how pages are read; "
            "`workbench init` lays out a root that has it."
        )
        reason = Reason(code="site-missing", message=message, subject=str(mkdocs_file))
        raise UsageError(reason) from error
    except Exception as error:  # an extension may fail in any way it likes
        message = f"its Markdown extensions cannot be loaded: {error}"
        reason = Reason(code="site-config", message=message, subject=mkdocs_file.name)
        raise UsageError(reason) from error


@lru_cache(maxsize=4)
def _converter(configuration: str) -> Converter:
    options = dict(_named(_given(configuration)))
    converter = Converter(tuple(dict.fromkeys((*_ALWAYS_ON, *options))), options)
    converter.html("")
    return converter


def _given(configuration: str) -> object:
    """The value of `markdown_extensions`; other settings may hold tags of MkDocs."""
    loader = yaml.SafeLoader(configuration)
    top = loader.get_single_node()
    for key, value in top.value if isinstance(top, yaml.MappingNode) else ():
        if key.value == "markdown_extensions":
            return loader.construct_object(value, deep=True) or []
    return []


def _named(given: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each extension with its options: MkDocs takes lists of names, and mappings."""
    entries = given if isinstance(given, Sequence) else [given]
    for entry in entries:
        pairs = entry.items() if isinstance(entry, Mapping) else [(entry, None)]
        for name, options in pairs:
            yield str(name), options or {}
