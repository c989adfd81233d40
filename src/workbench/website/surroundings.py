"""What a page of the site depends on beside its own source, where that is known.

MkDocs may build some of the pages only if the others cannot tell. That is so for
Material's own templates with plugins, extensions and settings that look at one page at
a time. Anything else - a plugin more, a template that walks over all pages, a menu that
takes its titles from pages - is a doubt, and on any doubt the site is built whole.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import yaml

from workbench.core.canonical import sha256_of_bytes, sha256_of_value
from workbench.core.markup import FRONT_MATTER

PAGES = (".md",)
_SETTINGS = {
    "copyright",
    "docs_dir",
    "extra",
    "extra_css",
    "markdown_extensions",
    "nav",
    "not_in_nav",
    "plugins",
    "site_author",
    "site_description",
    "site_name",
    "site_url",
    "strict",
    "theme",
    "use_directory_urls",
    "validation",
}
_OF_THEME = {
    "custom_dir",
    "direction",
    "favicon",
    "features",
    "font",
    "icon",
    "language",
    "logo",
    "name",
    "palette",
}
_PLUGINS = {"search"}
_EXTENSIONS = {
    "abbr",
    "admonition",
    "attr_list",
    "def_list",
    "fenced_code",
    "footnotes",
    "md_in_html",
    "tables",
    "toc",
    "pymdownx.arithmatex",
    "pymdownx.betterem",
    "pymdownx.caret",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.inlinehilite",
    "pymdownx.keys",
    "pymdownx.mark",
    "pymdownx.smartsymbols",
    "pymdownx.superfences",
    "pymdownx.tabbed",
    "pymdownx.tasklist",
    "pymdownx.tilde",
}
_SEES_OTHERS = {"build_date_utc", "files", "nav", "pages"}  # what templates are given
_LEADS_TO_OTHERS = {
    "ancestors",
    "children",
    "file",
    "next_page",
    "parent",
    "previous_page",
    "update_date",
}
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")
_OTHER_PAGES = (".markdown", ".mdown", ".mkdn", ".mkd")  # to MkDocs, pages as well
_SHOWN_IN_MENU = re.compile(r"^(icon|status|subtitle)\s*:", re.MULTILINE)


def surroundings_of(
    files: Mapping[str, bytes], versions: Mapping[str, object]
) -> str | None:
    """A hash of all but the pages that decides how a page is built; None on a doubt.

    Args:
        files: Every file of the stage by path: `mkdocs.yml`, `theme/...`, `docs/...`.
        versions: Of the tools and of our own code.
    """
    if any(_doubts(files)):
        return None
    around = {
        path: sha256_of_bytes(data)
        for path, data in files.items()
        if not path.startswith("docs/")
    }
    return sha256_of_value({"around": around, "versions": versions})


def _doubts(files: Mapping[str, bytes]) -> Iterator[bool]:
    config = _configuration(files["mkdocs.yml"])
    yield config is None or not _is_known(config)
    menu = list(_menu((config or {}).get("nav")))
    yield not menu or None in menu
    yield any(_speaks_in_menu(files.get(f"docs/{page}", b"")) for page in menu)
    docs = [path for path in files if path.startswith("docs/")]
    yield any(_is_odd(PurePosixPath(path)) for path in docs)
    yield "docs/index.md" not in files
    templates = [name for name in files if name.startswith("theme/")]
    yield any(_asks_for_more(files[n]) for n in templates if n.endswith(".html"))
    yield any(name.endswith((".xml", ".yml", ".py")) for name in templates)


def _configuration(text: bytes) -> Mapping[str, object] | None:
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError:  # MkDocs's own tags may run code
        return None
    return config if isinstance(config, dict) else None


def _is_known(config: Mapping[str, object]) -> bool:
    theme = config.get("theme")
    return (
        config.keys() <= _SETTINGS
        and isinstance(theme, dict)
        and theme.keys() <= _OF_THEME
        and theme.get("name") == "material"
        and set(_names(config.get("plugins"))) == _PLUGINS
        and set(_names(config.get("markdown_extensions"))) <= _EXTENSIONS
        and config.get("use_directory_urls", True) is True
        and config.get("docs_dir", "docs") == "docs"
    )


def _names(given: object) -> Iterator[str]:
    for entry in given if isinstance(given, list) else []:
        yield from map(str, entry) if isinstance(entry, dict) else [str(entry)]


def _menu(entries: object) -> Iterator[str | None]:
    """The pages of the menu; None where one has no title of its own there."""
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict):
            yield None
            continue
        for under in entry.values():
            if isinstance(under, str):
                yield under
            else:
                yield from _menu(under)


def _speaks_in_menu(page: bytes) -> bool:
    head = FRONT_MATTER.match(page.decode("utf-8", "replace"))
    return bool(head and _SHOWN_IN_MENU.search(head[1]))


def _is_odd(path: PurePosixPath) -> bool:
    """Whether MkDocs treats it in a way that is not told from its name alone."""
    return (
        path.suffix in _OTHER_PAGES
        or path.stem == "README"
        or path.parts[1] == "templates"
        or (path.suffix in PAGES and not _PLAIN_PATH.fullmatch(str(path)))
    )


def _asks_for_more(template: bytes) -> bool:
    """Whether a template of the theme looks beyond the page it is filled with."""
    from jinja2 import Environment, TemplateError, nodes

    try:
        tree = Environment(autoescape=True).parse(template.decode())
    except (TemplateError, UnicodeDecodeError):
        return True
    asked = {each.name for each in tree.find_all(nodes.Name)}
    steps = {each.attr for each in tree.find_all(nodes.Getattr)}
    return bool(asked & _SEES_OTHERS or steps & _LEADS_TO_OTHERS)
