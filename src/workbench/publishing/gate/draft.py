"""What the gate looks at: a rendered post and its notebook's source, parsed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from workbench.core.markup import FRONT_MATTER
from workbench.core.posts import Post
from workbench.core.records import from_plain
from workbench.core.registration import Claim
from workbench.publishing.gate.authored import Authored, Marks, read_authored
from workbench.publishing.gate.reading import Element, Reader
from workbench.rendering.cells import bound_prose
from workbench.takeaways.binding import Name, names_for
from workbench.takeaways.record import ClaimRecord
from workbench.website.converting import Converter
from workbench.website.markup import Remark, read_article

Cells = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Draft:
    """A post before the gate.

    Attributes:
        post: The post as rendered.
        notebook: The notebook's source as it is now, in version control.
        site: How the site turns Markdown into what readers see.
        pages: The Markdown pages that the site has or will have, such as `method.md`,
            and the anchors that a link into each may name.
        rewritten: Datasets whose past is another than the last claim saw.
        looks: Earlier looks at its claims on the same terms.
        stated: Probability that each claim would seal, by name.
    """

    post: Post
    notebook: Mapping[str, Any]
    site: Converter
    pages: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rewritten: tuple[str, ...] = ()
    looks: tuple[ClaimRecord, ...] = ()
    stated: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def page(self) -> str:
        """The page's Markdown without front matter."""
        return without_front_matter(self.post.markdown)

    @cached_property
    def html(self) -> str:
        """The page as readers get it."""
        return self.site.html(self.page)

    @cached_property
    def reader(self) -> Reader:
        """The page's HTML, read."""
        return Reader.of(self.html)

    @cached_property
    def owed_prose(self) -> Mapping[int, str]:
        """The Markdown cells of the notebook that was run, numbers bound once more."""
        return bound_prose({"cells": self.run_cells}, self.names, self.post.title)

    @cached_property
    def authored(self) -> Authored:
        """What the author's cells come to in the page."""
        marks = Marks(self.page)
        marked = bound_prose(
            {"cells": self.run_cells}, self.names, self.post.title, marks.number
        )
        prose = [
            (
                number,
                text,
                marked[number] if self.owed_prose.get(number) == text else text,
            )
            for number, text in self.post.prose
        ]
        return read_authored(self.page, prose, marks, self.site)

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """What nobody may be served, as the finished site is read for it."""
        return tuple(read_article(self.html).remarks)

    @property
    def elements(self) -> tuple[Element, ...]:
        """Every HTML element of the page."""
        return tuple(self.reader.elements)

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Every target of a link or an image."""
        return tuple(
            element.attributes[name]
            for element in self.elements
            for name in ("href", "src", "srcset")
            if name in element.attributes
        )

    @cached_property
    def result(self) -> Mapping[str, Any]:
        """`result.json` as published."""
        data = self.post.assets.get("result.json", b"{}")
        return cast("Mapping[str, Any]", json.loads(data))

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """The claims as registered when the study ran, by name."""
        answers = ("verdict", "why", "occurrences_needed")
        return {
            entry["name"]: from_plain(
                Claim, {key: entry[key] for key in entry if key not in answers}
            )
            for entry in self.result.get("claims", ())
        }

    @cached_property
    def names(self) -> Mapping[str, Name]:
        """All that the author's words may name."""
        return names_for(
            evidence={each.name: each for each in self.post.evidence},
            parameters=self.result.get("parameters", {}),
            as_of=self.post.as_of,
            aliases=self.post.aliases,
        )

    @cached_property
    def cells(self) -> Cells:
        """The cells of the notebook as it is now."""
        return tuple(self.notebook["cells"])

    @cached_property
    def run_cells(self) -> Cells:
        """The cells of the notebook that was run, as published beside the post."""
        data = self.post.assets.get("notebook.ipynb", b'{"cells": []}')
        return tuple(json.loads(data)["cells"])


def without_front_matter(markdown: str) -> str:
    """A page's Markdown as it is converted."""
    return FRONT_MATTER.sub("", markdown)


def source_of(cell: Mapping[str, Any]) -> str:
    """A cell's source as one text."""
    return "".join(cell.get("source", ""))
