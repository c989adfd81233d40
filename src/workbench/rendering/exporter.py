"""Our nbconvert exporter: Markdown with front matter, laid out by `post.md.j2`."""

from importlib import resources
from typing import Any

from nbconvert.exporters import TemplateExporter
from traitlets import default

from workbench.core.markup import inert

TEMPLATE = "post.md.j2"


class PostExporter(TemplateExporter):
    """Writes the page given as `resources["page"]`, a `workbench.rendering.page.Page`.

    Only what the page holds is written; cells and outputs of the notebook itself are
    not. The machine's own templates and preprocessors play no part.
    """

    output_mimetype = "text/markdown"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".md"

    @default("raw_template")
    def _raw_template_default(self) -> str:
        room = resources.files("workbench.rendering")
        return room.joinpath(TEMPLATE).read_text(encoding="utf-8")

    @default("template_paths")
    def _template_paths_default(self) -> list[str]:
        return []

    @default("default_preprocessors")
    def _default_preprocessors_default(self) -> list[Any]:
        return []

    @default("filters")
    def _filters_default(self) -> dict[str, Any]:
        return {"inert": inert}
