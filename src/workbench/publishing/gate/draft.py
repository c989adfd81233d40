"""What the gate looks at: a rendered post and its notebook's source, parsed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import cast

from typing_extensions import override

from workbench.core.posts import Post

_FENCES = re.compile(r"```.*?```|~~~.*?~~~|`[^`\n]+`", re.DOTALL)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)")


@dataclass(frozen=True)
class Element:
    """One start tag of the page's HTML."""

    tag: str
    attributes: Mapping[str, str]


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, {name: value or "" for name, value in attrs}))


@dataclass(frozen=True)
class Draft:
    """A post before the gate.

    Attributes:
        post: The post as rendered.
        notebook: The notebook's source, as in version control.
        site_paths: Paths of the site that a link may lead to, such as `method/`.
    """

    post: Post
    notebook: Mapping[str, object]
    site_paths: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def page(self) -> str:
        """The page's Markdown without front matter and code."""
        return _FENCES.sub(" ", _FRONT_MATTER.sub("", self.post.markdown))

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Every HTML element of the page."""
        parser = _Elements()
        parser.feed(self.page)
        return tuple(parser.found)

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Every target of a Markdown link or an HTML reference."""
        html = [
            element.attributes[name]
            for element in self.elements
            for name in ("href", "src", "srcset")
            if name in element.attributes
        ]
        return (*_LINK.findall(self.page), *html)

    @cached_property
    def result(self) -> Mapping[str, object]:
        """`result.json` as published."""
        data = self.post.assets.get("result.json", b"{}")
        return cast("Mapping[str, object]", json.loads(data))

    @cached_property
    def cells(self) -> tuple[Mapping[str, object], ...]:
        """The notebook's cells."""
        return tuple(cast("list[Mapping[str, object]]", self.notebook["cells"]))
